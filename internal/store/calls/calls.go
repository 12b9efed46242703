// Package calls has the statements of calls: who is in one, and who has been.
package calls

import (
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// Member is a session in a call, and whose it is.
type Member struct {
	Session     talk.Session
	Actor       talk.Actor
	DisplayName string
	Type        talk.ParticipantType
}

const memberQuery = `SELECT s.id, s.session_id, s.attendee_id, s.in_call, s.last_ping, s.state, a.actor_type, a.actor_id, a.display_name, a.type
	FROM sessions s JOIN attendees a ON a.id = s.attendee_id WHERE s.room_id = $1 AND s.in_call <> 0`

// In returns the sessions in the call of a room, as old as they may be, in the order in which
// they were opened.
func In(tx *db.Tx, roomID int64) ([]Member, error) {
	return db.Collect(tx, scanIn(tx, roomID), memberQuery+" ORDER BY s.id", roomID)
}

// Peers returns the sessions that keep the call of a room alive.
func Peers(tx *db.Tx, roomID int64) ([]Member, error) {
	return db.Collect(tx, scanIn(tx, roomID), memberQuery+" AND s.last_ping > $2 ORDER BY s.id", roomID, active(tx))
}

func scanIn(tx *db.Tx, roomID int64) func(db.Row, *Member) error {
	return func(row db.Row, m *Member) error {
		s := &m.Session
		s.RoomID = roomID
		err := row.Scan(&s.ID, &s.SessionID, &s.AttendeeID, &s.InCall, &s.LastPing, &s.State, &m.Actor.Type, &m.Actor.ID, &m.DisplayName, &m.Type)
		s.LastPing = min(s.LastPing, tx.Now())
		return err
	}
}

// active is the time that the last ping of a session in a call is younger than.
func active(tx *db.Tx) int64 { return tx.Now() - talk.CallActiveWithin }

// Active reports whether anybody keeps the call of a room alive.
func Active(tx *db.Tx, roomID int64) (bool, error) {
	return exists(tx, "FROM sessions WHERE room_id = $1 AND in_call <> 0 AND last_ping > $2", roomID, active(tx))
}

// Has reports whether a session of an attendee is in the call.
func Has(tx *db.Tx, attendeeID int64) (bool, error) {
	return exists(tx, "FROM sessions WHERE attendee_id = $1 AND in_call <> 0 AND last_ping > $2", attendeeID, active(tx))
}

// HasJoined reports whether an attendee has joined the running call, or did.
func HasJoined(tx *db.Tx, attendeeID int64) (bool, error) {
	return exists(tx, "FROM call_attendees WHERE attendee_id = $1", attendeeID)
}

func exists(tx *db.Tx, from string, args ...any) (bool, error) {
	var n int
	err := tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM (SELECT 1 "+from+" LIMIT 1) AS first", args...)
	return n > 0, err
}

// NoteJoined notes that an attendee of a locked room has joined its call.
func NoteJoined(tx *db.Tx, roomID, attendeeID int64) error {
	if err := store.Locked(tx, roomID); err != nil {
		return err
	}
	return tx.Run("INSERT INTO call_attendees (attendee_id, room_id) VALUES ($1, $2) ON CONFLICT (attendee_id) DO NOTHING", attendeeID, roomID)
}

// Attendee is somebody who has joined the running call.
type Attendee struct {
	Actor       talk.Actor
	DisplayName string
	// Address is that of their account or invitation, empty for none.
	Address string
}

// Joined returns who has joined the running call of a room and is still in the conversation,
// in the order in which they came into that.
func Joined(tx *db.Tx, roomID int64) ([]Attendee, error) {
	return db.Collect(tx, func(row db.Row, a *Attendee) error {
		return row.Scan(&a.Actor.Type, &a.Actor.ID, &a.DisplayName, &a.Address)
	}, `SELECT a.actor_type, a.actor_id, a.display_name, COALESCE(c.email, a.address) FROM call_attendees j
		JOIN attendees a ON a.id = j.attendee_id LEFT JOIN accounts c ON a.actor_type = 'users' AND c.user_id = a.actor_id
		WHERE j.room_id = $1 ORDER BY a.id`, roomID)
}

// End forgets who was in the call of a locked room.
func End(tx *db.Tx, roomID int64) error {
	if err := store.Locked(tx, roomID); err != nil {
		return err
	}
	if err := tx.Run("UPDATE sessions SET in_call = 0 WHERE room_id = $1 AND in_call <> 0", roomID); err != nil {
		return err
	}
	return tx.Run("DELETE FROM call_attendees WHERE room_id = $1", roomID)
}

// Callees returns the accounts in a room that want to be called and are not in its call.
func Callees(tx *db.Tx, roomID int64) ([]string, error) {
	return db.Collect(tx, db.ScanString, `SELECT a.actor_id FROM attendees a
		WHERE a.room_id = $1 AND a.actor_type = 'users' AND a.notification_calls = 1
		AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.attendee_id = a.id AND s.in_call <> 0) ORDER BY a.id`, roomID)
}

// Miss makes what tells accounts that the call of a locked room runs tell that they missed it,
// and returns the ids of these notifications.
func Miss(tx *db.Tx, roomID int64) ([]int64, error) {
	if err := store.Locked(tx, roomID); err != nil {
		return nil, err
	}
	return db.Collect(tx, db.ScanNumber, "UPDATE notifications SET subject = $2 WHERE room_id = $1 AND subject = $3 RETURNING id",
		roomID, talk.NotifiedMissedCall, talk.NotifiedCall)
}

// Overdue returns the tokens of up to limit conversations whose calls began before a time, in
// Unix seconds, or have no living session in them.
func Overdue(tx *db.Tx, before int64, limit int) ([]string, error) {
	return db.Collect(tx, db.ScanString, `SELECT r.token FROM rooms r WHERE r.call_since <> 0 AND (r.call_since < $1 OR NOT EXISTS (
		SELECT 1 FROM sessions s WHERE s.room_id = r.id AND s.in_call <> 0 AND s.last_ping > $2)) ORDER BY r.call_since LIMIT $3`,
		before, tx.Now()-talk.DeadAfter, limit)
}

// Statuses returns the statuses of accounts as they count now, for which it matters whether they
// are in a call. Those who never had a status and are in no call are left out.
func Statuses(tx *db.Tx, ids []string) (map[string]talk.Status, error) {
	all, err := store.Statuses(tx, ids)
	if err != nil {
		return nil, err
	}
	for id, s := range all {
		all[id] = s.At(tx.Now())
	}
	calling, err := users(tx, ids)
	for id := range calling {
		s, known := all[id]
		if !known {
			s = talk.Status{UserID: id, Availability: talk.Offline}
		}
		all[id] = s.InCall()
	}
	return all, err
}

// users returns those of the accounts that are in a call, of any conversation.
func users(tx *db.Tx, among []string) (map[string]bool, error) {
	if len(among) == 0 {
		return nil, nil
	}
	wanted, err := tx.Dialect.Values(among)
	if err != nil {
		return nil, err
	}
	ids, err := db.Collect(tx, db.ScanString, `SELECT DISTINCT a.actor_id FROM sessions s JOIN attendees a ON a.id = s.attendee_id
		WHERE s.in_call <> 0 AND s.last_ping > $1 AND a.actor_type = 'users' AND `+tx.Dialect.Among("a.actor_id", 2), active(tx), wanted)
	out := make(map[string]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}
