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
	var all []eventlog.Event
	newer := 0
	for i := len(events) - 1; i >= 0; i-- {
		e := &events[i]
		if e.Kind != talk.EventMessage {
			all = append(all, recordsOf(c, e, 0)...)
			continue
		}
		if !e.Message.Quiet() {
			all = append(all, recordsOf(c, e, newer)...)
		}
		newer++
	}
	return r.store(c, all)
}

// store keeps events, newest first, in their order.
func (r Recorder) store(c *room.Change, newestFirst []eventlog.Event) error {
	kept := make([]eventlog.Event, 0, len(newestFirst))
	for i := len(newestFirst) - 1; i >= 0; i-- {
		e := &newestFirst[i]
		kept = append(kept, *e)
		if c.Settings.Webhooks && isForWebhooks(e) {
			if err := eventlog.Enqueue(c.Tx, r.Queued, e); err != nil {
				return err
			}
		}
	}
	if !c.Settings.EventsUsed {
		return nil
	}
	return eventlog.Insert(c.Tx, kept)
}

// recordsOf returns how an event is kept, newest first: once for everybody in the
// conversation, and once for each who is not in it any more. newer is how many messages of
// the change are newer than that of the event.
func recordsOf(c *room.Change, e *room.Event, newer int) []eventlog.Event {
	kept := eventlog.Event{
		RoomID: c.Room.ID, Token: c.Room.Token, Version: c.Room.Version + c.Room.ChatVersion, Kind: e.Kind, Actor: e.Actor, About: e.About,
		PollID: e.PollID, Emoji: e.Emoji, FromNewest: newer,
	}
	if e.Message != nil {
		kept.MessageID = e.Message.ID
	}
	if e.Kind == talk.EventMessage || e.Kind == talk.EventReaction || e.Kind == talk.EventReactionRemoved {
		kept.About = talk.Actor{} // the message says whom it is about
	}
	all := []eventlog.Event{kept}
	tell := func(account string) {
		own := kept
		own.Recipient = account
		all = append(all, own)
	}
	if e.Kind == talk.EventRemoved && e.About.Type == talk.ActorUsers {
		tell(e.About.ID)
	}
	for _, account := range e.Were {
		tell(account)
	}
	return all
}

// isForWebhooks reports whether webhooks are told of what is kept: once of each event.
func isForWebhooks(e *eventlog.Event) bool { return e.Recipient == "" }
