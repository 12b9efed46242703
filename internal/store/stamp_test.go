package store_test

import (
	"sync"
	"testing"
	"time"

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
				if st == elsewhere {
					time.Sleep(store.ForeignCommits)
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

// Whoever remembers something under a version notices each change of it, and no
// other.
func TestVersionsOfStamps(t *testing.T) {
	talktest.EachDatabase(t, func(t *testing.T, st *store.Store) {
		var password int64
		write := func(f func(tx *store.Tx) error) {
			t.Helper()
			if err := st.Write(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
		alice := store.Account{UserID: "alice", DisplayName: "Alice", Enabled: true}
		write(func(tx *store.Tx) (err error) {
			if err = tx.InsertAccount(alice); err == nil {
				err = tx.InsertRoom(&talk.Room{Token: "r", Type: talk.Group})
			}
			if err == nil {
				password, err = tx.InsertAppPassword("alice", "hash", "phone")
			}
			return err
		})
		type versions struct{ settings, directory, credentials, attempts bool }
		take := func() store.Stamp {
			s, err := st.Stamp(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		for _, c := range []struct {
			what string
			f    func(*store.Tx) error
			want versions
		}{
			{"a room", func(tx *store.Tx) error { return tx.RaiseVersion("r") }, versions{}},
			{"a setting", func(tx *store.Tx) error { return tx.SetSetting("a", "b") }, versions{settings: true}},
			{"a name", func(tx *store.Tx) error { return tx.RenameActor(talk.User("alice"), "A") }, versions{directory: true}},
			{"a disabled account", func(tx *store.Tx) error { return tx.UpdateAccount(store.Account{UserID: "alice"}) }, versions{credentials: true}},
			{"a privacy", func(tx *store.Tx) error { return tx.SetReadPrivacy("alice", 1) }, versions{credentials: true}},
			{"a log-in", func(tx *store.Tx) error {
				return tx.StoreLogins(store.Logins{Accounts: map[string]int64{"alice": 1}, AppPasswords: map[int64]int64{password: 1},
					Hashes: map[string]store.NewHash{"alice": {Old: "h", New: "i"}}})
			}, versions{}},
			{"a revoked app password", func(tx *store.Tx) error {
				_, err := tx.DeleteAppPassword("alice", password)
				return err
			}, versions{credentials: true}},
			{"a failure", func(tx *store.Tx) error { return tx.InsertAttempt(store.Attempt{Action: "a", Subnet: "s"}) }, versions{attempts: true}},
			{"the end of an account", func(tx *store.Tx) error { return tx.DeleteAccount("alice") }, versions{directory: true, credentials: true}},
		} {
			before := take()
			write(c.f)
			after := take()
			got := versions{
				before.World().Settings != after.World().Settings, before.World().Directory != after.World().Directory,
				before.Credentials() != after.Credentials(), before.Attempts() != after.Attempts(),
			}
			if got != c.want || before == after {
				t.Errorf("%s: changed %+v, want %+v", c.what, got, c.want)
			}
		}
	})
}
