package store

import (
	"parley/internal/db"
	"parley/internal/talk"
)

// FoundMessage is a message that a search found, with its conversation.
type FoundMessage struct {
	NamedMessage
	Room talk.Room
	Me   talk.Attendee
}

// SearchMessages returns up to limit comments that contain a text, in the conversations of
// an account, newest first; those before a message, 0 for the newest, and in one room, 0
// for all.
func SearchMessages(tx *db.Tx, userID, text string, roomID, before int64, limit int) ([]FoundMessage, error) {
	if before <= 0 {
		before = 1<<62 - 1
	}
	found, err := db.Collect(tx, func(row db.Row, m *FoundMessage) error {
		return row.Scan(append(append([]any{&m.ID}, roomTable.fields(&m.Room)...), attendeeTable.fields(&m.Me)...)...)
	}, "SELECT m.id, "+roomColumns+", "+attendeeColumns+` FROM attendees a JOIN rooms r ON r.id = a.room_id JOIN messages m ON m.room_id = r.id
		WHERE a.actor_type = 'users' AND a.actor_id = $1 AND m.kind = 'comment' AND m.id < $2 AND ($3 = 0 OR m.room_id = $3)
		AND (m.expires_at = 0 OR m.expires_at > $4) AND LOWER(m.text) LIKE $5 ESCAPE '!' ORDER BY m.id DESC LIMIT $6`,
		userID, before, roomID, tx.Now(), "%"+escapeLike(lower(text))+"%", limit)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(found))
	for i := range found {
		ids[i] = found[i].ID
	}
	messages, err := Messages(tx, ids)
	for i := range found {
		for j := range messages {
			if messages[j].ID == found[i].ID {
				found[i].NamedMessage = messages[j]
			}
		}
	}
	return found, err
}
