package store_test

import (
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// emailGuest is an e-mail guest that is about to be stored.
func emailGuest(address string) talk.Attendee {
	return talk.Attendee{Actor: talk.EmailGuest(address), Type: talk.GuestRole, Address: address, AccessToken: "secret of " + address}
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
		held := look(d, func(tx *db.Tx) (store.CallerRoom, error) {
			return store.RoomForGuest(tx, "plans", talk.Caller{Client: "new"})
		})
		equal(t, "session", held.Me.Session.ID, s.ID)
		for client, want := range map[string]store.ClientRoom{"new": memory, "old": {}} {
			equal(t, client, look(d, func(tx *db.Tx) (store.ClientRoom, error) { return store.ClientRoomOf(tx, client, "plans") }), want)
		}
	})
}
