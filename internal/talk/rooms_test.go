package talk_test

import (
	"strings"
	"testing"

	"parley/internal/talk"
)

func TestRoomKinds(t *testing.T) {
	type is struct{ oneToOne, shared, locked bool }
	for kind, want := range map[talk.RoomType]is{
		talk.OneToOne:       {oneToOne: true},
		talk.Group:          {shared: true},
		talk.Public:         {shared: true},
		talk.Changelog:      {locked: true},
		talk.FormerOneToOne: {oneToOne: true},
		talk.NoteToSelf:     {},
	} {
		r := &talk.Room{Type: kind}
		if got := (is{r.IsOneToOne(), r.IsShared(), r.Locked()}); got != want {
			t.Errorf("room type %d is %+v, want %+v", kind, got, want)
		}
		r.ReadOnly = 1
		if !r.Locked() {
			t.Errorf("a read-only room of type %d is not locked", kind)
		}
	}
}

func TestRoomState(t *testing.T) {
	for _, object := range objectTypes {
		if got, want := (&talk.Room{ObjectType: object}).IsBreakout(), object == "room"; got != want {
			t.Errorf("object %q is a breakout room: %v, want %v", object, got, want)
		}
	}
	empty, full := &talk.Room{}, &talk.Room{PasswordHash: "x", CallSince: 1}
	if empty.HasPassword() || !full.HasPassword() {
		t.Error("HasPassword does not tell whether there is a password")
	}
	if empty.HasCall() || !full.HasCall() {
		t.Error("HasCall does not tell whether there is a call")
	}
}

func TestVisibility(t *testing.T) {
	for _, kind := range roomTypes {
		for _, scope := range []talk.Listable{talk.ListableNone, talk.ListableUsers, talk.ListableAll} {
			for _, c := range []talk.Caller{{}, {Client: "guest"}, {UserID: "alice"}} {
				r := &talk.Room{Type: kind, Listable: scope}
				listed := c.UserID != "" && (kind == 2 || kind == 3) && scope != 0
				if got := r.ListedFor(c); got != listed {
					t.Errorf("type %d scope %d listed for %+v: %v, want %v", kind, scope, c, got, listed)
				}
				if got, want := r.VisibleTo(c, false), kind == 3 || listed; got != want {
					t.Errorf("type %d scope %d visible to %+v: %v, want %v", kind, scope, c, got, want)
				}
				if !r.VisibleTo(c, true) {
					t.Errorf("type %d scope %d is hidden from its member %+v", kind, scope, c)
				}
			}
		}
	}
}

