package talk_test

import (
	"testing"

	"parley/internal/talk"
)

// TestStartCallsAllows is the whole table: settings by roles.
func TestStartCallsAllows(t *testing.T) {
	for who, want := range map[talk.StartCalls][]bool{
		talk.StartCallsAll: {true, true, true, true, true, true},
		// Owner, moderator, member, guest, self-joined, guest moderator.
		talk.StartCallsUsers:      {true, true, true, false, true, true},
		talk.StartCallsModerators: {true, true, false, false, false, true},
		talk.StartCallsNobody:     {false, false, false, false, false, false},
		talk.StartCalls(9):        {false, false, false, false, false, false},
	} {
		for i, role := range roles {
			if got := who.Allows(role); got != want[i] {
				t.Errorf("start calls %d, role %d: %v", who, role, got)
			}
		}
	}
}

func TestCanStartCall(t *testing.T) {
	lobby := talk.Room{Type: talk.Public, LobbyState: talk.LobbyNonModerators}
	for name, c := range map[string]struct {
		room  talk.Room
		role  talk.ParticipantType
		final talk.Permissions
		who   talk.StartCalls
		want  bool
	}{
		"everything allows it":   {talk.Room{Type: talk.Group}, talk.Member, talk.PermissionsMember, talk.StartCallsAll, true},
		"permission missing":     {talk.Room{Type: talk.Group}, talk.Member, talk.PermissionsMember &^ talk.PermissionStartCall, talk.StartCallsAll, false},
		"administrator forbids":  {talk.Room{Type: talk.Group}, talk.Member, talk.PermissionsMember, talk.StartCallsModerators, false},
		"notes have no calls":    {talk.Room{Type: talk.NoteToSelf}, talk.Owner, talk.PermissionsAll, talk.StartCallsAll, false},
		"waiting in the lobby":   {lobby, talk.Member, talk.PermissionsMember, talk.StartCallsAll, false},
		"moderator beside lobby": {lobby, talk.Moderator, talk.PermissionsAll, talk.StartCallsAll, true},
	} {
		if got := talk.CanStartCall(&c.room, &talk.Attendee{Type: c.role}, c.final, c.who); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestNotificationLevel(t *testing.T) {
	alice, guest := talk.User("alice"), talk.Guest("ab")
	for name, c := range map[string]struct {
		kind   talk.RoomType
		actor  talk.Actor
		chosen int
		want   int
	}{
		"own choice":     {talk.Group, alice, talk.NotifyNever, talk.NotifyNever},
		"group":          {talk.Group, alice, 0, talk.NotifyMention},
		"one-to-one":     {talk.OneToOne, alice, 0, talk.NotifyAlways},
		"former":         {talk.FormerOneToOne, alice, 0, talk.NotifyAlways},
		"guests":         {talk.Public, guest, 0, talk.NotifyNever},
		"guest's choice": {talk.Public, guest, talk.NotifyAlways, talk.NotifyAlways},
	} {
		at := talk.Attendee{Actor: c.actor, NotificationLevel: c.chosen}
		if got := talk.NotificationLevel(&talk.Room{Type: c.kind}, &at, talk.NotifyMention); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}
