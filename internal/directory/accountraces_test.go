package directory_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// TestDeletedAccountRace deletes an account while it comes into conversations in
// each way that leads there: it is in none of them afterwards.
func TestDeletedAccountRace(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for round := range rounds {
			id := fmt.Sprint("eve", round)
			w.account(id)
			added, joined := w.room(talk.Group), w.room(talk.Public)
			errs := together(t.Context(),
				func(ctx context.Context) error { return w.Directory.DeleteAccount(ctx, as("alice"), id) },
				func(ctx context.Context) error {
					_, err := w.Conversations.AddParticipant(ctx, guarded(as("alice"), added, talk.NeedModerator), "users", id)
					return err
				},
				func(ctx context.Context) error {
					_, err := w.Conversations.Join(ctx, guarded(as(id), joined, talk.NeedRoom), conversation.JoinOptions{})
					return err
				})
			w.must(errs[0])
			for _, err := range errs[1:] {
				if err != nil && !talk.IsKind(err, talk.NotFound) && !talk.IsKind(err, talk.Unauthenticated) {
					t.Fatal(err)
				}
			}
			for _, token := range []string{added, joined} {
				if rows := w.attendees(token); len(rows) != 1 {
					t.Fatalf("left behind: %v", slices.Collect(maps.Keys(rows)))
				}
			}
		}
	})
}

// A deletion that begins while an account is being added waits for it.
func TestDeletionWaitsForThoseWhoAdd(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		token := w.room(talk.Group)
		deleted := make(chan error, 1)
		w.must(w.st.Write(t.Context(), func(tx *db.Tx) error {
			room, err := store.LockRoom(tx, token)
			if err != nil {
				return err
			}
			if err := store.KeepAccount(tx, "bob"); err != nil {
				return err
			}
			go func() { deleted <- w.Directory.DeleteAccount(context.Background(), as("alice"), "bob") }()
			select {
			case err := <-deleted:
				t.Errorf("it did not wait: %v", err)
			case <-time.After(50 * time.Millisecond):
			}
			return store.InsertAttendee(tx, &talk.Attendee{RoomID: room.ID, Actor: talk.User("bob"), Type: talk.Member})
		}))
		w.must(<-deleted)
		if rows := w.attendees(token); len(rows) != 1 {
			t.Errorf("left behind: %v", slices.Collect(maps.Keys(rows)))
		}
		err := w.st.Write(t.Context(), func(tx *db.Tx) error { return store.KeepAccount(tx, "bob") })
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("keeping what is gone: %v", err)
		}
	})
}
