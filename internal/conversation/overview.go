package conversation

import (
	"context"
	"errors"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// RoomSummary is a conversation in the list of an administrator.
type RoomSummary = store.RoomSummary

// RoomSummaries returns all conversations that match, whoever takes part in them, in
// the order of their ids. It is for administrators at the command line.
func (svc *Service) RoomSummaries(ctx context.Context, p store.Page) (out []RoomSummary, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		out, err = store.RoomSummaries(tx, p)
		return err
	})
	return out, err
}

// RoomDetails is a conversation with its participants.
type RoomDetails struct {
	Room    talk.Room
	Entries []Entry
}

// RoomDetails returns a conversation as an administrator at the command line sees it.
// Failure: NotFound.
func (svc *Service) RoomDetails(ctx context.Context, token string) (d RoomDetails, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		if d.Room, err = store.Room(tx, token); err != nil {
			return err
		}
		s, err := svc.settings.In(tx)
		if err != nil {
			return err
		}
		all, err := roster(tx, &d.Room, s, visibility{})
		d.Entries = all.Entries
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		err = talk.Fail(talk.NotFound, "")
	}
	return d, err
}
