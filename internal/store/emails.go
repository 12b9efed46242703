package store

import (
	"parley/internal/db"
	"parley/internal/talk"
)

// Mail is an invitation of an e-mail guest that has to be sent, with the facts
// that it tells, as they are now.
type Mail struct {
	ID int64
	// Attempts is how often sending was begun, this time included.
	Attempts int
	// Inviter is a display name, empty when nobody is known.
	Inviter   string
	CreatedAt int64
	Room      talk.Room
	Guest     talk.Attendee
}

// QueueMail stores that the guest has to get an invitation. One that waits
// already, or that was given up, starts anew.
func QueueMail(tx *db.Tx, attendeeID int64, inviter string) error {
	return tx.Run(`INSERT INTO mail_queue (attendee_id, inviter, next_at, created_at) VALUES ($1, $2, $3, $3)
		ON CONFLICT (attendee_id) DO UPDATE SET inviter = excluded.inviter, attempts = 0,
		next_at = excluded.next_at, failed = FALSE, last_error = '', created_at = excluded.created_at`,
		attendeeID, inviter, tx.Now())
}

// TakeMail returns the mail that is due longest and hides it for lease seconds
// from all others who send, or ErrNotFound when none is due. If its sender
// vanishes it is due again after that.
func TakeMail(tx *db.Tx, lease int64) (Mail, error) {
	var m Mail
	err := tx.One([]any{&m.ID}, `UPDATE mail_queue SET next_at = $2, attempts = attempts + 1
		WHERE next_at <= $1 AND NOT failed AND id =
			(SELECT id FROM mail_queue WHERE next_at <= $1 AND NOT failed ORDER BY next_at, id LIMIT 1)
		RETURNING id`, tx.Now(), tx.Now()+lease)
	if err != nil {
		return m, err
	}
	fields := []any{&m.Attempts, &m.Inviter, &m.CreatedAt}
	fields = append(append(fields, roomFields(&m.Room)...), attendeeFields(&m.Guest)...)
	err = tx.One(fields, "SELECT q.attempts, q.inviter, q.created_at, "+roomColumns+", "+attendeeColumns+`
		FROM mail_queue q JOIN attendees a ON a.id = q.attendee_id JOIN rooms r ON r.id = a.room_id WHERE q.id = $1`, m.ID)
	return m, err
}

// MailSent removes a mail that was handed over, unless it was asked for again
// meanwhile.
func MailSent(tx *db.Tx, m Mail) error {
	return tx.Run("DELETE FROM mail_queue WHERE id = $1 AND attempts = $2", m.ID, m.Attempts)
}

// MailFailed notes why a mail could not be sent and when to try again.
func MailFailed(tx *db.Tx, m Mail, cause string, nextAt int64) error {
	return tx.Run("UPDATE mail_queue SET last_error = $3, next_at = $4 WHERE id = $1 AND attempts = $2", m.ID, m.Attempts, cause, nextAt)
}

// MailGivenUp notes why a mail is not tried any more. It stays until somebody
// asks for it again or removes the guest.
func MailGivenUp(tx *db.Tx, m Mail, cause string) error {
	return tx.Run("UPDATE mail_queue SET last_error = $3, failed = TRUE WHERE id = $1 AND attempts = $2", m.ID, m.Attempts, cause)
}

// MailHeld notes why all mail that waits does so. It changes nothing about when it is
// sent.
func MailHeld(tx *db.Tx, cause string) error {
	return tx.Run("UPDATE mail_queue SET last_error = $1 WHERE NOT failed AND last_error <> $1", cause)
}

// MailState counts what is in the queue.
type MailState struct {
	// Waiting is the number of mails that will be tried, or tried again.
	Waiting int
	// Failed is the number of mails that were given up.
	Failed int
	// Oldest is when the oldest of them all was asked for, 0 without any.
	Oldest int64
	// LastError is why the newest mail with a failure could not be sent.
	LastError string
}

// MailStateNow returns what waits to be sent and what was given up.
func MailStateNow(tx *db.Tx) (MailState, error) {
	var s MailState
	err := tx.One([]any{&s.Waiting, &s.Failed, &s.Oldest}, `SELECT COALESCE(SUM(CASE WHEN failed THEN 0 ELSE 1 END), 0),
		COALESCE(SUM(CASE WHEN failed THEN 1 ELSE 0 END), 0), COALESCE(MIN(created_at), 0) FROM mail_queue`)
	if err != nil {
		return s, err
	}
	err = tx.One([]any{&s.LastError}, "SELECT last_error FROM mail_queue WHERE last_error <> '' ORDER BY created_at DESC, id DESC LIMIT 1")
	if db.IsNone(err) {
		err = nil
	}
	return s, err
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
