package store

import (
	"errors"

	"parley/internal/db"
	"parley/internal/talk"
)

// Notification is what an account is told until it has seen it.
type Notification struct {
	ID      int64
	UserID  string
	RoomID  int64
	Subject talk.NotificationSubject
	// MessageID is the message that it is about, 0 for none.
	MessageID int64
	// OfNewest stands for MessageID when it is about the newest message of the
	// conversation, which may have no number yet. It is used only to notify.
	OfNewest bool
	// Actor is who did it.
	Actor talk.Actor
	// Detail is the emoji, or the group or team that was mentioned.
	Detail    string
	CreatedAt int64
}

// notificationTable are the columns of notifications.
var notificationTable = columns[Notification]{"notifications", "n", []column[Notification]{
	{"id", func(n *Notification) any { return &n.ID }, 0},
	{"user_id", func(n *Notification) any { return &n.UserID }, inserted},
	{"room_id", func(n *Notification) any { return &n.RoomID }, inserted},
	{"subject", func(n *Notification) any { return &n.Subject }, inserted},
	{"message_id", func(n *Notification) any { return &n.MessageID }, inserted},
	{"actor_type", func(n *Notification) any { return &n.Actor.Type }, inserted},
	{"actor_id", func(n *Notification) any { return &n.Actor.ID }, inserted},
	{"detail", func(n *Notification) any { return &n.Detail }, inserted},
	{"created_at", func(n *Notification) any { return &n.CreatedAt }, inserted},
}}

// RoomNotification is a notification with its conversation, the account's row in it and the
// name of whoever did it, empty when they are gone.
type RoomNotification struct {
	Notification
	Membership
	ActorName string
}

const notificationQuery = ` FROM notifications n JOIN rooms r ON r.id = n.room_id
	JOIN attendees a ON a.room_id = n.room_id AND a.actor_type = 'users' AND a.actor_id = n.user_id
	LEFT JOIN accounts c ON n.actor_type = 'users' AND c.user_id = n.actor_id
	LEFT JOIN attendees g ON n.actor_type <> 'users' AND g.room_id = n.room_id AND g.actor_type = n.actor_type AND g.actor_id = n.actor_id
	WHERE n.user_id = $1`

func collectNotifications(tx *db.Tx, where string, args ...any) ([]RoomNotification, error) {
	return db.Collect(tx, func(row db.Row, n *RoomNotification) error {
		fields := append(notificationTable.fields(&n.Notification), roomTable.fields(&n.Room)...)
		return row.Scan(append(append(fields, attendeeTable.fields(&n.Me)...), &n.ActorName)...)
	}, "SELECT "+notificationTable.selected()+", "+roomColumns+", "+attendeeColumns+
		", COALESCE(c.display_name, g.display_name, '')"+notificationQuery+where, args...)
}

// NotificationsOf returns up to limit of the newest notifications of an account.
func NotificationsOf(tx *db.Tx, userID string, limit int) ([]RoomNotification, error) {
	return collectNotifications(tx, " ORDER BY n.id DESC LIMIT $2", userID, limit)
}

// NotificationOf returns a notification of an account, or ErrNotFound.
func NotificationOf(tx *db.Tx, userID string, id int64) (n RoomNotification, err error) {
	all, err := collectNotifications(tx, " AND n.id = $2", userID, id)
	if err == nil && len(all) == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return n, err
	}
	return all[0], nil
}

// NotificationsAmong returns those of the ids that are notifications of an account.
func NotificationsAmong(tx *db.Tx, userID string, ids []int64) ([]int64, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	wanted, err := tx.Dialect.Values(ids)
	if err != nil {
		return nil, err
	}
	return db.Collect(tx, db.ScanNumber, "SELECT id FROM notifications WHERE user_id = $1 AND "+tx.Dialect.Among("id", 2)+" ORDER BY id", userID, wanted)
}

// DismissNotification removes a notification of an account.
func (p Pusher) DismissNotification(tx *db.Tx, userID string, id int64) error {
	return p.remove(tx, "n.user_id = $1 AND n.id = $2", userID, id)
}

// DismissNotifications removes all notifications of an account.
func (p Pusher) DismissNotifications(tx *db.Tx, userID string) error {
	if err := p.pushAllGone(tx, userID); err != nil {
		return err
	}
	return tx.Run("DELETE FROM notifications WHERE user_id = $1", userID)
}

