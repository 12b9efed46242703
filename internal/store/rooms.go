package store

import (
	"parley/internal/db"
	"parley/internal/talk"
)

const roomColumns = `r.id, r.token, r.type, r.name, COALESCE(r.identity, ''), r.description, r.object_type, r.object_id,
	r.password_hash, r.read_only, r.listable, r.lobby_state, r.lobby_timer, r.sip, r.default_permissions, r.call_permissions,
	r.message_expiration, r.mention_permissions, r.recording_consent, r.breakout_mode, r.breakout_status, r.call_flag, r.call_since,
	r.last_activity, r.last_message_id, r.avatar_emoji, r.avatar_color, r.created_at, r.version, r.has_bans`

func roomFields(r *talk.Room) []any {
	return []any{
		&r.ID, &r.Token, &r.Type, &r.Name, &r.Identity, &r.Description, &r.ObjectType, &r.ObjectID,
		&r.PasswordHash, &r.ReadOnly, &r.Listable, &r.LobbyState, &r.LobbyTimer, &r.SIP, &r.DefaultPermissions, &r.CallPermissions,
		&r.MessageExpiration, &r.MentionPermissions, &r.RecordingConsent, &r.BreakoutMode, &r.BreakoutStatus, &r.CallFlag, &r.CallSince,
		&r.LastActivity, &r.LastMessageID, &r.AvatarEmoji, &r.AvatarColor, &r.CreatedAt, &r.Version, &r.HasBans,
	}
}

func scanRoom(row db.Row, r *talk.Room) error { return row.Scan(roomFields(r)...) }

// Room returns the conversation with the token, or ErrNotFound.
func Room(tx *db.Tx, token string) (talk.Room, error) {
	return room(tx, "r.token = $1", token)
}

// RoomByID returns the conversation with the id, or ErrNotFound.
func RoomByID(tx *db.Tx, id int64) (talk.Room, error) {
	return room(tx, "r.id = $1", id)
}

// RoomByIdentity returns the conversation that exists once under the identity,
// or ErrNotFound.
func RoomByIdentity(tx *db.Tx, identity string) (talk.Room, error) {
	return room(tx, "r.identity = $1", identity)
}

func room(tx *db.Tx, where string, arg any) (talk.Room, error) {
	var r talk.Room
	err := tx.One(roomFields(&r), "SELECT "+roomColumns+" FROM rooms r WHERE "+where, arg)
	if err == nil {
		saw(tx, r.Token, r.ID)
	}
	return r, err
}

// InsertRoom stores a new conversation, which is locked, and sets its id.
// ErrDuplicate when the token or the identity is taken.
func InsertRoom(tx *db.Tx, r *talk.Room) error {
	if tx.Key() != "" {
		return require(tx, plan{})
	}
	r.CreatedAt, r.LastActivity, r.Version = tx.Now(), tx.Now(), 1
	err := tx.Insert(&r.ID, `INSERT INTO rooms (token, type, name, identity, description, object_type, object_id,
		password_hash, read_only, listable, lobby_state, lobby_timer, sip, default_permissions, call_permissions,
		message_expiration, mention_permissions, recording_consent, breakout_mode, breakout_status,
		last_activity, avatar_emoji, avatar_color, created_at, version)
		VALUES ($1, $2, $3, NULLIF($4, ''), $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)
		ON CONFLICT DO NOTHING RETURNING id`,
		r.Token, r.Type, r.Name, r.Identity, r.Description, r.ObjectType, r.ObjectID,
		r.PasswordHash, r.ReadOnly, r.Listable, r.LobbyState, r.LobbyTimer, r.SIP, r.DefaultPermissions, r.CallPermissions,
		r.MessageExpiration, r.MentionPermissions, r.RecordingConsent, r.BreakoutMode, r.BreakoutStatus,
		r.LastActivity, r.AvatarEmoji, r.AvatarColor, r.CreatedAt, r.Version)
	if err == nil {
		put(&locksOf(tx).rooms, r.Token)
		put(&locksOf(tx).made, r.Token)
		put(&locksOf(tx).ids, r.ID)
	}
	return err
}

// UpdateRoom stores the settings of a locked conversation.
func UpdateRoom(tx *db.Tx, r *talk.Room) error {
	return change(tx, r.ID, `UPDATE rooms SET type = $2, name = $3, identity = NULLIF($4, ''), description = $5, object_type = $6, object_id = $7,
		password_hash = $8, read_only = $9, listable = $10, lobby_state = $11, lobby_timer = $12, sip = $13,
		default_permissions = $14, call_permissions = $15, message_expiration = $16, mention_permissions = $17,
		recording_consent = $18, breakout_mode = $19, breakout_status = $20, call_flag = $21, call_since = $22,
		avatar_emoji = $23, avatar_color = $24 WHERE id = $1`,
		r.ID, r.Type, r.Name, r.Identity, r.Description, r.ObjectType, r.ObjectID,
		r.PasswordHash, r.ReadOnly, r.Listable, r.LobbyState, r.LobbyTimer, r.SIP,
		r.DefaultPermissions, r.CallPermissions, r.MessageExpiration, r.MentionPermissions,
		r.RecordingConsent, r.BreakoutMode, r.BreakoutStatus, r.CallFlag, r.CallSince,
		r.AvatarEmoji, r.AvatarColor)
}

