package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// locking are changes that need more than the lock of the conversation "own".
var locking = map[string]func(*db.Tx) error{
	"another conversation": func(tx *db.Tx) error { return rename(tx, "other", "new") },
	"a family":             func(tx *db.Tx) error { return store.LockFamily(tx, "parent") },
	"conversations":        func(tx *db.Tx) error { return store.LockRooms(tx, []string{"other", "none"}) },
	"memberships":          store.LockMemberships,
	"all of an account":    func(tx *db.Tx) error { return store.TouchRooms(tx, talk.User("alice")) },
	"a new conversation": func(tx *db.Tx) error {
		return store.InsertRoom(tx, &talk.Room{Token: "made", Type: talk.Group, Name: "n"})
	},
}

// A write that needs more than its conversation is undone and run once more, with
// all of it, whatever it makes of the error that it gets.
func TestWritesThatNeedMore(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.room("own", person("alice", talk.Owner))
		d.room("other", person("alice", talk.Owner))
		d.room("parent")
		for name, more := range locking {
			runs := 0
			before := d.Counts().Retries
			err := d.WriteKey(t.Context(), "own", func(tx *db.Tx) error {
				runs++
				if err := rename(tx, "own", name); err != nil {
					return err
				}
				if err := more(tx); err != nil && runs == 1 {
					return errors.New("something else")
				} else if err != nil {
					return err
				}
				return rename(tx, "own", name)
			})
			if err != nil || runs != 2 {
				t.Errorf("%s: %d runs, %v", name, runs, err)
			}
			equal(t, name+" retries", d.Counts().Retries-before, int64(1))
			equal(t, name, look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "own") }).Name, name)
		}
		equal(t, "other", look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "other") }).Name, "new")
	})
}

// Rows of a conversation that is not locked are not changed, in company or alone.
func TestChangesNeedTheLock(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.room("own")
		other, people := d.room("other", person("alice", talk.Owner))
		for name, change := range map[string]func(*db.Tx) error{
			"conversation": func(tx *db.Tx) error { return store.UpdateRoom(tx, &other) },
			"end":          func(tx *db.Tx) error { return store.DeleteRoom(tx, &other) },
			"pair":         func(tx *db.Tx) error { return store.SetPair(tx, other.ID, "alice") },
			"attendee":     func(tx *db.Tx) error { return store.UpdateAttendee(tx, &people[0]) },
			"removal":      func(tx *db.Tx) error { return store.DeleteAttendee(tx, &other, people[0].ID) },
			"permissions":  func(tx *db.Tx) error { return store.ResetPermissions(tx, other.ID) },
			"reader":       func(tx *db.Tx) error { return store.InsertReader(tx, &talk.Attendee{RoomID: other.ID}) },
			"session":      func(tx *db.Tx) error { return store.InsertSession(tx, &talk.Session{RoomID: other.ID}) },
			"message":      func(tx *db.Tx) error { return store.InsertMessages(tx, &other, []*talk.Message{{}}) },
			"ban":          func(tx *db.Tx) error { return store.InsertBan(tx, &talk.Ban{RoomID: other.ID}) },
		} {
			seen := func(tx *db.Tx) error {
				_, err := store.Room(tx, "other") // to have read it is not enough
				return errors.Join(err, change(tx))
			}
			grouped := d.WriteKey(t.Context(), "own", func(tx *db.Tx) error {
				return errors.Join(rename(tx, "own", "x"), seen(tx))
			})
			alone := d.Write(t.Context(), seen)
			if !errors.Is(grouped, store.ErrUnlocked) || !errors.Is(alone, store.ErrUnlocked) {
				t.Errorf("%s: got %v and %v", name, grouped, alone)
			}
		}
	})
}

// Writes that lock the same conversations one after another, each in an order of
// its own, do not wait for each other in a ring, and none is lost.
func TestLocksInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			url := kind.URL(t)
			talktest.NoDeadlocks(t, url)
			d := open(t, url)
			const rooms, rounds = 4, 10
			for n := range rooms {
				d.room(fmt.Sprint("r", n))
			}
			count := func(tx *db.Tx, token string) error {
				room, err := store.LockRoom(tx, token)
				room.LobbyTimer++
				return errors.Join(err, store.UpdateRoom(tx, &room))
			}
			var all sync.WaitGroup
			for first := range rooms {
				all.Go(func() {
					for range rounds {
						err := d.WriteKey(t.Context(), fmt.Sprint("r", first), func(tx *db.Tx) error {
							for n := range rooms {
								if err := count(tx, fmt.Sprint("r", (first+n)%rooms)); err != nil {
									return err
								}
							}
							return nil
						})
						if err != nil {
							t.Error(err)
						}
					}
				})
			}
			all.Wait()
			for n := range rooms {
				r := look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, fmt.Sprint("r", n)) })
				equal(t, r.Token, r.LobbyTimer, int64(rooms*rounds))
			}
			equal(t, "deadlocks", d.Counts().Deadlocks, 0)
		})
	}
}

