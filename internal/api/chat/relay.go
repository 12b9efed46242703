package chat

import (
	"context"
	"encoding/json"

	"parley/internal/api/wire"
	"parley/internal/chat"
	"parley/internal/room"
	"parley/internal/talk"
)

// Relayed is a new message as most people read it.
type Relayed struct {
	Data json.RawMessage
	// page knows who reads it otherwise.
	page remembered
}

// Alike reports whether somebody reads the message so.
func (r *Relayed) Alike(reader talk.Actor) bool { return r.page.isFor(reader) }

// Relay returns up to limit messages of a conversation after one, none if nobody wants them, and the id of
// the newest. More tells that there are others.
func (a *API) Relay(ctx context.Context, token, base string, after int64, wanted bool, limit int) (out []Relayed, newest int64, more bool, err error) {
	s := room.Scope{Caller: talk.Observer(), Token: token, Guard: talk.Guard{Need: talk.NeedParticipant}}
	v, err := a.rooms.Enter(ctx, s)
	if talk.IsKind(err, talk.NotFound) {
		return nil, 0, false, nil
	}
	if err != nil || !wanted || v.Newest <= after {
		if err == nil {
			newest = v.Newest
		}
		return nil, newest, false, err
	}
	page, err := a.chat.Read(ctx, s, chat.Selection{Bound: after, Newer: true, Limit: limit, Shared: true})
	if err != nil {
		return nil, 0, false, err
	}
	for i := range page.Messages {
		one := chat.Page{Room: page.Room, Messages: page.Messages[i : i+1]}
		one.Note()
		data, err := json.Marshal(wire.NewMessage(wire.PlaceOf(base, &page.Room), &page.Messages[i]))
		if err != nil {
			return nil, 0, false, err
		}
		out = append(out, Relayed{data, remembered{others: othersOf(&one)}})
	}
	return out, max(page.Last, v.Newest), page.Last < v.Newest, nil
}
