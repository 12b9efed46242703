package chat

import (
	"context"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// maxReminders is how many reminders a list shows, remindersAtOnce how many are told of in
// one transaction.
const (
	maxReminders    = 10
	remindersAtOnce = 100
)

// Reminder is the wish to be told of a message again.
type Reminder = store.Reminder

// SetReminder stores when the caller wants to be told of a message again, Unix seconds.
// Failure: NotFound "message".
func (svc *Service) SetReminder(ctx context.Context, s room.Scope, message, at int64) (r Reminder, err error) {
	err = svc.rooms.ChangeChat(ctx, s, func(c *room.Change) error {
		if _, err := found(c.Tx, c.Room.ID, message); err != nil {
			return err
		}
		r = Reminder{UserID: c.Caller.UserID, RoomID: c.Room.ID, MessageID: message, At: at}
		return store.SetReminder(c.Tx, r)
	})
	return r, err
}

// ReminderOf returns the reminder of the caller of a message. Failures: NotFound "message",
// NotFound "reminder".
func (svc *Service) ReminderOf(ctx context.Context, s room.Scope, message int64) (r Reminder, err error) {
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		if _, err := found(tx, f.Room.ID, message); err != nil {
			return err
		}
		r, err = store.ReminderOf(tx, s.Caller.UserID, message)
		if db.IsNone(err) {
			err = talk.Fail(talk.NotFound, "reminder")
		}
		return err
	})
	return r, err
}

// DeleteReminder removes the reminder of the caller of a message, if there is one. Failure:
// NotFound "message".
func (svc *Service) DeleteReminder(ctx context.Context, s room.Scope, message int64) error {
	return svc.rooms.ChangeChat(ctx, s, func(c *room.Change) error {
		if _, err := found(c.Tx, c.Room.ID, message); err != nil {
			return err
		}
		return store.DeleteReminder(c.Tx, c.Caller.UserID, message)
	})
}

// Upcoming is a reminder that is still to come.
type Upcoming struct {
	Reminder
	Room talk.Room
	// Message is nil when it must not be told, or is gone.
	Message *talk.Rendered
}

// UpcomingReminders returns the next reminders of the caller.
func (svc *Service) UpcomingReminders(ctx context.Context, caller talk.Caller) (all []Upcoming, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		found, err := store.UpcomingReminders(tx, caller.UserID, maxReminders)
		if err != nil {
			return err
		}
		ids := make([]int64, len(found))
		for i := range found {
			ids[i] = found[i].MessageID
		}
		messages, err := store.Messages(tx, ids)
		if err != nil {
			return err
		}
		all = make([]Upcoming, len(found))
		for i := range found {
			r := &found[i]
			all[i] = Upcoming{Reminder: r.Reminder, Room: r.Room}
			if err := all[i].show(tx, caller, r, messages); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// show adds the message of a reminder, unless the conversation is sensitive.
func (u *Upcoming) show(tx *db.Tx, caller talk.Caller, r *store.RoomReminder, messages []store.NamedMessage) error {
	reader, err := readerOf(tx, &u.Room, caller)
	if err != nil {
		return err
	}
	for i := range messages {
		if m := &messages[i]; m.ID == u.MessageID && !m.Expired(tx.Now()) {
			shown := m.Render(reader)
			if r.Me.Sensitive {
				shown.Wording, shown.Objects = "", nil
			}
			u.Message = &shown
		}
	}
	return nil
}

// Remind tells of the messages whose reminders are due.
func (svc *Service) Remind(ctx context.Context) error {
	for {
		n := 0
		err := svc.store.Write(ctx, func(tx *db.Tx) error {
			due, err := store.TakeDueReminders(tx, remindersAtOnce)
			if err != nil {
				return err
			}
			n = len(due)
			for _, r := range due {
				if err := svc.pusher.NotifyReminder(tx, r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n < remindersAtOnce {
			return err
		}
	}
}
