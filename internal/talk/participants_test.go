package talk_test

import (
	"slices"
	"testing"

	"parley/internal/talk"
)

func TestRoles(t *testing.T) {
	type is struct{ moderator, accountModerator, guest, permanent bool }
	for role, want := range map[talk.ParticipantType]is{
		talk.Owner:          {true, true, false, true},
		talk.Moderator:      {true, true, false, true},
		talk.Member:         {false, false, false, true},
		talk.GuestRole:      {false, false, true, false},
		talk.SelfJoined:     {false, false, false, false},
		talk.GuestModerator: {true, false, true, false},
	} {
		got := is{role.IsModerator(), role.IsAccountModerator(), role.IsGuest(), role.IsPermanent()}
		if got != want {
			t.Errorf("role %d is %+v, want %+v", role, got, want)
		}
		if a := (&talk.Attendee{Type: role}); a.IsModerator() != want.moderator {
			t.Errorf("an attendee with role %d says moderator = %v", role, a.IsModerator())
		}
	}
}

// leavingCase is one situation in which somebody removes themselves.
type leavingCase struct {
	room  talk.Room
	me    talk.Participant
	count talk.RoleCounts
	// deletePairs is the administrator's wish.
	deletePairs bool
}

func allLeavingCases() (all []leavingCase) {
	for _, kind := range roomTypes {
		for _, object := range objectTypes {
			for _, role := range roles {
				for _, actor := range actors {
					for permanent := range 4 {
						for moderators := range 4 {
							for _, deletePairs := range bools {
								all = append(all, leavingCase{
									talk.Room{Type: kind, ObjectType: object},
									talk.Participant{Attendee: talk.Attendee{Type: role, Actor: talk.Actor{Type: actor, ID: "x"}}},
									talk.RoleCounts{Permanent: permanent, Moderators: moderators},
									deletePairs,
								})
							}
						}
					}
				}
			}
		}
	}
	return all
}

// leavingRule is the table of who may leave, in the numbers of the wire.
func leavingRule(c leavingCase) (deletes bool, failure string) {
	users, mods, role := c.count.Permanent, c.count.Moderators, int(c.me.Type)
	kind := int(c.room.Type)
	switch {
	case kind != 1 && kind != 5 && (role == 1 || role == 2) && users > 1 && mods == 1:
		return false, "invalid: last-moderator"
	case kind != 4 && c.room.ObjectType != "file" && users == 1 && role >= 1 && role <= 3:
		return true, ""
	case c.deletePairs && (kind == 1 || kind == 5):
		return true, ""
	case c.me.Actor.Type != "users":
		return false, "not found: participant"
	}
	return false, ""
}

func TestLeaveSelf(t *testing.T) {
	for _, c := range allLeavingCases() {
		deletes, failure := leavingRule(c)
		got, err := talk.LeaveSelf(&c.room, &c.me, c.count, c.deletePairs)
		wantOutcome(t, err, failure, "%+v", c)
		if (got == talk.LeaveDeletesRoom) != deletes {
			t.Errorf("%+v: deletes the conversation: %v, want %v", c, !deletes, deletes)
		}
	}
}

// TestLeaveSelfStories are cases that the table leaves open.
func TestLeaveSelfStories(t *testing.T) {
	user, guest := talk.User("alice"), talk.Guest("ab")
	for name, test := range map[string]struct {
		kind    talk.RoomType
		actor   talk.Actor
		role    talk.ParticipantType
		count   talk.RoleCounts
		want    talk.Leaving
		failure string
	}{
		"owner with another moderator":   {talk.Group, user, talk.Owner, talk.RoleCounts{Permanent: 3, Moderators: 2}, talk.LeaveRow, ""},
		"last moderator of several":      {talk.Group, user, talk.Owner, talk.RoleCounts{Permanent: 2, Moderators: 1}, talk.LeaveRow, "invalid: last-moderator"},
		"owner alone among guests":       {talk.Public, user, talk.Owner, talk.RoleCounts{Permanent: 1, Moderators: 1}, talk.LeaveDeletesRoom, ""},
		"last member, no moderator left": {talk.Group, user, talk.Member, talk.RoleCounts{Permanent: 1}, talk.LeaveDeletesRoom, ""},
		"first of a one-to-one":          {talk.OneToOne, user, talk.Owner, talk.RoleCounts{Permanent: 2, Moderators: 2}, talk.LeaveRow, ""},
		"last of a one-to-one":           {talk.OneToOne, user, talk.Owner, talk.RoleCounts{Permanent: 1, Moderators: 1}, talk.LeaveDeletesRoom, ""},
		"last of a former one-to-one":    {talk.FormerOneToOne, user, talk.Owner, talk.RoleCounts{Permanent: 1, Moderators: 1}, talk.LeaveDeletesRoom, ""},
		"note to self":                   {talk.NoteToSelf, user, talk.Owner, talk.RoleCounts{Permanent: 1, Moderators: 1}, talk.LeaveDeletesRoom, ""},
		"release notes":                  {talk.Changelog, user, talk.Member, talk.RoleCounts{Permanent: 1}, talk.LeaveRow, ""},
		"self-joined beside one member":  {talk.Public, user, talk.SelfJoined, talk.RoleCounts{Permanent: 1, Moderators: 1}, talk.LeaveRow, ""},
		"guest moderator":                {talk.Public, guest, talk.GuestModerator, talk.RoleCounts{Permanent: 2, Moderators: 1}, talk.LeaveRow, "not found: participant"},
	} {
		me := &talk.Participant{Attendee: talk.Attendee{Type: test.role, Actor: test.actor}}
		got, err := talk.LeaveSelf(&talk.Room{Type: test.kind}, me, test.count, false)
		wantOutcome(t, err, test.failure, "%s", name)
		if got != test.want {
			t.Errorf("%s: got %d, want %d", name, got, test.want)
		}
	}
}

