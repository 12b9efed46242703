// Package call holds the use cases of calls: joining and leaving, ringing, and what people
// may know of a call. The media travel between clients, see package signal.
package call

import (
	"context"
	"errors"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/store/calls"
	"parley/internal/talk"
)

// Options are what a Service is made of.
type Options struct {
	Store *db.DB
	Rooms *room.Service
	// Settings are those of the administrator.
	Settings *settings.Service
	// CompletePair brings the one of a one-to-one back who is not in it.
	CompletePair func(*room.Change) error
	// Pusher has apps told of calls.
	Pusher store.Pusher
	// Dial has a telephone called by the signaling server, and returns the id of the call.
	Dial func(ctx context.Context, d Dialout) (callID string, err error)
}

// Service runs the use cases of calls. It is safe for concurrent use.
type Service struct {
	store        *db.DB
	rooms        *room.Service
	settings     *settings.Service
	completePair func(*room.Change) error
	pusher       store.Pusher
	dial         func(context.Context, Dialout) (string, error)
}

// New returns a Service. EndOverdue has to run beside it.
func New(o Options) *Service {
	return &Service{
		store: o.Store, rooms: o.Rooms, settings: o.Settings, completePair: o.CompletePair, pusher: o.Pusher, dial: o.Dial,
	}
}

// enabled fails with Forbidden while the administrator lets nobody call.
func enabled(s *settings.Settings) error {
	if s.StartCalls == talk.StartCallsNobody {
		return &talk.Error{Kind: talk.Forbidden, Guard: true}
	}
	return nil
}

// Join is how somebody joins a call.
type Join struct {
	Flags talk.CallFlags
	// Silent calls nobody, if the call begins with it; SilentFor are accounts that are not
	// called.
	Silent    bool
	SilentFor []string
	// Agreed tells that they agree to being recorded.
	Agreed bool
}

// Join brings the session of the caller into the call. Failures: Forbidden where nobody may
// call, Invalid for other flags than there are, and those of [talk.CallJoin].
func (svc *Service) Join(ctx context.Context, s room.Scope, j Join) error {
	if err := j.Flags.CheckFlags(); err != nil {
		return err
	}
	var refused error
	err := svc.rooms.Change(ctx, s, func(c *room.Change) error {
		err := svc.JoinIn(c, j)
		if c.Room.Type == talk.OneToOne && talk.IsKind(err, talk.NotFound) {
			// The attempt brings the other one back all the same.
			refused, err = err, nil
		}
		return err
	})
	if err != nil {
		return err
	}
	return refused
}

// JoinIn brings the session of whoever makes the change into the call.
func (svc *Service) JoinIn(c *room.Change, j Join) error {
	if err := enabled(c.Settings); err != nil {
		return err
	}
	if c.Room.Type == talk.OneToOne {
		if err := svc.completePair(c); err != nil {
			return err
		}
	}
	final := talk.FinalPermissions(c.Room, &c.Me.Attendee, c.Settings.DefaultPermissions)
	err := talk.CallJoin{
		Room: c.Room, Me: c.Me, Final: final, Who: c.Settings.StartCalls, Consent: c.Settings.ConsentIn(c.Room) != 0, Agreed: j.Agreed,
	}.Check()
	if err != nil {
		return err
	}
	return c.JoinCall(c.Me, room.CallEntry{Asked: j.Flags, Flags: j.Flags.Allowed(final), Silent: j.Silent, SilentFor: j.SilentFor})
}

// SetFlags changes how the session of the caller takes part in the call. Failures: NotFound
// without a session, Invalid out of the call.
func (svc *Service) SetFlags(ctx context.Context, s room.Scope, flags talk.CallFlags) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if c.Me.Session == nil {
			return talk.Fail(talk.NotFound, "")
		}
		if err := flags.CanChangeFlags(c.Me.Session.InCall); err != nil {
			return err
		}
		final := talk.FinalPermissions(c.Room, &c.Me.Attendee, c.Settings.DefaultPermissions)
		return c.SetCallFlags(c.Me, flags.Allowed(final))
	})
}

// Leave takes the session of the caller out of the call; forEveryone ends it, if a moderator
// wants that. Failure: NotFound without a session.
func (svc *Service) Leave(ctx context.Context, s room.Scope, forEveryone bool) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		switch {
		case c.Me.Session == nil:
			return talk.Fail(talk.NotFound, "")
		case forEveryone && c.Me.IsModerator():
			return c.EndCall(c.Me.Actor, true)
		case c.Me.Session.InCall == talk.NotInCall:
			return c.EndCallIfOver(c.Me.Actor)
		}
		return c.LeaveCall(c.Me.Session, c.Me.Actor)
	})
}

