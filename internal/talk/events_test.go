package talk_test

import (
	"slices"
	"testing"

	"parley/internal/talk"
)

// TestEventRules: whoever is told of an event could ask for what it is about.
func TestEventRules(t *testing.T) {
	waits := talk.Facts{
		Room: &talk.Room{Type: talk.Group, LobbyState: talk.LobbyNonModerators},
		Me:   &talk.Participant{Attendee: talk.Attendee{Actor: talk.User("bob"), Type: talk.Member}},
	}
	inside, outside := waits, waits
	inside.Room = &talk.Room{Type: talk.Group}
	outside.Me = nil
	kinds := talk.EventKinds()
	for _, kind := range kinds {
		subject, guard, known := kind.Rule()
		if !known {
			t.Errorf("%s has no rule", kind)
		}
		if err := guard.Check(&inside); err != nil {
			t.Errorf("%s is not for participants: %v", kind, err)
		}
		if guard.Check(&outside) == nil {
			t.Errorf("%s is for strangers", kind)
		}
		open := slices.Contains([]talk.EventKind{talk.EventLobby, talk.EventCall, talk.EventSettings, talk.EventRoomDeleted}, kind)
		if got := guard.Check(&waits) == nil; got != open {
			t.Errorf("%s, about %d, is for those who wait in the lobby: %v, want %v", kind, subject, got, open)
		}
	}
	if n := len(kinds); len(slices.Compact(slices.Sorted(slices.Values(kinds)))) != n {
		t.Errorf("kinds come twice: %v", kinds)
	}
	if _, _, known := talk.EventLogBegins.Rule(); known {
		t.Error("people are told of the beginning of the log")
	}
}

func TestObserver(t *testing.T) {
	for _, c := range []talk.Caller{{}, {UserID: "observer"}, {System: talk.GuestCLI}, {System: talk.GuestSystem}} {
		if c.Observes() {
			t.Errorf("%+v observes", c)
		}
	}
	if !talk.Observer().Observes() || talk.Observer().LoggedIn() {
		t.Error("the observer does not observe, or has an account")
	}
}
