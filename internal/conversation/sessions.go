package conversation

import (
	"context"
	"crypto/sha1" //nolint:gosec // guest ids are SHA-1 by the protocol, nothing is protected by it
	"encoding/hex"
	"errors"
	"fmt"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
)

// JoinOptions are the wishes of somebody who opens a conversation.
type JoinOptions struct {
	// Password is what the conversation may ask of self-joining people.
	Password string
	// Force replaces a session that the same client holds already.
	Force bool
}

// Join opens the conversation for the caller's client and returns the
// participant with the new session. Failures: NotFound, Forbidden "ban" or
// "password", *talk.SessionConflict.
func (svc *Service) Join(ctx context.Context, s room.Scope, o JoinOptions) (*RoomView, error) {
	for tries := range maxPasswordChecks {
		verified, err := svc.verifyRoomPassword(ctx, s, o, tries > 0)
		if err != nil {
			return nil, err
		}
		j := joining{JoinOptions: o, verified: verified, sessionID: secret.Token(talk.SessionIDLength, secret.Alphanumeric)}
		view, err := svc.join(ctx, s, &j)
		switch {
		case err != nil:
			return nil, err
		case j.unverified:
			continue
		case j.denied != nil:
			return nil, j.denied
		}
		svc.rooms.Expect(s, true)
		return view, nil
	}
	return nil, fmt.Errorf("%w: the password of the conversation changed %d times", db.ErrUnavailable, maxPasswordChecks)
}

// join is one attempt to join. It changes nothing if the password has to be checked
// first.
func (svc *Service) join(ctx context.Context, s room.Scope, j *joining) (view *RoomView, err error) {
	err = svc.store.WriteKey(ctx, s.Token, func(tx *db.Tx) error {
		c, known, err := svc.rooms.LockAdmitted(tx, s)
		if err != nil {
			return err
		}
		j.c, j.denied = c, nil
		if j.unverified, err = j.verified.misses(tx, known, s, j.JoinOptions); err != nil || j.unverified {
			return err
		}
		if err := j.run(); err != nil || j.denied != nil {
			return err
		}
		if err := c.RefreshNewest(); err != nil {
			return err
		}
		view, err = viewFor(tx, c.Settings, s.Caller, c.Room, c.Me)
		return err
	})
	return view, err
}

// joining is a join in progress.
type joining struct {
	JoinOptions
	c        *room.Change
	verified passwordCheck
	// unverified tells that the password has to be checked before anything else.
	unverified bool
	// sessionID is the id that the new session will have.
	sessionID string
	// denied is a refusal that must not undo the end of the old session.
	denied error
}

func (j *joining) run() error {
	if j.c.Room == nil || !j.c.Room.VisibleTo(j.c.Caller, j.c.Me != nil) {
		return talk.Fail(talk.NotFound, "")
	}
	if err := j.refuseBanned(); err != nil || j.denied != nil {
		return err
	}
	returning, err := j.endOld()
	if err != nil {
		return err
	}
	if err := j.emailGuest(); err != nil {
		return err
	}
	if j.c.Me == nil {
		if err := j.admit(returning); err != nil || j.denied != nil {
			return err
		}
	}
	if err := givePIN(j.c, &j.c.Me.Attendee); err != nil {
		return err
	}
	return j.open()
}

// endOld ends the session that the client holds. It reports whether a guest
// comes back, who needs no password. A self-joined user without another session
// is out of the conversation by it.
func (j *joining) endOld() (returning bool, err error) {
	if j.c.Me == nil {
		return false, nil
	}
	if err := j.conflict(); err != nil {
		return false, err
	}
	returning = j.c.Me.Session != nil && !j.c.Caller.LoggedIn()
	if j.c.Legacy {
		err = j.endAll()
	} else if j.c.Me.Session != nil {
		err = j.c.CloseSession(j.c.Me.Session, &j.c.Me.Attendee)
	}
	if err != nil {
		return returning, err
	}
	j.c.Me.Session = nil
	return returning, j.forgetReplaced()
}

