package store

import (
	"parley/internal/db"
	"parley/internal/talk"
)

// RoomSummary is a conversation in the list of an administrator.
type RoomSummary struct {
	Room talk.Room
	// People is how many attendees it has, without groups and teams.
	People int
}

// RoomSummaries returns the conversations whose token or name contains the search
// text, in the order of their ids.
func RoomSummaries(tx *db.Tx, p Page) ([]RoomSummary, error) {
	return db.Collect(tx, func(row db.Row, s *RoomSummary) error {
		return row.Scan(append(roomTable.fields(&s.Room), &s.People)...)
	}, "SELECT "+roomColumns+`, (SELECT COUNT(*) FROM attendees a WHERE a.room_id = r.id AND a.actor_type NOT IN ('groups', 'circles'))
		FROM rooms r WHERE r.token LIKE $1 ESCAPE '!' OR LOWER(r.name) LIKE $1 ESCAPE '!'
		ORDER BY r.id LIMIT $2 OFFSET $3`, p.pattern(), p.limit(), p.Offset)
}
