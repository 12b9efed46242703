package store

import (
	"parley/internal/db"
	"parley/internal/talk"
)

// roomTable are the columns of conversations.
var roomTable = columns[talk.Room]{"rooms", "r", []column[talk.Room]{
	{"id", func(r *talk.Room) any { return &r.ID }, 0},
	{"token", func(r *talk.Room) any { return &r.Token }, inserted},
	{"type", func(r *talk.Room) any { return &r.Type }, stored},
	{"name", func(r *talk.Room) any { return &r.Name }, stored},
	{"identity", func(r *talk.Room) any { return &r.Identity }, stored | nullable},
	{"description", func(r *talk.Room) any { return &r.Description }, stored},
	{"object_type", func(r *talk.Room) any { return &r.ObjectType }, stored},
	{"object_id", func(r *talk.Room) any { return &r.ObjectID }, stored},
	{"password_hash", func(r *talk.Room) any { return &r.PasswordHash }, stored},
	{"read_only", func(r *talk.Room) any { return &r.ReadOnly }, stored},
	{"listable", func(r *talk.Room) any { return &r.Listable }, stored},
	{"lobby_state", func(r *talk.Room) any { return &r.LobbyState }, stored},
	{"lobby_timer", func(r *talk.Room) any { return &r.LobbyTimer }, stored},
	{"sip", func(r *talk.Room) any { return &r.SIP }, stored},
	{"default_permissions", func(r *talk.Room) any { return &r.DefaultPermissions }, stored},
	{"call_permissions", func(r *talk.Room) any { return &r.CallPermissions }, stored},
	{"message_expiration", func(r *talk.Room) any { return &r.MessageExpiration }, stored},
	{"mention_permissions", func(r *talk.Room) any { return &r.MentionPermissions }, stored},
	{"recording_consent", func(r *talk.Room) any { return &r.RecordingConsent }, stored},
	{"breakout_mode", func(r *talk.Room) any { return &r.BreakoutMode }, stored},
	{"breakout_status", func(r *talk.Room) any { return &r.BreakoutStatus }, stored},
	{"call_flag", func(r *talk.Room) any { return &r.CallFlag }, updated},
	{"call_since", func(r *talk.Room) any { return &r.CallSince }, updated},
	{"last_activity", func(r *talk.Room) any { return &r.LastActivity }, inserted},
	{"last_message_id", func(r *talk.Room) any { return &r.LastMessageID }, 0},
	{"avatar_emoji", func(r *talk.Room) any { return &r.AvatarEmoji }, stored},
	{"avatar_color", func(r *talk.Room) any { return &r.AvatarColor }, stored},
	{"avatar_picture", func(r *talk.Room) any { return &r.AvatarPicture }, stored},
	{"created_at", func(r *talk.Room) any { return &r.CreatedAt }, inserted},
	{"version", func(r *talk.Room) any { return &r.Version }, inserted},
	{"chat_version", func(r *talk.Room) any { return &r.ChatVersion }, 0},
	{"newest_message_id", func(r *talk.Room) any { return &r.NewestID }, 0},
	{"all_mentioned_id", func(r *talk.Room) any { return &r.AllMentionedID }, 0},
	{"message_number", func(r *talk.Room) any { return &r.MessageNumber }, 0},
	{"last_gap", func(r *talk.Room) any { return &r.LastGap }, 0},
	{"bots", func(r *talk.Room) any { return &r.Bots }, 0},
	{"has_bans", func(r *talk.Room) any { return &r.HasBans }, 0},
}}

var (
	roomColumns = roomTable.selected()
	roomInsert  = roomTable.insert() + " ON CONFLICT DO NOTHING RETURNING id"
	roomUpdate  = roomTable.update()
)

// Room returns the conversation with the token, or ErrNotFound.
func Room(tx *db.Tx, token string) (talk.Room, error) {
	return room(tx, "r.token = $1", token)
}

// RoomByIdentity returns the conversation that exists once under the identity,
// or ErrNotFound.
func RoomByIdentity(tx *db.Tx, identity string) (talk.Room, error) {
	return room(tx, "r.identity = $1", identity)
}

func room(tx *db.Tx, where string, arg any) (talk.Room, error) {
	var r talk.Room
	err := tx.QueryRow(roomTable.fields(&r), "SELECT "+roomColumns+" FROM rooms r WHERE "+where, arg)
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
	err := tx.Insert(&r.ID, roomInsert, roomTable.values(inserted, r)...)
	if err == nil {
		put(&locksOf(tx).rooms, r.Token)
		put(&locksOf(tx).made, r.Token)
		put(&locksOf(tx).ids, r.ID)
	}
	return err
}

// UpdateRoom stores the settings of a locked conversation.
func UpdateRoom(tx *db.Tx, r *talk.Room) error {
	return change(tx, r.ID, roomUpdate, append([]any{r.ID}, roomTable.values(updated, r)...)...)
}

// DeleteRoom removes a conversation with everything in it. Clients that held a
// session in it are remembered, so that their leaving still succeeds.
func DeleteRoom(tx *db.Tx, r *talk.Room) error {
	if err := Locked(tx, r.ID); err != nil {
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
	return db.Collect(tx, roomTable.scan, "SELECT "+roomColumns+` FROM rooms r WHERE r.listable <> 0 AND r.type IN (2, 3)
		AND NOT EXISTS (SELECT 1 FROM attendees a WHERE a.room_id = r.id AND a.actor_type = 'users' AND a.actor_id = $1)
		ORDER BY r.id`, userID)
}

// RoomsByObject returns the conversations tied to an object, in the order of
// their ids.
func RoomsByObject(tx *db.Tx, objectType, objectID string) ([]talk.Room, error) {
	return db.Collect(tx, roomTable.scan, "SELECT "+roomColumns+" FROM rooms r WHERE r.object_type = $1 AND r.object_id = $2 ORDER BY r.id", objectType, objectID)
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
