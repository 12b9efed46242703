package chat

import (
	"context"
	"encoding/json"
	"fmt"

	"parley/internal/api/wire"
	"parley/internal/room"
	"parley/internal/talk"
)

// EventMessage is a message as the caller of a scope reads it, nil when there is none. It is
// made once for all who see the same.
func (a *API) EventMessage(ctx context.Context, v *room.Access, s room.Scope, base string, id int64) (json.RawMessage, error) {
	name := fmt.Sprint("message ", base, " ", id)
	shared, err := a.rememberMessage(ctx, v, s, base, name, id, true)
	if err == nil && !shared.isFor(v.Me.Actor) && !s.Caller.Observes() {
		shared, err = a.rememberMessage(ctx, v, s, base, fmt.Sprint(name, " ", v.Me.ID), id, false)
	}
	if err != nil || len(shared.data) == 0 {
		return nil, err
	}
	return shared.data, nil
}

func (a *API) rememberMessage(ctx context.Context, v *room.Access, s room.Scope, base, name string, id int64, shared bool) (p remembered, err error) {
	data, err := a.rooms.Remember(v, name, func() ([]byte, int64, error) {
		page, err := a.chat.Message(ctx, s, id, shared)
		if err != nil {
			return nil, 0, err
		}
		made := remembered{others: othersOf(page)}
		if len(page.Messages) > 0 {
			if made.data, err = json.Marshal(wire.NewMessage(wire.PlaceOf(base, &page.Room), &page.Messages[0])); err != nil {
				return nil, 0, err
			}
		}
		return made.pack(), page.Until(), nil
	})
	if err == nil {
		err = p.unpack(data)
	}
	return p, err
}

// EventPoll is a poll as the caller of a scope sees it, nil when there is none.
func (a *API) EventPoll(ctx context.Context, s room.Scope, id int64) (json.RawMessage, error) {
	v, err := a.chat.Poll(ctx, s, id)
	if talk.IsKind(err, talk.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return json.Marshal(newPoll(&v))
}
