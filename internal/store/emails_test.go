package store_test

import (
	"sync"
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// emailGuest is an e-mail guest that is about to be stored.
func emailGuest(address string) talk.Attendee {
	return talk.Attendee{Actor: talk.EmailGuest(address), Type: talk.GuestRole, Address: address, AccessToken: "secret of " + address}
}

// take leases the next mail for a minute.
func (d database) take() store.Mail {
	d.t.Helper()
	var m store.Mail
	d.write(func(tx *db.Tx) (err error) {
		m, err = store.TakeMail(tx, 60)
		return err
	})
	return m
}

// none fails when mail is due.
func (d database) noMail() {
	d.t.Helper()
	d.refused(db.ErrNotFound, func(tx *db.Tx) error {
		_, err := store.TakeMail(tx, 60)
		return err
	})
}

func (d database) mailState() store.MailState {
	return look(d, func(tx *db.Tx) (store.MailState, error) { return store.MailStateNow(tx) })
}

func TestMailIsTakenOnceAndInOrder(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.noMail()
		room, people := d.room("plans", emailGuest("a@b.c"), emailGuest("d@e.f"))
		for i, p := range people {
			d.clock.Add(int64(i))
			d.write(func(tx *db.Tx) error { return store.QueueMail(tx, p.ID, "Alice") })
		}
		equal(t, "state", d.mailState(), store.MailState{Waiting: 2, Oldest: start})

		first := d.take()
		equal(t, "facts", first, store.Mail{
			ID: first.ID, Attempts: 1, Inviter: "Alice", CreatedAt: start,
			Room: look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, room.Token) }), Guest: people[0],
		})
		equal(t, "second", d.take().Guest.Address, "d@e.f")
		d.noMail()
		d.clock.Add(60)
		again := d.take()
		equal(t, "the lease ended", again.ID, first.ID)
		equal(t, "attempts", again.Attempts, 2)

		d.write(func(tx *db.Tx) error { return store.MailSent(tx, first) })
		equal(t, "who lost the lease removes nothing", d.mailState().Waiting, 2)
		d.write(func(tx *db.Tx) error { return store.MailSent(tx, again) })
		equal(t, "sent", d.mailState().Waiting, 1)
	})
}

func TestMailThatFails(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		_, people := d.room("plans", emailGuest("a@b.c"))
		queue := func() {
			d.write(func(tx *db.Tx) error { return store.QueueMail(tx, people[0].ID, "Alice") })
		}
		queue()
		m := d.take()
		d.write(func(tx *db.Tx) error { return store.MailFailed(tx, m, "no luck", tx.Now()+100) })
		equal(t, "waits", d.mailState(), store.MailState{Waiting: 1, Oldest: start, LastError: "no luck"})
		d.clock.Add(99)
		d.noMail()
		d.clock.Add(1)
		m = d.take()
		d.write(func(tx *db.Tx) error { return store.MailGivenUp(tx, m, "never") })
		equal(t, "given up", d.mailState(), store.MailState{Failed: 1, Oldest: start, LastError: "never"})
		d.clock.Add(1000)
		d.noMail()

		queue()
		equal(t, "asked for again", d.mailState(), store.MailState{Waiting: 1, Oldest: start + 1100})
		m = d.take()
		queue()
		d.write(func(tx *db.Tx) error { return store.MailSent(tx, m) })
		equal(t, "asked for while it was sent", d.mailState().Waiting, 1)
		d.write(func(tx *db.Tx) error {
			room, err := store.LockRoom(tx, "plans")
			if err != nil {
				return err
			}
			return store.DeleteAttendee(tx, &room, people[0].ID)
		})
		equal(t, "removed with its guest", d.mailState(), store.MailState{})
	})
}

func TestMailIsSharedBySenders(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		const senders = 8
		all := make([]talk.Attendee, 3*senders)
		for i := range all {
			all[i] = emailGuest(string(rune('a'+i)) + "@b.c")
		}
		_, people := d.room("plans", all...)
		d.write(func(tx *db.Tx) error {
			for _, p := range people {
				if err := store.QueueMail(tx, p.ID, ""); err != nil {
					return err
				}
			}
			return nil
		})
		var running sync.WaitGroup
		taken := make(chan int64, 2*len(all))
		for range senders {
			running.Go(func() {
				for {
					var m store.Mail
					err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
						m, err = store.TakeMail(tx, 60)
						return err
					})
					if err != nil {
						return
					}
					taken <- m.ID
				}
			})
		}
		running.Wait()
		close(taken)
		seen := map[int64]bool{}
		for id := range taken {
			if seen[id] {
				t.Errorf("mail %d was taken twice", id)
			}
			seen[id] = true
		}
		if rest := len(all) - len(seen); rest > 0 {
			// Senders that met may have gone home early; the mail is still there.
			for range rest {
				d.take()
			}
		}
		d.noMail()
	})
}

func TestMoveClient(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		_, people := d.room("plans", emailGuest("a@b.c"))
		s := d.session(people[0], "s", start, talk.Caller{Client: "old"})
		memory := store.ClientRoom{EmailActor: people[0].Actor.ID, EmailAttendee: people[0].ID}
		d.write(func(tx *db.Tx) error {
			if err := store.SetClientRoom(tx, "old", "plans", memory); err != nil {
				return err
			}
			return store.MoveClient(tx, "old", "new")
		})
		held := look(d, func(tx *db.Tx) (store.Place, error) { return store.GuestPlace(tx, "plans", talk.Caller{Client: "new"}) })
		equal(t, "session", held.Me.Session.ID, s.ID)
		for client, want := range map[string]store.ClientRoom{"new": memory, "old": {}} {
			equal(t, client, look(d, func(tx *db.Tx) (store.ClientRoom, error) { return store.ClientRoomOf(tx, client, "plans") }), want)
		}
	})
}
