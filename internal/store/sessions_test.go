package store_test

import (
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// dead is a ping that is just too old, alive one that is just young enough.
const (
	dead  = start - talk.DeadAfter
	alive = dead + 1
)

func TestSessionLists(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, people := d.room("r", person("alice", talk.Owner), person("bob", talk.Member))
		a := d.session(people[0], "a", start, talk.Caller{Client: "one"})
		b := d.session(people[0], "b", alive, talk.Caller{Client: "two"})
		old := d.session(people[1], "c", dead, talk.Caller{Client: "three"})
		equal(t, "by attendee", look(d, func(tx *db.Tx) (map[int64][]talk.Session, error) { return store.Sessions(tx, r.ID) }),
			map[int64][]talk.Session{people[0].ID: {a, b}})
		equal(t, "of alice", look(d, func(tx *db.Tx) ([]talk.Session, error) { return store.SessionsOf(tx, people[0].ID) }), []talk.Session{a, b})
		equal(t, "dead", look(d, func(tx *db.Tx) ([]talk.Session, error) { return store.DeadSessions(tx, r.ID) }), []talk.Session{old})
		equal(t, "dead rooms", look(d, func(tx *db.Tx) ([]string, error) { return store.DeadRooms(tx, 5) }), []string{"r"})
		equal(t, "by id", look(d, func(tx *db.Tx) (talk.Session, error) { return store.SessionByID(tx, r.ID, "a") }), a)
		absent(d, "dead by id", func(tx *db.Tx) (talk.Session, error) { return store.SessionByID(tx, r.ID, "c") })
		absent(d, "in another room", func(tx *db.Tx) (talk.Session, error) { return store.SessionByID(tx, r.ID+1, "a") })
		equal(t, "alice is here", look(d, func(tx *db.Tx) (bool, error) { return store.HasSessions(tx, people[0].ID) }), true)
		equal(t, "bob is not", look(d, func(tx *db.Tx) (bool, error) { return store.HasSessions(tx, people[1].ID) }), false)
		equal(t, "held", look(d, func(tx *db.Tx) (map[int64]talk.Session, error) {
			return store.SessionsHeld(tx, talk.Caller{UserID: "alice", Client: "two"})
		}), map[int64]talk.Session{r.ID: b})
		equal(t, "held by another account", look(d, func(tx *db.Tx) (map[int64]talk.Session, error) {
			return store.SessionsHeld(tx, talk.Caller{UserID: "bob", Client: "two"})
		}), map[int64]talk.Session{})
	})
}

func TestSessionChanges(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, people := d.room("r", person("alice", talk.Owner))
		d.session(people[0], "a", start, talk.Caller{Client: "one"})
		d.session(people[0], "b", start, talk.Caller{Client: "two"})
		again := talk.Session{SessionID: "c", RoomID: r.ID, AttendeeID: people[0].ID, Client: "one", LastPing: start}
		d.change(func(tx *db.Tx) error { return store.InsertSession(tx, &again) })
		absent(d, "the session that another one of the client replaced", func(tx *db.Tx) (talk.Session, error) {
			return store.SessionByID(tx, r.ID, "a")
		})
		a := again
		a.InCall, a.State = talk.NotInCall, talk.SessionInactive
		d.change(func(tx *db.Tx) error { return store.UpdateSession(tx, &a) })
		equal(t, "changed", look(d, func(tx *db.Tx) (talk.Session, error) { return store.SessionByID(tx, r.ID, "c") }), a)
		count := func() int {
			return len(look(d, func(tx *db.Tx) ([]talk.Session, error) { return store.SessionsOf(tx, people[0].ID) }))
		}
		d.change(func(tx *db.Tx) error { return store.DeleteSession(tx, a.ID) })
		equal(t, "after one", count(), 1)
		d.change(func(tx *db.Tx) error { return store.DeleteSessionsOf(tx, people[0].ID) })
		equal(t, "after all", count(), 0)
	})
}

func TestClientRoom(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		memory := func() store.ClientRoom {
			return look(d, func(tx *db.Tx) (store.ClientRoom, error) { return store.ClientRoomOf(tx, "c", "r") })
		}
		equal(t, "nothing yet", memory(), store.ClientRoom{})
		for _, c := range []store.ClientRoom{{GuestActor: "g"}, {EmailActor: "e", Lost: true}} {
			d.write(func(tx *db.Tx) error { return store.SetClientRoom(tx, "c", "r", c) })
			equal(t, "stored", memory(), c)
		}
		d.write(func(tx *db.Tx) error { return store.ForgetClients(tx, start) })
		equal(t, "kept", memory(), store.ClientRoom{EmailActor: "e", Lost: true})
		d.write(func(tx *db.Tx) error { return store.ForgetClients(tx, start+1) })
		equal(t, "forgotten", memory(), store.ClientRoom{})
	})
}

// What a client knows of a guest stays when its session is ended.
func TestLostSessionKeepsTheGuest(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, people := d.room("r", talk.Attendee{Actor: talk.Guest("g"), Type: talk.GuestRole})
		d.session(people[0], "s", start, talk.Caller{Client: "c"})
		d.change(func(tx *db.Tx) error {
			if err := store.SetClientRoom(tx, "c", "r", store.ClientRoom{GuestActor: "g"}); err != nil {
				return err
			}
			return store.DeleteAttendee(tx, &r, people[0].ID)
		})
		equal(t, "memory", look(d, func(tx *db.Tx) (store.ClientRoom, error) { return store.ClientRoomOf(tx, "c", "r") }),
			store.ClientRoom{GuestActor: "g", Lost: true})
	})
}
