package talk_test

import (
	"testing"

	"pgregory.net/rapid"

	"parley/internal/talk"
)

// valid draws a value that can be stored.
func valid(t *rapid.T, name string) talk.Permissions {
	return talk.Permissions(rapid.IntRange(0, 255).Draw(t, name))
}

// apply fails the test when the change is refused.
func apply(t *rapid.T, how talk.PermissionChange, old, p talk.Permissions) talk.Permissions {
	got, err := how.Apply(old, p)
	if err != nil {
		t.Fatalf("%s %d on %d: %v", how, p, old, err)
	}
	return got
}

func TestSetProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, other, p := valid(t, "old"), valid(t, "other"), valid(t, "p")
		got := apply(t, talk.PermissionsSet, old, p)
		if again := apply(t, talk.PermissionsSet, got, p); again != got {
			t.Fatalf("set twice: %d, then %d", got, again)
		}
		if elsewhere := apply(t, talk.PermissionsSet, other, p); elsewhere != got {
			t.Fatalf("set depends on the old value: %d and %d", got, elsewhere)
		}
		if marked := got&1 != 0; marked != (p != 0) {
			t.Fatalf("set %d carries the mark: %v", p, marked)
		}
		if got&^1 != p&^1 {
			t.Fatalf("set %d changes other bits: %d", p, got)
		}
		if stored := got.Custom(); stored != got {
			t.Fatalf("%d is stored as %d", got, stored)
		}
	})
}

func TestAddAndRemoveProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old, p, q := valid(t, "old"), valid(t, "p"), valid(t, "q")
		added := apply(t, talk.PermissionsAdd, old, p)
		removed := apply(t, talk.PermissionsRemove, old, p)
		if !added.Has(old) || !added.Has(p) || added&^(old|p) != 0 {
			t.Fatalf("add %d to %d = %d", p, old, added)
		}
		if removed&p != 0 || !old.Has(removed) {
			t.Fatalf("remove %d from %d = %d", p, old, removed)
		}
		if back := apply(t, talk.PermissionsRemove, added, p); back != removed || !old.Has(back) {
			t.Fatalf("add then remove %d on %d = %d, which grants something", p, old, back)
		}
		one := apply(t, talk.PermissionsAdd, added, q)
		if two := apply(t, talk.PermissionsAdd, apply(t, talk.PermissionsAdd, old, q), p); one != two {
			t.Fatalf("the order of additions matters: %d and %d", one, two)
		}
		for _, result := range []talk.Permissions{added, removed, one} {
			if !result.Valid() {
				t.Fatalf("%d cannot be stored", result)
			}
		}
	})
}

func TestApplyRefusesWhatCannotBeStored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		how := talk.PermissionChange(rapid.SampledFrom([]string{"set", "add", "remove", "other"}).Draw(t, "how"))
		p := talk.Permissions(rapid.OneOf(rapid.IntMax(-1), rapid.IntMin(256)).Draw(t, "p"))
		if got, err := how.Apply(valid(t, "old"), p); got != 0 || outcome(err) != "invalid: value" {
			t.Fatalf("%s %d = %d, %v", how, p, got, err)
		}
	})
}

func TestFinalPermissionProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		levels := []talk.Permissions{valid(t, "attendee"), valid(t, "call"), valid(t, "room"), valid(t, "server")}
		room := &talk.Room{CallPermissions: levels[1], DefaultPermissions: levels[2]}
		a := &talk.Attendee{Type: rapid.SampledFrom(roles).Draw(t, "role"), Permissions: levels[0]}
		want := talk.Permissions(246)
		for i := len(levels) - 1; i >= 0; i-- {
			if levels[i] != 0 {
				want = levels[i]
			}
		}
		if a.IsModerator() {
			want = 254
		}
		if got := talk.FinalPermissions(room, a, levels[3]); got != want {
			t.Fatalf("role %d, levels %v: got %d, want %d", a.Type, levels, got, want)
		}
	})
}

// accountID draws ids that are as nasty as the pair's own punctuation.
func accountID(t *rapid.T, name string) string {
	nasty := rapid.StringOfN(rapid.SampledFrom([]rune{'a', 'b', '"', '\\', ',', '[', ']', 'u', 'ä', '\n', '\x00'}), 0, 8, -1)
	return rapid.OneOf(nasty, rapid.String()).Draw(t, name)
}

func TestPairProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := accountID(t, "a"), accountID(t, "b")
		name := talk.PairIdentity(a, b)
		if swapped := talk.PairIdentity(b, a); swapped != name {
			t.Fatalf("%s and %s", name, swapped)
		}
		if first, second, ok := talk.PairMembers(name); !ok || first != min(a, b) || second != max(a, b) {
			t.Fatalf("members of %s: %q, %q, %v", name, first, second, ok)
		}
		c, d := accountID(t, "c"), accountID(t, "d")
		samePair := min(a, b) == min(c, d) && max(a, b) == max(c, d)
		if same := talk.PairIdentity(c, d) == name; same != samePair {
			t.Fatalf("%q,%q and %q,%q have the same identity: %v", a, b, c, d, same)
		}
	})
}

func TestPairMembersIsStrict(t *testing.T) {
	text := rapid.StringOfN(rapid.SampledFrom([]rune(`[]",\ab`)), 0, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		name := text.Draw(t, "name")
		if a, b, ok := talk.PairMembers(name); ok && talk.PairIdentity(a, b) != name {
			t.Fatalf("%s was read as %q and %q", name, a, b)
		}
	})
}
