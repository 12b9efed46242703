package chat

import (
	"context"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// MaxOverview is the largest number of items of each list in an overview.
const MaxOverview = 20

// Share posts a thing. Failures: NotFound "actor", TooLarge "message".
func (svc *Service) Share(ctx context.Context, s room.Scope, object talk.RichObject, list string, d Draft) (out *Posted, err error) {
	err = svc.rooms.ChangeChat(ctx, s, func(c *room.Change) error {
		if err := svc.prepare(c, d.GuestName); err != nil {
			return err
		}
		size := 0
		for name, text := range object {
			size += len(name) + len(text)
		}
		if size > talk.MaxMessage {
			return talk.Fail(talk.TooLarge, "message")
		}
		out, err = svc.post(c, &talk.Message{
			Actor: c.Me.Actor, Kind: talk.KindObject, Params: object, List: list, ReferenceID: talk.TrimReference(d.ReferenceID),
		}, nil)
		return err
	})
	return out, err
}

// Shared returns the shared items of a list, newest first, of those before a message, 0
// for the newest ones.
func (svc *Service) Shared(ctx context.Context, s room.Scope, list string, before int64, limit int) (page *Page, err error) {
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		found, err := store.MessagesOfList(tx, f.Room.ID, list, before, min(max(limit, 1), MaxHistory))
		if err == nil {
			page, err = pageOf(tx, f, s.Caller, found)
		}
		return err
	})
	return page, err
}

// SharedOverview returns the newest items of all lists.
func (svc *Service) SharedOverview(ctx context.Context, s room.Scope, limit int) (lists map[string]*Page, err error) {
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		lists = map[string]*Page{}
		for _, list := range talk.Lists {
			found, err := store.MessagesOfList(tx, f.Room.ID, list, 0, min(max(limit, 1), MaxOverview))
			if err != nil {
				return err
			}
			if lists[list], err = pageOf(tx, f, s.Caller, found); err != nil {
				return err
			}
		}
		return nil
	})
	return lists, err
}
