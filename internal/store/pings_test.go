package store_test

import (
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/store/deliveries"
	"parley/internal/talk"
)

func TestPingsNeverMoveBackwards(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, people := d.room("r", person("alice", talk.Owner))
		s := d.session(people[0], "a", start-20, talk.Caller{Client: "one", Device: "app"})
		version := look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "r") }).Version
		for _, c := range []struct {
			what  string
			pings []store.Ping
			ping  int64
		}{
			{"newer", []store.Ping{{s.ID, start - 5}}, start - 5},
			{"older", []store.Ping{{s.ID, start - 9}}, start - 5},
			{"removed", []store.Ping{{s.ID + 1, start}}, start - 5},
			{"two at once", []store.Ping{{s.ID, start - 1}, {s.ID, start - 2}, {s.ID + 1, start}}, start - 1},
		} {
			d.write(func(tx *db.Tx) error {
				later, err := store.WritePings(tx, c.pings)
				equal(t, c.what+": for later", len(later), 0)
				return err
			})
			got := look(d, func(tx *db.Tx) (talk.Session, error) { return store.SessionByID(tx, r.ID, "a") })
			equal(t, c.what, got.LastPing, c.ping)
			equal(t, c.what+": version", look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "r") }).Version, version)
		}
	})
}

// Pings of sessions that somebody else is changing are returned at once, those of
// others are written.
func TestPingsDoNotWait(t *testing.T) {
	only(t, "postgres", func(t *testing.T, d database) {
		_, people := d.room("r", person("alice", talk.Owner), person("bob", talk.Member))
		held := d.session(people[0], "a", start-20, talk.Caller{Client: "one"})
		free := d.session(people[1], "b", start-20, talk.Caller{Client: "two"})
		locked, done, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			ended <- d.Write(t.Context(), func(tx *db.Tx) error {
				held.State = talk.SessionInactive
				_, err := store.LockRoom(tx, "r")
				if err == nil {
					err = store.UpdateSession(tx, &held)
				}
				if err == nil {
					err = tx.Flush()
				}
				close(locked)
				<-done
				return err
			})
		}()
		<-locked
		var later []store.Ping
		d.write(func(tx *db.Tx) (err error) {
			later, err = store.WritePings(tx, []store.Ping{{held.ID, start}, {free.ID, start}, {free.ID + 1, start}})
			return err
		})
		close(done)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		equal(t, "for later", later, []store.Ping{{held.ID, start}})
		sessions := look(d, func(tx *db.Tx) (map[int64][]talk.Session, error) { return store.Sessions(tx, free.RoomID) })
		equal(t, "free", sessions[people[1].ID][0].LastPing, start)
		equal(t, "held", sessions[people[0].ID][0].LastPing, start-20)
	})
}

// After the clock was set back nothing that was noted before lies in the future.
func TestTimesFromTheFuture(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, people := d.room("r", person("alice", talk.Owner))
		s := d.session(people[0], "a", start, talk.Caller{Client: "one"})
		const ahead = start + 7200
		d.write(func(tx *db.Tx) error {
			_, err := store.WritePings(tx, []store.Ping{{s.ID, ahead}})
			return err
		})
		ping := func() int64 {
			return look(d, func(tx *db.Tx) (talk.Session, error) { return store.SessionByID(tx, r.ID, "a") }).LastPing
		}
		equal(t, "as it counts", ping(), start)
		age := func() (n int) {
			d.write(func(tx *db.Tx) (err error) {
				n, err = store.AgePings(tx, 10)
				return err
			})
			return n
		}
		equal(t, "aged", age(), 1)
		equal(t, "aged again", age(), 0)
		d.clock.Add(90)
		equal(t, "90 s later", ping(), start)
		equal(t, "dead rooms", look(d, func(tx *db.Tx) ([]string, error) { return store.DeadRooms(tx, 5) }), nil)
		d.clock.Add(10)
		equal(t, "dead rooms 100 s later", look(d, func(tx *db.Tx) ([]string, error) { return store.DeadRooms(tx, 5) }), []string{"r"})
	})
}

// Failures, mail and memories from the future neither block nor stay until the
// clock has caught up.
func TestOtherTimesFromTheFuture(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		_, people := d.room("r", talk.Attendee{Actor: talk.EmailGuest("e@example.org"), Type: talk.GuestRole})
		const back = 30 * 24 * 3600
		d.clock.Add(back)
		d.write(func(tx *db.Tx) error {
			err := store.InsertAttempt(tx, store.Attempt{Action: "login", Subnet: "net"})
			if err == nil {
				err = store.QueueMail(tx, people[0].ID, "")
			}
			if err == nil {
				err = store.SetClientRoom(tx, "c", "r", store.ClientRoom{GuestActor: "g"})
			}
			return err
		})
		correct := func() (columns int) {
			ahead := look(d, store.TimesAhead)
			d.write(func(tx *db.Tx) error {
				for _, c := range ahead {
					if err := store.CorrectTimes(tx, c); err != nil {
						return err
					}
				}
				return nil
			})
			return len(ahead)
		}
		equal(t, "ahead of the right clock", correct(), 0)
		d.clock.Add(-back)
		equal(t, "ahead", correct(), 3)
		equal(t, "ahead afterwards", correct(), 0)
		recent := func() int {
			return look(d, func(tx *db.Tx) (int, error) {
				n, err := store.CountAttempts(tx, store.Attempt{Action: "login", Subnet: "net"}, 0, tx.Now()-1800)
				return n.Recent, err
			})
		}
		equal(t, "failures", recent(), 1)
		d.clock.Add(1801)
		equal(t, "failures half an hour later", recent(), 0)
		d.write(func(tx *db.Tx) error { return second(deliveries.Lease(tx, store.MailKind, nil, "l", 60)) })
		d.write(func(tx *db.Tx) error { return store.ForgetClients(tx, start+1) })
		equal(t, "memory", look(d, func(tx *db.Tx) (store.ClientRoom, error) { return store.ClientRoomOf(tx, "c", "r") }), store.ClientRoom{})
	})
}
