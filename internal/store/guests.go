package store

import (
	"parley/internal/db"
	"parley/internal/talk"
)

// ForgetGuestAt stores when the row of a guest without a session is to be
// forgotten, in Unix seconds.
func ForgetGuestAt(tx *db.Tx, attendeeID, at int64) error {
	return tx.Run("UPDATE attendees SET forget_at = $2 WHERE id = $1", attendeeID, at)
}

// RememberGuest stores that a guest is there again.
func RememberGuest(tx *db.Tx, attendeeID int64) error { return ForgetGuestAt(tx, attendeeID, 0) }

// ForgottenGuests returns the tokens of at most limit conversations with guests
// that are to be forgotten by now.
func ForgottenGuests(tx *db.Tx, limit int) ([]string, error) {
	return db.Collect(tx, db.ScanString, `SELECT DISTINCT r.token FROM attendees a JOIN rooms r ON r.id = a.room_id
		WHERE a.forget_at > 0 AND a.forget_at <= $1 LIMIT $2`, tx.Now(), limit)
}

// GuestsToForget returns the guests of a room that are to be forgotten by now.
func GuestsToForget(tx *db.Tx, roomID int64) ([]talk.Attendee, error) {
	return db.Collect(tx, attendeeTable.scan, "SELECT "+attendeeColumns+` FROM attendees a
		WHERE a.room_id = $1 AND a.forget_at > 0 AND a.forget_at <= $2 ORDER BY a.id`, roomID, tx.Now())
}

// GuestLeft stores that the guest that a client was in a conversation has left.
func GuestLeft(tx *db.Tx, client, token string) error {
	return tx.Run("UPDATE client_rooms SET guest_left = TRUE WHERE client = $1 AND token = $2", client, token)
}