func TestCanRemove(t *testing.T) {
	for _, kind := range roomTypes {
		room, refusal := &talk.Room{Type: kind}, ""
		if kind == talk.OneToOne || kind == talk.FormerOneToOne {
			refusal = "invalid: room-type"
		}
		wantOutcome(t, talk.CanRemoveFrom(room), refusal, "room type %d", kind)
		for _, role := range roles {
			want := refusal
			if want == "" && role == talk.Owner {
				want = "forbidden: owner"
			}
			target := &talk.Attendee{Actor: talk.User("bob"), Type: role}
			wantOutcome(t, talk.CanRemove(room, target), want, "role %d, room type %d", role, kind)
			target.Actor = talk.User(talk.BridgeBot)
			wantOutcome(t, talk.CanRemove(room, target), "not found: participant", "bridge with role %d, room type %d", role, kind)
		}
	}
}

func TestCanAdd(t *testing.T) {
	for _, kind := range roomTypes {
		for _, object := range objectTypes {
			want := ""
			if kind == 1 || kind == 5 || kind == 6 || object == "share:password" {
				want = "invalid: room-type"
			}
			wantOutcome(t, talk.CanAdd(&talk.Room{Type: kind, ObjectType: object}), want, "type %d object %q", kind, object)
		}
	}
}

func TestCanList(t *testing.T) {
	for _, role := range roles {
		want := ""
		if role == talk.GuestRole {
			want = "forbidden"
		}
		p := &talk.Participant{Attendee: talk.Attendee{Type: role}}
		wantOutcome(t, p.CanList(), want, "role %d", role)
	}
}

// TestGuestRows covers which guest rows disappear from lists and which may go
// for good.
func TestGuestRows(t *testing.T) {
	for _, kind := range actors {
		for _, role := range roles {
			for _, p := range []talk.Permissions{0, 1, 2, 3, 246, 255} {
				for _, name := range []string{"", "Greta"} {
					a := &talk.Attendee{Actor: talk.Actor{Type: kind, ID: "x"}, Type: role, Permissions: p, DisplayName: name}
					hidden := kind == "guests" && role == 4 && (p == 0 || p == 1)
					if got := a.HiddenWithoutSession(); got != hidden {
						t.Errorf("HiddenWithoutSession of %+v = %v, want %v", a, got, hidden)
					}
					if got, want := a.Forgettable(), hidden && name == ""; got != want {
						t.Errorf("Forgettable of %+v = %v, want %v", a, got, want)
					}
				}
			}
		}
	}
}

func TestFollowsBundle(t *testing.T) {
	for _, kind := range actors {
		for _, role := range roles {
			a := &talk.Attendee{Actor: talk.Actor{Type: kind, ID: "x"}, Type: role}
			if got, want := a.FollowsBundle(), kind == "users" && role == 3; got != want {
				t.Errorf("%s with role %d follows: %v, want %v", kind, role, got, want)
			}
		}
	}
}

func TestIsUser(t *testing.T) {
	for _, kind := range actors {
		p := &talk.Participant{Attendee: talk.Attendee{Actor: talk.Actor{Type: kind, ID: "alice"}}}
		if got, want := p.IsUser("alice"), kind == talk.ActorUsers; got != want {
			t.Errorf("%s/alice is the user alice: %v, want %v", kind, got, want)
		}
		if p.IsUser("bob") {
			t.Errorf("%s/alice is the user bob", kind)
		}
	}
}

func TestActors(t *testing.T) {
	for _, kind := range actors {
		a := talk.Actor{Type: kind, ID: "x"}
		if got, want := a.IsGroupOrTeam(), slices.Contains([]talk.ActorType{"groups", "circles"}, kind); got != want {
			t.Errorf("%s is a bundle: %v, want %v", kind, got, want)
		}
		if a.IsZero() {
			t.Errorf("%v is nobody", a)
		}
	}
	if !(talk.Actor{}).IsZero() {
		t.Error("the zero actor is somebody")
	}
	for caller, want := range map[talk.Caller]talk.Actor{
		{}:                                  {},
		{Client: "c", Address: "127.0.0.1"}: {},
		{UserID: "alice"}:                   {Type: "users", ID: "alice"},
		{System: talk.GuestCLI}:             {Type: "guests", ID: "cli"},
		{UserID: "alice", System: talk.GuestSystem}: {Type: "users", ID: "alice"},
	} {
		if got := caller.Actor(); got != want {
			t.Errorf("actor of %+v = %v, want %v", caller, got, want)
		}
		if got, want := caller.LoggedIn(), caller.UserID != ""; got != want {
			t.Errorf("%+v is logged in: %v, want %v", caller, got, want)
		}
	}
}
