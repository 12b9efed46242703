package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

var errBoom = errors.New("boom")

func TestConcurrentWritesKeepApart(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		var wg sync.WaitGroup
		errs := make([]error, 100)
		for i := range errs {
			wg.Go(func() {
				errs[i] = d.Write(t.Context(), func(tx *db.Tx) error {
					r := talk.Room{Token: fmt.Sprint("room", i), Type: talk.Group, Name: "x"}
					if err := store.InsertRoom(tx, &r); err != nil {
						return err
					}
					switch {
					case i%3 == 0:
						return errBoom
					case i%7 == 0:
						panic("oops")
					case i%11 == 0:
						return execTx(tx, "INSERT INTO nowhere VALUES (1)")
					}
					return nil
				})
			})
		}
		wg.Wait()
		for i, err := range errs {
			found := d.Read(t.Context(), func(tx *db.Tx) error { return second(store.Room(tx, fmt.Sprint("room", i))) })
			if (err == nil) != (found == nil) {
				t.Errorf("write %d answered %v, but the room reads %v", i, err, found)
			}
			if i%3 == 0 != errors.Is(err, errBoom) {
				t.Errorf("write %d answered %v", i, err)
			}
		}
	})
}

func TestFailedWritesLeaveNothing(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.room("taken")
		insert := func(tx *db.Tx) error {
			return store.InsertRoom(tx, &talk.Room{Token: "new", Type: talk.Group, Name: "n"})
		}
		for what, c := range map[string]struct {
			then func(*db.Tx) error
			want string
		}{
			"error": {func(*db.Tx) error { return errBoom }, "boom"},
			"panic": {func(*db.Tx) error { panic("aargh") }, "aargh"},
			"a failed statement that is ignored": {func(tx *db.Tx) error {
				if err := execTx(tx, "UPDATE rooms SET token = 'taken' WHERE token = 'new'"); !errors.Is(err, db.ErrDuplicate) {
					t.Errorf("got %v", err)
				}
				return nil
			}, db.ErrDuplicate.Error()},
			"a failed statement that nobody waits for": {func(tx *db.Tx) error {
				_ = tx.Run("UPDATE rooms SET token = 'taken' WHERE token = 'new'")
				return nil
			}, db.ErrDuplicate.Error()},
			"a statement after one that nobody waits for": {func(tx *db.Tx) error {
				_ = tx.Run("UPDATE rooms SET token = 'taken' WHERE token = 'new'")
				return second(store.Room(tx, "taken"))
			}, db.ErrDuplicate.Error()},
			"a statement after a failed one": {func(tx *db.Tx) error {
				_ = execTx(tx, "UPDATE rooms SET token = 'taken' WHERE token = 'new'")
				return second(store.Room(tx, "taken"))
			}, db.ErrDuplicate.Error()},
		} {
			err := d.Write(t.Context(), func(tx *db.Tx) error {
				if err := insert(tx); err != nil {
					return err
				}
				return c.then(tx)
			})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v", what, err)
			}
			absent(d, what, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "new") })
		}
		d.write(insert)
	})
}

func TestNestedWriteIsAnError(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.refused(db.ErrNested, func(tx *db.Tx) error {
			return d.Write(tx.Context(), func(*db.Tx) error { return nil })
		})
	})
}

func TestReadsSeeOneMoment(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.room("r", person("alice", talk.Owner))
		d.read(func(tx *db.Tx) error {
			before, err := store.Room(tx, "r")
			if err != nil {
				return err
			}
			d.write(func(tx *db.Tx) error { return second(store.LockRoom(tx, "r")) })
			after, err := store.Room(tx, "r")
			equal(t, "version", after.Version, before.Version)
			return err
		})
		equal(t, "next read", look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "r") }).Version, int64(2))
	})
}

// Changes that read first and write then never overwrite each other, and the
// version tells each from the one before.
func TestConcurrentChangesOfOneRoom(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.room("r")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 5 {
					err := d.Write(t.Context(), func(tx *db.Tx) error {
						r, err := store.LockRoom(tx, "r")
						if err != nil {
							return err
						}
						r.LobbyTimer++
						return store.UpdateRoom(tx, &r)
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		r := look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "r") })
		equal(t, "changes and version", []int64{r.LobbyTimer, r.Version}, []int64{40, 41})
	})
}

// Of many that create what exists once, one does.
func TestConcurrentCreation(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		var wg sync.WaitGroup
		made := make(chan int64, 8)
		for i := range cap(made) {
			wg.Go(func() {
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					r := talk.Room{Token: fmt.Sprint("t", i), Identity: "a|b", Type: talk.OneToOne, Name: "n"}
					err := store.InsertRoom(tx, &r)
					if errors.Is(err, db.ErrDuplicate) {
						r, err = store.RoomByIdentity(tx, "a|b")
					}
					made <- r.ID
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		close(made)
		first := <-made
		for id := range made {
			equal(t, "room", id, first)
		}
	})
}

func TestCancelledCallersAreNotServed(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		ran := func(*db.Tx) error {
			t.Error("a transaction ran")
			return nil
		}
		for _, err := range []error{d.Write(ctx, ran), d.Read(ctx, ran)} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
	})
}

// Close lets writes end that were accepted, and refuses the others.
func TestCloseWhileWritesWait(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		const writers = 20
		entered, leave := make(chan bool, writers), make(chan bool)
		errs := make([]error, writers)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() {
				errs[i] = d.Write(t.Context(), func(tx *db.Tx) error {
					entered <- true
					<-leave
					return store.InsertRoom(tx, &talk.Room{Token: fmt.Sprint("t", i), Type: talk.Group, Name: "n"})
				})
			})
		}
		<-entered
		closed := make(chan error)
		go func() { closed <- d.Close() }()
		select {
		case err := <-closed:
			t.Fatalf("Close did not wait: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
		close(leave)
		if err := <-closed; err != nil {
			t.Error(err)
		}
		wg.Wait()
		d.afterClose(errs)
	})
}

// afterClose checks that a closed database answers, and that those writes were
// done that reported so.
func (d database) afterClose(errs []error) {
	for _, err := range []error{
		d.Write(d.t.Context(), func(*db.Tx) error { return nil }),
		d.Read(d.t.Context(), func(*db.Tx) error { return nil }),
	} {
		if !errors.Is(err, db.ErrClosed) {
			d.t.Errorf("after Close: got %v", err)
		}
	}
	again := open(d.t, d.url)
	for i, err := range errs {
		if err != nil && !errors.Is(err, db.ErrClosed) {
			d.t.Errorf("write %d: %v", i, err)
		}
		found := again.Read(d.t.Context(), func(tx *db.Tx) error { return second(store.Room(tx, fmt.Sprint("t", i))) })
		if (err == nil) != (found == nil) {
			d.t.Errorf("write %d answered %v, but the room reads %v", i, err, found)
		}
	}
}
