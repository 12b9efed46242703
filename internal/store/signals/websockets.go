package signals

import (
	"parley/internal/db"
	"parley/internal/talk"
)

// Why somebody is not in a conversation by a websocket any more.
const (
	// ReasonLeft: by their own will, or since the connection was lost.
	ReasonLeft = "left"
	// ReasonReconnected: another connection has come with the same session.
	ReasonReconnected = "reconnected"
	// ReasonReplaced: their session was replaced by another one.
	ReasonReplaced = "replaced"
)

// tombstoneLife is for how long a row tells that somebody has gone, in seconds.
const tombstoneLife = 60

// Websocket is a client that is in a conversation by a websocket, and whose it is.
type Websocket struct {
	ID, RoomID int64
	PublicID   string
	// Resume is a digest of what the client resumes with.
	Resume string
	// UserID is "" for guests, SessionID "" without a session in the conversation.
	UserID, SessionID string
	Features          string
	// Node is the server that has the connection.
	Node             string
	JoinedAt, LeftAt int64
	// Reason tells why they have left.
	Reason string
	// Attendee and Session are as they are now; their ids are 0 if they are not there any more.
	Attendee talk.Attendee
	Session  talk.Session
}

// Enter stores a client in a conversation, and takes out whoever has its session.
func Enter(tx *db.Tx, w *Websocket) error {
	// The new row comes first, since it waits for whoever deletes the conversation.
	err := tx.Insert(&w.ID, `INSERT INTO signaling_sessions
		(room_id, attendee, session, session_id, public_id, resume, user_id, features, node, joined_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id`,
		w.RoomID, w.Attendee.ID, w.Session.ID, w.SessionID, w.PublicID, w.Resume, w.UserID, w.Features, w.Node, tx.Now())
	if err != nil || w.Session.ID == 0 {
		return err
	}
	return tx.Run("UPDATE signaling_sessions SET left_at = $1, reason = $2 WHERE session = $3 AND public_id <> $4 AND left_at = 0",
		tx.Now(), ReasonReconnected, w.Session.ID, w.PublicID)
}

// Reseat gives a client that is in a conversation another session in it.
func Reseat(tx *db.Tx, id int64, w *Websocket) error {
	return tx.Run("UPDATE signaling_sessions SET session = $1, session_id = $2, attendee = $3 WHERE id = $4 AND left_at = 0",
		w.Session.ID, w.SessionID, w.Attendee.ID, id)
}

// Left notes that a client has gone. It reports whether it was there.
func Left(tx *db.Tx, id int64, reason string) (bool, error) {
	n, err := tx.Exec("UPDATE signaling_sessions SET left_at = $1, reason = $2 WHERE id = $3 AND left_at = 0", tx.Now(), reason, id)
	return n > 0, err
}

// Replaced notes that the session of a client, by the id of its row, was replaced.
func Replaced(tx *db.Tx, session int64) error {
	return tx.Run("UPDATE signaling_sessions SET left_at = $1, reason = $2 WHERE session = $3 AND left_at = 0", tx.Now(), ReasonReplaced, session)
}

const websocketColumns = `g.id, g.room_id, g.public_id, g.user_id, g.session_id, g.features, g.node, g.joined_at, g.left_at, g.reason,
	COALESCE(a.id, 0), COALESCE(a.actor_type, ''), COALESCE(a.actor_id, ''), COALESCE(a.type, 0), COALESCE(a.permissions, 0), COALESCE(a.display_name, ''),
	COALESCE(s.id, 0), COALESCE(s.in_call, 0), COALESCE(s.last_ping, 0)
	FROM signaling_sessions g LEFT JOIN attendees a ON a.id = g.attendee LEFT JOIN sessions s ON s.id = g.session`

func scanWebsocket(tx *db.Tx) func(db.Row, *Websocket) error {
	return func(row db.Row, w *Websocket) error {
		a, s := &w.Attendee, &w.Session
		err := row.Scan(&w.ID, &w.RoomID, &w.PublicID, &w.UserID, &w.SessionID, &w.Features, &w.Node, &w.JoinedAt, &w.LeftAt, &w.Reason,
			&a.ID, &a.Actor.Type, &a.Actor.ID, &a.Type, &a.Permissions, &a.DisplayName, &s.ID, &s.InCall, &s.LastPing)
		s.SessionID, s.LastPing = w.SessionID, min(s.LastPing, tx.Now())
		return err
	}
}

