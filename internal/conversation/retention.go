package conversation

import (
	"context"
	"errors"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/talk"
)

const daySeconds = 24 * 3600

// retention returns after how many seconds without activity conversations of a
// kind are deleted, 0 for never.
func retention(s *settings.Settings, objectType string) int64 {
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
func outlived(s *settings.Settings, r *talk.Room, now int64) bool {
	keep := retention(s, r.ObjectType)
	return keep > 0 && !r.HasCall() && r.LastActivity < now-keep && talk.ObjectEnded(r.ObjectType, r.ObjectID, now-keep)
}

// DeleteOutlived deletes conversations that were made for an event, a telephone
// call or a meeting and were not used for as long as the administrator wants to
// keep them. One that cannot be deleted does not keep the others.
func (svc *Service) DeleteOutlived(ctx context.Context) error {
	var failed []error
	for _, kind := range []string{talk.ObjectEvent, talk.ObjectPhoneTemporary, talk.ObjectInstantMeeting} {
		tokens, err := svc.outlivedRooms(ctx, kind)
		failed = append(failed, err)
		for _, token := range tokens {
			if ctx.Err() == nil {
				failed = append(failed, svc.deleteOutlived(ctx, token))
			}
		}
	}
	return errors.Join(failed...)
}

// outlivedRooms returns the tokens of all conversations of a kind that are to be
// deleted. It looks at the unused ones in parts, since most of them may have to
// be kept.
func (svc *Service) outlivedRooms(ctx context.Context, kind string) (tokens []string, err error) {
	var last int64
	for more := true; more && err == nil; {
		err = svc.store.Read(ctx, func(tx *db.Tx) error {
			more = false
			s, err := svc.settings.In(tx)
			if err != nil || retention(s, kind) == 0 {
				return err
			}
			since := tx.Now() - retention(s, kind)
			unused, err := store.UnusedRooms(tx, kind, since, last, room.SweepRooms)
			for _, r := range unused {
				last = r.ID
				if talk.ObjectEnded(kind, r.ObjectID, since) {
					tokens = append(tokens, r.Token)
				}
			}
			more = len(unused) == room.SweepRooms
			return err
		})
	}
	return tokens, err
}

func (svc *Service) deleteOutlived(ctx context.Context, token string) error {
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		c, _, err := svc.rooms.Lock(tx, room.Scope{Token: token, Caller: talk.Caller{System: talk.GuestSystem}})
		if err != nil || c.Room == nil || !outlived(c.Settings, c.Room, tx.Now()) {
			return err
		}
		return End(c)
	})
}
