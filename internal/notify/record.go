package notify

import (
	"slices"

	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// Recorder records notifications, and what is pushed of them.
type Recorder struct{ Pusher store.Pusher }

// Record is the [room.Recorder] of notifications.
func (r Recorder) Record(c *room.Change, events []room.Event) error {
	r.Pusher.Idle = !c.Settings.PushUsed
	var invited []string
	for i, e := range events {
		if e.Kind == talk.EventAdded && isInvitation(c, &e) {
			invited = append(invited, e.About.ID)
			continue
		}
		if err := r.record(c, &e, !hasMessage(events[i+1:])); err != nil {
			return err
		}
	}
	if len(invited) == 0 {
		return nil
	}
	return r.Pusher.Notify(c.Tx, store.Notification{RoomID: c.Room.ID, Subject: talk.NotifiedInvitation, Actor: c.Actor()}, invited)
}

// isInvitation reports whether somebody was brought into a conversation by somebody else.
func isInvitation(c *room.Change, e *room.Event) bool {
	return c.Room.IsShared() && !c.Room.IsBreakout() && e.About.Type == talk.ActorUsers && e.Actor.Type == talk.ActorUsers && e.About != e.Actor
}

func hasMessage(events []room.Event) bool {
	return slices.ContainsFunc(events, func(e room.Event) bool { return e.Kind == talk.EventMessage })
}

// record records an event. newest tells that no message follows it.
func (r Recorder) record(c *room.Change, e *room.Event, newest bool) error {
	switch e.Kind {
	case talk.EventMessage:
		return r.recordMessage(c, e, newest)
	case talk.EventEdit:
		return r.recordEdit(c, e)
	case talk.EventDelete:
		return r.Pusher.WithdrawMessage(c.Tx, c.Room.ID, e.Message.ID)
	case talk.EventReaction:
		return r.recordReaction(c, e)
	case talk.EventCall:
		return r.recordCall(c, e)
	case talk.EventJoined:
		if e.Actor.Type == talk.ActorUsers {
			return r.Pusher.WithdrawFrom(c.Tx, c.Room.ID, e.Actor.ID, talk.NotifiedInvitation, talk.NotifiedReaction)
		}
	case talk.EventRemoved:
		if e.About.Type == talk.ActorUsers {
			return r.Pusher.WithdrawFrom(c.Tx, c.Room.ID, e.About.ID)
		}
	}
	return nil
}

// recordMessage tells whom a message concerns. Only a message that others follow has to have
// its number by then.
func (r Recorder) recordMessage(c *room.Change, e *room.Event, newest bool) error {
	if e.Audience == nil || e.Message.Silent {
		return nil
	}
	if e.Message.ID == 0 && !newest {
		if err := c.Tx.Flush(); err != nil {
			return err
		}
	}
	n := store.Notification{RoomID: c.Room.ID, MessageID: e.Message.ID, OfNewest: e.Message.ID == 0, Actor: e.Actor}
	return r.Pusher.NotifyAudience(c.Tx, n, *e.Audience, true)
}

func (r Recorder) recordEdit(c *room.Change, e *room.Event) error {
	if e.Audience == nil {
		return nil
	}
	if err := r.Pusher.WithdrawMentions(c.Tx, c.Room.ID, e.Message.ID, e.Audience.Withdrawn); err != nil {
		return err
	}
	n := store.Notification{RoomID: c.Room.ID, MessageID: e.Message.ID, Actor: e.Actor}
	return r.Pusher.NotifyAudience(c.Tx, n, *e.Audience, false)
}

// recordReaction tells the author of a message of a reaction, if they want to know of all
// that happens.
func (r Recorder) recordReaction(c *room.Change, e *room.Event) error {
	if e.About.Type != talk.ActorUsers || e.About == e.Actor {
		return nil
	}
	author, err := store.AttendeesAmong(c.Tx, c.Room.ID, []string{e.About.ID})
	if err != nil {
		return err
	}
	at, there := author[e.About.ID]
	if !there || talk.NotificationLevel(c.Room, &at, c.Settings.GroupNotification) != talk.NotifyAlways {
		return nil
	}
	n := store.Notification{
		RoomID: c.Room.ID, Subject: talk.NotifiedReaction, MessageID: e.Message.ID, Actor: e.Actor, Detail: e.Emoji,
	}
	return r.Pusher.Notify(c.Tx, n, []string{e.About.ID})
}
