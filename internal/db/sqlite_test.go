package db_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"modernc.org/sqlite"

	"parley/internal/db"
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
			err := d.Write(d.t.Context(), func(tx *db.Tx) error {
				r := talk.Room{Token: token, Type: talk.Group, Name: "n", Description: strings.Repeat("x", 50_000)}
				if err := store.InsertRoom(tx, &r); err != nil {
					return err
				}
				a := person("alice", talk.Owner)
				a.RoomID = r.ID
				return store.InsertAttendee(tx, &a)
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
		d.read(func(tx *db.Tx) (e error) {
			if r, e = store.Room(tx, token); errors.Is(e, db.ErrNotFound) {
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
			if !errors.Is(err, db.ErrUnavailable) {
				d.t.Errorf("%s answered %v", token, err)
			}
			continue
		}
		done++
		if people := look(d, func(tx *db.Tx) ([]talk.Attendee, error) { return store.Attendees(tx, r.ID) }); len(people) != 1 {
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
		d.write(func(tx *db.Tx) error { return execTx(tx, fmt.Sprint("PRAGMA max_page_count = ", pages.Load())) })
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
		other.write(func(tx *db.Tx) error { return execTx(tx, "PRAGMA busy_timeout = 20") })
		d.write(func(*db.Tx) error {
			err := other.Write(t.Context(), func(tx *db.Tx) error { return second(store.LockRoom(tx, "r")) })
			if !errors.Is(err, db.ErrUnavailable) {
				t.Errorf("got %v", err)
			}
			return nil
		})
		other.room("r")
	})
}

// A disk that can only be read for a while is a passing trouble.
func TestReadOnlyDisk(t *testing.T) {
	t.Parallel()
	url := talktest.Databases()[0].URL(t)
	var readOnly atomic.Bool
	onConnect(url, func(conn sqlite.ExecQuerierContext) error {
		_, err := conn.ExecContext(t.Context(), fmt.Sprintf("PRAGMA query_only = %t", readOnly.Load()), nil)
		return err
	})
	d := open(t, url)
	d.room("r")
	readOnly.Store(true)
	d.write(func(tx *db.Tx) error { return execTx(tx, "PRAGMA query_only = ON") })
	for range 3 {
		d.refused(db.ErrUnavailable, func(tx *db.Tx) error { return store.RaiseVersion(tx, "r") })
	}
	d.holds([]string{"r"})
	readOnly.Store(false)
	_ = d.Write(t.Context(), func(*db.Tx) error { return nil }) // has the old connection still
	d.room("s")
}

// Damage that somebody mends is forgotten with the connections that have seen it.
func TestMendedDamage(t *testing.T) {
	t.Parallel()
	url := talktest.Databases()[0].URL(t)
	d := open(t, url)
	d.room("before")
	// By another program, since closing the file here would end SQLite's locks.
	shell := func(script string) {
		t.Helper()
		out, err := exec.Command("sh", "-ec", script, strings.TrimPrefix(url, "sqlite:")).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	moveLog(t, url)
	shell(`cp "$0" "$0.copy"; tail -c +4097 "$0.copy" | tr '\0-\377' x | dd of="$0" bs=4096 seek=1 conv=notrunc`)
	seen := map[string]int{}
	for range 20 {
		for what, err := range map[string]error{
			"snapshot": second(d.Snapshot(t.Context(), db.SnapshotID{})),
			"read":     d.Read(t.Context(), func(tx *db.Tx) error { return second(store.Room(tx, "before")) }),
			"write":    d.Write(t.Context(), func(tx *db.Tx) error { return store.InsertGroup(tx, store.Group{ID: "bad"}) }),
		} {
			if err != nil {
				seen[what]++
			}
		}
	}
	if len(seen) < 3 {
		t.Errorf("the damage was seen by %v only", seen)
	}
	shell(`dd if="$0.copy" of="$0" conv=notrunc`)
	for i := range 20 {
		if _, err := d.Snapshot(t.Context(), db.SnapshotID{}); err != nil {
			t.Error(err)
		}
		d.holds([]string{"before"})
		d.room(fmt.Sprint("after", i))
	}
}

// moveLog moves all that is in the log of a database into its file.
func moveLog(t *testing.T, url string) {
	t.Helper()
	db, err := sql.Open("sqlite", strings.TrimPrefix(url, "sqlite:"))
	if err == nil {
		_, err = db.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)")
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}
