package db_test

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// database is a new database with a clock of its own.
type database struct {
	*db.DB
	t     *testing.T
	clock *atomic.Int64
	url   string
}

// read runs f, which must succeed, on a snapshot.
func (d database) read(f func(*db.Tx) error) {
	d.t.Helper()
	if err := d.Read(d.t.Context(), f); err != nil {
		d.t.Fatal(err)
	}
}

// each runs f on a new database of each kind.
func each(t *testing.T, f func(*testing.T, database)) {
	t.Helper()
	t.Parallel()
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			f(t, open(t, kind.URL(t)))
		})
	}
}

// equal compares what was read with what was expected.
func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// execTx runs a statement that only tests need, and waits for it.
func execTx(tx *db.Tx, query string, args ...any) error {
	_, err := tx.Exec(query, args...)
	return err
}

// look reads one value on a snapshot; reading must succeed.
func look[T any](d database, f func(*db.Tx) (T, error)) T {
	d.t.Helper()
	var got T
	d.read(func(tx *db.Tx) (err error) {
		got, err = f(tx)
		return err
	})
	return got
}

// numbers returns the first column of a query that only tests need.
func numbers(tx *db.Tx, query string, args ...any) ([]int64, error) {
	return db.Collect(tx, db.ScanNumber, query, args...)
}

func open(t *testing.T, url string) database {
	t.Helper()
	clock := new(atomic.Int64)
	clock.Store(start)
	now := func() time.Time { return time.Unix(clock.Load(), 0) }
	return database{DB: talktest.Open(t, db.Options{URL: url, Now: now}), t: t, clock: clock, url: url}
}

// second drops the value of a function that fails.
func second[T any](_ T, err error) error { return err }

// absent checks that reading says that there is no such row.
func absent[T any](d database, what string, f func(*db.Tx) (T, error)) {
	d.t.Helper()
	err := d.Read(d.t.Context(), func(tx *db.Tx) error {
		_, err := f(tx)
		return err
	})
	if !errors.Is(err, db.ErrNotFound) {
		d.t.Errorf("%s: got %v, want ErrNotFound", what, err)
	}
}

// refused runs f in a transaction, which must fail with an error like want.
func (d database) refused(want error, f func(*db.Tx) error) {
	d.t.Helper()
	if err := d.Write(d.t.Context(), locked(f)); !errors.Is(err, want) {
		d.t.Errorf("got %v, want %v", err, want)
	}
}

// room makes a group conversation with people in the given roles.
func (d database) room(token string, people ...talk.Attendee) (talk.Room, []talk.Attendee) {
	d.t.Helper()
	r := talk.Room{Token: token, Type: talk.Group, Name: "Room " + token}
	d.write(func(tx *db.Tx) error {
		if err := store.InsertRoom(tx, &r); err != nil {
			return err
		}
		for i := range people {
			people[i].RoomID = r.ID
			if err := store.InsertAttendee(tx, &people[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return r, people
}

// write runs f, which must succeed, in a transaction.
func (d database) write(f func(*db.Tx) error) {
	d.t.Helper()
	if err := d.Write(d.t.Context(), f); err != nil {
		d.t.Fatal(err)
	}
}

// person is an attendee that is about to be stored.
func person(id string, role talk.ParticipantType) talk.Attendee {
	return talk.Attendee{Actor: talk.User(id), DisplayName: id, Type: role}
}

// execute runs a statement behind the back of the store.
func execute(t *testing.T, url, statement string) {
	t.Helper()
	driver, source := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, source = "sqlite", path
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", statement, err))
	}
}

// locked returns f with all conversations locked before it.
func locked(f func(*db.Tx) error) func(*db.Tx) error {
	return func(tx *db.Tx) error {
		if err := lockAll(tx); err != nil {
			return err
		}
		return f(tx)
	}
}

// only runs f on a new database of one kind.
func only(t *testing.T, name string, f func(*testing.T, database)) {
	t.Helper()
	for _, kind := range talktest.Databases() {
		if kind.Name == name {
			f(t, open(t, kind.URL(t)))
		}
	}
}

// start is the time at which the clocks of these tests begin.
const start = 1_700_000_000

// lockAll locks all conversations.
func lockAll(tx *db.Tx) error {
	tokens, err := texts(tx, "SELECT token FROM rooms")
	if err != nil {
		return err
	}
	return store.LockRooms(tx, tokens)
}

// texts returns the first column of a query that only tests need.
func texts(tx *db.Tx, query string) ([]string, error) {
	return db.Collect(tx, db.ScanString, query)
}
