package db_test

import (
	"testing"

	"parley/internal/db"
	"parley/internal/store/deliveries"
)

// Mail that waited when the outbox came goes on waiting in it.
func TestMailQueueMovesIntoTheOutbox(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.empty()
		if err := makeOlder(t, d.url, "00014"); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{
			"INSERT INTO rooms (id, token, type, name, created_at) VALUES (1, 'r', 3, 'n', 1)",
			"INSERT INTO attendees (id, room_id, actor_type, actor_id, type) VALUES (5, 1, 'emails', 'a', 5), (6, 1, 'emails', 'b', 5)",
			"INSERT INTO mail_queue (attendee_id, inviter, attempts, next_at, failed, last_error, created_at) " +
				"VALUES (5, 'Älice', 3, 50, FALSE, 'e', 7), (6, 'B', 20, 50, TRUE, 'f', 8)",
		} {
			execute(t, d.url, statement)
		}
		d = open(t, d.url)
		var state deliveries.State
		var m deliveries.Delivery
		err := d.Write(t.Context(), func(tx *db.Tx) (err error) {
			if state, err = deliveries.StateOf(tx, "mail"); err != nil {
				return err
			}
			m, err = deliveries.Lease(tx, "mail", nil, "l", 60)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "state", state, deliveries.State{Kind: "mail", Waiting: 1, Failed: 1, Oldest: 7, LastError: "f"})
		m.ID = 0
		equal(t, "row", m, deliveries.Delivery{Kind: "mail", AttendeeID: 5, Payload: "Älice", Attempts: 4, CreatedAt: 7, Lease: "l"})
	})
}