// remove removes the notifications that meet a condition, which names its arguments from
// $1 on, and has apps take them away.
func (p Pusher) remove(tx *db.Tx, condition string, args ...any) error {
	if err := p.push(tx, PushGone, condition, args...); err != nil {
		return err
	}
	return tx.Run("DELETE FROM notifications AS n WHERE "+condition, args...)
}

// WithdrawMessage removes what notified anybody of a message of a locked room.
func (p Pusher) WithdrawMessage(tx *db.Tx, roomID, message int64) error {
	if err := Locked(tx, roomID); err != nil {
		return err
	}
	return p.remove(tx, "n.message_id = $2 AND n.message_id > 0 AND n.room_id = $1", roomID, message)
}

// WithdrawMentions removes what notified accounts of being mentioned by name in a message of
// a locked room.
func (p Pusher) WithdrawMentions(tx *db.Tx, roomID, message int64, users []string) error {
	if len(users) == 0 {
		return nil
	}
	if err := Locked(tx, roomID); err != nil {
		return err
	}
	among, err := tx.Dialect.Values(users)
	if err != nil {
		return err
	}
	return p.remove(tx, "n.message_id = $2 AND n.message_id > 0 AND n.room_id = $1 AND n.subject = $3 AND "+
		tx.Dialect.Among("n.user_id", 4), roomID, message, talk.NotifiedMention, among)
}

// HasMessageNotifications reports whether an account is told of messages of a room.
func HasMessageNotifications(tx *db.Tx, roomID int64, userID string) (bool, error) {
	var n int
	err := tx.QueryRow([]any{&n}, `SELECT COUNT(*) FROM (SELECT 1 FROM notifications
		WHERE room_id = $1 AND user_id = $2 AND message_id > 0 AND subject <> $3 LIMIT 1) AS first`, roomID, userID, talk.NotifiedReminder)
	return n > 0, err
}

// DismissMessages removes what tells an account of the messages of a room.
func (p Pusher) DismissMessages(tx *db.Tx, roomID int64, userID string) error {
	return p.remove(tx, "n.room_id = $1 AND n.user_id = $2 AND n.message_id > 0 AND n.subject <> $3", roomID, userID, talk.NotifiedReminder)
}

// WithdrawFrom removes notifications of an account from a locked room: those with one of
// the subjects, all of them for none.
func (p Pusher) WithdrawFrom(tx *db.Tx, roomID int64, userID string, subjects ...talk.NotificationSubject) error {
	if err := Locked(tx, roomID); err != nil {
		return err
	}
	where := ""
	if len(subjects) > 0 {
		where = " AND n.subject IN (" + db.Placeholders(3, len(subjects)) + ")"
	}
	return p.remove(tx, "n.room_id = $1 AND n.user_id = $2"+where, db.Args([]any{roomID, userID}, subjects)...)
}

// Withdraw removes the notifications with a subject from a locked room.
func (p Pusher) Withdraw(tx *db.Tx, roomID int64, subject talk.NotificationSubject) error {
	return errors.Join(Locked(tx, roomID), p.remove(tx, "n.room_id = $1 AND n.subject = $2", roomID, subject))
}

// Notify tells accounts of something in a locked room. Those that do not exist are left
// out.
func (p Pusher) Notify(tx *db.Tx, n Notification, users []string) error {
	if len(users) == 0 {
		return nil
	}
	if err := Locked(tx, n.RoomID); err != nil {
		return err
	}
	among, err := tx.Dialect.Values(users)
	if err != nil {
		return err
	}
	return p.insert(tx, `INSERT INTO notifications (user_id, room_id, subject, message_id, actor_type, actor_id, detail, created_at)
		SELECT c.user_id, $1, $2, $3, $4, $5, $6, $7 FROM accounts c WHERE `+tx.Dialect.Among("c.user_id", 8),
		n.RoomID, n.Subject, n.MessageID, n.Actor.Type, n.Actor.ID, n.Detail, tx.Now(), among)
}

// insert makes notifications by a statement, and has apps show them.
func (p Pusher) insert(tx *db.Tx, query string, args ...any) error {
	if p.Idle {
		return tx.Run(query, args...)
	}
	ids, err := db.Collect(tx, db.ScanNumber, query+" RETURNING id", args...)
	if err != nil {
		return err
	}
	return p.Show(tx, ids)
}

