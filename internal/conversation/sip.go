package conversation

import (
	"context"
	"errors"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/talk"
)

// minDialableToken is the least number of digits of a token that telephones
// dial: digits alone are easier to guess than letters.
const minDialableToken = 10

// newToken returns a token of the given length for a new conversation, of
// digits when telephones may have to dial it.
func newToken(s *settings.Settings, length int) string {
	if s.SIPConfigured() {
		return secret.DigitToken(max(length, minDialableToken))
	}
	return secret.Token(length, secret.RoomAlphabet)
}

// telephones reports whether people can dial into the room with a PIN or
// without.
func telephones(s *settings.Settings, r *talk.Room) bool {
	return s.SIPConfigured() && r.SIP != talk.SIPDisabled
}

// lacksPIN reports whether an attendee should have a PIN and has none yet.
func lacksPIN(s *settings.Settings, r *talk.Room, at *talk.Attendee) bool {
	return telephones(s, r) && at.NeedsPIN()
}

// canDialOut reports whether the caller may have telephones called.
func canDialOut(s *settings.Settings, tx *db.Tx, caller talk.Caller) (bool, error) {
	if !s.SIPConfigured() || !s.SIPDialout {
		return false, nil
	}
	return settings.InAny(tx, caller, s.SIPGroups)
}

// SetSIP lets telephones into the conversation or keeps them out. Failures:
// Forbidden config for people outside of the groups that may, NotReady config
// without a bridge, Invalid breakout-room, type, value, token.
func (svc *Service) SetSIP(ctx context.Context, s room.Scope, state talk.SIPState) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		allowed, err := settings.InAny(c.Tx, c.Caller, c.Settings.SIPGroups)
		switch {
		case err != nil:
			return err
		case !allowed:
			return talk.Fail(talk.Forbidden, "config")
		case !c.Settings.SIPConfigured():
			return talk.Fail(talk.NotReady, "config")
		case c.Room.SIP == state:
			return nil
		}
		if err := talk.CanSetSIP(c.Room, state); err != nil {
			return err
		}
		c.Room.SIP = state
		return c.SaveRoom(talk.EventSettings)
	})
}

// showPINs runs f, which has to show PINs, on a snapshot. While f finds that some are
// due, everybody gets theirs and f runs again.
func (svc *Service) showPINs(ctx context.Context, s room.Scope, f func(*db.Tx, *room.Facts) (due bool, err error)) error {
	for {
		due := false
		err := svc.rooms.Inspect(ctx, s, func(tx *db.Tx, known *room.Facts) (err error) {
			due, err = f(tx, known)
			return err
		})
		if err != nil || !due {
			return err
		}
		if err := svc.givePINs(ctx, s.Token, s.Caller); err != nil {
			return err
		}
	}
}

// givePINs gives a PIN to everybody in a conversation who lacks one. PINs come
// this late since most conversations never see a telephone.
func (svc *Service) givePINs(ctx context.Context, token string, caller talk.Caller) error {
	return svc.rooms.Change(ctx, room.Scope{Caller: caller, Token: token}, func(c *room.Change) error {
		if c.Room == nil {
			return nil
		}
		rows, err := store.AttendeesOfTypes(c.Tx, c.Room.ID, talk.ActorUsers, talk.ActorEmails)
		for i := range rows {
			if err == nil {
				err = givePIN(c, &rows[i])
			}
		}
		return err
	})
}

// givePIN gives an attendee a PIN that nobody else in the conversation has, if
// they should have one.
func givePIN(c *room.Change, at *talk.Attendee) error {
	if !lacksPIN(c.Settings, c.Room, at) {
		return nil
	}
	for {
		pin := secret.PIN()
		_, err := store.AttendeeByPIN(c.Tx, c.Room.ID, pin)
		if errors.Is(err, db.ErrNotFound) {
			at.PIN = pin
			return c.SaveOwn(at)
		}
		if err != nil {
			return err
		}
	}
}

// addTelephony completes views with what the caller may do about telephones.
func addTelephony(tx *db.Tx, s *settings.Settings, caller talk.Caller, views []RoomView) error {
	if !s.SIPConfigured() {
		return nil
	}
	allowed, err := settings.InAny(tx, caller, s.SIPGroups)
	for i := range views {
		v := &views[i]
		v.CanEnableSIP = allowed && v.Me.Type.IsAccountModerator() && v.Room.CanDialIn()
	}
	return err
}

// SIPState is the telephone access of the conversation as clients see it.
func (v *RoomView) SIPState() talk.SIPState {
	if !v.Settings.SIPConfigured() {
		return talk.SIPDisabled
	}
	return v.Room.SIP
}

// PIN is the caller's own PIN, empty while telephones have no access.
func (v *RoomView) PIN() string {
	if !telephones(v.Settings, &v.Room) {
		return ""
	}
	return v.Me.PIN
}

// lacksPIN reports whether the caller's own PIN has to be made first.
func (v *RoomView) lacksPIN() bool {
	return v.Me != nil && v.Me.ID != 0 && lacksPIN(v.Settings, &v.Room, &v.Me.Attendee)
}

// visibility is what somebody who reads the list of participants may know of their
// telephones. The zero value sees nothing.
type visibility struct {
	// own is the attendee whose PIN is the reader's own, 0 for none.
	own int64
	// pins, numbers and calls are shown of everybody.
	pins, numbers, calls bool
}

// visibilityOf tells what a participant may know: moderators see addresses and PINs, others only their own.
func visibilityOf(tx *db.Tx, f *room.Facts, caller talk.Caller) (v visibility, err error) {
	if !f.Settings.SIPConfigured() {
		return v, nil
	}
	moderator := f.Me.Type.IsAccountModerator()
	if telephones(f.Settings, f.Room) {
		v.own, v.pins = f.Me.ID, moderator
	}
	v.numbers = moderator
	if moderator {
		v.calls, err = canDialOut(f.Settings, tx, caller)
	}
	return v, err
}

// seesPIN reports whether the attendee's PIN is shown.
func (v visibility) seesPIN(at *talk.Attendee) bool { return v.pins || v.own != 0 && v.own == at.ID }

// of returns the attendee without what must not be seen.
func (v visibility) of(at talk.Attendee) talk.Attendee {
	if !v.seesPIN(&at) {
		at.PIN = ""
	}
	if !v.numbers {
		at.PhoneNumber = ""
	}
	if !v.calls {
		at.CallID = ""
	}
	return at
}
