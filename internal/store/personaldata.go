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

// GivenReaction is a reaction of a person, with the conversation of the message.
type GivenReaction struct {
	Token     string
	MessageID int64
	Emoji     string
	CreatedAt int64
}

// ReactionsBy returns the reactions that an actor gave. It looks at all reactions.
func ReactionsBy(tx *db.Tx, who talk.Actor) ([]GivenReaction, error) {
	return db.Collect(tx, func(row db.Row, g *GivenReaction) error {
		return row.Scan(&g.Token, &g.MessageID, &g.Emoji, &g.CreatedAt)
	},
		`SELECT r.token, g.message_id, g.emoji, g.created_at
		FROM reactions g JOIN messages m ON m.id = g.message_id JOIN rooms r ON r.id = m.room_id
		WHERE g.actor_type = $1 AND g.actor_id = $2 ORDER BY g.message_id, g.emoji`, who.Type, who.ID)
}

// MadePoll is a poll that a person made, with its conversation.
type MadePoll struct {
	Token    string
	ID       int64
	Question string
	Options  []string
}

// PollsBy returns the polls that an actor made, drafts included. It looks at all polls.
func PollsBy(tx *db.Tx, who talk.Actor) ([]MadePoll, error) {
	return db.Collect(tx, func(row db.Row, p *MadePoll) error {
		var options string
		if err := row.Scan(&p.Token, &p.ID, &p.Question, &options); err != nil {
			return err
		}
		return parse(options, &p.Options)
	}, `SELECT r.token, p.id, p.question, p.options FROM polls p JOIN rooms r ON r.id = p.room_id
		WHERE p.actor_type = $1 AND p.actor_id = $2 ORDER BY p.id`, who.Type, who.ID)
}

// CastVote is what a person chose in a poll, with its conversation.
type CastVote struct {
	Token  string
	PollID int64
	Option int
}

// VotesBy returns what an actor chose in polls. It looks at all votes.
func VotesBy(tx *db.Tx, who talk.Actor) ([]CastVote, error) {
	return db.Collect(tx, func(row db.Row, v *CastVote) error { return row.Scan(&v.Token, &v.PollID, &v.Option) },
		`SELECT r.token, v.poll_id, v.option_id FROM poll_votes v JOIN polls p ON p.id = v.poll_id JOIN rooms r ON r.id = p.room_id
		WHERE v.actor_type = $1 AND v.actor_id = $2 ORDER BY v.poll_id, v.option_id`, who.Type, who.ID)
}

// SetForLater is a reminder or a notification of an account, with its conversation.
type SetForLater struct {
	Token     string
	MessageID int64
	// Subject is what a notification says, empty for a reminder.
	Subject string
	// At is when the reminder is due, or when the notification was made.
	At int64
}

func scanSetForLater(row db.Row, s *SetForLater) error {
	return row.Scan(&s.Token, &s.MessageID, &s.Subject, &s.At)
}

// AllReminders returns all reminders that an account has set.
func AllReminders(tx *db.Tx, userID string) ([]SetForLater, error) {
	return db.Collect(tx, scanSetForLater, `SELECT r.token, m.message_id, '', m.remind_at FROM reminders m JOIN rooms r ON r.id = m.room_id
		WHERE m.user_id = $1 ORDER BY m.remind_at, m.message_id`, userID)
}

// AllNotifications returns all that an account was told and has not seen.
func AllNotifications(tx *db.Tx, userID string) ([]SetForLater, error) {
	return db.Collect(tx, scanSetForLater, `SELECT r.token, n.message_id, n.subject, n.created_at
		FROM notifications n JOIN rooms r ON r.id = n.room_id WHERE n.user_id = $1 ORDER BY n.id`, userID)
}
