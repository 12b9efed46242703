// Package signals has the statements of internal signaling: messages that wait for a session,
// and who is in a conversation.
package signals

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// Inbox is a session that messages can be sent to.
type Inbox struct {
	// Session is the id of its row.
	Session   int64
	SessionID string
	// Waiting is how many messages wait for it.
	Waiting int
}

// prefix is how much of a session id its index knows, in characters.
const prefix = 16

// headsOf is how session ids begin, as their index knows them. What no database takes for a text
// is left out: clients make up ids.
func headsOf(sessionIDs []string) []string {
	heads := make([]string, 0, len(sessionIDs))
	for _, id := range sessionIDs {
		if !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
			continue
		}
		n, end := 0, len(id)
		for at := range id {
			if n == prefix {
				end = at
				break
			}
			n++
		}
		heads = append(heads, id[:end])
	}
	return heads
}

// Inboxes returns those of the session ids that are living sessions of a room.
func Inboxes(tx *db.Tx, roomID int64, sessionIDs []string) (map[string]Inbox, error) {
	out := make(map[string]Inbox, len(sessionIDs))
	err := db.Chunks(sessionIDs, func(part []string) error {
		heads := headsOf(part)
		found, err := db.Collect(tx, func(row db.Row, b *Inbox) error { return row.Scan(&b.Session, &b.SessionID, &b.Waiting) },
			`SELECT s.id, s.session_id, (SELECT COUNT(*) FROM signals g WHERE g.session = s.id) FROM sessions s
				WHERE s.room_id = $1 AND s.last_ping > $2 AND substr(s.session_id, 1, 16) IN (`+db.Placeholders(3, len(heads))+")",
			db.Args([]any{roomID, tx.Now() - talk.DeadAfter}, heads)...)
		for _, b := range found {
			if slices.Contains(part, b.SessionID) {
				out[b.SessionID] = b
			}
		}
		return err
	})
	return out, err
}

// Signal is a message for a session, by the id of its row.
type Signal struct {
	ID      int64
	Session int64
	Message string
}

var insertion = db.NewInsertion("signals", "session", "message", "created_at")

// Insert stores messages in their order.
func Insert(tx *db.Tx, all []Signal) error {
	values := make([][]any, len(all))
	for i, s := range all {
		values[i] = []any{s.Session, s.Message, tx.Now()}
	}
	return tx.InsertRows(insertion, values, tx.Dialect.RowsPerInsert(), func(text string, args []any) error { return tx.Run(text, args...) })
}

// Wait reports whether messages wait for a session.
func Wait(tx *db.Tx, session int64) (bool, error) {
	var n int
	err := tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM (SELECT 1 FROM signals WHERE session = $1 AND created_at >= $2 LIMIT 1) AS first",
		session, tx.Now()-talk.SignalLife)
	return n > 0, err
}

// Take removes the first messages that wait for a session, up to limit, and returns those that
// are not too old, in the order in which they were sent.
func Take(tx *db.Tx, session int64, limit int) ([]string, error) {
	type row struct {
		id, at  int64
		message string
	}
	rows, err := db.Collect(tx, func(from db.Row, r *row) error { return from.Scan(&r.id, &r.message, &r.at) },
		"DELETE FROM signals WHERE id IN (SELECT id FROM signals WHERE session = $1 ORDER BY id LIMIT $2) RETURNING id, message, created_at",
		session, limit)
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.id, b.id) })
	var out []string
	for _, r := range rows {
		if r.at >= tx.Now()-talk.SignalLife {
			out = append(out, r.message)
		}
	}
	return out, err
}

// Receivers returns up to limit sessions that messages wait for.
func Receivers(tx *db.Tx, limit int) ([]int64, error) {
	return db.Collect(tx, db.ScanNumber, "SELECT DISTINCT session FROM signals WHERE created_at >= $1 LIMIT $2", tx.Now()-talk.SignalLife, limit)
}

// Forget removes up to limit messages that are too old and returns how many these were.
func Forget(tx *db.Tx, limit int) (int64, error) {
	return tx.Exec("DELETE FROM signals WHERE id IN (SELECT id FROM signals WHERE created_at < $1 LIMIT $2)", tx.Now()-talk.SignalLife, limit)
}

// Presence is a session in a conversation, and whose it is.
type Presence struct {
	Session  talk.Session
	Attendee talk.Attendee
}

// Present returns the sessions of a room that showed a sign of life in the last seconds that
// count in calls, and the session with a row of its own however old its ping is.
func Present(tx *db.Tx, roomID, own int64) ([]Presence, error) {
	return db.Collect(tx, func(row db.Row, p *Presence) error {
		s, a := &p.Session, &p.Attendee
		err := row.Scan(&s.ID, &s.SessionID, &s.InCall, &s.LastPing, &a.ID, &a.Actor.Type, &a.Actor.ID, &a.Type, &a.Permissions)
		s.LastPing = min(s.LastPing, tx.Now())
		return err
	}, strings.TrimSpace(`SELECT s.id, s.session_id, s.in_call, s.last_ping, a.id, a.actor_type, a.actor_id, a.type, a.permissions
		FROM sessions s JOIN attendees a ON a.id = s.attendee_id WHERE s.room_id = $1 AND (s.last_ping > $2 OR s.id = $3) ORDER BY s.id`),
		roomID, tx.Now()-talk.CallActiveWithin, own)
}

