package store

import (
	"fmt"

	"parley/internal/talk"
)

const sessionColumns = `s.id, s.session_id, s.room_id, s.attendee_id, s.client, s.device, s.in_call, s.last_ping, s.state`

func sessionFields(s *talk.Session) []any {
	return []any{&s.ID, &s.SessionID, &s.RoomID, &s.AttendeeID, &s.Client, &s.Device, &s.InCall, &s.LastPing, &s.State}
}

// scanSession reads a session as it counts now.
func (tx *Tx) scanSession(row scanner, s *talk.Session) error {
	err := row.Scan(sessionFields(s)...)
	s.LastPing = min(s.LastPing, tx.now)
	return err
}

// alive is the time that the last ping of a living session is younger than.
func (tx *Tx) alive() int64 { return tx.now - talk.DeadAfter }

// held is the condition for the session that a caller holds: by its cookie, or
// by its credential while it has shown no cookie. It takes two parameters.
func held(c talk.Caller) (condition string, key string) {
	if c.Fresh {
		return "s.device = $%d AND s.device <> ''", c.Device
	}
	return "s.client = $%d", c.Client
}

// SessionByID returns the living session with the session id in a room, or
// ErrNotFound.
func (tx *Tx) SessionByID(roomID int64, sessionID string) (talk.Session, error) {
	return tx.session("substr(s.session_id, 1, 16) = substr($1, 1, 16) AND s.session_id = $1 AND s.room_id = $2 AND s.last_ping > $3", sessionID, roomID, tx.alive())
}

func (tx *Tx) session(where string, args ...any) (talk.Session, error) {
	var s talk.Session
	err := tx.one(sessionFields(&s), "SELECT "+sessionColumns+" FROM sessions s WHERE "+where, args...)
	s.LastPing = min(s.LastPing, tx.now)
	return s, err
}

// Sessions returns the living sessions of a room, grouped by attendee id, with
// their last pings as they were noted; see talk.PresenceOf.
func (tx *Tx) Sessions(roomID int64) (map[int64][]talk.Session, error) {
	rows, err := collect(tx, scanNoted, "SELECT "+sessionColumns+` FROM sessions s
		WHERE s.room_id = $1 AND s.last_ping > $2 ORDER BY s.id`, roomID, tx.alive())
	return byAttendee(rows), err
}

// scanNoted reads a session with its last ping as it was noted.
func scanNoted(row scanner, s *talk.Session) error { return row.Scan(sessionFields(s)...) }

// SessionsIn is Sessions for several rooms.
func (tx *Tx) SessionsIn(rooms []int64) (map[int64][]talk.Session, error) {
	if len(rooms) == 0 {
		return nil, nil
	}
	ids, err := tx.dialect.values(rooms)
	if err != nil {
		return nil, err
	}
	rows, err := collect(tx, scanNoted, "SELECT "+sessionColumns+" FROM sessions s WHERE "+
		tx.dialect.among("s.room_id", 1)+" AND s.last_ping > $2 ORDER BY s.id", ids, tx.alive())
	return byAttendee(rows), err
}

func byAttendee(rows []talk.Session) map[int64][]talk.Session {
	out := make(map[int64][]talk.Session, len(rows))
	for _, s := range rows {
		out[s.AttendeeID] = append(out[s.AttendeeID], s)
	}
	return out
}

// SessionsOf returns the living sessions of an attendee.
func (tx *Tx) SessionsOf(attendeeID int64) ([]talk.Session, error) {
	return collect(tx, tx.scanSession, "SELECT "+sessionColumns+` FROM sessions s
		WHERE s.attendee_id = $1 AND s.last_ping > $2 ORDER BY s.id`, attendeeID, tx.alive())
}

// SessionsHeld returns the living sessions that the client of a logged-in caller
// holds, by room id.
func (tx *Tx) SessionsHeld(c talk.Caller) (map[int64]talk.Session, error) {
	condition, key := held(c)
	rows, err := collect(tx, tx.scanSession, "SELECT "+sessionColumns+` FROM attendees a JOIN sessions s ON s.attendee_id = a.id
		WHERE a.actor_type = 'users' AND a.actor_id = $1 AND s.last_ping > $2 AND `+fmt.Sprintf(condition, 3)+" ORDER BY s.id",
		c.UserID, tx.alive(), key)
	out := make(map[int64]talk.Session, len(rows))
	for _, s := range rows {
		out[s.RoomID] = s
	}
	return out, err
}

// InsertSession stores a new session. It takes the place of what may be left of
// an earlier one that the same client held in the room. Its row id is set when
// the next statement has been waited for, or with the end of the transaction.
func (tx *Tx) InsertSession(s *talk.Session) error {
	if err := tx.locked(s.RoomID); err != nil {
		return err
	}
	return tx.later(&statement{
		text: `INSERT INTO sessions (session_id, room_id, attendee_id, client, device, in_call, last_ping, state)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (room_id, client) DO UPDATE SET session_id = excluded.session_id, attendee_id = excluded.attendee_id,
			device = excluded.device, in_call = excluded.in_call, last_ping = excluded.last_ping, state = excluded.state RETURNING id`,
		args: []any{s.SessionID, s.RoomID, s.AttendeeID, s.Client, s.Device, s.InCall, s.LastPing, s.State},
		each: func(row scanner) error { return row.Scan(&s.ID) },
	})
}

