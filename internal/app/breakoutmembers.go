package app

import (
	"errors"
	"slices"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// inBreakouts runs f in each breakout room of the conversation.
func (c *change) inBreakouts(f func(*change) error) error {
	if c.room.BreakoutMode == talk.BreakoutOff {
		return nil
	}
	return c.inFamily(c.room.Token, f)
}

// inFamily runs f in each breakout room of a parent, with the whole family locked.
func (c *change) inFamily(parent string, f func(*change) error) error {
	if err := store.LockFamily(c.Tx, parent); err != nil {
		return err
	}
	family, err := store.RoomsByObject(c.Tx, talk.ObjectBreakout, parent)
	if err != nil {
		return err
	}
	for _, r := range family {
		b, err := c.beside(r.Token)
		if err != nil {
			return err
		}
		if b.room == nil {
			continue
		}
		if err := f(b); err != nil {
			return err
		}
	}
	return nil
}

// row returns the row of an actor in the conversation, nil without one.
func (c *change) row(who talk.Actor) (*talk.Attendee, error) {
	at, err := store.AttendeeOf(c.Tx, c.room.ID, who)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil //nolint:nilnil // nobody is there
	}
	return &at, err
}

// removeFromBreakouts removes somebody who left the parent from all its
// breakout rooms.
func (c *change) removeFromBreakouts(who talk.Actor) error {
	return c.inBreakouts(func(b *change) error { return b.dismiss(who) })
}

// dismiss removes an actor that may be there.
func (c *change) dismiss(who talk.Actor) error {
	at, err := c.row(who)
	if err != nil || at == nil {
		return err
	}
	return c.remove(at)
}

// moderateBreakouts repeats a change of role in the breakout rooms: a new
// moderator moderates all of them, a former one is in none.
func (c *change) moderateBreakouts(at *talk.Attendee) error {
	if at.Actor.Type != talk.ActorUsers {
		return nil
	}
	return c.inBreakouts(func(b *change) error {
		if !at.IsModerator() {
			return b.dismiss(at.Actor)
		}
		return b.appoint(at)
	})
}

// appoint gives somebody the role that they have in the parent.
func (c *change) appoint(at *talk.Attendee) error {
	own, err := c.row(at.Actor)
	switch {
	case err != nil:
		return err
	case own == nil:
		return c.insertPeer(at)
	}
	own.Type, own.Permissions = at.Type, talk.PermissionDefault
	return store.UpdateAttendee(c.Tx, own)
}

// insertPeer stores a row for somebody of the parent, in the same role. Moderators
// who make the breakout room are not said to be added to it.
func (c *change) insertPeer(at *talk.Attendee) error {
	_, err := c.insertUser(store.Account{UserID: at.Actor.ID, DisplayName: at.DisplayName, ReadPrivacy: at.ReadPrivacy}, at.Type)
	if err != nil || at.Type.IsAccountModerator() && at.Actor == c.caller.Actor() {
		return err
	}
	return c.sayAbout(talk.UserAdded, at.Actor)
}

// addToBreakout adds an account to this breakout room and to the parent, and
// takes it out of the other breakout rooms. Failure: Invalid moderator for one
// who moderates another breakout room.
func (c *change) addToBreakout(id string) error {
	if err := store.LockFamily(c.Tx, c.room.ObjectID); err != nil {
		return err
	}
	parent, err := c.beside(c.room.ObjectID)
	if err != nil {
		return err
	}
	if parent.room == nil {
		return talk.Fail(talk.NotFound, "new-participant")
	}
	if err := parent.addUser(id); err != nil {
		return err
	}
	account, err := store.AccountByID(c.Tx, id)
	if err != nil {
		return err
	}
	if err := c.leaveSiblings(talk.User(account.UserID)); err != nil {
		return err
	}
	return c.addAccounts([]store.Account{account})
}

// leaveSiblings takes somebody out of all other breakout rooms. Failure:
// Invalid moderator.
func (c *change) leaveSiblings(who talk.Actor) error {
	return c.inFamily(c.room.ObjectID, func(b *change) error {
		if b.room.ID == c.room.ID {
			return nil
		}
		at, err := b.row(who)
		switch {
		case err != nil || at == nil:
			return err
		case at.IsModerator():
			return talk.Fail(talk.Invalid, "moderator")
		}
		return b.remove(at)
	})
}

// distribute puts the users of the parent where the distribution says, and all
// others who moderate nothing in no breakout room. Failures: Invalid
// attendeeMap, moderator.
func (c *change) distribute(d talk.Distribution) error {
	rooms, err := store.RoomsByObject(c.Tx, talk.ObjectBreakout, c.room.Token)
	if err != nil {
		return err
	}
	if err := d.Check(len(rooms)); err != nil {
		return err
	}
	users, err := store.AttendeesOfTypes(c.Tx, c.room.ID, talk.ActorUsers)
	if err != nil {
		return err
	}
	return c.inBreakouts(func(b *change) error {
		index := slices.IndexFunc(rooms, func(r talk.Room) bool { return r.ID == b.room.ID })
		for i := range users {
			target, chosen := d[users[i].ID]
			if err := b.settle(&users[i], chosen, chosen && target == index); err != nil {
				return err
			}
		}
		return nil
	})
}

// settle makes sure that a user of the parent is in this breakout room or not.
// chosen tells that the distribution names them. Failure: Invalid moderator.
func (c *change) settle(at *talk.Attendee, chosen, here bool) error {
	own, err := c.row(at.Actor)
	switch {
	case err != nil:
		return err
	case own != nil && own.IsModerator() && chosen, at.IsModerator() && chosen:
		return talk.Fail(talk.Invalid, "moderator")
	case own == nil && here:
		return c.insertPeer(at)
	case own != nil && !here && !own.IsModerator():
		return c.remove(own)
	}
	return nil
}
