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

// BridgeScope is the place of a request of the SIP bridge, in any conversation.
type BridgeScope struct {
	room.Scope
	Proof talk.BridgeProof
}

// errNoBridge is returned for telephony that is not set up.
var errNoBridge = talk.Fail(talk.NotImplemented, "")

// anyTelephony is what most requests of the bridge need to be set up.
func anyTelephony(s *settings.Settings) bool { return s.SIPConfigured() }

// dialingOut is what telephones that are called need.
func dialingOut(s *settings.Settings) bool { return s.SIPConfigured() && s.SIPDialout }

// withoutSetup is for requests that depend on the secret alone.
func withoutSetup(*settings.Settings) bool { return true }

// authorize lets the bridge through once telephony is set up and its signature of
// data is right, before anything is locked or looked for: who cannot sign learns
// nothing about conversations. Failures: NotImplemented, Unauthenticated.
func (svc *Service) authorize(ctx context.Context, b BridgeScope, data string, ready func(*settings.Settings) bool) error {
	return svc.store.Read(ctx, func(tx *db.Tx) error {
		s, err := svc.settings.In(tx)
		if err != nil {
			return err
		}
		if !ready(s) {
			return errNoBridge
		}
		return b.verify(s, data)
	})
}

func (b *BridgeScope) verify(s *settings.Settings, data string) error {
	if !b.Proof.Valid(s.SIPSecret, data) {
		return talk.Fail(talk.Unauthenticated, "")
	}
	return nil
}

// anyRoom is the guard of what the bridge may do in all conversations.
var anyRoom = talk.Guard{Need: talk.NeedRoom}

// BridgeRoom returns the outline of any conversation to the bridge. Failures:
// Unauthenticated, NotFound.
func (svc *Service) BridgeRoom(ctx context.Context, b BridgeScope) (v *RoomView, err error) {
	err = svc.rooms.Inspect(ctx, b.Scope, func(_ *db.Tx, f *room.Facts) error {
		if b.verify(f.Settings, b.Token) != nil {
			return &talk.Error{Kind: talk.Unauthenticated, Guard: true}
		}
		if f.Room == nil {
			return &talk.Error{Kind: talk.NotFound, Guard: true}
		}
		v = &RoomView{Room: *f.Room, Listed: true, Settings: f.Settings}
		return nil
	})
	return v, err
}

// VerifyDialin returns the conversation as the attendee with the PIN sees it.
// Failures: NotImplemented, Unauthenticated, NotFound for a PIN that nobody has.
func (svc *Service) VerifyDialin(ctx context.Context, b BridgeScope, pin string) (*RoomView, error) {
	return svc.bridgeView(ctx, b, anyTelephony, func(tx *db.Tx, room *talk.Room) (talk.Attendee, error) {
		return store.AttendeeByPIN(tx, room.ID, pin)
	})
}

// VerifyDialout returns the conversation as the telephone sees it that the
// bridge called. Failures: NotImplemented, Unauthenticated, Invalid for somebody
// who is no telephone or has another number, NotFound.
func (svc *Service) VerifyDialout(ctx context.Context, b BridgeScope, number string, who talk.Actor) (*RoomView, error) {
	return svc.bridgeView(ctx, b, dialingOut, func(tx *db.Tx, room *talk.Room) (talk.Attendee, error) {
		if who.Type != talk.ActorPhones || who.ID == "" {
			return talk.Attendee{}, talk.Fail(talk.Invalid, "")
		}
		at, err := store.AttendeeOf(tx, room.ID, who)
		if err == nil && at.PhoneNumber != number {
			err = talk.Fail(talk.Invalid, "")
		}
		return at, err
	})
}

// bridgeView shows the bridge a conversation through the eyes of an attendee.
func (svc *Service) bridgeView(
	ctx context.Context, b BridgeScope, ready func(*settings.Settings) bool, find func(*db.Tx, *talk.Room) (talk.Attendee, error),
) (v *RoomView, err error) {
	if err := svc.authorize(ctx, b, b.Token, ready); err != nil {
		return nil, err
	}
	err = svc.rooms.View(ctx, room.Scope{Caller: b.Caller, Token: b.Token, Guard: anyRoom}, func(tx *db.Tx, f *room.Facts) error {
		at, err := find(tx, f.Room)
		if errors.Is(err, db.ErrNotFound) {
			return talk.Fail(talk.NotFound, "")
		}
		if err != nil {
			return err
		}
		views, err := completeViews(tx, f.Settings, b.Caller, []store.Membership{{Room: *f.Room, Me: at}}, nil)
		if err == nil {
			v = &views[0]
		}
		return err
	})
	return v, err
}