// Peers returns the sessions in the call. Failure: Forbidden where nobody may call.
func (svc *Service) Peers(ctx context.Context, s room.Scope) (all []calls.Member, err error) {
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		if err := enabled(f.Settings); err != nil {
			return err
		}
		all, err = calls.Peers(tx, f.Room.ID)
		return err
	})
	return all, err
}

// Notice returns the state of the call for an app of the caller that rings. A conversation
// that is gone, or not the caller's, has nothing to tell.
func (svc *Service) Notice(ctx context.Context, s room.Scope) (notice talk.CallNotice, err error) {
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		joined, err := calls.HasJoined(tx, f.Me.ID)
		if err != nil {
			return err
		}
		in, err := calls.Has(tx, f.Me.ID)
		notice = talk.NoticeOf(f.Room, joined, in, tx.Now())
		return err
	})
	if talk.IsKind(err, talk.NotFound) || talk.IsKind(err, talk.Forbidden) {
		return talk.CallDismissed, nil
	}
	return notice, err
}

// Roll is who has joined a call.
type Roll struct {
	// Room is the name of the conversation, At the time in Unix seconds.
	Room      string
	At        int64
	Attendees []Attendee
}

// Attendee is somebody who has joined a call.
type Attendee = calls.Attendee

// Joined returns who has joined the running call. Failure: Invalid where no call is running.
func (svc *Service) Joined(ctx context.Context, s room.Scope) (roll Roll, err error) {
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		if !f.Room.HasCall() {
			return talk.Fail(talk.Invalid, "")
		}
		all, err := calls.Joined(tx, f.Room.ID)
		if err == nil && len(all) == 0 {
			err = talk.Fail(talk.Invalid, "")
		}
		roll = Roll{Room: f.Room.Name, At: tx.Now(), Attendees: all}
		return err
	})
	return roll, err
}

// Ring calls somebody into the running call again. Failures: Forbidden where nobody may
// call, and those of [talk.CallRing].
func (svc *Service) Ring(ctx context.Context, s room.Scope, attendee int64) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if err := enabled(c.Settings); err != nil {
			return err
		}
		r := talk.CallRing{Room: c.Room, Caller: c.Me}
		if err := lookAt(c, &r, attendee); err != nil {
			return err
		}
		needed, err := r.Check()
		if err != nil || !needed {
			return err
		}
		user := r.Target.Actor.ID
		if err := svc.pusher.WithdrawFrom(c.Tx, c.Room.ID, user, talk.NotifiedCall, talk.NotifiedMissedCall); err != nil {
			return err
		}
		return svc.pusher.Notify(c.Tx, store.Notification{RoomID: c.Room.ID, Subject: talk.NotifiedCall, Actor: c.Actor()}, []string{user})
	})
}

// lookAt finds whom somebody wants to call, and how they are.
func lookAt(c *room.Change, r *talk.CallRing, attendee int64) error {
	at, err := store.Attendee(c.Tx, c.Room.ID, attendee)
	if db.IsNone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	r.Target = &at
	if at.Actor.Type != talk.ActorUsers {
		return nil
	}
	if r.TargetInCall, err = calls.Has(c.Tx, at.ID); err != nil {
		return err
	}
	status, err := store.Status(c.Tx, at.Actor.ID)
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	r.TargetQuiet = status.At(c.Tx.Now()).Availability == talk.DND
	return err
}

// EndOverdue ends calls that took longer than the administrator allows, and those that nobody
// is in any more, whatever happened to them.
func (svc *Service) EndOverdue(ctx context.Context) error {
	find := func(tx *db.Tx, limit int) ([]string, error) {
		now, err := svc.settings.In(tx)
		if err != nil {
			return nil, err
		}
		return calls.Overdue(tx, startedBefore(now, tx.Now()), limit)
	}
	system := talk.Guest(talk.GuestSystem)
	return svc.rooms.EachRoom(ctx, find, func(c *room.Change) error {
		if c.Room.HasCall() && c.Room.CallSince < startedBefore(c.Settings, c.Tx.Now()) {
			return c.EndCall(system, true)
		}
		return c.EndCallIfOver(system)
	})
}

// startedBefore is the time before which calls began that have to end at now, 0 for none.
func startedBefore(s *settings.Settings, now int64) int64 {
	if s.MaxCallDuration <= 0 {
		return 0
	}
	return now - int64(s.MaxCallDuration)
}
