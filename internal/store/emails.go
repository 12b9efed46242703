package store

import (
	"parley/internal/db"
	"parley/internal/store/deliveries"
	"parley/internal/talk"
)

// MailKind is the kind of invitations of e-mail guests in the outbox.
const MailKind = "mail"

// QueueMail stores that the guest has to get an invitation. One that waits
// already, or that was given up, starts anew.
func QueueMail(tx *db.Tx, attendeeID int64, inviter string) error {
	return deliveries.Enqueue(tx, deliveries.Delivery{Kind: MailKind, AttendeeID: attendeeID, Payload: inviter})
}

// Invitation returns the facts that an invitation tells, as they are now, or
// ErrNotFound when the guest was removed.
func Invitation(tx *db.Tx, attendeeID int64) (room talk.Room, guest talk.Attendee, err error) {
	err = tx.QueryRow(append(roomTable.fields(&room), attendeeTable.fields(&guest)...), "SELECT "+roomColumns+", "+attendeeColumns+`
		FROM attendees a JOIN rooms r ON r.id = a.room_id WHERE a.id = $1`, attendeeID)
	return room, guest, err
}

// MoveClient lets the client session of a guest go on under another name.
// Nothing may be known by the new one yet.
func MoveClient(tx *db.Tx, from, to string) error {
	// What a guest has joined is among what the client remembers.
	tokens, err := db.Collect(tx, db.ScanString, "SELECT token FROM client_rooms WHERE client = $1", from)
	if err == nil {
		err = lockMore(tx, plan{rooms: without(tokens, locksOf(tx).rooms)})
	}
	if err != nil {
		return err
	}
	err = tx.Run(`UPDATE sessions SET client = $2 WHERE client = $1 AND room_id IN
		(SELECT r.id FROM client_rooms c JOIN rooms r ON r.token = c.token WHERE c.client = $1)`, from, to)
	if err != nil {
		return err
	}
	return tx.Run("UPDATE client_rooms SET client = $2 WHERE client = $1", from, to)
}
