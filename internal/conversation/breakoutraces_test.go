package conversation_test

import (
	"context"
	"testing"

	"parley/internal/conversation"
	"parley/internal/talk"
)

// TestBreakoutRaces changes parent and breakout rooms at the same time. In the
// end nobody is in two breakout rooms, nobody in one without being in the
// parent, and no change failed because others ran.
func TestBreakoutRaces(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for range rounds {
			token := w.room(talk.Group, "bob", "carol")
			parent := guarded(as("alice"), token, talk.NeedAccountModerator)
			views, err := w.Conversations.SplitRoom(t.Context(), parent, talk.BreakoutAutomatic, 3, nil)
			w.must(err)
			add := func(child int, user string) func(context.Context) error {
				return func(ctx context.Context) error {
					s := guarded(as("alice"), views[child].Room.Token, talk.NeedAccountModerator)
					_, err := w.Conversations.AddParticipant(ctx, s, "users", user)
					return err
				}
			}
			carol := w.attendees(token)[talk.User("carol")].ID
			for _, err := range together(t.Context(),
				add(3, "bob"), add(1, "bob"), add(2, "dave"), add(1, "dave"),
				func(ctx context.Context) error { return w.Conversations.RemoveAttendee(ctx, parent, carol) },
				func(ctx context.Context) error {
					_, err := w.Conversations.StartBreakouts(ctx, parent)
					return err
				},
			) {
				w.must(err)
			}
			w.expectOneBreakoutEach(token, views[1:])
		}
	})
}

func (w *fixture) expectOneBreakoutEach(token string, children []conversation.RoomView) {
	w.t.Helper()
	members := w.attendees(token)
	places := map[talk.Actor]int{}
	for _, child := range children {
		for who, at := range w.attendees(child.Room.Token) {
			if _, in := members[who]; !in {
				w.t.Fatalf("%v is in a breakout room only", who)
			}
			if !at.IsModerator() {
				places[who]++
			}
		}
	}
	for _, user := range []string{"bob", "dave"} {
		if n := places[talk.User(user)]; n != 1 {
			w.t.Fatalf("%s is in %d breakout rooms", user, n)
		}
	}
}
