package db_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// errRule is the refusal of a rule.
var errRule = errors.New("no")

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

// crowd lets many writes of rooms come while the database is held up, so that
// they meet in groups. It returns their errors.
func (d database) crowd(writes map[string][]func(*db.Tx) error) map[string][]error {
	d.t.Helper()
	const blocks = 4 // more than work at the same time
	blocked, release := make(chan bool, blocks), make(chan bool)
	var all sync.WaitGroup
	for n := range blocks {
		d.room(fmt.Sprint("block", n))
	}
	for n := range blocks {
		all.Go(func() {
			err := d.WriteKey(context.Background(), fmt.Sprint("block", n), func(tx *db.Tx) error {
				select {
				case blocked <- true:
				default: // once more
				}
				<-release
				return nil
			})
			if err != nil {
				d.t.Error(err)
			}
		})
	}
	<-blocked
	errs := map[string][]error{}
	for token, chain := range writes {
		own := make([]error, len(chain))
		errs[token] = own
		for i, f := range chain {
			all.Go(func() { own[i] = d.WriteKey(context.Background(), token, f) })
		}
	}
	time.Sleep(20 * time.Millisecond) // for most of them to arrive; none has to
	close(release)
	all.Wait()
	return errs
}

func TestGroupedWritesKeepApart(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		writes := map[string][]func(*db.Tx) error{}
		want := map[string]string{}
		add := func(token string, f func(*db.Tx) error) { writes[token] = append(writes[token], f) }
		for n := range 5 {
			good, refused, torn, broken := fmt.Sprint("good", n), fmt.Sprint("refused", n), fmt.Sprint("torn", n), fmt.Sprint("broken", n)
			for _, token := range []string{good, refused, torn, broken} {
				d.room(token)
				want[token] = "Room " + token
			}
			want[good] = "new"
			add(good, func(tx *db.Tx) error { return rename(tx, good, "new") })
			// A refusal before anything was sent.
			add(refused, func(tx *db.Tx) error { return errors.Join(rename(tx, refused, "bad"), errRule) })
			// A refusal after a change that the database has seen already.
			add(torn, func(tx *db.Tx) error { return errors.Join(rename(tx, torn, "bad"), tx.Flush(), errRule) })
			// A statement that fails when it is sent with all the others.
			add(broken, func(tx *db.Tx) error {
				return errors.Join(rename(tx, broken, "bad"), tx.Run("UPDATE rooms SET token = 'good0' WHERE token = $1", broken))
			})
		}
		for token, errs := range d.crowd(writes) {
			kind := token[:len(token)-1]
			expect := map[string]error{"good": nil, "refused": errRule, "torn": errRule, "broken": db.ErrDuplicate}[kind]
			if !errors.Is(errs[0], expect) {
				t.Errorf("%s: got %v, want %v", token, errs[0], expect)
			}
			equal(t, token, look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, token) }).Name, want[token])
		}
	})
}

// Each of the writes of one conversation sees what those before it did.
func TestGroupedWritesOfOneRoom(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, _ := d.room("r")
		var chain []func(*db.Tx) error
		for range 40 {
			chain = append(chain, func(tx *db.Tx) error {
				if err := store.RaiseVersion(tx, "r"); err != nil {
					return err
				}
				p, err := store.RoomForStranger(tx, "r")
				if err != nil {
					return err
				}
				p.Room.LobbyTimer++
				return store.UpdateRoom(tx, &p.Room)
			})
		}
		for _, err := range d.crowd(map[string][]func(*db.Tx) error{"r": chain})["r"] {
			if err != nil {
				t.Error(err)
			}
		}
		got := look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "r") })
		equal(t, "changes", got.LobbyTimer, int64(40))
		equal(t, "version", got.Version, r.Version+40)
	})
}

// A conversation that somebody else has locked keeps nobody waiting but those who
// want to change it.
func TestGroupsLeaveOutWhatIsLocked(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		d.room("locked")
		d.room("free")
		other := open(t, d.url)
		held := make(chan []error, 1)
		other.write(func(tx *db.Tx) error {
			if _, err := store.LockRoom(tx, "locked"); err != nil {
				return err
			}
			set := func(token string) func(*db.Tx) error {
				return func(tx *db.Tx) error { return rename(tx, token, "new") }
			}
			go func() {
				held <- d.crowd(map[string][]func(*db.Tx) error{"locked": {set("locked"), set("locked")}})["locked"]
			}()
			for range 5 {
				if err := d.WriteKey(t.Context(), "free", set("free")); err != nil {
					t.Error(err)
				}
			}
			select {
			case errs := <-held:
				t.Errorf("a locked conversation was changed: %v", errs)
			default:
			}
			return nil
		})
		for _, err := range <-held {
			if err != nil {
				t.Error(err)
			}
		}
		equal(t, "name", look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "locked") }).Name, "new")
	})
}

// A caller who goes away while others are served is not served, and disturbs
// nobody.
func TestGroupedCallersMayGoAway(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.room("r")
		gone, cancel := context.WithCancel(t.Context())
		errs := d.crowd(map[string][]func(*db.Tx) error{"r": {
			func(tx *db.Tx) error { return rename(tx, "r", "first") },
			func(tx *db.Tx) error {
				cancel()
				return rename(tx, "r", "second")
			},
		}})["r"]
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
		err := d.WriteKey(gone, "r", func(tx *db.Tx) error { return rename(tx, "r", "third") })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		if name := look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "r") }).Name; name == "third" {
			t.Error("the write of a caller who had gone was done")
		}
	})
}

func TestGroupedWritesOfNothing(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		nothing := func(tx *db.Tx) error { return rename(tx, "nowhere", "x") }
		for _, err := range d.crowd(map[string][]func(*db.Tx) error{"nowhere": {nothing, nothing}})["nowhere"] {
			if !errors.Is(err, db.ErrNotFound) {
				t.Errorf("got %v", err)
			}
		}
	})
}
