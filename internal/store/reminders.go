package store

import (
	"parley/internal/db"
	"parley/internal/talk"
)

// Reminder is the wish of an account to be told of a message again.
type Reminder struct {
	UserID    string
	RoomID    int64
	MessageID int64
	// At is when, Unix seconds.
	At int64
}

func scanReminder(row db.Row, r *Reminder) error {
	return row.Scan(&r.UserID, &r.RoomID, &r.MessageID, &r.At)
}

const reminderQuery = "SELECT user_id, room_id, message_id, remind_at FROM reminders WHERE "

// SetReminder stores a reminder in the place of the one that the account has of the message.
func SetReminder(tx *db.Tx, r Reminder) error {
	return tx.Run(`INSERT INTO reminders (user_id, room_id, message_id, remind_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id, message_id) DO UPDATE SET remind_at = excluded.remind_at`, r.UserID, r.RoomID, r.MessageID, r.At)
}

// ReminderOf returns the reminder of an account of a message, or ErrNotFound.
func ReminderOf(tx *db.Tx, userID string, message int64) (r Reminder, err error) {
	all, err := db.Collect(tx, scanReminder, reminderQuery+"user_id = $1 AND message_id = $2", userID, message)
	if err == nil && len(all) == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return r, err
	}
	return all[0], nil
}

// DeleteReminder removes the reminder of an account of a message, if there is one.
func DeleteReminder(tx *db.Tx, userID string, message int64) error {
	return tx.Run("DELETE FROM reminders WHERE user_id = $1 AND message_id = $2", userID, message)
}

// RoomReminder is a reminder with its conversation and the account's row in it.
type RoomReminder struct {
	Reminder
	Membership
}

// UpcomingReminders returns up to limit reminders of an account in its conversations, the
// next one first.
func UpcomingReminders(tx *db.Tx, userID string, limit int) ([]RoomReminder, error) {
	return db.Collect(tx, func(row db.Row, r *RoomReminder) error {
		fields := append([]any{&r.UserID, &r.RoomID, &r.MessageID, &r.At}, roomTable.fields(&r.Room)...)
		return row.Scan(append(fields, attendeeTable.fields(&r.Me)...)...)
	}, "SELECT m.user_id, m.room_id, m.message_id, m.remind_at, "+roomColumns+", "+attendeeColumns+` FROM reminders m
		JOIN rooms r ON r.id = m.room_id JOIN attendees a ON a.room_id = r.id AND a.actor_type = 'users' AND a.actor_id = m.user_id
		WHERE m.user_id = $1 ORDER BY m.remind_at, m.message_id LIMIT $2`, userID, limit)
}

// TakeDueReminders removes up to limit reminders whose time has come and returns them.
func TakeDueReminders(tx *db.Tx, limit int) ([]Reminder, error) {
	due, err := db.Collect(tx, scanReminder, reminderQuery+"remind_at <= $1 ORDER BY remind_at LIMIT $2"+tx.Dialect.RowLock(db.LockChanged), tx.Now(), limit)
	for _, r := range due {
		if err := DeleteReminder(tx, r.UserID, r.MessageID); err != nil {
			return nil, err
		}
	}
	return due, err
}

// NotifyReminder tells an account of a message again, if both are still there.
func (p Pusher) NotifyReminder(tx *db.Tx, r Reminder) error {
	return p.insert(tx, `INSERT INTO notifications (user_id, room_id, subject, message_id, actor_type, actor_id, detail, created_at)
		SELECT a.actor_id, a.room_id, $1, m.id, m.actor_type, m.actor_id, '', $2 FROM messages m
		JOIN attendees a ON a.room_id = m.room_id AND a.actor_type = 'users' AND a.actor_id = $3 WHERE m.id = $4`,
		talk.NotifiedReminder, tx.Now(), r.UserID, r.MessageID)
}
