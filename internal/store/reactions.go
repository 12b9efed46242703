package store

import (
	"parley/internal/db"
	"parley/internal/talk"
)

// Reaction is an emoji that somebody gave to a message.
type Reaction struct {
	MessageID int64
	Actor     talk.Actor
	Emoji     string
	// Report is the system message that tells of it.
	Report int64
	// At is when it was given, Unix seconds.
	At int64
	// Name is that of the actor now, empty for those who are gone.
	Name string
}

// InsertReaction stores a reaction to a message of a locked room and reports whether it
// is new.
func InsertReaction(tx *db.Tx, roomID int64, r Reaction) (bool, error) {
	if err := Locked(tx, roomID); err != nil {
		return false, err
	}
	n, err := tx.Exec(`INSERT INTO reactions (message_id, actor_type, actor_id, emoji, report_id, created_at)
		VALUES ($1, $2, $3, $4, 0, $5) ON CONFLICT DO NOTHING`, r.MessageID, r.Actor.Type, r.Actor.ID, r.Emoji, tx.Now())
	return n > 0, err
}

// SetReport notes that the newest message of a locked room reports the reaction.
func SetReport(tx *db.Tx, roomID int64, r Reaction) error {
	return change(tx, roomID, `UPDATE reactions SET report_id = (SELECT newest_message_id FROM rooms WHERE id = $1)
		WHERE message_id = $2 AND actor_type = $3 AND actor_id = $4 AND emoji = $5`, roomID, r.MessageID, r.Actor.Type, r.Actor.ID, r.Emoji)
}

// DeleteReaction removes a reaction to a message of a locked room and returns the message
// that reports it. ErrNotFound when there is none.
func DeleteReaction(tx *db.Tx, roomID int64, r Reaction) (report int64, err error) {
	if err := Locked(tx, roomID); err != nil {
		return 0, err
	}
	err = tx.QueryRow([]any{&report}, `DELETE FROM reactions WHERE message_id = $1 AND actor_type = $2 AND actor_id = $3 AND emoji = $4
		RETURNING report_id`, r.MessageID, r.Actor.Type, r.Actor.ID, r.Emoji)
	return report, err
}

// ReactionsTo returns the reactions to a message of a room in the order in which they
// were given, those with one emoji, or all of them for none.
func ReactionsTo(tx *db.Tx, roomID, messageID int64, emoji string) ([]Reaction, error) {
	return db.Collect(tx, func(row db.Row, r *Reaction) error {
		return row.Scan(&r.MessageID, &r.Actor.Type, &r.Actor.ID, &r.Emoji, &r.Report, &r.At, &r.Name)
	}, `SELECT x.message_id, x.actor_type, x.actor_id, x.emoji, x.report_id, x.created_at, COALESCE(c.display_name, a.display_name, '')
		FROM reactions x LEFT JOIN accounts c ON x.actor_type = 'users' AND c.user_id = x.actor_id
		LEFT JOIN attendees a ON x.actor_type <> 'users' AND a.room_id = $1 AND a.actor_type = x.actor_type AND a.actor_id = x.actor_id
		WHERE x.message_id = $2 AND ($3 = '' OR x.emoji = $3) ORDER BY x.report_id, x.emoji`, roomID, messageID, emoji)
}

// OwnReactions returns the emojis that an actor gave to each of the messages.
func OwnReactions(tx *db.Tx, who talk.Actor, messages []int64) (map[int64][]string, error) {
	out := map[int64][]string{}
	if len(messages) == 0 {
		return out, nil
	}
	ids, err := tx.Dialect.Values(messages)
	if err != nil {
		return nil, err
	}
	err = tx.Each(func(row db.Row) error {
		var id int64
		var emoji string
		err := row.Scan(&id, &emoji)
		out[id] = append(out[id], emoji)
		return err
	}, "SELECT message_id, emoji FROM reactions WHERE actor_type = $1 AND actor_id = $2 AND "+tx.Dialect.Among("message_id", 3)+
		" ORDER BY message_id, emoji", who.Type, who.ID, ids)
	return out, err
}

// RetractReport makes the system message of a locked room that reported a reaction say
// that it was taken back.
func RetractReport(tx *db.Tx, roomID, report int64) error {
	return change(tx, roomID, "UPDATE messages SET system = $3, text = '' WHERE id = $2 AND room_id = $1", roomID, report, talk.ReactionDeleted)
}

// MessageExists reports whether any conversation has a message with the id.
func MessageExists(tx *db.Tx, id int64) (bool, error) {
	var n int
	err := tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM messages WHERE id = $1", id)
	return n > 0, err
}

// DeletePollOf removes the poll of a locked room that a message shows, if it does.
func DeletePollOf(tx *db.Tx, roomID, message int64) error {
	return change(tx, roomID, "DELETE FROM polls WHERE room_id = $1 AND message_id = $2", roomID, message)
}
