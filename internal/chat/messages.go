package chat

import (
	"context"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// MaxHistory is the largest number of messages in one answer.
const MaxHistory = 200

// HistoryOptions select a page of a conversation's history.
type HistoryOptions struct {
	// Before is the message that the page ends before, 0 for the newest page.
	Before int64
	// Inclusive takes that message as well.
	Inclusive bool
	Limit     int
}

// HistoryPage is a part of a conversation's history, newest first.
type HistoryPage struct {
	Messages []talk.Rendered
	// CommonRead is the newest message that everybody has read; Public tells
	// whether the caller takes part in such information.
	CommonRead int64
	Public     bool
}

// History returns a page of the history as the caller reads it.
func (svc *Service) History(ctx context.Context, s room.Scope, o HistoryOptions) (*HistoryPage, error) {
	page := &HistoryPage{}
	err := svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		found, err := store.HistoryOf(tx, store.History{
			RoomID: f.Room.ID, Before: o.Before, Inclusive: o.Inclusive, Limit: min(max(o.Limit, 1), MaxHistory),
		})
		if err != nil {
			return err
		}
		page.Public = f.Me.ReadPrivacy == 0
		page.Messages = make([]talk.Rendered, len(found))
		for i, m := range found {
			page.Messages[i] = m.Render(s.Caller.Actor(), m.Names)
		}
		return store.CommonRead(tx, []int64{f.Room.ID}, func(_, message int64) { page.CommonRead = message })
	})
	return page, err
}
