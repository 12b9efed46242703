package store

import (
	"fmt"

	"parley/internal/db"
	"parley/internal/talk"
)

// sessionTable are the columns of sessions.
var sessionTable = columns[talk.Session]{"sessions", "s", []column[talk.Session]{
	{"id", func(s *talk.Session) any { return &s.ID }, 0},
	{"session_id", func(s *talk.Session) any { return &s.SessionID }, inserted},
	{"room_id", func(s *talk.Session) any { return &s.RoomID }, inserted},
	{"attendee_id", func(s *talk.Session) any { return &s.AttendeeID }, inserted},
	{"client", func(s *talk.Session) any { return &s.Client }, inserted},
	{"device", func(s *talk.Session) any { return &s.Device }, inserted},
	{"in_call", func(s *talk.Session) any { return &s.InCall }, stored},
	{"last_ping", func(s *talk.Session) any { return &s.LastPing }, inserted},
	{"state", func(s *talk.Session) any { return &s.State }, stored},
}}

var (
	sessionColumns = sessionTable.selected()
	// sessionInsert replaces the session that the client has in the room.
	sessionInsert = sessionTable.insert() + ` ON CONFLICT (room_id, client) DO UPDATE SET session_id = excluded.session_id,
		attendee_id = excluded.attendee_id, device = excluded.device, in_call = excluded.in_call, last_ping = excluded.last_ping,
		state = excluded.state RETURNING id`
	sessionUpdate = sessionTable.update()
)

// scanSession reads a session as it counts now.
func scanSession(tx *db.Tx, row db.Row, s *talk.Session) error {
	err := sessionTable.scan(row, s)
	s.LastPing = min(s.LastPing, tx.Now())
	return err
}

func collectSessions(tx *db.Tx, query string, args ...any) ([]talk.Session, error) {
	return db.Collect(tx, func(row db.Row, s *talk.Session) error { return scanSession(tx, row, s) }, query, args...)
}

// alive is the time that the last ping of a living session is younger than.
func alive(tx *db.Tx) int64 { return tx.Now() - talk.DeadAfter }

// ownSessionCondition is the condition for the session that a caller holds: by its cookie, or
// by its credential while it has shown no cookie. It takes two parameters.
func ownSessionCondition(c talk.Caller) (condition string, key string) {
	if c.Fresh {
		return "s.device = $%d AND s.device <> ''", c.Device
	}
	return "s.client = $%d", c.Client
}

// SessionByID returns the living session with the session id in a room, or
// ErrNotFound.
func SessionByID(tx *db.Tx, roomID int64, sessionID string) (talk.Session, error) {
	return session(tx, "substr(s.session_id, 1, 16) = substr($1, 1, 16) AND s.session_id = $1 AND s.room_id = $2 AND s.last_ping > $3", sessionID, roomID, alive(tx))
}

func session(tx *db.Tx, where string, args ...any) (talk.Session, error) {
	var s talk.Session
	err := tx.QueryRow(sessionTable.fields(&s), "SELECT "+sessionColumns+" FROM sessions s WHERE "+where, args...)
	s.LastPing = min(s.LastPing, tx.Now())
	return s, err
}

// Sessions returns the living sessions of a room, grouped by attendee id, with
// their last pings as they were noted; see talk.PresenceOf.
func Sessions(tx *db.Tx, roomID int64) (map[int64][]talk.Session, error) {
	rows, err := db.Collect(tx, scanNoted, "SELECT "+sessionColumns+` FROM sessions s
		WHERE s.room_id = $1 AND s.last_ping > $2 ORDER BY s.id`, roomID, alive(tx))
	return byAttendee(rows), err
}

// scanNoted reads a session with its last ping as it was noted.
func scanNoted(row db.Row, s *talk.Session) error { return sessionTable.scan(row, s) }