// endAll ends all sessions of the attendee.
func (j *joining) endAll() error {
	own, err := store.SessionsOf(j.c.Tx, j.c.Me.ID)
	if err != nil {
		return err
	}
	for i := range own {
		if own[i].InCall == talk.NotInCall {
			continue
		}
		if err := j.c.LeaveCall(&own[i], j.c.Me.Actor); err != nil {
			return err
		}
	}
	return store.DeleteSessionsOf(j.c.Tx, j.c.Me.ID)
}

// forgetReplaced removes the row of somebody who was only there by the session
// that ended: self-joined users, and guests of the old API versions.
func (j *joining) forgetReplaced() error {
	switch {
	case j.c.Me.Type == talk.SelfJoined:
		alive, err := store.HasSessions(j.c.Tx, j.c.Me.ID)
		if err != nil || alive {
			return err
		}
	case j.c.Legacy && j.c.Me.Actor.Type == talk.ActorGuests:
	default:
		return nil
	}
	at := &j.c.Me.Attendee
	j.c.Me = nil
	return j.c.RemoveAttendee(at)
}

// conflict refuses to replace a living session without force.
func (j *joining) conflict() error {
	if j.Force {
		return nil
	}
	if j.c.Me.Session != nil {
		return &talk.SessionConflict{Session: *j.c.Me.Session}
	}
	if !j.c.Legacy {
		return nil
	}
	own, err := store.SessionsOf(j.c.Tx, j.c.Me.ID)
	if err != nil || len(own) == 0 {
		return err
	}
	return &talk.SessionConflict{Session: own[len(own)-1]}
}

// admit makes a stranger a participant.
func (j *joining) admit(returning bool) error {
	listed := j.c.Room.ListedFor(j.c.Caller)
	if j.c.Room.HasPassword() && !returning && !listed && !j.verified.ok {
		j.denied = talk.Fail(talk.Forbidden, "password")
		return nil
	}
	if !j.c.Caller.LoggedIn() {
		return j.admitGuest()
	}
	if listed {
		return j.admitUser(talk.Member)
	}
	return j.admitUser(talk.SelfJoined)
}

func (j *joining) admitUser(role talk.ParticipantType) error {
	account, err := store.AccountByID(j.c.Tx, j.c.Caller.UserID)
	if errors.Is(err, db.ErrNotFound) {
		return talk.Fail(talk.Unauthenticated, "")
	}
	if err != nil {
		return err
	}
	at, err := insertUser(j.c, account, role)
	if err != nil {
		return err
	}
	j.c.Me = &talk.Participant{Attendee: at}
	if role == talk.SelfJoined {
		return nil
	}
	return j.c.PostSystemAbout(talk.UserAdded, at.Actor)
}

// admitGuest lets a guest in: as who they were when their last session died, if
// the client still knows it, or else as a new one.
func (j *joining) admitGuest() error {
	former, err := j.formerGuest()
	if err != nil {
		return err
	}
	if former != nil && !j.c.Legacy {
		j.c.Me = &talk.Participant{Attendee: *former}
		if err := store.RememberGuest(j.c.Tx, former.ID); err != nil {
			return err
		}
		return store.SetClientRoom(j.c.Tx, j.c.Caller.Client, j.c.Room.Token, store.ClientRoom{GuestActor: former.Actor.ID})
	}
	if former != nil {
		if err := j.c.RemoveAttendee(former); err != nil {
			return err
		}
	}
	return j.newGuest()
}

func (j *joining) newGuest() error {
	at := talk.Attendee{RoomID: j.c.Room.ID, Type: talk.GuestRole, NotificationCalls: 1}
	at.Actor = talk.Guest(guestID(j.sessionID))
	j.c.Me = &talk.Participant{Attendee: at}
	if err := insertRow(j.c, &j.c.Me.Attendee); err != nil {
		return err
	}
	// The answer to the very first join of a guest shows call notifications as
	// off, later ones as the row has them; Talk does so too.
	j.c.Me.NotificationCalls = 0
	return store.SetClientRoom(j.c.Tx, j.c.Caller.Client, j.c.Room.Token, store.ClientRoom{GuestActor: j.c.Me.Actor.ID})
}

