package events

import (
	"context"
	"encoding/json"

	"parley/internal/events"
	"parley/internal/room"
	"parley/internal/talk"
)

// Objects make what an event is about as the API shows it to the caller of a scope, who passed
// its guard. Nothing is made of what is gone.
type Objects struct {
	Message      func(ctx context.Context, v *room.Access, s room.Scope, base string, id int64) (json.RawMessage, error)
	Poll         func(ctx context.Context, s room.Scope, id int64) (json.RawMessage, error)
	Participant  func(ctx context.Context, v *room.Access, s room.Scope, who talk.Actor) (json.RawMessage, error)
	Conversation func(ctx context.Context, v *room.Access, s room.Scope, base string) (json.RawMessage, error)
}

// eventData is an event. What it is about follows it: a message, a poll, a participant or a
// conversation.
type eventData struct {
	Type      string     `json:"type"`
	Token     string     `json:"token"`
	Version   int64      `json:"version"`
	Timestamp int64      `json:"timestamp"`
	Actor     *actorData `json:"actor"`
	About     *actorData `json:"about,omitempty"`
	Reaction  string     `json:"reaction,omitempty"`
}

// actorData is somebody who does something.
type actorData struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

func newActor(a talk.Actor) *actorData {
	if a.IsZero() {
		return nil
	}
	return &actorData{string(a.Type), a.ID}
}

// NewShow returns what describes events to those who may see what they are about.
func NewShow(rooms *room.Service, objects Objects) events.Show {
	return func(ctx context.Context, reader talk.Caller, base string, e *events.Record) (json.RawMessage, bool, error) {
		head, err := json.Marshal(eventData{
			Type: string(e.Kind), Token: e.Token, Version: e.Version, Timestamp: e.At, Actor: newActor(e.Actor), About: newActor(e.About),
			Reaction: e.Emoji,
		})
		if err != nil {
			return nil, false, err
		}
		if e.Recipient != "" || e.Kind == talk.EventRoomDeleted {
			return head, true, nil // whoever gets it was there
		}
		if e.Kind == talk.EventRemoved && reader.LoggedIn() && e.About == talk.User(reader.UserID) {
			return nil, false, nil // they are told alone, also if they are back
		}
		subject, guard, known := subjectOf(e)
		if !known {
			return nil, false, nil
		}
		s := room.Scope{Caller: reader, Token: e.Token, Guard: guard}
		v, err := rooms.Enter(ctx, s)
		if err != nil {
			return nil, false, unlessRefused(err)
		}
		name, object, err := objects.of(ctx, v, s, base, e, subject)
		if err != nil {
			return nil, false, unlessRefused(err)
		}
		if object != nil {
			head = append(append(append(head[:len(head)-1], `,"`+name+`":`...), object...), '}')
		}
		return head, true, nil
	}
}

// subjectOf is the rule of an event. What concerns all participants is about the conversation.
func subjectOf(e *events.Record) (talk.EventSubject, talk.Guard, bool) {
	if subject, _, _ := e.Kind.Rule(); subject == talk.AboutParticipant && e.About.IsZero() {
		_, guard, known := talk.EventSettings.Rule()
		return talk.AboutRoom, guard, known
	}
	return e.Kind.Rule()
}

// of makes what an event is about, and the name of it.
func (o *Objects) of(
	ctx context.Context, v *room.Access, s room.Scope, base string, e *events.Record, subject talk.EventSubject,
) (name string, object json.RawMessage, err error) {
	switch subject {
	case talk.AboutMessage:
		name = "message"
		object, err = o.Message(ctx, v, s, base, e.MessageID)
	case talk.AboutPoll:
		name = "poll"
		object, err = o.Poll(ctx, s, e.PollID)
	case talk.AboutParticipant:
		name = "participant"
		object, err = o.Participant(ctx, v, s, e.About)
	case talk.AboutRoom:
		name = "conversation"
		object, err = o.Conversation(ctx, v, s, base)
	}
	return name, object, err
}

// unlessRefused is nil for the failures of somebody who may not see something, or not any more.
func unlessRefused(err error) error {
	switch talk.KindOf(err) {
	case talk.NotFound, talk.Forbidden, talk.LobbyActive:
		return nil
	}
	return err
}
