package conversation

import (
	"context"
	"encoding/json"

	"parley/internal/conversation"
	"parley/internal/room"
	"parley/internal/talk"
)

// EventParticipant is a participant as the list shows them to the caller of a scope, nil when it
// does not. It is made once for all who see the same.
func (a *API) EventParticipant(ctx context.Context, v *room.Access, s room.Scope, who talk.Actor) (json.RawMessage, error) {
	name := "participant " + string(who.Type) + "/" + who.ID + " " + conversation.Readers(v)
	if s.Caller.Observes() {
		name += " observer"
	}
	return a.rooms.RememberRoster(v, name, func() ([]byte, int64, error) {
		l, err := a.conversations.OneParticipant(ctx, s, who)
		if err != nil || len(l.Entries) == 0 {
			return nil, room.Forever, err
		}
		data, err := json.Marshal(newParticipantV4(l.Room.Token, &l.Entries[0], l.Me))
		return data, l.Until, err
	})
}

// EventConversation is a conversation as the caller of a scope sees it.
func (a *API) EventConversation(ctx context.Context, v *room.Access, s room.Scope, base string) (json.RawMessage, error) {
	show := func() ([]byte, int64, error) {
		view, err := a.conversations.Room(ctx, s.Caller, s.Token)
		if err != nil {
			return nil, 0, err
		}
		data, err := json.Marshal(newRoomV4(base, view))
		return data, view.Until(), err
	}
	if v.Room.Type == talk.OneToOne { // it carries a status, which is no part of the conversation
		data, _, err := show()
		return data, err
	}
	return a.rooms.Remember(v, "conversation "+base+" "+conversation.Reader(v), show)
}