// Websockets returns the clients in a room, and those who have left it within the last minute.
func Websockets(tx *db.Tx, roomID int64) ([]Websocket, error) {
	return db.Collect(tx, scanWebsocket(tx), "SELECT "+websocketColumns+" WHERE g.room_id = $1 ORDER BY g.id", roomID)
}

// SeeNode notes that a node is alive.
func SeeNode(tx *db.Tx, node string) error {
	return tx.Run(`INSERT INTO signaling_nodes (node, seen_at) VALUES ($1, $2) ON CONFLICT (node) DO UPDATE SET seen_at = excluded.seen_at`, node, tx.Now())
}

// OtherNodes returns the nodes that were seen within some seconds, but for one.
func OtherNodes(tx *db.Tx, own string, within int64) ([]string, error) {
	return db.Collect(tx, db.ScanString, "SELECT node FROM signaling_nodes WHERE node <> $1 AND seen_at > $2 ORDER BY node", own, tx.Now()-within)
}

// Orphan is a client whose node was not seen for some time.
type Orphan struct {
	ID               int64
	Token, SessionID string
}

// Orphans returns up to limit clients of other nodes that were not seen within some seconds.
func Orphans(tx *db.Tx, own string, within int64, limit int) ([]Orphan, error) {
	return db.Collect(tx, func(row db.Row, o *Orphan) error { return row.Scan(&o.ID, &o.Token, &o.SessionID) },
		`SELECT g.id, r.token, g.session_id FROM signaling_sessions g JOIN rooms r ON r.id = g.room_id
			LEFT JOIN signaling_nodes n ON n.node = g.node WHERE g.left_at = 0 AND g.node <> $1 AND COALESCE(n.seen_at, 0) <= $2 ORDER BY g.id LIMIT $3`,
		own, tx.Now()-within, limit)
}

// Forgettable reports whether there is anything that [ForgetWebsockets] removes.
func Forgettable(tx *db.Tx) (bool, error) {
	var n int
	old := tx.Now() - tombstoneLife
	err := tx.QueryRow([]any{&n}, `SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM signaling_sessions WHERE left_at > 0 AND left_at < $1 LIMIT 1) AS gone)
		+ (SELECT COUNT(*) FROM signaling_nodes WHERE seen_at < $1) + (SELECT COUNT(*) FROM (SELECT 1 FROM signaling_relays LIMIT 1) AS waiting)`, old)
	return n > 0, err
}

// ForgetWebsockets removes up to limit rows of clients that have gone some time ago, and nodes
// and messages between them that nobody waits for. It returns how many rows of clients these were.
func ForgetWebsockets(tx *db.Tx, limit int) (int64, error) {
	old := tx.Now() - tombstoneLife
	if err := tx.Run("DELETE FROM signaling_relays WHERE created_at < $1", old); err != nil {
		return 0, err
	}
	err := tx.Run(`DELETE FROM signaling_nodes WHERE seen_at < $1
		AND NOT EXISTS (SELECT 1 FROM signaling_sessions g WHERE g.node = signaling_nodes.node)`, old)
	if err != nil {
		return 0, err
	}
	return tx.Exec("DELETE FROM signaling_sessions WHERE id IN (SELECT id FROM signaling_sessions WHERE left_at > 0 AND left_at < $1 LIMIT $2)", old, limit)
}

var relayInsertion = db.NewInsertion("signaling_relays", "node", "payload", "created_at")

// Relay is something that a node is told.
type Relay struct {
	ID            int64
	Node, Payload string
}

// InsertRelays stores what nodes are told, in order.
func InsertRelays(tx *db.Tx, all []Relay) error {
	values := make([][]any, len(all))
	for i, r := range all {
		values[i] = []any{r.Node, r.Payload, tx.Now()}
	}
	return tx.InsertRows(relayInsertion, values, tx.Dialect.RowsPerInsert(), func(text string, args []any) error { return tx.Run(text, args...) })
}

// TakeRelays removes up to limit of what a node is told and returns it, unordered.
func TakeRelays(tx *db.Tx, node string, limit int) ([]Relay, error) {
	return db.Collect(tx, func(row db.Row, r *Relay) error { return row.Scan(&r.ID, &r.Payload) },
		"DELETE FROM signaling_relays WHERE id IN (SELECT id FROM signaling_relays WHERE node = $1 ORDER BY id LIMIT $2) RETURNING id, payload", node, limit)
}
