package bot

import (
	"encoding/json"
	"strconv"

	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/store/deliveries"
	"parley/internal/talk"
)

// Kind is the kind of deliveries to bots.
const Kind = "bot"

// event is what a bot is told, in the words of ActivityStreams.
type event struct {
	Type   string `json:"type"`
	Actor  any    `json:"actor"`
	Object any    `json:"object"`
	Target any    `json:"target,omitempty"`
	// Content is the emoji of a reaction.
	Content string `json:"content,omitempty"`
}

// person is who did something.
type person struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Name string `json:"name"`
	// Role is the number of the participant type, as text; system messages have none.
	Role string `json:"talkParticipantType,omitempty"`
}

// note is a message.
type note struct {
	Type      string `json:"type"`
	ID        string `json:"id"`
	Name      string `json:"name"`
	Content   string `json:"content"`
	MediaType string `json:"mediaType"`
	// InReplyTo is the message that it answers, nil for none.
	InReplyTo *reply `json:"inReplyTo,omitempty"`
}

// reply is a message that is answered.
type reply struct {
	Type   string `json:"type"`
	Actor  person `json:"actor"`
	Object note   `json:"object"`
}

// place is a conversation.
type place struct {
	Type string `json:"type"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// undone is a reaction that was taken back.
type undone struct {
	Type    string `json:"type"`
	Actor   person `json:"actor"`
	Object  note   `json:"object"`
	Target  place  `json:"target"`
	Content string `json:"content"`
}

func collection(r *talk.Room) place { return place{"Collection", r.Token, r.Name} }

func application(b *talk.Bot) person {
	return person{Type: "Application", ID: "bots/" + b.Actor().ID, Name: b.Name}
}

// Recorder puts into the outbox what bots are told.
type Recorder struct {
	// Queued is called after the commit when there is something new to deliver.
	Queued func()
}

// Record is the [room.Recorder] of what bots are told.
func (r Recorder) Record(c *room.Change, events []room.Event) error {
	if c.Room == nil || c.Room.Bots == 0 {
		return nil
	}
	var bots []talk.Bot
	for i := range events {
		e := &events[i]
		needs, wanted := told(e)
		if !wanted {
			continue
		}
		if bots == nil {
			var err error
			if bots, err = store.BotsIn(c.Tx, c.Room.ID); err != nil {
				return err
			}
			if err := c.Tx.Flush(); err != nil { // messages have their ids then
				return err
			}
		}
		if err := r.tellAll(c, bots, needs, e); err != nil {
			return err
		}
	}
	return nil
}

// told reports whether bots are told of an event, and what they need for that.
func told(e *room.Event) (talk.BotFeatures, bool) {
	switch e.Kind {
	case talk.EventMessage:
		return talk.BotWebhook, e.Message.Actor.Type != talk.ActorBots && e.Message.System != talk.ReactionGiven
	case talk.EventReaction, talk.EventReactionRemoved:
		return talk.BotReaction, e.Actor.Type != talk.ActorBots
	}
	return 0, false
}

func (r Recorder) tellAll(c *room.Change, bots []talk.Bot, needs talk.BotFeatures, e *room.Event) error {
	var what *event
	for i := range bots {
		b := &bots[i]
		if b.State == talk.BotDisabled || !b.Features.Has(needs) {
			continue
		}
		if what == nil {
			made, err := newEvent(c, e)
			if err != nil {
				return err
			}
			what = &made
		}
		if err := r.tell(c, b, *what); err != nil {
			return err
		}
	}
	return nil
}

// tell puts an event into the outbox, in order for each bot and conversation.
func (r Recorder) tell(c *room.Change, b *talk.Bot, e event) error {
	if !b.Features.Has(talk.BotWebhook) && !b.Features.Has(talk.BotReaction) {
		return nil
	}
	payload, err := json.Marshal(e)
	if err != nil {
		return err
	}
	c.Tx.AfterCommit(r.Queued)
	return deliveries.Enqueue(c.Tx, deliveries.Delivery{
		Kind: Kind, Destination: strconv.FormatInt(b.ID, 10), OrderKey: c.Room.Token, Payload: string(payload),
	})
}

// newEvent is what bots are told of something that happened.
func newEvent(c *room.Change, e *room.Event) (event, error) {
	shown, err := show(c, e.Message)
	if err != nil {
		return event{}, err
	}
	target := collection(c.Room)
	author := personOf(shown, "")
	switch e.Kind {
	case talk.EventReaction:
		// As in Talk, the actor is the author of the message.
		return event{Type: "Like", Actor: author, Object: noteOf(shown, ""), Target: target, Content: e.Emoji}, nil
	case talk.EventReactionRemoved:
		like := undone{"Like", author, noteOf(shown, ""), target, e.Emoji}
		return event{Type: "Undo", Actor: author, Object: like, Target: target}, nil
	}
	m := &shown.Message
	if m.Kind != talk.KindComment {
		name := string(m.System)
		if m.Kind == talk.KindObject {
			name = "object_shared"
		}
		return event{Type: "Activity", Actor: author, Object: noteOf(shown, name), Target: target}, nil
	}
	role := ""
	if c.Me != nil {
		role = strconv.Itoa(int(c.Me.Type))
	}
	object := noteOf(shown, "message")
	if m.ParentID != 0 {
		parent, err := store.Message(c.Tx, c.Room.ID, m.ParentID)
		if err == nil {
			answered := parent.Render(talk.Reader{Room: c.Room, RoomName: c.Room.Name})
			object.InReplyTo = &reply{"Note", personOf(&answered, ""), noteOf(&answered, "message")}
		}
	}
	return event{Type: "Create", Actor: personOf(shown, role), Object: object, Target: target}, nil
}

// show renders a message as those read it who are not addressed.
func show(c *room.Change, m *talk.Message) (*talk.Rendered, error) {
	named := store.NamedMessage{Message: *m, Names: talk.Names{}, Mentions: m.Mentioned()}
	all, err := store.Messages(c.Tx, []int64{m.ID})
	if err != nil {
		return nil, err
	}
	if len(all) > 0 {
		named = all[0]
	}
	out := named.Render(talk.Reader{Room: c.Room, RoomName: c.Room.Name})
	return &out, nil
}

func personOf(m *talk.Rendered, role string) person {
	return person{Type: "Person", ID: string(m.Shown.Type) + "/" + m.Shown.ID, Name: m.ActorName, Role: role}
}

// noteOf is a message with its text and what the placeholders in it stand for.
func noteOf(m *talk.Rendered, name string) note {
	content := struct {
		Message    string `json:"message"`
		Parameters any    `json:"parameters"`
	}{m.Wording, []any{}}
	if len(m.Objects) > 0 {
		content.Parameters = m.Objects
	}
	text, err := json.Marshal(content)
	if err != nil {
		text = []byte("{}") // texts and maps of texts can always be written
	}
	return note{Type: "Note", ID: strconv.FormatInt(m.ID, 10), Name: name, Content: string(text), MediaType: "text/markdown"}
}
