package chat

import (
	"parley/internal/api/wire"
	"parley/internal/auth"
	"parley/internal/chat"
	"parley/internal/ocs"
)

// reminder is a reminder on the wire
type reminder struct {
	UserID    string `json:"userId"`
	Token     string `json:"token"`
	MessageID int64  `json:"messageId"`
	Timestamp int64  `json:"timestamp"`
}

func newReminder(token string, r chat.Reminder) reminder {
	return reminder{UserID: r.UserID, Token: token, MessageID: r.MessageID, Timestamp: r.At}
}

type reminderParams struct {
	Timestamp int64 `param:"timestamp;required"`
}

func (a *API) setReminder(c *ocs.Call, in reminderParams) (any, error) {
	if err := a.auth.Protection().Allow(auth.LimitReminders, c.Caller()); err != nil {
		return nil, err
	}
	r, err := a.chat.SetReminder(c.Context(), c.Scope(), messageID(c), in.Timestamp)
	if err != nil {
		return nil, err
	}
	c.Status = ocs.StatusCreated
	return newReminder(c.Token(), r), nil
}

func (a *API) getReminder(c *ocs.Call) (any, error) {
	r, err := a.chat.ReminderOf(c.Context(), c.Scope(), messageID(c))
	if err != nil {
		return nil, err
	}
	return newReminder(c.Token(), r), nil
}

func (a *API) deleteReminder(c *ocs.Call) (any, error) {
	if err := a.chat.DeleteReminder(c.Context(), c.Scope(), messageID(c)); err != nil {
		return nil, err
	}
	return []any{}, nil
}

// upcomingReminder is a reminder with its message.
type upcomingReminder struct {
	ReminderTimestamp int64  `json:"reminderTimestamp"`
	RoomToken         string `json:"roomToken"`
	MessageID         int64  `json:"messageId"`
	ActorType         string `json:"actorType"`
	ActorID           string `json:"actorId"`
	ActorDisplayName  string `json:"actorDisplayName"`
	Message           string `json:"message"`
	MessageParameters any    `json:"messageParameters"`
}

func (a *API) upcomingReminders(c *ocs.Call) (any, error) {
	all, err := a.chat.UpcomingReminders(c.Context(), c.Caller())
	if err != nil {
		return nil, err
	}
	out := []upcomingReminder{}
	for i := range all {
		r := &all[i]
		if r.Message == nil {
			continue
		}
		out = append(out, upcomingReminder{
			ReminderTimestamp: r.At, RoomToken: r.Room.Token, MessageID: r.MessageID,
			ActorType: string(r.Message.Shown.Type), ActorID: r.Message.Shown.ID, ActorDisplayName: r.Message.ActorName,
			Message: r.Message.Wording, MessageParameters: wire.PlaceOf(c.BaseURL(), &r.Room).Objects(r.Message.Objects),
		})
	}
	return out, nil
}
