// Package events tells programs of what happens in conversations: those that read the events of
// an account as a stream, and webhooks, which get those of all conversations. What they read is
// in docs/events.md.
package events

import (
	"parley/internal/room"
	"parley/internal/store/eventlog"
	"parley/internal/talk"
)

// Recorder keeps what happens, for those who read it and for webhooks.
type Recorder struct {
	// Queued is called after the commit when there is something new for a webhook.
	Queued func()
}

// Record is the [room.Recorder] of events.
func (r Recorder) Record(c *room.Change, events []room.Event) error {
	if c.Room == nil || !c.Settings.EventsUsed && !c.Settings.Webhooks {
		return nil
	}
	if c.Settings.Webhooks {
		if err := c.Tx.Flush(); err != nil { // messages have their ids then
			return err
		}
	}
	all := recordsOf(c, events)
	for i := range all {
		if c.Settings.Webhooks && isForWebhooks(&all[i]) {
			if err := eventlog.Enqueue(c.Tx, r.Queued, &all[i]); err != nil {
				return err
			}
		}
	}
	if !c.Settings.EventsUsed {
		return nil
	}
	return eventlog.Insert(c.Tx, all)
}

// recordsOf returns how the events of a change are kept, in their order, but that somebody is
// told first that they have come into a conversation.
func recordsOf(c *room.Change, events []room.Event) []eventlog.Event {
	newer := 0
	for i := range events {
		if events[i].Kind == talk.EventMessage {
			newer++
		}
	}
	var added, others []eventlog.Event
	for i := range events {
		e := &events[i]
		switch {
		case e.Kind == talk.EventAdded:
			added = append(added, recordOf(c, e, 0))
			continue
		case e.Kind == talk.EventMessage:
			if newer--; e.Message.Quiet() {
				continue
			}
		}
		kept := recordOf(c, e, newer)
		others = append(others, kept)
		if e.Kind == talk.EventRemoved && e.About.Type == talk.ActorUsers {
			others = append(others, kept.For(e.About.ID))
		}
		for _, account := range e.Were {
			others = append(others, kept.For(account))
		}
	}
	return append(added, others...)
}

// recordOf returns how an event is kept for those in the conversation. newer is how many
// messages of the change are newer than that of the event.
func recordOf(c *room.Change, e *room.Event, newer int) eventlog.Event {
	kept := eventlog.Event{
		RoomID: c.Room.ID, Token: c.Room.Token, Version: c.Room.Version + c.Room.ChatVersion, Kind: e.Kind, Actor: e.Actor, About: e.About,
		PollID: e.PollID, Emoji: e.Emoji, FromNewest: newer,
	}
	if e.Message != nil {
		kept.MessageID = e.Message.ID
	}
	if subject, _, _ := e.Kind.Rule(); subject == talk.AboutMessage {
		kept.About = talk.Actor{} // the message says whom it is about
	}
	return kept
}

// isForWebhooks reports whether webhooks are told of what is kept: once of each event.
func isForWebhooks(e *eventlog.Event) bool { return e.Recipient == "" }
