package notify

import (
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// Record is the [room.Recorder] of notifications.
func Record(c *room.Change, events []room.Event) error {
	var invited []string
	for _, e := range events {
		if e.Kind == talk.EventAdded && isInvitation(c, &e) {
			invited = append(invited, e.About.ID)
			continue
		}
		if err := record(c, &e); err != nil {
			return err
		}
	}
	if len(invited) == 0 {
		return nil
	}
	return store.Notify(c.Tx, store.Notification{RoomID: c.Room.ID, Subject: talk.NotifiedInvitation, Actor: c.Actor()}, invited)
}

// isInvitation reports whether somebody was brought into a conversation by somebody else.
func isInvitation(c *room.Change, e *room.Event) bool {
	return c.Room.IsShared() && !c.Room.IsBreakout() && e.About.Type == talk.ActorUsers && e.Actor.Type == talk.ActorUsers && e.About != e.Actor
}

func record(c *room.Change, e *room.Event) error {
	switch e.Kind {
	case talk.EventMessage:
		return recordMessage(c, e)
	case talk.EventEdit:
		return recordEdit(c, e)
	case talk.EventDelete:
		return store.WithdrawMessage(c.Tx, c.Room.ID, e.Message.ID)
	case talk.EventReaction:
		return recordReaction(c, e)
	case talk.EventJoined:
		if e.Actor.Type == talk.ActorUsers {
			return store.WithdrawFrom(c.Tx, c.Room.ID, e.Actor.ID, talk.NotifiedInvitation, talk.NotifiedReaction)
		}
	case talk.EventRemoved:
		if e.About.Type == talk.ActorUsers {
			return store.WithdrawFrom(c.Tx, c.Room.ID, e.About.ID)
		}
	}
	return nil
}

// recordMessage tells whom a message concerns. The message has its id after a flush.
func recordMessage(c *room.Change, e *room.Event) error {
	if e.Audience == nil || e.Message.Silent {
		return nil
	}
	if err := c.Tx.Flush(); err != nil {
		return err
	}
	n := store.Notification{RoomID: c.Room.ID, MessageID: e.Message.ID, Actor: e.Actor}
	return store.NotifyAudience(c.Tx, n, *e.Audience, true)
}

func recordEdit(c *room.Change, e *room.Event) error {
	if e.Audience == nil {
		return nil
	}
	if err := store.WithdrawMentions(c.Tx, c.Room.ID, e.Message.ID, e.Audience.Withdrawn); err != nil {
		return err
	}
	n := store.Notification{RoomID: c.Room.ID, MessageID: e.Message.ID, Actor: e.Actor}
	return store.NotifyAudience(c.Tx, n, *e.Audience, false)
}

// recordReaction tells the author of a message of a reaction, if they want to know of all
// that happens.
func recordReaction(c *room.Change, e *room.Event) error {
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
	return store.Notify(c.Tx, n, []string{e.About.ID})
}