// Show has apps show notifications that are there.
func (p Pusher) Show(tx *db.Tx, ids []int64) error {
	if len(ids) == 0 || p.Idle {
		return nil
	}
	among, err := tx.Dialect.Values(ids)
	if err != nil {
		return err
	}
	return p.push(tx, PushNew, tx.Dialect.Among("n.id", 1), among)
}

// NotifyAudience tells those of a message of a locked room whom it concerns, each once. A
// silent one tells nobody. Plain ones are those who want to know of every message and do
// not look at the conversation now.
func (p Pusher) NotifyAudience(tx *db.Tx, n Notification, to Audience, plain bool) error {
	if err := Locked(tx, n.RoomID); err != nil {
		return err
	}
	last := int64(0)
	if !plain && !p.Idle { // it was edited, and some were told before
		if err := tx.QueryRow([]any{&last}, "SELECT COALESCE(MAX(id), 0) FROM notifications WHERE message_id = $1 AND message_id > 0", n.MessageID); err != nil {
			return err
		}
	}
	if err := notifyAudience(tx, n, to, plain); err != nil {
		return err
	}
	if n.OfNewest {
		return p.push(tx, PushNew, "n.message_id = ("+newestOf+"$1) AND n.id > $2", n.RoomID, last)
	}
	return p.push(tx, PushNew, "n.message_id = $1 AND n.message_id > 0 AND n.id > $2", n.MessageID, last)
}

// newestOf begins a query for the newest message of a room.
const newestOf = "SELECT newest_message_id FROM rooms WHERE id = "

func notifyAudience(tx *db.Tx, n Notification, to Audience, plain bool) error {
	message, about := "CAST($4 AS BIGINT)", n.MessageID
	if n.OfNewest {
		message, about = "("+newestOf+"CAST($4 AS BIGINT))", n.RoomID
	}
	insert := func(subject talk.NotificationSubject, detail, condition string, args ...any) error {
		return tx.Run(`INSERT INTO notifications (user_id, room_id, subject, message_id, actor_type, actor_id, detail, created_at)
			SELECT a.actor_id, $1, $3, `+message+`, $5, $2, $6, $7 FROM attendees a WHERE a.room_id = $1 AND `+to.reachable()+" AND "+to.notAuthor(2)+
			condition+" AND NOT EXISTS (SELECT 1 FROM notifications o WHERE o.message_id = "+message+" AND o.user_id = a.actor_id)",
			append([]any{n.RoomID, n.Actor.ID, subject, about, n.Actor.Type, detail, tx.Now()}, args...)...)
	}
	if to.Replied != "" {
		if err := insert(talk.NotifiedReply, "", " AND a.actor_id = $8", to.Replied); err != nil {
			return err
		}
	}
	if err := notifyParts(tx, n.RoomID, to, insert); err != nil {
		return err
	}
	if to.All {
		if err := insert(talk.NotifiedAll, "", ""); err != nil {
			return err
		}
	}
	if !plain {
		return nil
	}
	level := " AND a.notification_level = 1"
	if to.Default == talk.NotifyAlways {
		level = " AND a.notification_level IN (0, 1)"
	}
	return insert(talk.NotifiedChat, "", level+" AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.attendee_id = a.id AND s.last_ping > $8)",
		tx.Now()-talk.ActiveWithin)
}

// notifyParts tells those who are mentioned by name, or as members of a group or team that
// is in the room.
func notifyParts(tx *db.Tx, roomID int64, to Audience, insert func(talk.NotificationSubject, string, string, ...any) error) error {
	if len(to.Direct) > 0 {
		among, err := tx.Dialect.Values(to.Direct)
		if err != nil {
			return err
		}
		if err := insert(talk.NotifiedMention, "", " AND "+tx.Dialect.Among("a.actor_id", 8), among); err != nil {
			return err
		}
	}
	if len(to.Groups)+len(to.Teams) == 0 {
		return nil
	}
	present, err := AttendeesOfTypes(tx, roomID, talk.ActorGroups, talk.ActorTeams)
	if err != nil {
		return err
	}
	for _, at := range present {
		one := to.only(at.Actor)
		for _, p := range one.parts() {
			among, err := tx.Dialect.Values(p.ids)
			if err != nil {
				return err
			}
			subject := talk.NotifiedGroup
			if at.Actor.Type == talk.ActorTeams {
				subject = talk.NotifiedTeam
			}
			if err := insert(subject, at.Actor.ID, " AND "+p.text(tx, 8), among); err != nil {
				return err
			}
		}
	}
	return nil
}