// Whoever needs an account that is about to end waits for the outcome, without
// the lock of a conversation that its end has to wait for.
func TestAccountsThatEnd(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		d.account("bob", "carol")
		d.room("r", person("bob", talk.Owner))
		other := open(t, d.url)
		added := make(chan error, 1)
		other.write(func(tx *db.Tx) error {
			if err := errors.Join(store.LockMemberships(tx), store.EndAccount(tx, "bob")); err != nil {
				return err
			}
			tried := make(chan bool, 1)
			go func() {
				added <- d.WriteKey(t.Context(), "r", func(tx *db.Tx) error {
					if err := rename(tx, "r", "x"); err != nil {
						return err
					}
					err := errors.Join(store.KeepAccount(tx, "carol"), store.KeepAccount(tx, "bob"))
					select {
					case tried <- true:
					default:
					}
					return err
				})
			}()
			<-tried
			if _, err := store.LockRoom(tx, "r"); err != nil {
				return err
			}
			return store.DeleteAccount(tx, "bob")
		})
		if err := <-added; !errors.Is(err, db.ErrNotFound) {
			t.Errorf("got %v", err)
		}
		equal(t, "deadlocks", d.Counts().Deadlocks+other.Counts().Deadlocks, 0)
	})
}

// What belongs to an account that ends may turn out to be more than was locked.
func TestEndsThatNeedMore(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("bob", "carol")
		d.room("r", person("bob", talk.Owner))
		d.room("other")
		runs := 0
		d.write(func(tx *db.Tx) error {
			runs++
			err := errors.Join(store.LockMemberships(tx), store.EndAccount(tx, "bob"), store.KeepAccount(tx, "carol"), store.LockRooms(tx, []string{"r"}))
			if err != nil {
				return err
			}
			return errors.Join(rename(tx, "other", "x"), store.DeleteAccount(tx, "bob"))
		})
		equal(t, "runs", runs, 2)
		equal(t, "name", look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "other") }).Name, "x")
		absent(d, "account", func(tx *db.Tx) (store.Account, error) { return store.AccountByID(tx, "bob") })
	})
}

// An account that ends after a conversation was locked could wait for somebody who
// waits for that.
func TestAccountsEndInOrder(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("bob")
		d.room("r")
		for name, f := range map[string]func(*db.Tx) error{
			"without memberships": func(tx *db.Tx) error { return store.EndAccount(tx, "bob") },
			"after a conversation": func(tx *db.Tx) error {
				return errors.Join(store.LockMemberships(tx), store.RaiseVersion(tx, "r"), store.EndAccount(tx, "bob"))
			},
			"in company": func(tx *db.Tx) error { return errors.Join(store.RaiseVersion(tx, "r"), store.LockAccount(tx, "bob")) },
		} {
			if err := d.Write(t.Context(), f); err == nil || errors.Is(err, db.ErrUnavailable) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

// A rehearsal shows a write that keeps results of an attempt that failed.
func TestRehearsals(t *testing.T) {
	t.Parallel()
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			s := talktest.Open(t, db.Options{URL: kind.URL(t), Rehearse: true})
			var ids []int64
			err := s.Write(t.Context(), func(tx *db.Tx) error {
				r := talk.Room{Token: "once", Type: talk.Group, Name: "n"}
				err := store.InsertRoom(tx, &r) // fails if it was not undone
				ids = append(ids, r.ID)
				return err
			})
			if err != nil || len(ids) != 2 {
				t.Errorf("%d runs, %v", len(ids), err)
			}
			reads := 0
			err = s.Read(t.Context(), func(tx *db.Tx) error {
				reads++
				return second(store.Room(tx, "once"))
			})
			if err != nil || reads != 2 {
				t.Errorf("%d reads, %v", reads, err)
			}
		})
	}
}

// rename changes the name of a room in the way of all changes.
func rename(tx *db.Tx, token, name string) error {
	if err := store.RaiseVersion(tx, token); err != nil {
		return err
	}
	p, err := store.RoomForStranger(tx, token)
	if err != nil {
		return err
	}
	p.Room.Name = name
	return store.UpdateRoom(tx, &p.Room)
}
