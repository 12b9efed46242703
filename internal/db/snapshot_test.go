package db_test

import (
	"sync"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

func TestStampChangesWithEveryCommit(t *testing.T) {
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			url := kind.URL(t)
			here := talktest.Open(t, db.Options{URL: url})
			elsewhere := talktest.Open(t, db.Options{URL: url})
			take := func() db.SnapshotID {
				s, err := here.Snapshot(t.Context(), db.SnapshotID{})
				if err != nil {
					t.Fatal(err)
				}
				return s
			}
			before := take()
			if take() != before {
				t.Error("the snapshot changed although nothing else did")
			}
			for i, st := range []*db.DB{here, elsewhere, here, elsewhere} {
				err := st.Write(t.Context(), func(tx *db.Tx) error {
					return store.InsertGroup(tx, store.Group{ID: string(rune('a' + i)), DisplayName: "x"})
				})
				if err != nil {
					t.Fatal(err)
				}
				if st == elsewhere {
					time.Sleep(db.ForeignCommits)
				}
				after := take()
				if after == before {
					t.Errorf("the snapshot did not notice commit %d", i)
				}
				before = after
			}
		})
	}
}

// Whoever asks after a commit was acknowledged gets another snapshot than before,
// also while many ask and write at the same time.
func TestStampIsNeverOlderThanTheQuestion(t *testing.T) {
	talktest.EachDatabase(t, func(t *testing.T, st *db.DB) {
		room := talk.Room{Token: "stamped", Type: talk.Group}
		if err := st.Write(t.Context(), func(tx *db.Tx) error { return store.InsertRoom(tx, &room) }); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 40 {
					before, err := st.Snapshot(t.Context(), db.SnapshotID{})
					if err == nil {
						err = st.Write(t.Context(), func(tx *db.Tx) error {
							_, err := store.LockRoom(tx, room.Token)
							return err
						})
					}
					if err != nil {
						t.Error(err)
						return
					}
					if after, err := st.Snapshot(t.Context(), db.SnapshotID{}); err != nil || after == before {
						t.Errorf("the snapshot did not notice the own commit (%v)", err)
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
	talktest.EachDatabase(t, func(t *testing.T, st *db.DB) {
		var password int64
		write := func(f func(tx *db.Tx) error) {
			t.Helper()
			if err := st.Write(t.Context(), f); err != nil {
				t.Fatal(err)
			}
		}
		alice := store.Account{UserID: "alice", DisplayName: "Alice", Enabled: true}
		write(func(tx *db.Tx) (err error) {
			if err = store.InsertAccount(tx, alice); err == nil {
				err = store.InsertRoom(tx, &talk.Room{Token: "r", Type: talk.Group})
			}
			if err == nil {
				password, err = store.InsertAppPassword(tx, "alice", "hash", "phone")
			}
			return err
		})
		type versions struct{ settings, directory, credentials, attempts bool }
		take := func() db.SnapshotID {
			s, err := st.Snapshot(t.Context(), db.SnapshotID{})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		for _, c := range []struct {
			what string
			f    func(*db.Tx) error
			want versions
		}{
			{"a room", func(tx *db.Tx) error { return store.RaiseVersion(tx, "r") }, versions{}},
			{"a setting", func(tx *db.Tx) error { return store.SetSetting(tx, "a", "b") }, versions{settings: true}},
			{"a name", func(tx *db.Tx) error { return store.RenameActor(tx, talk.User("alice"), "A") }, versions{directory: true}},
			{"a disabled account", func(tx *db.Tx) error { return store.UpdateAccount(tx, store.Account{UserID: "alice"}) }, versions{credentials: true}},
			{"a privacy", func(tx *db.Tx) error { return store.SetReadPrivacy(tx, "alice", 1) }, versions{credentials: true}},
			{"a log-in", func(tx *db.Tx) error {
				return store.WriteLogins(tx, store.Logins{Accounts: map[string]int64{"alice": 1}, AppPasswords: map[int64]int64{password: 1},
					Hashes: map[string]store.NewHash{"alice": {Old: "h", New: "i"}}})
			}, versions{}},
			{"a revoked app password", func(tx *db.Tx) error {
				_, err := store.DeleteAppPassword(tx, "alice", password)
				return err
			}, versions{credentials: true}},
			{"a failure", func(tx *db.Tx) error { return store.InsertAttempt(tx, store.Attempt{Action: "a", Subnet: "s"}) }, versions{attempts: true}},
			{"the end of an account", func(tx *db.Tx) error { return store.DeleteAccount(tx, "alice") }, versions{directory: true, credentials: true}},
		} {
			before := take()
			write(c.f)
			after := take()
			got := versions{
				store.GlobalVersionAt(before).Settings != store.GlobalVersionAt(after).Settings, store.GlobalVersionAt(before).Directory != store.GlobalVersionAt(after).Directory,
				store.CredentialsAt(before) != store.CredentialsAt(after), store.AttemptsAt(before) != store.AttemptsAt(after),
			}
			if got != c.want || before == after {
				t.Errorf("%s: changed %+v, want %+v", c.what, got, c.want)
			}
		}
	})
}
