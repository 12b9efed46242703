package store_test

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/store/deliveries"
)

// take leases the next delivery of a kind for a minute.
func (d database) take(kind, lease string, busy ...string) deliveries.Delivery {
	d.t.Helper()
	var got deliveries.Delivery
	d.write(func(tx *db.Tx) (err error) {
		got, err = deliveries.Lease(tx, kind, busy, lease, 60)
		return err
	})
	return got
}

// noneDue fails when a delivery of a kind is due.
func (d database) noneDue(kind string, busy ...string) {
	d.t.Helper()
	d.refused(db.ErrNotFound, func(tx *db.Tx) error { return second(deliveries.Lease(tx, kind, busy, "nobody", 60)) })
}

func (d database) outbox(kind string) deliveries.State {
	return look(d, func(tx *db.Tx) (deliveries.State, error) { return deliveries.StateOf(tx, kind) })
}

func (d database) enqueue(all ...deliveries.Delivery) {
	d.t.Helper()
	for _, row := range all {
		d.write(func(tx *db.Tx) error { return deliveries.Enqueue(tx, row) })
	}
}

func TestMailIsTakenOnceAndInOrder(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.noneDue(store.MailKind)
		room, people := d.room("plans", emailGuest("a@b.c"), emailGuest("d@e.f"))
		for i, p := range people {
			d.clock.Add(int64(i))
			d.write(func(tx *db.Tx) error { return store.QueueMail(tx, p.ID, "Alice") })
		}
		equal(t, "state", d.outbox("mail"), deliveries.State{Kind: "mail", Waiting: 2, Oldest: start})

		first := d.take("mail", "one")
		equal(t, "row", first, deliveries.Delivery{
			ID: first.ID, Kind: "mail", AttendeeID: people[0].ID, Payload: "Alice", Attempts: 1, CreatedAt: start, Lease: "one",
		})
		d.write(func(tx *db.Tx) error {
			r, guest, err := store.Invitation(tx, people[0].ID)
			equal(t, "guest", guest, people[0])
			equal(t, "room", r.Token, room.Token)
			return err
		})
		equal(t, "second", d.take("mail", "two").AttendeeID, people[1].ID)
		d.noneDue("mail")
		d.clock.Add(60)
		again := d.take("mail", "three")
		equal(t, "the lease ended", again.ID, first.ID)
		equal(t, "attempts", again.Attempts, 2)
		d.take("mail", "four")

		for name, f := range map[string]func(*db.Tx) error{
			"done":     func(tx *db.Tx) error { return deliveries.Done(tx, first) },
			"failed":   func(tx *db.Tx) error { return deliveries.Failed(tx, first, "c", 1) },
			"given up": func(tx *db.Tx) error { return deliveries.GivenUp(tx, first, "c") },
			"released": func(tx *db.Tx) error { return deliveries.Release(tx, first) },
		} {
			d.write(f)
			equal(t, name+" by who lost the lease", d.outbox("mail"), deliveries.State{Kind: "mail", Waiting: 2, Oldest: start})
			d.noneDue("mail") // the other one is leased anew
		}
		d.write(func(tx *db.Tx) error { return deliveries.Done(tx, again) })
		equal(t, "done", d.outbox("mail").Waiting, 1)
	})
}

func TestDeliveryThatFails(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		_, people := d.room("plans", emailGuest("a@b.c"))
		queue := func() {
			d.write(func(tx *db.Tx) error { return store.QueueMail(tx, people[0].ID, "Alice") })
		}
		queue()
		m := d.take("mail", "l")
		d.write(func(tx *db.Tx) error { return deliveries.Failed(tx, m, "no luck", tx.Now()+100) })
		equal(t, "waits", d.outbox("mail"), deliveries.State{Kind: "mail", Waiting: 1, Oldest: start, LastError: "no luck"})
		d.clock.Add(99)
		d.noneDue("mail")
		d.clock.Add(1)
		m = d.take("mail", "l")
		d.write(func(tx *db.Tx) error { return deliveries.Release(tx, m) })
		m = d.take("mail", "l")
		equal(t, "a released attempt does not count", m.Attempts, 2)
		d.write(func(tx *db.Tx) error { return deliveries.GivenUp(tx, m, "never") })
		equal(t, "given up", d.outbox("mail"), deliveries.State{Kind: "mail", Failed: 1, Oldest: start, LastError: "never"})
		d.clock.Add(1000)
		d.noneDue("mail")

		queue()
		equal(t, "asked for again", d.outbox("mail"), deliveries.State{Kind: "mail", Waiting: 1, Oldest: start + 1100})
		m = d.take("mail", "l")
		queue()
		d.noneDue("mail") // it is on its way: nobody sends it a second time now
		d.write(func(tx *db.Tx) error { return deliveries.Done(tx, m) })
		equal(t, "asked for while it was sent", d.take("mail", "l").Attempts, 1)
		d.write(func(tx *db.Tx) error {
			room, err := store.LockRoom(tx, "plans")
			if err != nil {
				return err
			}
			return store.DeleteAttendee(tx, &room, people[0].ID)
		})
		equal(t, "removed with its guest", d.outbox("mail"), deliveries.State{})
		d.refused(db.ErrNotFound, func(tx *db.Tx) error {
			_, _, err := store.Invitation(tx, people[0].ID)
			return err
		})
	})
}

