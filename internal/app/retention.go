package app

import (
	"context"

	"parley/internal/store"
	"parley/internal/talk"
)

const daySeconds = 24 * 3600

// retention returns after how many seconds without activity conversations of a
// kind are deleted, 0 for never.
func (s *Settings) retention(objectType string) int64 {
	switch objectType {
	case talk.ObjectEvent:
		return int64(s.RetentionEvent) * daySeconds
	case talk.ObjectPhoneTemporary:
		return int64(s.RetentionPhone) * daySeconds
	case talk.ObjectInstantMeeting:
		return int64(s.RetentionInstant) * daySeconds
	}
	return 0
}

// outlived reports whether a conversation was made for something that is over.
func (s *Settings) outlived(r *talk.Room, now int64) bool {
	keep := s.retention(r.ObjectType)
	return keep > 0 && !r.HasCall() && r.LastActivity < now-keep
}

// DeleteOutlived deletes conversations that were made for an event, a telephone
// call or a meeting and were not used for as long as the administrator wants to
// keep them.
func (a *App) DeleteOutlived(ctx context.Context) error {
	var tokens []string
	err := a.store.Read(ctx, func(tx *store.Tx) error {
		s, err := a.settings(tx)
		if err != nil {
			return err
		}
		for _, kind := range []string{talk.ObjectEvent, talk.ObjectPhoneTemporary, talk.ObjectInstantMeeting} {
			keep := s.retention(kind)
			if keep == 0 {
				continue
			}
			found, err := tx.UnusedRooms(kind, tx.Now()-keep, sweepRooms)
			if err != nil {
				return err
			}
			tokens = append(tokens, found...)
		}
		return nil
	})
	for _, token := range tokens {
		if err == nil {
			err = a.deleteOutlived(ctx, token)
		}
	}
	return err
}

func (a *App) deleteOutlived(ctx context.Context, token string) error {
	return a.store.Write(ctx, func(tx *store.Tx) error {
		c, _, err := a.lock(tx, Scope{Token: token, Caller: talk.Caller{System: talk.GuestSystem}})
		if err != nil || c.room == nil || !c.settings.outlived(c.room, tx.Now()) {
			return err
		}
		return c.end()
	})
}
