package chat

import (
	"context"
	"strings"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// maxFound is the largest number of results of a search.
const maxFound = 25

// Found is a message that a search found.
type Found struct {
	Message talk.Rendered
	Room    talk.Room
	// RoomName is what the conversation is called for the one who searches.
	RoomName string
}

// Search is what somebody searches for in messages.
type Search struct {
	Text string
	// Token narrows it to one conversation, empty for all of the caller's own.
	Token string
	// Before narrows it to messages before one, 0 for all.
	Before int64
	Limit  int
}

// SearchMessages returns the newest messages that contain a text, in conversations that the
// caller may read.
func (svc *Service) SearchMessages(ctx context.Context, caller talk.Caller, o Search) (all []Found, err error) {
	text := strings.TrimSpace(o.Text)
	if text == "" {
		return nil, nil
	}
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		all = nil
		var only int64
		if o.Token != "" {
			r, err := store.Room(tx, o.Token)
			if db.IsNone(err) {
				return nil
			}
			if err != nil {
				return err
			}
			only = r.ID
		}
		found, err := store.SearchMessages(tx, caller.UserID, text, only, o.Before, min(max(o.Limit, 1), maxFound))
		if err != nil {
			return err
		}
		for i := range found {
			m := &found[i]
			if talk.WaitsInLobby(&m.Room, &m.Me, talk.FinalPermissions(&m.Room, &m.Me, 0)) {
				continue
			}
			reader, err := readerOf(tx, &m.Room, caller)
			if err != nil {
				return err
			}
			all = append(all, Found{Message: m.Render(reader), Room: m.Room, RoomName: reader.RoomName})
		}
		return nil
	})
	return all, err
}
