package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// locking are changes that need more than the lock of the conversation "own".
var locking = map[string]func(*store.Tx) error{
	"another conversation": func(tx *store.Tx) error { return rename(tx, "other", "new") },
	"a family":             func(tx *store.Tx) error { return tx.LockFamily("parent") },
	"conversations":        func(tx *store.Tx) error { return tx.LockRooms([]string{"other", "none"}) },
	"memberships":          func(tx *store.Tx) error { return tx.LockMemberships() },
	"all of an account":    func(tx *store.Tx) error { return tx.TouchRooms(talk.User("alice")) },
	"a new conversation": func(tx *store.Tx) error {
		return tx.InsertRoom(&talk.Room{Token: "made", Type: talk.Group, Name: "n"})
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
			err := d.WriteRoom(t.Context(), "own", func(tx *store.Tx) error {
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
			equal(t, name, look(d, func(tx *store.Tx) (talk.Room, error) { return tx.Room("own") }).Name, name)
		}
		equal(t, "other", look(d, func(tx *store.Tx) (talk.Room, error) { return tx.Room("other") }).Name, "new")
	})
}

// Rows of a conversation that is not locked are not changed, in company or alone.
func TestChangesNeedTheLock(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.room("own")
		other, people := d.room("other", person("alice", talk.Owner))
		for name, change := range map[string]func(*store.Tx) error{
			"conversation": func(tx *store.Tx) error { return tx.UpdateRoom(&other) },
			"end":          func(tx *store.Tx) error { return tx.DeleteRoom(&other) },
			"pair":         func(tx *store.Tx) error { return tx.SetPair(other.ID, "alice") },
			"attendee":     func(tx *store.Tx) error { return tx.UpdateAttendee(&people[0]) },
			"removal":      func(tx *store.Tx) error { return tx.DeleteAttendee(&other, people[0].ID) },
			"permissions":  func(tx *store.Tx) error { return tx.ResetPermissions(other.ID) },
			"reader":       func(tx *store.Tx) error { return tx.InsertReader(&talk.Attendee{RoomID: other.ID}) },
			"session":      func(tx *store.Tx) error { return tx.InsertSession(&talk.Session{RoomID: other.ID}) },
			"message":      func(tx *store.Tx) error { return tx.InsertMessage(&talk.Message{RoomID: other.ID}) },
			"ban":          func(tx *store.Tx) error { return tx.InsertBan(&talk.Ban{RoomID: other.ID}) },
		} {
			seen := func(tx *store.Tx) error {
				_, err := tx.Room("other") // to have read it is not enough
				return errors.Join(err, change(tx))
			}
			grouped := d.WriteRoom(t.Context(), "own", func(tx *store.Tx) error {
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
			count := func(tx *store.Tx, token string) error {
				room, err := tx.LockRoom(token)
				room.LobbyTimer++
				return errors.Join(err, tx.UpdateRoom(&room))
			}
			var all sync.WaitGroup
			for first := range rooms {
				all.Go(func() {
					for range rounds {
						err := d.WriteRoom(t.Context(), fmt.Sprint("r", first), func(tx *store.Tx) error {
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
				r := look(d, func(tx *store.Tx) (talk.Room, error) { return tx.Room(fmt.Sprint("r", n)) })
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
		other.write(func(tx *store.Tx) error {
			if err := errors.Join(tx.LockMemberships(), tx.EndAccount("bob")); err != nil {
				return err
			}
			tried := make(chan bool, 1)
			go func() {
				added <- d.WriteRoom(t.Context(), "r", func(tx *store.Tx) error {
					if err := rename(tx, "r", "x"); err != nil {
						return err
					}
					err := errors.Join(tx.KeepAccount("carol"), tx.KeepAccount("bob"))
					select {
					case tried <- true:
					default:
					}
					return err
				})
			}()
			<-tried
			if _, err := tx.LockRoom("r"); err != nil {
				return err
			}
			return tx.DeleteAccount("bob")
		})
		if err := <-added; !errors.Is(err, store.ErrNotFound) {
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
		d.write(func(tx *store.Tx) error {
			runs++
			err := errors.Join(tx.LockMemberships(), tx.EndAccount("bob"), tx.KeepAccount("carol"), tx.LockRooms([]string{"r"}))
			if err != nil {
				return err
			}
			return errors.Join(rename(tx, "other", "x"), tx.DeleteAccount("bob"))
		})
		equal(t, "runs", runs, 2)
		equal(t, "name", look(d, func(tx *store.Tx) (talk.Room, error) { return tx.Room("other") }).Name, "x")
		absent(d, "account", func(tx *store.Tx) (store.Account, error) { return tx.Account("bob") })
	})
}

// An account that ends after a conversation was locked could wait for somebody who
// waits for that.
func TestAccountsEndInOrder(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("bob")
		d.room("r")
		for name, f := range map[string]func(*store.Tx) error{
			"without memberships": func(tx *store.Tx) error { return tx.EndAccount("bob") },
			"after a conversation": func(tx *store.Tx) error {
				return errors.Join(tx.LockMemberships(), tx.RaiseVersion("r"), tx.EndAccount("bob"))
			},
			"in company": func(tx *store.Tx) error { return errors.Join(tx.RaiseVersion("r"), tx.LockAccount("bob")) },
		} {
			if err := d.Write(t.Context(), f); err == nil || errors.Is(err, store.ErrUnavailable) {
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
			s := talktest.Open(t, store.Options{URL: kind.URL(t), Rehearse: true})
			var ids []int64
			err := s.Write(t.Context(), func(tx *store.Tx) error {
				r := talk.Room{Token: "once", Type: talk.Group, Name: "n"}
				err := tx.InsertRoom(&r) // fails if it was not undone
				ids = append(ids, r.ID)
				return err
			})
			if err != nil || len(ids) != 2 {
				t.Errorf("%d runs, %v", len(ids), err)
			}
			reads := 0
			err = s.Read(t.Context(), func(tx *store.Tx) error {
				reads++
				return second(tx.Room("once"))
			})
			if err != nil || reads != 2 {
				t.Errorf("%d reads, %v", reads, err)
			}
		})
	}
}