// DeleteRoom removes a conversation with everything in it. Clients that held a
// session in it are remembered, so that their leaving still succeeds.
func DeleteRoom(tx *db.Tx, r *talk.Room) error {
	if err := locked(tx, r.ID); err != nil {
		return err
	}
	if err := rememberLost(tx, "s.room_id = $3", r.Token, r.ID); err != nil {
		return err
	}
	return tx.Run("DELETE FROM rooms WHERE id = $1", r.ID)
}

// TouchRooms locks every conversation that the actor takes part in and raises its
// version, for a change of the actor itself. Nobody may bring the actor into
// another one meanwhile: the caller holds the lock of the memberships, and that of
// the account if the actor is one.
func TouchRooms(tx *db.Tx, a talk.Actor) error {
	tokens, err := RoomsOf(tx, a)
	if err == nil {
		err = lockMore(tx, plan{rooms: without(tokens, locksOf(tx).rooms)})
	}
	if err != nil {
		return err
	}
	return tx.Run(`UPDATE rooms SET version = version + 1 WHERE id IN
		(SELECT room_id FROM attendees WHERE actor_type = $1 AND actor_id = $2)`, a.Type, a.ID)
}

// RoomsOf returns the tokens of all conversations that the actor takes part in,
// in the order of their ids.
func RoomsOf(tx *db.Tx, a talk.Actor) ([]string, error) {
	return db.Collect(tx, db.ScanString, `SELECT r.token FROM attendees a JOIN rooms r ON r.id = a.room_id
		WHERE a.actor_type = $1 AND a.actor_id = $2 ORDER BY r.id`, a.Type, a.ID)
}

// ListedRooms returns the conversations that strangers may find and that the
// user is not in, in the order of their ids.
func ListedRooms(tx *db.Tx, userID string) ([]talk.Room, error) {
	return db.Collect(tx, scanRoom, "SELECT "+roomColumns+` FROM rooms r WHERE r.listable <> 0 AND r.type IN (2, 3)
		AND NOT EXISTS (SELECT 1 FROM attendees a WHERE a.room_id = r.id AND a.actor_type = 'users' AND a.actor_id = $1)
		ORDER BY r.id`, userID)
}

// RoomsByObject returns the conversations tied to an object, in the order of
// their ids.
func RoomsByObject(tx *db.Tx, objectType, objectID string) ([]talk.Room, error) {
	return db.Collect(tx, scanRoom, "SELECT "+roomColumns+" FROM rooms r WHERE r.object_type = $1 AND r.object_id = $2 ORDER BY r.id", objectType, objectID)
}

// RoomsNaming returns the tokens of all conversations that the account takes
// part in or is one half of, in the order of their ids.
func RoomsNaming(tx *db.Tx, userID string) ([]string, error) {
	return db.Collect(tx, db.ScanString, `SELECT r.token FROM rooms r WHERE r.id IN
		(SELECT room_id FROM attendees WHERE actor_type = 'users' AND actor_id = $1
		UNION SELECT room_id FROM pair_members WHERE user_id = $1) ORDER BY r.id`, userID)
}

// UnusedRoom is a conversation that nobody has used for some time.
type UnusedRoom struct {
	ID    int64
	Token string
	// ObjectID names what the conversation was made for.
	ObjectID string
}

// UnusedRooms returns at most limit conversations tied to objects of a type that
// had no activity since a time, in Unix seconds, and have no call, in the order of
// their ids and only those with ids after the given one.
func UnusedRooms(tx *db.Tx, objectType string, since, after int64, limit int) ([]UnusedRoom, error) {
	return db.Collect(tx, func(row db.Row, r *UnusedRoom) error { return row.Scan(&r.ID, &r.Token, &r.ObjectID) },
		`SELECT r.id, r.token, r.object_id FROM rooms r WHERE r.object_type = $1 AND r.last_activity < $2
		AND r.call_since = 0 AND r.id > $3 ORDER BY r.id LIMIT $4`, objectType, since, after, limit)
}

// SetPair records whose one-to-one a conversation is.
func SetPair(tx *db.Tx, roomID int64, users ...string) error {
	for _, u := range users {
		if err := change(tx, roomID, "INSERT INTO pair_members (user_id, room_id) VALUES ($1, $2)", u, roomID); err != nil {
			return err
		}
	}
	return nil
}

// ClearPair forgets whose one-to-one a conversation was.
func ClearPair(tx *db.Tx, roomID int64) error {
	return change(tx, roomID, "DELETE FROM pair_members WHERE room_id = $1", roomID)
}
