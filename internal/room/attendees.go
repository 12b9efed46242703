package room

import (
	"parley/internal/store"
	"parley/internal/store/signals"
	"parley/internal/talk"
)

// What others are told of is stored by these methods and not by the functions of store,
// so that no change is made in silence; archtest sees to it.

// notice raises the version of the conversation if only that of its chat was raised:
// something else changes after all.
func (c *Change) notice() error {
	if !c.chatOnly {
		return nil
	}
	c.chatOnly = false
	return store.RaiseVersion(c.Tx, c.Room.Token)
}

// tell emits what the actor of the change did, to somebody or to nobody in particular.
func (c *Change) tell(kind talk.EventKind, about talk.Actor) {
	c.Emit(Event{Kind: kind, Actor: c.Actor(), About: about})
}

// SaveRoom stores the settings of the conversation and tells what kind of them changed.
func (c *Change) SaveRoom(kind talk.EventKind) error {
	if err := c.notice(); err != nil {
		return err
	}
	c.tell(kind, talk.Actor{})
	return store.UpdateRoom(c.Tx, c.Room)
}

// DeleteRoom removes the conversation with everything in it.
func (c *Change) DeleteRoom() error {
	if err := c.notice(); err != nil {
		return err
	}
	e := Event{Kind: talk.EventRoomDeleted, Actor: c.Actor()}
	if c.Settings.EventsUsed || !c.Settings.PolledSignaling() {
		var err error
		if e.Were, err = store.AccountsIn(c.Tx, c.Room.ID); err != nil {
			return err
		}
	}
	c.Emit(e)
	return store.DeleteRoom(c.Tx, c.Room)
}

// SaveAttendee stores what changed of an attendee and tells what it was.
func (c *Change) SaveAttendee(at *talk.Attendee, kind talk.EventKind) error {
	if err := c.notice(); err != nil {
		return err
	}
	c.tell(kind, at.Actor)
	return store.UpdateAttendee(c.Tx, at)
}

// SaveOwn stores what changed of an attendee that concerns nobody else, such as their
// favourites.
func (c *Change) SaveOwn(at *talk.Attendee) error {
	if err := c.notice(); err != nil {
		return err
	}
	return store.UpdateAttendee(c.Tx, at)
}

// AddAttendee stores a new attendee. Failure: db.ErrDuplicate.
func (c *Change) AddAttendee(at *talk.Attendee) error {
	if err := c.notice(); err != nil {
		return err
	}
	err := store.InsertAttendee(c.Tx, at)
	if err == nil {
		c.tell(talk.EventAdded, at.Actor)
	}
	return err
}

// AddReader is AddAttendee for somebody who has read everything so far.
func (c *Change) AddReader(at *talk.Attendee) error {
	if err := c.notice(); err != nil {
		return err
	}
	c.tell(talk.EventAdded, at.Actor)
	return store.InsertReader(c.Tx, at)
}

// AddAttendees stores those of the attendees that are not there yet; the others keep the
// id 0.
func (c *Change) AddAttendees(rows []*talk.Attendee) error {
	if err := c.notice(); err != nil {
		return err
	}
	for _, at := range rows {
		c.tell(talk.EventAdded, at.Actor)
	}
	return store.InsertAttendees(c.Tx, rows)
}

// RemoveAttendee removes an attendee with their sessions.
func (c *Change) RemoveAttendee(at *talk.Attendee) error {
	if err := c.notice(); err != nil {
		return err
	}
	e := Event{Kind: talk.EventRemoved, Actor: c.Actor(), About: at.Actor}
	if c.Settings.ExternalSignaling() {
		own, err := store.SessionsOf(c.Tx, at.ID)
		if err != nil {
			return err
		}
		for i := range own {
			e.SessionIDs = append(e.SessionIDs, own[i].SessionID)
		}
	}
	c.Emit(e)
	if err := store.DeleteAttendee(c.Tx, c.Room, at.ID); err != nil {
		return err
	}
	return c.EndCallIfOver(talk.Guest(talk.GuestSystem))
}

// RemoveRoles removes all who have one of the roles.
func (c *Change) RemoveRoles(roles ...talk.ParticipantType) error {
	if err := c.notice(); err != nil {
		return err
	}
	var sessions map[talk.Actor][]string
	if c.Settings.ExternalSignaling() {
		var err error
		if sessions, err = signals.SessionsOfRoles(c.Tx, c.Room.ID, roles); err != nil {
			return err
		}
	}
	removed, err := store.DeleteAttendeesOfRoles(c.Tx, c.Room, roles...)
	for _, who := range removed {
		c.Emit(Event{Kind: talk.EventRemoved, Actor: c.Actor(), About: who, SessionIDs: sessions[who]})
	}
	if err != nil {
		return err
	}
	return c.EndCallIfOver(talk.Guest(talk.GuestSystem))
}

// OpenSession stores a new session of a participant.
func (c *Change) OpenSession(me *talk.Participant) error {
	if err := c.notice(); err != nil {
		return err
	}
	c.tell(talk.EventJoined, me.Actor)
	return store.InsertSession(c.Tx, me.Session)
}

// CloseSession removes a session of an attendee, who leaves the call with it.
func (c *Change) CloseSession(s *talk.Session, at *talk.Attendee) error {
	if err := c.LeaveCall(s, at.Actor); err != nil {
		return err
	}
	if err := c.notice(); err != nil {
		return err
	}
	c.Emit(Event{Kind: talk.EventLeft, Actor: c.Actor(), About: at.Actor, Session: s})
	return store.DeleteSession(c.Tx, s.ID)
}
