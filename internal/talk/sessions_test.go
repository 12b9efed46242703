package talk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/talk"
)

const now = 1_000_000

func TestAlive(t *testing.T) {
	for age, want := range map[int64]bool{-5: true, 0: true, 30: true, 99: true, 100: false, 101: false, now: false} {
		s := talk.Session{LastPing: now - age}
		if got := s.Alive(now); got != want {
			t.Errorf("a session %d s after its ping lives: %v, want %v", age, got, want)
		}
	}
}

func TestPresenceOf(t *testing.T) {
	at := func(id string, age int64, flags talk.CallFlags) talk.Session {
		return talk.Session{SessionID: id, LastPing: now - age, InCall: flags}
	}
	for name, test := range map[string]struct {
		sessions []talk.Session
		want     talk.Presence
	}{
		"none": {nil, talk.Presence{Newest: "0"}},
		"all dead": {
			[]talk.Session{at("a", 100, talk.InCall), at("b", 5000, talk.InCall)},
			talk.Presence{Newest: "0"},
		},
		"just alive": {
			[]talk.Session{at("a", 99, talk.NotInCall)},
			talk.Presence{SessionIDs: []string{"a"}, LastPing: now - 99, Newest: "a"},
		},
		"several": {
			[]talk.Session{
				at("a", 40, talk.InCall|talk.WithAudio), at("b", 2, talk.NotInCall),
				at("c", 30, talk.InCall|talk.WithVideo), at("d", 100, talk.WithPhone),
			},
			talk.Presence{
				SessionIDs: []string{"a", "b", "c"}, LastPing: now - 2, Newest: "b",
				InCall: talk.InCall | talk.WithAudio | talk.WithVideo,
			},
		},
		"same second": {
			[]talk.Session{at("a", 3, 0), at("b", 3, 0)},
			talk.Presence{SessionIDs: []string{"a", "b"}, LastPing: now - 3, Newest: "b"},
		},
	} {
		if diff := cmp.Diff(test.want, talk.PresenceOf(test.sessions, now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestCheckSessionState(t *testing.T) {
	for state, want := range map[int]string{-1: "invalid", 0: "", 1: "", 2: "invalid"} {
		wantOutcome(t, talk.CheckSessionState(state), want, "state %d", state)
	}
}

func TestSessionConflictKeepsTheIDSecret(t *testing.T) {
	err := &talk.SessionConflict{Session: talk.Session{SessionID: "very-secret"}}
	if got := err.Error(); got != "conflict: session is active already" {
		t.Errorf("Error = %q", got)
	}
}
