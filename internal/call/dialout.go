package call

import (
	"context"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/talk"
)

// Dialout is a telephone that has to be called.
type Dialout struct {
	Token  string
	Number string
	// Attendee is whom the telephone stands for in the conversation.
	Attendee talk.Attendee
	// Caller is who has it called, an account or a guest.
	Caller talk.Actor
}

// Dialout has the telephone of an attendee called. Failures: Forbidden where nobody may call,
// Invalid out of a call, NotFound for others than telephones, NotImplemented with a reason
// where telephones cannot be called, or are not.
func (svc *Service) Dialout(ctx context.Context, s room.Scope, attendee int64) error {
	var d Dialout
	err := svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		if err := enabled(f.Settings); err != nil {
			return err
		}
		if !talk.CallsFrom(f.Room, f.Me) {
			return talk.Fail(talk.Invalid, "")
		}
		at, err := store.Attendee(tx, f.Room.ID, attendee)
		if db.IsNone(err) || err == nil && at.Actor.Type != talk.ActorPhones {
			return talk.Fail(talk.NotFound, "")
		}
		d = Dialout{Token: f.Room.Token, Number: at.PhoneNumber, Attendee: at, Caller: f.Me.Actor}
		return err
	})
	if err != nil {
		return err
	}
	callID, err := svc.callTelephone(ctx, d)
	if err != nil {
		return err
	}
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		at, err := store.Attendee(c.Tx, c.Room.ID, attendee)
		if db.IsNone(err) {
			return talk.Fail(talk.NotFound, "")
		}
		if err != nil {
			return err
		}
		at.CallID = callID
		return c.SaveOwn(&at)
	})
}

func (svc *Service) callTelephone(ctx context.Context, d Dialout) (string, error) {
	var now *settings.Settings
	err := svc.store.Read(ctx, func(tx *db.Tx) (err error) {
		now, err = svc.settings.In(tx)
		return err
	})
	if err != nil {
		return "", err
	}
	if !now.SIPConfigured() || !now.SIPDialout {
		return "", talk.Fail(talk.NotImplemented, "not_configured")
	}
	return svc.dial(ctx, d)
}
