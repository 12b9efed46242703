package store

import (
	"parley/internal/db"
	"parley/internal/talk"
)

// AttendeeInRoom is the row of an actor in a conversation.
type AttendeeInRoom struct {
	Room     talk.Room
	Attendee talk.Attendee
}

// AttendeesInRooms returns the rows of an actor in all conversations, in the order of the
// conversations' ids.
func AttendeesInRooms(tx *db.Tx, who talk.Actor) ([]AttendeeInRoom, error) {
	return db.Collect(tx, func(row db.Row, m *AttendeeInRoom) error {
		return row.Scan(append(roomTable.fields(&m.Room), attendeeTable.fields(&m.Attendee)...)...)
	}, "SELECT "+roomColumns+", "+attendeeColumns+` FROM attendees a JOIN rooms r ON r.id = a.room_id
		WHERE a.actor_type = $1 AND a.actor_id = $2 ORDER BY r.id`, who.Type, who.ID)
}

// UserSession is a living session of an account.
type UserSession struct {
	talk.Session
	Token, RoomName string
}

// SessionsOfUser returns the living sessions of an account in all conversations, oldest
// first.
func SessionsOfUser(tx *db.Tx, userID string) ([]UserSession, error) {
	return db.Collect(tx, func(row db.Row, s *UserSession) error {
		return row.Scan(append(sessionTable.fields(&s.Session), &s.Token, &s.RoomName)...)
	}, "SELECT "+sessionColumns+`, r.token, r.name FROM attendees a JOIN sessions s ON s.attendee_id = a.id JOIN rooms r ON r.id = s.room_id
		WHERE a.actor_type = 'users' AND a.actor_id = $1 AND s.last_ping > $2 ORDER BY s.id`, userID, alive(tx))
}

// WrittenMessage is a message with its conversation.
type WrittenMessage struct {
	talk.Message
	Token string
}

// MessagesBy returns messages that an actor wrote, in the order of their ids, after one.
func MessagesBy(tx *db.Tx, who talk.Actor, after int64, limit int) ([]WrittenMessage, error) {
	return db.Collect(tx, func(from db.Row, m *WrittenMessage) error {
		var row messageRow
		if err := from.Scan(append(messageTable.fields(&row), &m.Token)...); err != nil {
			return err
		}
		m.Message = row.Message
		return parse(row.params, &m.Params)
	}, "SELECT "+messageTable.selected()+`, r.token FROM messages m JOIN rooms r ON r.id = m.room_id
		WHERE m.actor_type = $1 AND m.actor_id = $2 AND m.id > $3 ORDER BY m.id LIMIT $4`, who.Type, who.ID, after, limit)
}
