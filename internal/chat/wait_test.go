package chat_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/conversation"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

type namedMessage = store.NamedMessage

// waiting starts to wait as bob and returns where the outcome comes.
func (x *fixture) waiting(ctx context.Context) <-chan error {
	all, _ := x.stored()
	outcome := make(chan error, 1)
	before := x.Bus.Counts().Subscriptions
	go func() {
		_, err := x.Chat.Wait(ctx, x.as("bob", reads), chat.Polling{After: all[0].ID, Wait: chat.MaxWait})
		outcome <- err
	}()
	for deadline := time.Now().Add(10 * time.Second); x.Bus.Counts().Subscriptions == before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			x.t.Fatal("nobody waits")
		}
	}
	return outcome
}

// TestWaitingEnds: whoever waits is told at once of what ends it.
func TestWaitingEnds(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		scope := x.as("alice", moderates)
		for name, test := range map[string]struct {
			do   func(*fixture) error
			want talk.Kind
		}{
			"message": {func(x *fixture) error { x.send("carol", "hello"); return nil }, talk.Internal},
			"system message": {func(x *fixture) error {
				return x.Conversations.SetDescription(t.Context(), scope, "about us")
			}, talk.Internal},
			"removed": {func(x *fixture) error {
				return x.Conversations.RemoveAttendee(t.Context(), scope, x.me("bob").ID)
			}, talk.NotFound},
			"lobby": {func(x *fixture) error {
				return x.Conversations.SetLobby(t.Context(), scope, talk.LobbyNonModerators, 0)
			}, talk.LobbyActive},
			"deleted": {func(x *fixture) error { return x.Conversations.DeleteRoom(t.Context(), scope) }, talk.NotFound},
		} {
			x.token = x.Room(talk.Group, "alice", "bob", "carol")
			scope.Token = x.token
			outcome := x.waiting(t.Context())
			x.Must(test.do(x))
			if err := <-outcome; err != nil && talk.KindOf(err) != test.want || err == nil && test.want != talk.Internal {
				t.Errorf("%s: %v, want %v", name, err, test.want)
			}
		}
		x.token = x.Room(talk.Group, "alice", "bob", "carol")
		outcome := x.waiting(t.Context())
		x.Bus.StopWaiting()
		if err := <-outcome; err != nil {
			t.Errorf("the server stops: %v", err)
		}
		if _, err := x.Chat.Wait(t.Context(), x.as("bob", reads), chat.Polling{After: 1 << 40, Wait: chat.MaxWait}); err != nil {
			t.Errorf("waiting after that: %v", err)
		}
	})
}

// TestWaitingEndsWithItsClient and leaves nothing behind.
func TestWaitingEndsWithItsClient(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ctx, hangUp := context.WithCancel(t.Context())
		outcome := x.waiting(ctx)
		hangUp()
		if err := <-outcome; !errors.Is(err, context.Canceled) {
			t.Errorf("the client hung up: %v", err)
		}
		if n := x.Bus.Counts().Subscriptions; n != 0 {
			t.Errorf("%d subscriptions are left", n)
		}
	})
}

// TestMessageKeepsRoster: a message leaves what is remembered of the participants, and
// changes of them do not.
func TestMessageKeepsRoster(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		made := 0
		roster := func() {
			v, err := x.Rooms.Enter(t.Context(), x.as("alice", reads))
			x.Must(err)
			_, err = x.Rooms.RememberRoster(v, "list", func() ([]byte, int64, error) {
				made++
				return nil, room.Forever, nil
			})
			x.Must(err)
		}
		roster()
		m := x.send("bob", "hello")
		x.Must(x.Chat.MarkRead(t.Context(), x.as("carol", member), &m.ID))
		_, _, err := x.Chat.React(t.Context(), x.as("carol", writes), m.ID, "👍")
		x.Must(err)
		roster()
		if made != 1 {
			t.Errorf("a message, a marker and a reaction made the list anew")
		}
		_, err = x.Conversations.Join(t.Context(), x.as("carol", talk.Guard{}), conversation.JoinOptions{})
		x.Must(err)
		roster()
		if made != 2 {
			t.Errorf("the list was made %d times, after a join it has to be made anew", made)
		}
		_, err = x.Chat.Send(t.Context(), x.as("alice", writes), chat.Draft{Text: "x"})
		x.Must(err)
	})
}

// TestGuestIsRenamedWhileWriting: the new name shows in the list of participants, though a
// message does not change it otherwise.
func TestGuestIsRenamedWhileWriting(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.token = x.Room(talk.Public, "alice")
		caller := talk.Caller{Client: "guest's browser"}
		scope := room.Scope{Caller: caller, Token: x.token}
		_, err := x.Conversations.Join(t.Context(), scope, conversation.JoinOptions{})
		x.Must(err)
		before, err := x.Rooms.Enter(t.Context(), talktest.Scope("alice", x.token, reads))
		x.Must(err)
		scope.Guard = writes
		m, err := x.Chat.Send(t.Context(), scope, chat.Draft{Text: "hi", GuestName: "Greta"})
		x.Must(err)
		if m.ActorName != "Greta" {
			t.Errorf("the guest is called %q", m.ActorName)
		}
		after, err := x.Rooms.Enter(t.Context(), talktest.Scope("alice", x.token, reads))
		x.Must(err)
		if after.Room.Version == before.Room.Version {
			t.Error("the version of the conversation is the same")
		}
	})
}

// TestLostHint: whoever waits hears of a message, though nobody told this node, and is woken
// by nothing else.
func TestLostHint(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		other := talktest.NewNode(t, x.Store, time.Now) // its hints come to nobody
		look := func() int64 {
			t.Helper()
			before := x.Bus.Counts().Woken
			x.Must(x.Chat.News.Look(t.Context()))
			return x.Bus.Counts().Woken - before
		}
		outcome := x.waiting(t.Context())
		look() // somebody new waits
		for range 3 {
			if n := look(); n != 0 {
				t.Errorf("%d were woken by nothing", n)
			}
		}
		elsewhere := x.Room(talk.Group, "alice")
		_, err := other.Chat.Send(t.Context(), talktest.Scope("alice", elsewhere, writes), chat.Draft{Text: "elsewhere"})
		x.Must(err)
		if n := look(); n != 0 {
			t.Errorf("%d were woken by another conversation", n)
		}
		_, err = other.Chat.Send(t.Context(), x.as("carol", writes), chat.Draft{Text: "here"})
		x.Must(err)
		select {
		case err := <-outcome:
			t.Fatalf("the hint was not lost: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
		if n := look(); n != 1 {
			t.Errorf("%d were woken, want 1", n)
		}
		x.Must(<-outcome)
		// Between its reading and the next look something may have happened.
		outcome = x.waiting(t.Context())
		_, err = other.Chat.Send(t.Context(), x.as("carol", writes), chat.Draft{Text: "again"})
		x.Must(err)
		look()
		x.Must(<-outcome)
	})
}
