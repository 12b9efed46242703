package room

import (
	"parley/internal/bus"
	"parley/internal/store"
	"parley/internal/talk"
)

// Event is something that happened in a conversation.
type Event struct {
	Kind talk.EventKind
	// Actor is who did it.
	Actor talk.Actor
	// About is whom it happened to, zero for nobody in particular.
	About talk.Actor
	// Audience is whom the message concerns beside those who only read it, nil for nobody.
	Audience *store.Audience
	// Emoji is the reaction that it is about, empty for none.
	Emoji string
	// Message is the one that it is about, nil for none. Its id may only be there after
	// a flush of the transaction.
	Message *talk.Message
	// PollID is the poll that it is about, 0 for none.
	PollID int64
	// Session is the one that ended, nil if it is about something else; SessionIDs are those
	// that ended with a row, if a signaling server has to be told.
	Session    *talk.Session
	SessionIDs []string
	// Call is what happened in the call, nil if it is about something else.
	Call *CallChange
	// Were are the accounts that were in a conversation which has ended, if anybody is to
	// be told.
	Were []string
}

// Recorder makes rows of what happened in a change: notifications, deliveries. It runs
// inside of the transaction, after everything else in it.
type Recorder func(c *Change, events []Event) error

// Emit tells that something happened. At the end of the change it is recorded, and after
// the commit those who wait for such things are woken; nothing comes of it when the
// change is undone.
func (c *Change) Emit(e Event) {
	if c.events == nil {
		c.Tx.BeforeCommit(c.recordEvents)
		c.Tx.AfterCommit(c.publishEvents)
	}
	c.events = append(c.events, e)
}

func (c *Change) recordEvents() error {
	for _, record := range c.rooms.record {
		if err := record(c, c.events); err != nil {
			return err
		}
	}
	return nil
}

// publishEvents wakes those who wait, once for each topic.
func (c *Change) publishEvents() {
	var hints []bus.Hint
	seen := map[bus.Topic]bool{}
	for _, e := range c.events {
		topic := topicOf(e.Kind)
		if !seen[topic] {
			seen[topic] = true
			hints = append(hints, bus.Hint{Topic: topic, Token: c.Room.Token})
		}
	}
	if c.Settings.EventsUsed {
		hints = append(hints, bus.Hint{Topic: bus.Events})
	}
	c.rooms.publish(hints...)
}

// topicOf returns what those wait for whom the event concerns.
func topicOf(k talk.EventKind) bus.Topic {
	switch k {
	case talk.EventMessage, talk.EventEdit, talk.EventDelete, talk.EventClear, talk.EventReaction, talk.EventReactionRemoved, talk.EventPoll:
		return bus.Chat
	case talk.EventCall:
		return bus.Call
	}
	return bus.Roster
}
