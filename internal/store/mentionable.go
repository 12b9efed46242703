package store

import (
	"parley/internal/db"
	"parley/internal/talk"
)

// Mentionable returns up to limit attendees of a room and of one type whose name or id
// contains a text, in the order in which they came. Those without a name are left out.
func Mentionable(tx *db.Tx, roomID int64, of talk.ActorType, text string, limit int) ([]talk.Attendee, error) {
	return db.Collect(tx, attendeeTable.scan, "SELECT "+attendeeColumns+` FROM attendees a WHERE a.room_id = $1 AND a.actor_type = $2
		AND a.display_name <> '' AND (LOWER(a.display_name) LIKE $3 ESCAPE '!' OR $4 AND LOWER(a.actor_id) LIKE $3 ESCAPE '!')
		ORDER BY a.id LIMIT $5`, roomID, of, "%"+escapeLike(lower(text))+"%",
		of == talk.ActorUsers || of == talk.ActorGroups, limit)
}

// CountUsers returns how many accounts are in a room for good: those who joined it by
// themselves do not count.
func CountUsers(tx *db.Tx, roomID int64) (n int, err error) {
	err = tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM attendees WHERE room_id = $1 AND actor_type = 'users' AND type <> 5", roomID)
	return n, err
}

// RecentWriters returns the newest message of each account among the newest messages of a
// room, of which at most limit are looked at.
func RecentWriters(tx *db.Tx, roomID int64, limit int) (map[talk.Actor]int64, error) {
	out := map[talk.Actor]int64{}
	err := tx.Each(func(row db.Row) error {
		var who talk.Actor
		var id int64
		err := row.Scan(&who.ID, &id)
		who.Type = talk.ActorUsers
		out[who] = max(out[who], id)
		return err
	}, `SELECT actor_id, id FROM (SELECT * FROM messages WHERE room_id = $1 ORDER BY id DESC LIMIT $2) AS newest
		WHERE actor_type = 'users' AND kind IN ('comment', 'object')`, roomID, limit)
	return out, err
}
