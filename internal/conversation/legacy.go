package conversation

import (
	"context"
	"errors"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// Entries returns the participants that lists show of each of the conversations, by
// room id. API v1 has them inside of conversations.
func (svc *Service) Entries(ctx context.Context, views []RoomView) (map[int64][]Entry, error) {
	rooms, ids := make(map[int64]*talk.Room, len(views)), make([]int64, len(views))
	for i := range views {
		ids[i] = views[i].Room.ID
		rooms[ids[i]] = &views[i].Room
	}
	out := make(map[int64][]Entry, len(views))
	err := svc.store.Read(ctx, func(tx *db.Tx) error {
		s, err := svc.settings.In(tx)
		if err != nil {
			return err
		}
		sessions, err := store.SessionsIn(tx, ids)
		if err != nil {
			return err
		}
		all, err := store.AttendeesIn(tx, ids)
		for _, at := range all {
			if e, shown := entry(rooms[at.RoomID], visibility{}.of(at), sessions[at.ID], s, tx.Now()); shown {
				out[at.RoomID] = append(out[at.RoomID], e)
			}
		}
		return err
	})
	return out, err
}

// RemoveUser removes an account, addressed by its id as API v1 to v3 do. Every
// participant may remove themselves this way. Failures: Forbidden for others
// than moderators and for owners, Invalid for one-to-ones and for the last
// moderator, NotFound.
func (svc *Service) RemoveUser(ctx context.Context, s room.Scope, userID string) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		switch {
		case c.Me.Actor == talk.User(userID):
			return leaveSelf(c)
		case !c.Me.IsModerator():
			return talk.Fail(talk.Forbidden, "")
		case c.Room.Type == talk.OneToOne:
			return talk.Fail(talk.Invalid, "")
		}
		at, err := targetOf(c, Target{UserID: &userID})
		if err != nil {
			return err
		}
		if err := talk.CanRemove(c.Room, at); err != nil {
			return err
		}
		_, err = store.AccountByID(c.Tx, userID)
		if errors.Is(err, db.ErrNotFound) {
			return talk.Fail(talk.NotFound, "")
		}
		if err != nil {
			return err
		}
		return Remove(c, at)
	})
}

// RemoveGuest removes a guest, addressed by a session id as API v1 to v3 do.
// Failures: NotFound, Invalid for people who are no guests, Forbidden for
// oneself.
func (svc *Service) RemoveGuest(ctx context.Context, s room.Scope, sessionID string) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		at, err := targetOf(c, Target{SessionID: &sessionID})
		if err != nil {
			return err
		}
		if !at.Type.IsGuest() {
			return talk.Fail(talk.Invalid, "")
		}
		if at.ID == c.Me.ID {
			return talk.Fail(talk.Forbidden, "")
		}
		return Remove(c, at)
	})
}
