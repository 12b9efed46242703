package store_test

import (
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

func TestUserPlace(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, people := d.room("r", person("alice", talk.Owner), person("bob", talk.Member))
		a := d.session(people[0], "a", start, talk.Caller{Client: "browser"})
		d.session(people[0], "old", start-talk.DeadAfter, talk.Caller{Client: "closed"})
		d.session(people[1], "b", start, talk.Caller{Client: "other"})
		b := d.session(people[0], "b1", start, talk.Caller{Client: "fresh-1", Device: "app"})
		newer := d.session(people[0], "b2", start, talk.Caller{Client: "fresh-2", Device: "app"})
		for _, c := range []struct {
			what   string
			caller talk.Caller
			want   *talk.Session
		}{
			{"by cookie", talk.Caller{Client: "browser"}, &a},
			{"dead", talk.Caller{Client: "closed"}, nil},
			{"somebody else's", talk.Caller{Client: "other"}, nil},
			{"by credential", talk.Caller{Client: "new", Fresh: true, Device: "app"}, &newer},
			{"a cookie wins", talk.Caller{Client: "fresh-1", Device: "app"}, &b},
			{"no credential", talk.Caller{Client: "new", Fresh: true}, nil},
		} {
			c.caller.UserID = "alice"
			got := look(d, func(tx *db.Tx) (store.CallerRoom, error) { return store.RoomForUser(tx, "r", c.caller) })
			equal(t, c.what, got, store.CallerRoom{Room: r, Me: &talk.Participant{Attendee: people[0], Session: c.want}})
		}
		eve := look(d, func(tx *db.Tx) (store.CallerRoom, error) {
			return store.RoomForUser(tx, "r", talk.Caller{UserID: "eve", Client: "browser"})
		})
		equal(t, "stranger", eve, store.CallerRoom{Room: r})
		absent(d, "room", func(tx *db.Tx) (store.CallerRoom, error) {
			return store.RoomForUser(tx, "x", talk.Caller{UserID: "alice"})
		})
	})
}

// A guest is who their session says; the session of an account never stands for
// it.
func TestGuestPlace(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		visitor := talk.Attendee{Actor: talk.Guest("visitor"), Type: talk.GuestRole}
		r, people := d.room("r", person("alice", talk.Owner), visitor)
		d.session(people[0], "a", start, talk.Caller{Client: "browser"})
		g := d.session(people[1], "g", start, talk.Caller{Client: "phone"})
		for client, want := range map[string]*talk.Participant{
			"phone": {Attendee: people[1], Session: &g}, "browser": nil, "unknown": nil, "": nil,
		} {
			got := look(d, func(tx *db.Tx) (store.CallerRoom, error) {
				return store.RoomForGuest(tx, "r", talk.Caller{Client: client})
			})
			equal(t, client, got, store.CallerRoom{Room: r, Me: want})
		}
		d.clock.Add(talk.DeadAfter)
		got := look(d, func(tx *db.Tx) (store.CallerRoom, error) {
			return store.RoomForGuest(tx, "r", talk.Caller{Client: "phone"})
		})
		equal(t, "dead", got, store.CallerRoom{Room: r})
		absent(d, "room", func(tx *db.Tx) (store.CallerRoom, error) { return store.RoomForGuest(tx, "x", talk.Caller{}) })
	})
}

func TestStrangerPlace(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, _ := d.room("r", person("alice", talk.Owner))
		d.write(func(tx *db.Tx) error { return store.SetSetting(tx, "a", "b") })
		got := look(d, func(tx *db.Tx) (store.CallerRoom, error) { return store.RoomForStranger(tx, "r") })
		if got.Settings == "" {
			t.Error("the version of the settings is missing")
		}
		got.Settings = ""
		equal(t, "place", got, store.CallerRoom{Room: r})
		absent(d, "room", func(tx *db.Tx) (store.CallerRoom, error) { return store.RoomForStranger(tx, "x") })
	})
}

// A change that was queued has its effect on what comes after it.
func TestRaiseVersion(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, _ := d.room("r")
		d.write(func(tx *db.Tx) error {
			if err := store.RaiseVersion(tx, "r"); err != nil {
				return err
			}
			p, err := store.RoomForStranger(tx, "r")
			equal(t, "inside", p.Room.Version, r.Version+1)
			return err
		})
		equal(t, "after", look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "r") }).Version, r.Version+1)
		d.write(func(tx *db.Tx) error { return store.RaiseVersion(tx, "nowhere") })
	})
}