func TestOrderOfDeliveries(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		row := func(destination, key, payload string) deliveries.Delivery {
			return deliveries.Delivery{Kind: "bot", Destination: destination, OrderKey: key, Payload: payload}
		}
		d.enqueue(row("x", "room", "x1"), row("x", "room", "x2"), row("y", "room", "y1"), row("x", "other", "x3"),
			deliveries.Delivery{Kind: "push", Destination: "x", OrderKey: "room", Payload: "p"}, row("x", "", "x4"), row("x", "", "x5"))
		first := d.take("bot", "1")
		equal(t, "first", first.Payload, "x1")
		equal(t, "busy destination", d.take("bot", "2", "x", "z").Payload, "y1")
		d.noneDue("bot", "x", "y")
		for i, want := range []string{"x3", "x4", "x5"} {
			equal(t, "other keys", d.take("bot", fmt.Sprint("3", i)).Payload, want)
		}
		d.noneDue("bot")
		equal(t, "other kind", d.take("push", "4").Payload, "p")
		d.write(func(tx *db.Tx) error { return deliveries.Failed(tx, first, "down", tx.Now()+10) })
		d.noneDue("bot") // the second of an order waits with the first
		d.clock.Add(10)
		first = d.take("bot", "5")
		equal(t, "again", first.Payload, "x1")
		d.write(func(tx *db.Tx) error { return deliveries.GivenUp(tx, first, "never") })
		next := d.take("bot", "6")
		equal(t, "what was given up holds up nobody", next.Payload, "x2")
		states := look(d, deliveries.States)
		equal(t, "states", states, []deliveries.State{
			{Kind: "bot", Waiting: 6 - 1, Failed: 1, Oldest: start, LastError: "never"},
			{Kind: "push", Waiting: 1, Oldest: start},
		})
		d.write(func(tx *db.Tx) error { return deliveries.Hold(tx, "push", "no way") })
		equal(t, "held", d.outbox("push").LastError, "no way")
		equal(t, "others are not", d.outbox("bot").LastError, "never")
	})
}

// Many workers at once lease each delivery once, and in order.
func TestConcurrentLeases(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		const workers, rows = 8, 40
		for i := range rows {
			d.enqueue(deliveries.Delivery{Kind: "bot", Destination: fmt.Sprint(i % 4), OrderKey: fmt.Sprint(i % 8), Payload: fmt.Sprint(i)})
		}
		var running sync.WaitGroup
		var mu sync.Mutex
		newest, seen, leased := map[string]int64{}, map[int64]bool{}, map[string]bool{}
		for w := range workers {
			running.Go(func() {
				for range 20 * rows {
					var got deliveries.Delivery
					err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
						got, err = deliveries.Lease(tx, "bot", nil, fmt.Sprint(w), 60)
						return err
					})
					mu.Lock()
					if err != nil {
						finished := len(seen) == rows
						mu.Unlock()
						if finished {
							return
						}
						continue
					}
					key := got.Destination + "/" + got.OrderKey
					if seen[got.ID] || leased[key] || newest[key] > got.ID {
						t.Errorf("delivery %d of %s: seen %v, another is on its way %v, newest %d", got.ID, key, seen[got.ID], leased[key], newest[key])
					}
					seen[got.ID], leased[key], newest[key] = true, true, got.ID
					mu.Unlock()
					runtime.Gosched() // a second one of the key would be taken now
					mu.Lock()
					leased[key] = false
					mu.Unlock()
					if err := d.Write(t.Context(), func(tx *db.Tx) error { return deliveries.Done(tx, got) }); err != nil {
						t.Error(err)
					}
				}
			})
		}
		running.Wait()
		equal(t, "delivered", len(seen), rows)
		equal(t, "left", d.outbox("bot"), deliveries.State{})
	})
}
