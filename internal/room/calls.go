package room

import (
	"parley/internal/store"
	"parley/internal/store/calls"
	"parley/internal/talk"
)

// CallStep is what happened in a call.
type CallStep int

// What happens in calls. A step but the end is one of a session.
const (
	CallStarted CallStep = iota
	CallJoined
	// CallFlags is a session that takes part in another way.
	CallFlags
	CallLeft
	// CallEnded is the end of the call. Sessions that were in it then are told nothing else.
	CallEnded
)

// CallChange is what an event of a call is about.
type CallChange struct {
	Step CallStep
	// Session is the one whose step it is, with its flags as they are now.
	Session talk.Session
	// ForEveryone tells of an end that took people out of the call.
	ForEveryone bool
	// Silent tells of a start that nobody is told of, SilentFor of one that some accounts are
	// not told of.
	Silent    bool
	SilentFor []string
}

// CallEntry is how a session comes into a call.
type CallEntry struct {
	// Asked are the flags that the client asked for, which the call is announced with, and
	// Flags those of them that the session may have.
	Asked, Flags talk.CallFlags
	// Silent and SilentFor are those of [CallChange], if the call begins with it.
	Silent    bool
	SilentFor []string
}

// JoinCall brings the session of a participant into the call, which it starts if none is
// running. In a call already, it takes part in another way from now on.
func (c *Change) JoinCall(p *talk.Participant, in CallEntry) error {
	if err := c.notice(); err != nil {
		return err
	}
	step := CallJoined
	switch {
	case !c.Room.HasCall():
		step, c.Room.CallSince = CallStarted, c.Tx.Now()
	case p.Session.InCall != talk.NotInCall:
		step = CallFlags
	}
	c.Room.CallFlag |= in.Asked
	if err := store.UpdateRoom(c.Tx, c.Room); err != nil {
		return err
	}
	if err := calls.NoteJoined(c.Tx, c.Room.ID, p.ID); err != nil {
		return err
	}
	change := &CallChange{Step: step}
	if step == CallStarted {
		change.Silent, change.SilentFor = in.Silent, in.SilentFor
	}
	if err := c.setFlags(p.Session, p.Actor, in.Flags, change); err != nil {
		return err
	}
	switch step {
	case CallStarted:
		return c.Post(&talk.Message{Actor: p.Actor, System: talk.CallStarted, Silent: in.Silent})
	case CallJoined:
		return c.Post(&talk.Message{Actor: p.Actor, System: talk.CallJoined})
	}
	return nil
}

// SetCallFlags changes how a session in the call takes part.
func (c *Change) SetCallFlags(p *talk.Participant, flags talk.CallFlags) error {
	if err := c.notice(); err != nil {
		return err
	}
	return c.setFlags(p.Session, p.Actor, flags, &CallChange{Step: CallFlags})
}

// setFlags stores how the session of somebody takes part in the call and tells of it.
func (c *Change) setFlags(s *talk.Session, who talk.Actor, flags talk.CallFlags, change *CallChange) error {
	s.InCall = flags
	change.Session = *s
	c.Emit(Event{Kind: talk.EventCall, Actor: c.Actor(), About: who, Call: change})
	return store.UpdateSession(c.Tx, s)
}

// LeaveCall takes a session of somebody out of the call, which ends if nobody else keeps it
// alive. Nothing happens if it is in none.
func (c *Change) LeaveCall(s *talk.Session, who talk.Actor) error {
	if s.InCall == talk.NotInCall {
		return nil
	}
	if err := c.dropFromCall(s, who); err != nil {
		return err
	}
	return c.EndCallIfOver(who)
}

// dropFromCall takes a session of somebody out of the call.
func (c *Change) dropFromCall(s *talk.Session, who talk.Actor) error {
	if err := c.notice(); err != nil {
		return err
	}
	if err := c.setFlags(s, who, talk.NotInCall, &CallChange{Step: CallLeft}); err != nil {
		return err
	}
	return c.Post(&talk.Message{Actor: who, System: talk.CallLeft})
}

// clearCall takes all of a kind out of the call, one by one, and ends it if nobody is left.
func (c *Change) clearCall(out func(*calls.Member) bool) error {
	if !c.Room.HasCall() {
		return nil
	}
	in, err := calls.In(c.Tx, c.Room.ID)
	last := talk.Guest(talk.GuestSystem)
	for i := range in {
		if err == nil && out(&in[i]) {
			last = in[i].Actor
			err = c.dropFromCall(&in[i].Session, last)
		}
	}
	if err != nil {
		return err
	}
	return c.EndCallIfOver(last)
}

// KeepWaitingOut takes everybody out of the call whom a lobby that was switched on keeps out:
// all but moderators.
func (c *Change) KeepWaitingOut() error {
	if c.Room.LobbyState == talk.LobbyOff {
		return nil
	}
	return c.clearCall(func(m *calls.Member) bool { return !m.Type.IsModerator() })
}

// KeepAllOut takes everybody out of the call of a conversation that was locked.
func (c *Change) KeepAllOut() error {
	if !c.Room.Locked() {
		return nil
	}
	return c.clearCall(func(*calls.Member) bool { return true })
}

// EndCallIfOver ends the call, in the name of an actor, if one is running that nobody keeps
// alive.
func (c *Change) EndCallIfOver(actor talk.Actor) error {
	if !c.Room.HasCall() {
		return nil
	}
	active, err := calls.Active(c.Tx, c.Room.ID)
	if err != nil || active {
		return err
	}
	return c.EndCall(actor, false)
}

// EndCall ends the call in the name of an actor. Everybody is out of it without a message of
// their own, and permissions that held for the call hold no more.
func (c *Change) EndCall(actor talk.Actor, forEveryone bool) error {
	if !c.Room.HasCall() {
		return nil
	}
	if err := c.notice(); err != nil {
		return err
	}
	joined, err := calls.Joined(c.Tx, c.Room.ID)
	if err != nil {
		return err
	}
	end := talk.CallEnd{
		Room: c.Room, Actor: actor, ForEveryone: forEveryone, Seconds: c.Tx.Now() - c.Room.CallSince, Limit: int64(c.Settings.MaxCallDuration),
	}
	for _, a := range joined {
		end.Joined = append(end.Joined, a.Actor)
	}
	c.Room.CallSince, c.Room.CallFlag, c.Room.CallPermissions = 0, talk.NotInCall, talk.PermissionDefault
	if err := store.UpdateRoom(c.Tx, c.Room); err != nil {
		return err
	}
	if err := calls.End(c.Tx, c.Room.ID); err != nil {
		return err
	}
	c.Emit(Event{Kind: talk.EventCall, Actor: actor, Call: &CallChange{Step: CallEnded, ForEveryone: forEveryone}})
	return c.Post(end.Message())
}
