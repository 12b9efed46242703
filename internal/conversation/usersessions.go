package conversation

import (
	"context"
	"slices"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// SessionsOf returns where an account is connected now, oldest first.
func (svc *Service) SessionsOf(ctx context.Context, userID string) (all []store.UserSession, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		all, err = store.SessionsOfUser(tx, userID)
		return err
	})
	return all, err
}

// EndSessionsOf ends the sessions of an account in all conversations, as if they had died,
// and returns how many there were. Its memberships, log-ins and app passwords stay.
func (svc *Service) EndSessionsOf(ctx context.Context, by talk.Caller, userID string) (ended int, err error) {
	all, err := svc.SessionsOf(ctx, userID)
	if err != nil {
		return 0, err
	}
	for _, s := range all {
		gone := false
		scope := room.Scope{Caller: by, Token: s.Token, Guard: talk.Guard{Need: talk.NeedRoom}}
		err := svc.rooms.Change(ctx, scope, func(c *room.Change) error {
			at, err := store.Attendee(c.Tx, c.Room.ID, s.AttendeeID)
			if gone = db.IsNone(err); gone {
				return nil
			}
			if err != nil {
				return err
			}
			own, err := store.SessionsOf(c.Tx, at.ID)
			if err != nil {
				return err
			}
			which := slices.IndexFunc(own, func(o talk.Session) bool { return o.ID == s.ID })
			if gone = which < 0; gone {
				return nil
			}
			return expire(c, &own[which], &at)
		})
		if err != nil && !talk.IsKind(err, talk.NotFound) {
			return ended, err
		}
		if err == nil && !gone {
			ended++
		}
	}
	return ended, nil
}
