package store_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"modernc.org/sqlite"

	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// fill writes large rooms in parallel and returns the outcomes.
func (d database) fill(prefix string, n int) map[string]error {
	outcome := map[string]error{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			token := fmt.Sprint(prefix, i)
			err := d.Write(d.t.Context(), func(tx *store.Tx) error {
				r := talk.Room{Token: token, Type: talk.Group, Name: "n", Description: strings.Repeat("x", 50_000)}
				if err := tx.InsertRoom(&r); err != nil {
					return err
				}
				a := person("alice", talk.Owner)
				a.RoomID = r.ID
				return tx.InsertAttendee(&a)
			})
			mu.Lock()
			defer mu.Unlock()
			outcome[token] = err
		})
	}
	wg.Wait()
	return outcome
}

// outcome checks that what was acknowledged is there whole, and nothing else,
// and counts both.
func (d database) outcome(of map[string]error) (done, failed int) {
	d.t.Helper()
	for token, err := range of {
		r, found := talk.Room{}, false
		d.read(func(tx *store.Tx) (e error) {
			if r, e = tx.Room(token); errors.Is(e, store.ErrNotFound) {
				return nil
			}
			found = e == nil
			return e
		})
		if found != (err == nil) {
			d.t.Errorf("%s answered %v, but is it there? %v", token, err, found)
		}
		if err != nil {
			failed++
			if !errors.Is(err, store.ErrUnavailable) {
				d.t.Errorf("%s answered %v", token, err)
			}
			continue
		}
		done++
		if people := look(d, func(tx *store.Tx) ([]talk.Attendee, error) { return tx.Attendees(r.ID) }); len(people) != 1 {
			d.t.Errorf("%s is half done", token)
		}
	}
	return done, failed
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	url := talktest.Databases()[0].URL(t)
	var pages atomic.Int64
	pages.Store(300)
	onConnect(url, func(conn sqlite.ExecQuerierContext) error {
		_, err := conn.ExecContext(t.Context(), fmt.Sprint("PRAGMA max_page_count = ", pages.Load()), nil)
		return err
	})
	d := open(t, url)
	t.Run("full", func(t *testing.T) {
		var done, failed int
		for round := range 4 {
			good, bad := d.outcome(d.fill(fmt.Sprint("full", round, "-"), 10))
			done, failed = done+good, failed+bad
		}
		if done == 0 || failed == 0 {
			t.Fatalf("%d done, %d failed: the disk was not full in between", done, failed)
		}
	})
	t.Run("space again", func(t *testing.T) {
		pages.Store(100_000)
		d.write(func(tx *store.Tx) error { return tx.Exec(fmt.Sprint("PRAGMA max_page_count = ", pages.Load())) })
		if _, failed := d.outcome(d.fill("space", 20)); failed > 0 {
			t.Errorf("%d writes failed although there was space again", failed)
		}
	})
}

// A write that waits for another program too long says so, and works later.
func TestLockedByAnotherProgram(t *testing.T) {
	t.Parallel()
	only(t, "sqlite", func(t *testing.T, d database) {
		other := open(t, d.url)
		other.write(func(tx *store.Tx) error { return tx.Exec("PRAGMA busy_timeout = 20") })
		d.write(func(*store.Tx) error {
			err := other.Write(t.Context(), func(tx *store.Tx) error { return second(tx.LockRoom("r")) })
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("got %v", err)
			}
			return nil
		})
		other.room("r")
	})
}
