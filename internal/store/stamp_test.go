package store_test

import (
	"sync"
	"testing"

	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

func TestStampChangesWithEveryCommit(t *testing.T) {
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			url := kind.URL(t)
			here := talktest.Open(t, store.Options{URL: url})
			elsewhere := talktest.Open(t, store.Options{URL: url})
			take := func() store.Stamp {
				s, err := here.Stamp(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			before := take()
			if take() != before {
				t.Error("the stamp changed although nothing else did")
			}
			for i, st := range []*store.Store{here, elsewhere, here, elsewhere} {
				err := st.Write(t.Context(), func(tx *store.Tx) error {
					return tx.InsertGroup(store.Group{ID: string(rune('a' + i)), DisplayName: "x"})
				})
				if err != nil {
					t.Fatal(err)
				}
				after := take()
				if after == before {
					t.Errorf("the stamp did not notice commit %d", i)
				}
				before = after
			}
		})
	}
}

// Whoever asks after a commit was acknowledged gets another stamp than before,
// also while many ask and write at the same time.
func TestStampIsNeverOlderThanTheQuestion(t *testing.T) {
	talktest.EachDatabase(t, func(t *testing.T, st *store.Store) {
		room := talk.Room{Token: "stamped", Type: talk.Group}
		if err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertRoom(&room) }); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 40 {
					before, err := st.Stamp(t.Context())
					if err == nil {
						err = st.Write(t.Context(), func(tx *store.Tx) error {
							_, err := tx.LockRoom(room.Token)
							return err
						})
					}
					if err != nil {
						t.Error(err)
						return
					}
					if after, err := st.Stamp(t.Context()); err != nil || after == before {
						t.Errorf("the stamp did not notice the own commit (%v)", err)
						return
					}
				}
			})
		}
		wg.Wait()
	})
}
