package store_test

import (
	"errors"
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// TestStatusInterrupted: what a temporary status replaced comes back once.
func TestStatusInterrupted(t *testing.T) {
	talktest.EachDatabase(t, func(t *testing.T, s *db.DB) {
		do := func(f func(*db.Tx) error) error { return s.Write(t.Context(), f) }
		set := func(f func(*db.Tx, talk.Status) error, a talk.Availability, id string) error {
			return do(func(tx *db.Tx) error { return f(tx, talk.Status{UserID: "ann", Availability: a, MessageID: id}) })
		}
		revert := func(id string) (got talk.Status, err error) {
			err = do(func(tx *db.Tx) error {
				got, err = store.RevertStatus(tx, "ann", id)
				return err
			})
			return got, err
		}
		if err := set(store.SetStatus, talk.Online, ""); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("status without an account: %v", err)
		}
		err := errors.Join(
			do(func(tx *db.Tx) error { return store.InsertAccount(tx, store.Account{UserID: "ann", Enabled: true}) }),
			set(store.SetStatus, talk.DND, "meeting"),
			set(store.InterruptStatus, talk.Away, "call"),
			set(store.InterruptStatus, talk.Away, "call"),
		)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := revert("ooo"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another message: %v", err)
		}
		if got, err := revert("call"); err != nil || got.Availability != talk.DND || got.MessageID != "meeting" {
			t.Errorf("reverted to %+v, %v", got, err)
		}
		if _, err := revert("meeting"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a second time: %v", err)
		}
	})
}
