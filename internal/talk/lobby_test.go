package talk_test

import (
	"slices"
	"testing"

	"parley/internal/talk"
)

func TestLobbyDue(t *testing.T) {
	for _, test := range []struct {
		state talk.LobbyState
		timer int64
		want  bool
	}{
		{talk.LobbyNonModerators, now - 1, true},
		{talk.LobbyNonModerators, now, true},
		{talk.LobbyNonModerators, now + 1, false},
		{talk.LobbyNonModerators, 0, false},
		{talk.LobbyOff, now - 1, false},
		{talk.LobbyOff, 0, false},
	} {
		room := &talk.Room{LobbyState: test.state, LobbyTimer: test.timer}
		if got := room.LobbyDue(now); got != test.want {
			t.Errorf("lobby %d with timer %d is due: %v, want %v", test.state, test.timer, got, test.want)
		}
	}
}

func TestWaitsInLobby(t *testing.T) {
	for _, role := range roles {
		for final := range talk.PermissionsMax + 1 {
			a := &talk.Attendee{Type: role}
			want := (role == 3 || role == 4 || role == 5) && final&8 == 0
			if got := talk.WaitsInLobby(&talk.Room{LobbyState: talk.LobbyNonModerators}, a, final); got != want {
				t.Errorf("role %d with permissions %d waits: %v, want %v", role, final, got, want)
			}
			if talk.WaitsInLobby(&talk.Room{}, a, final) {
				t.Errorf("role %d with permissions %d waits without a lobby", role, final)
			}
		}
	}
}

func TestCanSetLobby(t *testing.T) {
	allowed := []string{"", "emails", "event", "extended_conversation", "instant_meeting"}
	for _, kind := range roomTypes {
		for _, object := range objectTypes {
			want := ""
			switch {
			case object == "room":
				want = "invalid: breakout-room"
			case kind != 2 && kind != 3:
				want = "invalid: type"
			case !slices.Contains(allowed, object):
				want = "invalid: object"
			}
			wantOutcome(t, talk.CanSetLobby(&talk.Room{Type: kind, ObjectType: object}), want, "type %d object %q", kind, object)
		}
	}
}