// RejectDialout forgets a call that the bridge could not make. Failures:
// NotImplemented, Unauthenticated, NotFound for another attendee, Invalid for
// none (0) and for another call.
func (svc *Service) RejectDialout(ctx context.Context, b BridgeScope, attendee int64, call string) error {
	if err := svc.authorize(ctx, b, b.Token, dialingOut); err != nil {
		return err
	}
	b.Guard = anyRoom
	return svc.rooms.Change(ctx, b.Scope, func(c *room.Change) error {
		if attendee == 0 {
			return talk.Fail(talk.Invalid, "")
		}
		at, err := targetOf(c, Target{AttendeeID: attendee})
		if err != nil {
			return err
		}
		if at.Actor.Type != talk.ActorPhones || at.CallID != call {
			return talk.Fail(talk.Invalid, "")
		}
		at.CallID = ""
		return c.SaveOwn(at)
	})
}

// OpenDialin seats somebody who dialled in without a PIN. Failures:
// Unauthenticated, Invalid where a PIN is needed.
func (svc *Service) OpenDialin(ctx context.Context, b BridgeScope) (*RoomView, error) {
	if err := svc.authorize(ctx, b, b.Token, withoutSetup); err != nil {
		return nil, err
	}
	var me *talk.Participant
	b.Guard = anyRoom
	err := svc.rooms.Change(ctx, b.Scope, func(c *room.Change) (err error) {
		if c.Room.SIP != talk.SIPWithoutPIN {
			return talk.Fail(talk.Invalid, "")
		}
		me, err = seatTelephone(c, "")
		return err
	})
	if err != nil {
		return nil, err
	}
	return svc.RoomFor(ctx, b.Caller, b.Token, me)
}

// DirectDialin opens a conversation with the account behind a telephone number
// and seats the calling telephone in it. name is what the telephone is called.
// Failures: NotImplemented, Unauthenticated, NotFound for a number that reaches
// nobody.
func (svc *Service) DirectDialin(ctx context.Context, b BridgeScope, number, name string) (*RoomView, error) {
	if err := svc.authorize(ctx, b, number, anyTelephony); err != nil {
		return nil, err
	}
	var token string
	var me *talk.Participant
	err := svc.store.Write(ctx, func(tx *db.Tx) error {
		s, err := svc.settings.In(tx)
		if err != nil {
			return err
		}
		owner, err := ReachedBy(tx, number)
		if err != nil {
			return err
		}
		name = cut(talk.WithoutHidden(name), talk.MaxGuestName)
		host := talk.Caller{UserID: owner.UserID, DisplayName: owner.DisplayName}
		token, err = svc.create(tx, s, host, talk.Room{
			Type: talk.Group, Name: suggestedName(name, ""), SIP: talk.SIPWithoutPIN,
			ObjectType: talk.ObjectPhoneTemporary, ObjectID: talk.ObjectIDDirectDialin,
		}, &invitees{})
		if err != nil {
			return err
		}
		c, _, err := svc.rooms.Lock(tx, room.Scope{Token: token, Caller: b.Caller})
		if err == nil {
			me, err = seatTelephone(c, name)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return svc.RoomFor(ctx, b.Caller, token, me)
}

// cut shortens a text to at most n characters.
func cut(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n])
	}
	return text
}

// seatTelephone adds a guest with a session of its own, which no cookie finds:
// the bridge speaks for many telephones at once.
func seatTelephone(c *room.Change, name string) (*talk.Participant, error) {
	id := secret.Token(talk.SessionIDLength, secret.Alphanumeric)
	me := &talk.Participant{Attendee: talk.Attendee{
		RoomID: c.Room.ID, Actor: talk.Guest(guestID(id)), DisplayName: name, Type: talk.GuestRole,
		NotificationCalls: 1,
	}}
	if err := insertRow(c, &me.Attendee); err != nil {
		return nil, err
	}
	me.Session = &talk.Session{
		SessionID: id, RoomID: c.Room.ID, AttendeeID: me.ID, Client: "telephone:" + guestID(id), LastPing: c.Tx.Now(), State: talk.SessionActive,
	}
	return me, c.OpenSession(me)
}