// SessionsIn is Sessions for several rooms.
func SessionsIn(tx *db.Tx, rooms []int64) (map[int64][]talk.Session, error) {
	if len(rooms) == 0 {
		return nil, nil
	}
	ids, err := tx.Dialect.Values(rooms)
	if err != nil {
		return nil, err
	}
	rows, err := db.Collect(tx, scanNoted, "SELECT "+sessionColumns+" FROM sessions s WHERE "+
		tx.Dialect.Among("s.room_id", 1)+" AND s.last_ping > $2 ORDER BY s.id", ids, alive(tx))
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
func SessionsOf(tx *db.Tx, attendeeID int64) ([]talk.Session, error) {
	return collectSessions(tx, "SELECT "+sessionColumns+` FROM sessions s
		WHERE s.attendee_id = $1 AND s.last_ping > $2 ORDER BY s.id`, attendeeID, alive(tx))
}

// SessionsHeld returns the living sessions that the client of a logged-in caller
// holds, by room id.
func SessionsHeld(tx *db.Tx, c talk.Caller) (map[int64]talk.Session, error) {
	condition, key := ownSessionCondition(c)
	rows, err := collectSessions(tx, "SELECT "+sessionColumns+` FROM attendees a JOIN sessions s ON s.attendee_id = a.id
		WHERE a.actor_type = 'users' AND a.actor_id = $1 AND s.last_ping > $2 AND `+fmt.Sprintf(condition, 3)+" ORDER BY s.id",
		c.UserID, alive(tx), key)
	out := make(map[int64]talk.Session, len(rows))
	for _, s := range rows {
		out[s.RoomID] = s
	}
	return out, err
}

// InsertSession stores a new session. It takes the place of what may be left of
// an earlier one that the same client held in the room. Its row id is set when
// the next statement has been waited for, or with the end of the transaction.
func InsertSession(tx *db.Tx, s *talk.Session) error {
	if err := Locked(tx, s.RoomID); err != nil {
		return err
	}
	return tx.Later(&db.Statement{
		Text: sessionInsert, Args: sessionTable.values(inserted, s),
		Each: func(row db.Row) error { return row.Scan(&s.ID) },
	})
}

// UpdateSession stores the call flags and the state of a session.
func UpdateSession(tx *db.Tx, s *talk.Session) error {
	return change(tx, s.RoomID, sessionUpdate, append([]any{s.ID}, sessionTable.values(updated, s)...)...)
}

// DeleteSession removes one session.
func DeleteSession(tx *db.Tx, id int64) error {
	return tx.Run("DELETE FROM sessions WHERE id = $1", id)
}

// DeleteSessionsOf removes all sessions of an attendee.
func DeleteSessionsOf(tx *db.Tx, attendeeID int64) error {
	return tx.Run("DELETE FROM sessions WHERE attendee_id = $1", attendeeID)
}

// HasSessions reports whether the attendee has a living session.
func HasSessions(tx *db.Tx, attendeeID int64) (bool, error) {
	var n int
	err := tx.QueryRow([]any{&n}, `SELECT COUNT(*) FROM (SELECT 1 FROM sessions WHERE attendee_id = $1 AND last_ping > $2 LIMIT 1) AS first`,
		attendeeID, alive(tx))
	return n > 0, err
}

// DeadRooms returns the tokens of up to limit conversations that hold sessions
// which are dead.
func DeadRooms(tx *db.Tx, limit int) ([]string, error) {
	return db.Collect(tx, db.ScanString, `SELECT DISTINCT r.token FROM sessions s JOIN rooms r ON r.id = s.room_id
		WHERE s.last_ping <= $1 LIMIT $2`, alive(tx), limit)
}

// DeadSessions returns the sessions of a room that are dead.
func DeadSessions(tx *db.Tx, roomID int64) ([]talk.Session, error) {
	return collectSessions(tx, "SELECT "+sessionColumns+` FROM sessions s
		WHERE s.room_id = $1 AND s.last_ping <= $2 ORDER BY s.id`, roomID, alive(tx))
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

// ClientRoomOf returns what the client remembers of the conversation; the zero
// value when nothing.
func ClientRoomOf(tx *db.Tx, client, token string) (ClientRoom, error) {
	var c ClientRoom
	err := tx.QueryRow([]any{&c.GuestActor, &c.GuestLeft, &c.EmailActor, &c.EmailAttendee, &c.Lost},
		"SELECT guest_actor, guest_left, email_actor, email_attendee, lost FROM client_rooms WHERE client = $1 AND token = $2", client, token)
	if db.IsNone(err) {
		err = nil
	}
	return c, err
}

// SetClientRoom stores what the client remembers of the conversation.
func SetClientRoom(tx *db.Tx, client, token string, c ClientRoom) error {
	return tx.Run(`INSERT INTO client_rooms (client, token, guest_actor, guest_left, email_actor, email_attendee, lost, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (client, token) DO UPDATE SET guest_actor = excluded.guest_actor, guest_left = excluded.guest_left, email_actor = excluded.email_actor,
		email_attendee = excluded.email_attendee, lost = excluded.lost, updated_at = excluded.updated_at`,
		client, token, c.GuestActor, c.GuestLeft, c.EmailActor, c.EmailAttendee, c.Lost, tx.Now())
}

// TakeLost reports whether the client held a session that somebody else ended,
// and forgets it.
func TakeLost(tx *db.Tx, client, token string) (bool, error) {
	n, err := tx.Exec("UPDATE client_rooms SET lost = FALSE WHERE client = $1 AND token = $2 AND lost", client, token)
	return n > 0, err
}

// ForgetClients deletes what clients remember and did not use since before.
func ForgetClients(tx *db.Tx, before int64) error {
	return tx.Run("DELETE FROM client_rooms WHERE updated_at < $1", before)
}

// rememberLost marks the clients whose sessions match the condition, which may
// use the alias s and parameters from $3 on.
func rememberLost(tx *db.Tx, where, token string, args ...any) error {
	return tx.Run(`INSERT INTO client_rooms (client, token, lost, updated_at)
		SELECT s.client, CAST($1 AS TEXT), TRUE, CAST($2 AS BIGINT) FROM sessions s WHERE `+where+`
		UNION SELECT s.device, CAST($1 AS TEXT), TRUE, CAST($2 AS BIGINT) FROM sessions s WHERE s.device <> '' AND `+where+`
		ON CONFLICT (client, token) DO UPDATE SET lost = TRUE, updated_at = excluded.updated_at`,
		append([]any{token, tx.Now()}, args...)...)
}