// SessionsByID returns those of the session ids, of any conversation, that are living sessions,
// by the id of their row with their last ping.
func SessionsByID(tx *db.Tx, sessionIDs []string) (out []talk.Session, err error) {
	err = db.Chunks(sessionIDs, func(part []string) error {
		heads := headsOf(part)
		found, err := db.Collect(tx, func(row db.Row, s *talk.Session) error { return row.Scan(&s.ID, &s.SessionID, &s.LastPing) },
			"SELECT id, session_id, last_ping FROM sessions WHERE last_ping > $1 AND substr(session_id, 1, 16) IN ("+
				db.Placeholders(2, len(heads))+")", db.Args([]any{tx.Now() - talk.DeadAfter}, heads)...)
		for _, s := range found {
			if slices.Contains(part, s.SessionID) {
				out = append(out, s)
			}
		}
		return err
	})
	return out, err
}

// SessionExists reports whether there is a session with the id in any conversation.
func SessionExists(tx *db.Tx, sessionID string) (bool, error) {
	var n int
	err := tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM sessions WHERE substr(session_id, 1, 16) = substr($1, 1, 16) AND session_id = $1", sessionID)
	return n > 0, err
}

// tokenKey is the value of the server that signs tokens for signaling servers.
const tokenKey = "signaling-token-key"

// TokenKey returns what signs tokens for signaling servers, or ErrNotFound.
func TokenKey(tx *db.Tx) (string, error) { return store.ServerState(tx, tokenKey) }

// SetTokenKey stores what signs tokens for signaling servers. That makes new settings.
func SetTokenKey(tx *db.Tx, private string) error {
	err := tx.Run(`INSERT INTO server_state (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, tokenKey, private)
	if err != nil {
		return err
	}
	return store.NewSettings(tx)
}

// SessionsOfRoles returns the living sessions of all in a room who have one of the roles.
func SessionsOfRoles(tx *db.Tx, roomID int64, roles []talk.ParticipantType) (map[talk.Actor][]string, error) {
	out := map[talk.Actor][]string{}
	return out, tx.Each(func(row db.Row) error {
		var who talk.Actor
		var id string
		err := row.Scan(&who.Type, &who.ID, &id)
		out[who] = append(out[who], id)
		return err
	}, `SELECT a.actor_type, a.actor_id, s.session_id FROM sessions s JOIN attendees a ON a.id = s.attendee_id
		WHERE s.room_id = $1 AND s.last_ping > $2 AND a.type IN (`+db.Placeholders(3, len(roles))+")",
		db.Args([]any{roomID, tx.Now() - talk.DeadAfter}, roles)...)
}

// Connected returns the living sessions of a room with all that others are told of them, or
// those in the call alone.
func Connected(tx *db.Tx, roomID int64, inCall bool) ([]Presence, error) {
	calling := ""
	if inCall {
		calling = " AND s.in_call <> 0"
	}
	return db.Collect(tx, func(row db.Row, p *Presence) error {
		s, a := &p.Session, &p.Attendee
		err := row.Scan(&s.ID, &s.SessionID, &s.InCall, &s.LastPing, &a.ID, &a.Actor.Type, &a.Actor.ID, &a.Type, &a.Permissions, &a.DisplayName)
		s.LastPing = min(s.LastPing, tx.Now())
		return err
	}, `SELECT s.id, s.session_id, s.in_call, s.last_ping, a.id, a.actor_type, a.actor_id, a.type, a.permissions, a.display_name
		FROM sessions s JOIN attendees a ON a.id = s.attendee_id WHERE s.room_id = $1 AND s.last_ping > $2`+calling+" ORDER BY s.id",
		roomID, tx.Now()-talk.DeadAfter)
}

// SessionsAlsoIn returns the living sessions in a room of those who are in another one as well,
// where they moderate nothing.
func SessionsAlsoIn(tx *db.Tx, roomID, otherID int64) ([]string, error) {
	return db.Collect(tx, db.ScanString, `SELECT s.session_id FROM sessions s JOIN attendees a ON a.id = s.attendee_id
		JOIN attendees o ON o.room_id = $2 AND o.actor_type = a.actor_type AND o.actor_id = a.actor_id
		WHERE s.room_id = $1 AND s.last_ping > $3 AND a.type NOT IN (1, 2, 6) AND o.type NOT IN (1, 2, 6) ORDER BY s.id`,
		roomID, otherID, tx.Now()-talk.DeadAfter)
}
