package chat

import (
	"context"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// expiredAtOnce is how many messages of a conversation are removed in one transaction, and
// in how many conversations in one round.
const expiredAtOnce = 500

// RemoveExpired removes the messages that have expired, in parts, so that others get in
// between.
func (svc *Service) RemoveExpired(ctx context.Context) error {
	for {
		var tokens []string
		err := svc.store.Read(ctx, func(tx *db.Tx) (err error) {
			tokens, err = store.ExpiredMessages(tx, expiredAtOnce)
			return err
		})
		if err != nil || len(tokens) == 0 {
			return err
		}
		for _, token := range tokens {
			if err := svc.removeExpired(ctx, token); err != nil {
				return err
			}
		}
	}
}

func (svc *Service) removeExpired(ctx context.Context, token string) error {
	scope := room.Scope{Token: token, Caller: talk.Caller{System: talk.GuestSystem}}
	for {
		removed := 0
		err := svc.rooms.ChangeChat(ctx, scope, func(c *room.Change) (err error) {
			if c.Room == nil {
				removed = 0
				return nil
			}
			removed, err = store.RemoveExpired(c.Tx, c.Room, expiredAtOnce)
			return err
		})
		if err != nil || removed < expiredAtOnce {
			return err
		}
	}
}