// UpdateSession stores the call flags and the state of a session.
func (tx *Tx) UpdateSession(s *talk.Session) error {
	return tx.change(s.RoomID, "UPDATE sessions SET in_call = $2, state = $3 WHERE id = $1", s.ID, s.InCall, s.State)
}

// DeleteSession removes one session.
func (tx *Tx) DeleteSession(id int64) error {
	return tx.run("DELETE FROM sessions WHERE id = $1", id)
}

// DeleteSessionsOf removes all sessions of an attendee.
func (tx *Tx) DeleteSessionsOf(attendeeID int64) error {
	return tx.run("DELETE FROM sessions WHERE attendee_id = $1", attendeeID)
}

// HasSessions reports whether the attendee has a living session.
func (tx *Tx) HasSessions(attendeeID int64) (bool, error) {
	var n int
	err := tx.one([]any{&n}, `SELECT COUNT(*) FROM (SELECT 1 FROM sessions WHERE attendee_id = $1 AND last_ping > $2 LIMIT 1) AS first`,
		attendeeID, tx.alive())
	return n > 0, err
}

// DeadRooms returns the tokens of up to limit conversations that hold sessions
// which are dead.
func (tx *Tx) DeadRooms(limit int) ([]string, error) {
	return collect(tx, scanString, `SELECT DISTINCT r.token FROM sessions s JOIN rooms r ON r.id = s.room_id
		WHERE s.last_ping <= $1 LIMIT $2`, tx.alive(), limit)
}

// DeadSessions returns the sessions of a room that are dead.
func (tx *Tx) DeadSessions(roomID int64) ([]talk.Session, error) {
	return collect(tx, tx.scanSession, "SELECT "+sessionColumns+` FROM sessions s
		WHERE s.room_id = $1 AND s.last_ping <= $2 ORDER BY s.id`, roomID, tx.alive())
}

// ClientRoom is what a client session remembers of a conversation beyond the
// session that it holds.
type ClientRoom struct {
	GuestActor string
	// GuestLeft tells that the guest left and does not come back as the same one.
	GuestLeft bool
	// EmailActor is the e-mail guest that the client is by a personal link, and
	// EmailAttendee the row that the link was made for.
	EmailActor    string
	EmailAttendee int64
	Lost          bool
}

// ClientRoom returns what the client remembers of the conversation; the zero
// value when nothing.
func (tx *Tx) ClientRoom(client, token string) (ClientRoom, error) {
	var c ClientRoom
	err := tx.one([]any{&c.GuestActor, &c.GuestLeft, &c.EmailActor, &c.EmailAttendee, &c.Lost},
		"SELECT guest_actor, guest_left, email_actor, email_attendee, lost FROM client_rooms WHERE client = $1 AND token = $2", client, token)
	if isNone(err) {
		err = nil
	}
	return c, err
}

// SetClientRoom stores what the client remembers of the conversation.
func (tx *Tx) SetClientRoom(client, token string, c ClientRoom) error {
	return tx.run(`INSERT INTO client_rooms (client, token, guest_actor, guest_left, email_actor, email_attendee, lost, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (client, token) DO UPDATE SET guest_actor = excluded.guest_actor, guest_left = excluded.guest_left, email_actor = excluded.email_actor,
		email_attendee = excluded.email_attendee, lost = excluded.lost, updated_at = excluded.updated_at`,
		client, token, c.GuestActor, c.GuestLeft, c.EmailActor, c.EmailAttendee, c.Lost, tx.now)
}

// TakeLost reports whether the client held a session that somebody else ended,
// and forgets it.
func (tx *Tx) TakeLost(client, token string) (bool, error) {
	n, err := tx.exec("UPDATE client_rooms SET lost = FALSE WHERE client = $1 AND token = $2 AND lost", client, token)
	return n > 0, err
}

// ForgetClients deletes what clients remember and did not use since before.
func (tx *Tx) ForgetClients(before int64) error {
	return tx.run("DELETE FROM client_rooms WHERE updated_at < $1", before)
}

// rememberLost marks the clients whose sessions match the condition, which may
// use the alias s and parameters from $3 on.
func (tx *Tx) rememberLost(where, token string, args ...any) error {
	return tx.run(`INSERT INTO client_rooms (client, token, lost, updated_at)
		SELECT s.client, CAST($1 AS TEXT), TRUE, CAST($2 AS BIGINT) FROM sessions s WHERE `+where+`
		UNION SELECT s.device, CAST($1 AS TEXT), TRUE, CAST($2 AS BIGINT) FROM sessions s WHERE s.device <> '' AND `+where+`
		ON CONFLICT (client, token) DO UPDATE SET lost = TRUE, updated_at = excluded.updated_at`,
		append([]any{token, tx.now}, args...)...)
}
