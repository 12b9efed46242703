package store_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// start is the time at which the clocks of these tests begin.
const start = 1_700_000_000

// database is a new database with a clock of its own.
type database struct {
	*db.DB
	t     *testing.T
	clock *atomic.Int64
	url   string
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

// only runs f on a new database of one kind.
func only(t *testing.T, name string, f func(*testing.T, database)) {
	t.Helper()
	for _, kind := range talktest.Databases() {
		if kind.Name == name {
			f(t, open(t, kind.URL(t)))
		}
	}
}

func open(t *testing.T, url string) database {
	t.Helper()
	clock := new(atomic.Int64)
	clock.Store(start)
	now := func() time.Time { return time.Unix(clock.Load(), 0) }
	return database{DB: talktest.Open(t, db.Options{URL: url, Now: now}), t: t, clock: clock, url: url}
}

// write runs f, which must succeed, in a transaction.
func (d database) write(f func(*db.Tx) error) {
	d.t.Helper()
	if err := d.Write(d.t.Context(), f); err != nil {
		d.t.Fatal(err)
	}
}

// change is write with all conversations locked.
func (d database) change(f func(*db.Tx) error) {
	d.t.Helper()
	d.write(locked(f))
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

// read runs f, which must succeed, on a snapshot.
func (d database) read(f func(*db.Tx) error) {
	d.t.Helper()
	if err := d.Read(d.t.Context(), f); err != nil {
		d.t.Fatal(err)
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

// person is an attendee that is about to be stored.
func person(id string, role talk.ParticipantType) talk.Attendee {
	return talk.Attendee{Actor: talk.User(id), DisplayName: id, Type: role}
}

// session stores a session of an attendee, held by a client.
func (d database) session(a talk.Attendee, id string, ping int64, c talk.Caller) talk.Session {
	d.t.Helper()
	s := talk.Session{
		SessionID: id, RoomID: a.RoomID, AttendeeID: a.ID, Client: c.Client, Device: c.Device,
		LastPing: ping, State: talk.SessionActive, InCall: talk.InCall,
	}
	d.change(func(tx *db.Tx) error { return store.InsertSession(tx, &s) })
	return s
}

// account stores accounts that have their id as name.
func (d database) account(ids ...string) {
	d.t.Helper()
	d.write(func(tx *db.Tx) error {
		for _, id := range ids {
			a := store.Account{UserID: id, DisplayName: id, Email: id + "@example.org", PasswordHash: "h", Enabled: true}
			if err := store.InsertAccount(tx, a); err != nil {
				return err
			}
		}
		return nil
	})
}

// equal compares what was read with what was expected.
func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
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

// texts returns the first column of a query that only tests need.
func texts(tx *db.Tx, query string) ([]string, error) {
	return db.Collect(tx, db.ScanString, query)
}

// lockAll locks all conversations.
func lockAll(tx *db.Tx) error {
	tokens, err := texts(tx, "SELECT token FROM rooms")
	if err != nil {
		return err
	}
	return store.LockRooms(tx, tokens)
}

// second drops the value of a function that fails.
func second[T any](_ T, err error) error { return err }
