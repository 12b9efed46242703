package store

import "parley/internal/talk"

// ForgetGuestAt stores when the row of a guest without a session is to be
// forgotten, in Unix seconds.
func (tx *Tx) ForgetGuestAt(attendeeID, at int64) error {
	return tx.run("UPDATE attendees SET forget_at = $2 WHERE id = $1", attendeeID, at)
}

// RememberGuest stores that a guest is there again.
func (tx *Tx) RememberGuest(attendeeID int64) error { return tx.ForgetGuestAt(attendeeID, 0) }

// ForgottenGuests returns the tokens of at most limit conversations with guests
// that are to be forgotten by now.
func (tx *Tx) ForgottenGuests(limit int) ([]string, error) {
	return collect(tx, scanString, `SELECT DISTINCT r.token FROM attendees a JOIN rooms r ON r.id = a.room_id
		WHERE a.forget_at > 0 AND a.forget_at <= $1 LIMIT $2`, tx.now, limit)
}

// GuestsToForget returns the guests of a room that are to be forgotten by now.
func (tx *Tx) GuestsToForget(roomID int64) ([]talk.Attendee, error) {
	return collect(tx, scanAttendee, "SELECT "+attendeeColumns+` FROM attendees a
		WHERE a.room_id = $1 AND a.forget_at > 0 AND a.forget_at <= $2 ORDER BY a.id`, roomID, tx.now)
}

// GuestLeft stores that the guest that a client was in a conversation has left.
func (tx *Tx) GuestLeft(client, token string) error {
	return tx.run("UPDATE client_rooms SET guest_left = TRUE WHERE client = $1 AND token = $2", client, token)
}
