package talk_test

import (
	"testing"

	"parley/internal/talk"
)

// TestRoleChanges walks the rules of promotion and demotion for every role of every kind
// of actor.
func TestRoleChanges(t *testing.T) {
	by := talk.User("alice")
	type change struct{ v4, v1, demoted talk.ParticipantType } // 0 = refused
	for role, people := range map[talk.ParticipantType]change{
		talk.Owner:          {0, 0, 0},
		talk.Moderator:      {0, 0, talk.Member},
		talk.Member:         {talk.Moderator, talk.Moderator, 0},
		talk.GuestRole:      {talk.GuestModerator, talk.GuestModerator, 0},
		talk.SelfJoined:     {talk.Moderator, 0, 0},
		talk.GuestModerator: {0, 0, talk.GuestRole},
	} {
		for _, kind := range actors {
			want := people
			if kind == talk.ActorGroups || kind == talk.ActorTeams {
				want = change{}
			}
			target := &talk.Attendee{Actor: talk.Actor{Type: kind, ID: "x"}, Type: role}
			v4, err4 := talk.Promote(by, target, true)
			v1, err1 := talk.Promote(by, target, false)
			demoted, errD := talk.Demote(by, target)
			if got := (change{v4, v1, demoted}); got != want {
				t.Errorf("%s with role %d: got %+v, want %+v", kind, role, got, want)
			}
			wantOutcome(t, err4, refusedAs(want.v4), "promote %s with role %d", kind, role)
			wantOutcome(t, err1, refusedAs(want.v1), "promote %s with role %d in v1", kind, role)
			wantOutcome(t, errD, refusedAs(want.demoted), "demote %s with role %d", kind, role)
		}
	}
}

func refusedAs(role talk.ParticipantType) string {
	if role == 0 {
		return "invalid"
	}
	return ""
}

// TestRoleChangeOrder: the bridge is nobody, and oneself is refused before the
// role is looked at.
func TestRoleChangeOrder(t *testing.T) {
	bridge := talk.User(talk.BridgeBot)
	for _, role := range roles {
		for _, test := range []struct {
			by, target talk.Actor
			want       string
		}{
			{talk.User("alice"), bridge, "not found"},
			{bridge, bridge, "not found"},
			{talk.User("alice"), talk.User("alice"), "forbidden"},
			{talk.Guest("ab"), talk.Guest("ab"), "forbidden"},
			{talk.Actor{Type: talk.ActorEmails, ID: "ab"}, talk.Actor{Type: talk.ActorEmails, ID: "ab"}, "forbidden"},
		} {
			target := &talk.Attendee{Actor: test.target, Type: role}
			_, err := talk.Promote(test.by, target, true)
			wantOutcome(t, err, test.want, "%v promotes %v with role %d", test.by, test.target, role)
			_, err = talk.Demote(test.by, target)
			wantOutcome(t, err, test.want, "%v demotes %v with role %d", test.by, test.target, role)
		}
	}
	if _, err := talk.Promote(talk.Guest("ab"), &talk.Attendee{Actor: talk.User("ab"), Type: talk.Member}, true); err != nil {
		t.Errorf("a user with the id of the acting guest is somebody else: %v", err)
	}
}