func TestCheckName(t *testing.T) {
	for name, test := range map[string]struct{ text, want, failure string }{
		"plain":              {"Lunch", "Lunch", ""},
		"trimmed":            {" \t\nLunch break\n", "Lunch break", ""},
		"empty":              {"", "", "invalid: value"},
		"blank":              {" \t\n ", "", "invalid: value"},
		"255 bytes":          {strings.Repeat("a", 255), strings.Repeat("a", 255), ""},
		"256 bytes":          {strings.Repeat("a", 256), "", "invalid: value"},
		"255 wide":           {strings.Repeat("ä", 255), strings.Repeat("ä", 255), ""},
		"255 wider":          {strings.Repeat("🎉", 255), strings.Repeat("🎉", 255), ""},
		"256 wide":           {strings.Repeat("ä", 256), "", "invalid: value"},
		"255 without blanks": {" " + strings.Repeat("a", 255) + " ", strings.Repeat("a", 255), ""},
	} {
		got, err := talk.CheckName(test.text, "value")
		wantOutcome(t, err, test.failure, "%s", name)
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
	_, err := talk.CheckName("", "name")
	wantOutcome(t, err, "invalid: name", "the reason is the caller's")
}

func TestCheckDescription(t *testing.T) {
	for name, test := range map[string]struct{ text, want, failure string }{
		"empty":     {"", "", ""},
		"blank":     {" \n", "", ""},
		"trimmed":   {"\n two\nlines ", "two\nlines", ""},
		"2000 wide": {strings.Repeat("ä", 2000), strings.Repeat("ä", 2000), ""},
		"2001":      {strings.Repeat("a", 2001), "", "invalid: value"},
	} {
		got, err := talk.CheckDescription(test.text, "value")
		wantOutcome(t, err, test.failure, "%s", name)
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
	_, err := talk.CheckDescription(strings.Repeat("a", 2001), "description")
	wantOutcome(t, err, "invalid: description", "the reason is the caller's")
}

// TestSettings holds the three rules about settings against a table
// to §13 for every kind of room.
func TestSettings(t *testing.T) {
	for _, kind := range roomTypes {
		for _, object := range objectTypes {
			r := &talk.Room{Type: kind, ObjectType: object}
			oneToOne, shared := kind == 1 || kind == 5, kind == 2 || kind == 3
			rename, reconfigure := "", ""
			switch {
			case object == "event":
				rename = "invalid: event"
			case oneToOne:
				rename = "invalid: type"
			}
			if !shared {
				reconfigure = "invalid: type"
			}
			access := reconfigure
			if object == "room" {
				access = "invalid: breakout-room"
			}
			wantOutcome(t, r.CanRename(), rename, "rename type %d object %q", kind, object)
			wantOutcome(t, r.CanReconfigure(), reconfigure, "reconfigure type %d object %q", kind, object)
			wantOutcome(t, r.CanChangeAccess(), access, "access of type %d object %q", kind, object)
		}
	}
}

func TestPairIdentity(t *testing.T) {
	for _, test := range []struct{ a, b, want string }{
		{"alice", "bob", `["alice","bob"]`},
		{"bob", "alice", `["alice","bob"]`},
		{"B", "a", `["B","a"]`},
		{"jörg", "anna müller", `["anna müller","jörg"]`},
		{`o"brien`, `back\slash`, `["back\\slash","o\"brien"]`},
		{`x",`, `y`, `["x\",","y"]`},
		{`a\`, `"b`, `["\"b","a\\"]`},
		{`a","b`, `c`, `["a\",\"b","c"]`},
		{"", "a", `["","a"]`},
	} {
		name := talk.PairIdentity(test.a, test.b)
		if name != test.want {
			t.Errorf("PairIdentity(%q, %q) = %s, want %s", test.a, test.b, name, test.want)
		}
		if partner, ok := talk.PairPartner(name, test.a); !ok || partner != test.b {
			t.Errorf("partner of %q in %s = %q, %v", test.a, name, partner, ok)
		}
		if partner, ok := talk.PairPartner(name, test.b); !ok || partner != test.a {
			t.Errorf("partner of %q in %s = %q, %v", test.b, name, partner, ok)
		}
	}
}

func TestPairMembersRefusesOtherText(t *testing.T) {
	for _, name := range []string{
		"", "Alice", "[]", "[", `["alice"]`, `["alice",]`, `["bob","alice"]`, `["a","b","c"]`, `["a", "b"]`,
		` ["a","b"]`, `["a","b"] `, `["a","b"`, `"a","b"]`, `["a";"b"]`, "[`a`,`b`]", `['a','b']`, `["a"b"]`, `["a\u0062","c"]`,
	} {
		if a, b, ok := talk.PairMembers(name); ok || a != "" || b != "" {
			t.Errorf("PairMembers(%s) = %q, %q, %v", name, a, b, ok)
		}
		if partner, ok := talk.PairPartner(name, "a"); ok || partner != "" {
			t.Errorf("PairPartner(%s) = %q, %v", name, partner, ok)
		}
	}
	if partner, ok := talk.PairPartner(`["alice","bob"]`, "carol"); ok {
		t.Errorf("carol, who is not in it, has the partner %q", partner)
	}
}

func TestObjectEnded(t *testing.T) {
	const before = 1000
	for id, ended := range map[string]bool{
		"1#2": true, "1#999": true, "999#999": true, "0#0": true, "001#0999": true,
		"1#1000": false, "1#1001": false, "1#99999999999": false, "1#99999999999999999999": false,
		"": false, "#": false, "1#": false, "#2": false, "12": false, "1#2#3": false, "2#1": false, "a#2": false, "1#b": false,
		"-1#2": false, "1#-2": false, "+1#2": false, "1#2 ": false, " 1#2": false, "1.0#2.0": false, "1e1#2e1": false, "1#٢": false,
	} {
		if got := talk.ObjectEnded(talk.ObjectEvent, id, before); got != ended {
			t.Errorf("event %q ended: %v", id, got)
		}
	}
	for _, kind := range []string{talk.ObjectInstantMeeting, talk.ObjectPhoneTemporary} {
		if !talk.ObjectEnded(kind, "x", before) {
			t.Errorf("what %q stands for says no end", kind)
		}
	}
}

func TestConsentIn(t *testing.T) {
	for decision, want := range map[int][2]int{
		talk.ConsentNo: {0, 0}, talk.ConsentYes: {1, 1}, talk.ConsentByRoom: {0, 1},
	} {
		for room, want := range want {
			if got := talk.ConsentIn(decision, &talk.Room{RecordingConsent: room}); got != want {
				t.Errorf("decision %d, room %d: %d, want %d", decision, room, got, want)
			}
		}
	}
}