// open stores the new session.
func (j *joining) open() error {
	s := &talk.Session{
		SessionID: j.sessionID, RoomID: j.c.Room.ID, AttendeeID: j.c.Me.ID,
		Client: j.c.Caller.Client, LastPing: j.c.Tx.Now(), State: talk.SessionActive,
	}
	if j.c.Caller.Fresh {
		s.Device = j.c.Caller.Device
	}
	j.c.Me.Session = s
	return j.c.OpenSession(j.c.Me)
}

// guestID derives the actor id of a guest from their first session id.
func guestID(sessionID string) string {
	sum := sha1.Sum([]byte(sessionID)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

// Leave closes the conversation for the caller's client; membership stays, but
// for those who were only there by this session. Failure: NotFound for callers
// who can neither see the conversation nor hold a session in it.
func (svc *Service) Leave(ctx context.Context, s room.Scope) error {
	return svc.store.WriteKey(ctx, s.Token, func(tx *db.Tx) error {
		c, _, err := svc.rooms.LockAdmitted(tx, s)
		if err != nil {
			return err
		}
		if c.Me != nil && c.Me.Session != nil {
			return LeaveSession(c, c.Me.Session, &c.Me.Attendee)
		}
		key := s.Caller.Client
		if s.Caller.Fresh {
			key = s.Caller.Device
		}
		lost, err := store.TakeLost(tx, key, s.Token)
		if err != nil || lost {
			return err
		}
		if c.Room == nil || !c.Room.VisibleTo(s.Caller, c.Me != nil || c.Room.Concerns(s.Caller)) {
			return &talk.Error{Kind: talk.NotFound, Guard: true}
		}
		return nil
	})
}

// LeaveSession ends one session of somebody who wants to go, and removes those who were
// only there by a session. Guests with a role or permissions of their own stay
// listed for some time, but are somebody else when they return.
func LeaveSession(c *room.Change, session *talk.Session, at *talk.Attendee) error {
	last, err := endSession(c, session, at)
	switch {
	case err != nil || !last:
		return err
	case at.Type == talk.SelfJoined:
		return c.RemoveAttendee(at)
	case c.Legacy || at.HiddenWithoutSession():
		return removeGuest(c, at)
	}
	if err := store.GuestLeft(c.Tx, c.Caller.Client, c.Room.Token); err != nil {
		return err
	}
	return guestAway(c, at)
}

// expire ends a session that died. A self-joined user without another one is out
// of the conversation; a guest may come back for some time.
func expire(c *room.Change, session *talk.Session, at *talk.Attendee) error {
	last, err := endSession(c, session, at)
	switch {
	case err != nil || !last:
		return err
	case at.Type == talk.SelfJoined:
		return c.RemoveAttendee(at)
	}
	return guestAway(c, at)
}

// endSession ends a session and reports whether it was the last one of somebody
// who is only there by sessions.
func endSession(c *room.Change, session *talk.Session, at *talk.Attendee) (last bool, err error) {
	if err := c.CloseSession(session, at); err != nil {
		return false, err
	}
	if at.Type != talk.SelfJoined && at.Actor.Type != talk.ActorGuests {
		return false, nil
	}
	alive, err := store.HasSessions(c.Tx, at.ID)
	return !alive, err
}

// SetSessionState tells whether the person looks at the conversation. Failures:
// NotFound without a session, Invalid for another state.
func (svc *Service) SetSessionState(ctx context.Context, s room.Scope, state int) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if c.Me.Session == nil {
			return talk.Fail(talk.NotFound, "")
		}
		if err := talk.CheckSessionState(state); err != nil {
			return err
		}
		c.Me.Session.State = state
		return store.UpdateSession(c.Tx, c.Me.Session)
	})
}
