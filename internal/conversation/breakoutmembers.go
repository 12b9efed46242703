package conversation

import (
	"errors"
	"slices"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// inBreakouts runs f in each breakout room of the conversation.
func inBreakouts(c *room.Change, f func(*room.Change) error) error {
	if c.Room.BreakoutMode == talk.BreakoutOff {
		return nil
	}
	return inFamily(c, c.Room.Token, f)
}

// inFamily runs f in each breakout room of a parent, with the whole family locked.
func inFamily(c *room.Change, parent string, f func(*room.Change) error) error {
	if err := store.LockFamily(c.Tx, parent); err != nil {
		return err
	}
	family, err := store.RoomsByObject(c.Tx, talk.ObjectBreakout, parent)
	if err != nil {
		return err
	}
	for _, r := range family {
		b, err := c.Beside(r.Token)
		if err != nil {
			return err
		}
		if b.Room == nil {
			continue
		}
		if err := f(b); err != nil {
			return err
		}
	}
	return nil
}

// row returns the row of an actor in the conversation, nil without one.
func row(c *room.Change, who talk.Actor) (*talk.Attendee, error) {
	at, err := store.AttendeeOf(c.Tx, c.Room.ID, who)
	if errors.Is(err, db.ErrNotFound) {
		return nil, nil //nolint:nilnil // nobody is there
	}
	return &at, err
}

// removeFromBreakouts removes somebody who left the parent from all its
// breakout rooms.
func removeFromBreakouts(c *room.Change, who talk.Actor) error {
	return inBreakouts(c, func(b *room.Change) error { return dismiss(b, who) })
}

// dismiss removes an actor that may be there.
func dismiss(c *room.Change, who talk.Actor) error {
	at, err := row(c, who)
	if err != nil || at == nil {
		return err
	}
	return Remove(c, at)
}

// moderateBreakouts repeats a change of role in the breakout rooms: a new
// moderator moderates all of them, a former one is in none.
func moderateBreakouts(c *room.Change, at *talk.Attendee) error {
	if at.Actor.Type != talk.ActorUsers {
		return nil
	}
	return inBreakouts(c, func(b *room.Change) error {
		if !at.IsModerator() {
			return dismiss(b, at.Actor)
		}
		return appoint(b, at)
	})
}

// appoint gives somebody the role that they have in the parent.
func appoint(c *room.Change, at *talk.Attendee) error {
	own, err := row(c, at.Actor)
	switch {
	case err != nil:
		return err
	case own == nil:
		return insertPeer(c, at)
	}
	own.Type, own.Permissions = at.Type, talk.PermissionDefault
	return c.SaveAttendee(own, talk.EventPromoted)
}

// insertPeer stores a row for somebody of the parent, in the same role. Moderators
// who make the breakout room are not said to be added to it.
func insertPeer(c *room.Change, at *talk.Attendee) error {
	_, err := insertUser(c, store.Account{UserID: at.Actor.ID, DisplayName: at.DisplayName, ReadPrivacy: at.ReadPrivacy}, at.Type)
	if err != nil || at.Type.IsAccountModerator() && at.Actor == c.Caller.Actor() {
		return err
	}
	return c.PostSystemAbout(talk.UserAdded, at.Actor)
}

// addToBreakout adds an account to this breakout room and to the parent, and
// takes it out of the other breakout rooms. Failure: Invalid moderator for one
// who moderates another breakout room.
func addToBreakout(c *room.Change, id string) error {
	if err := store.LockFamily(c.Tx, c.Room.ObjectID); err != nil {
		return err
	}
	parent, err := c.Beside(c.Room.ObjectID)
	if err != nil {
		return err
	}
	if parent.Room == nil {
		return talk.Fail(talk.NotFound, "new-participant")
	}
	if err := addUser(parent, id); err != nil {
		return err
	}
	account, err := store.AccountByID(c.Tx, id)
	if err != nil {
		return err
	}
	if err := leaveSiblings(c, talk.User(account.UserID)); err != nil {
		return err
	}
	return addAccounts(c, []store.Account{account})
}

// leaveSiblings takes somebody out of all other breakout rooms. Failure:
// Invalid moderator.
func leaveSiblings(c *room.Change, who talk.Actor) error {
	return inFamily(c, c.Room.ObjectID, func(b *room.Change) error {
		if b.Room.ID == c.Room.ID {
			return nil
		}
		at, err := row(b, who)
		switch {
		case err != nil || at == nil:
			return err
		case at.IsModerator():
			return talk.Fail(talk.Invalid, "moderator")
		}
		return Remove(b, at)
	})
}

// distribute puts the users of the parent where the distribution says, and all
// others who moderate nothing in no breakout room. Failures: Invalid
// attendeeMap, moderator.
func distribute(c *room.Change, d talk.Distribution) error {
	rooms, err := store.RoomsByObject(c.Tx, talk.ObjectBreakout, c.Room.Token)
	if err != nil {
		return err
	}
	if err := d.Check(len(rooms)); err != nil {
		return err
	}
	users, err := store.AttendeesOfTypes(c.Tx, c.Room.ID, talk.ActorUsers)
	if err != nil {
		return err
	}
	return inBreakouts(c, func(b *room.Change) error {
		index := slices.IndexFunc(rooms, func(r talk.Room) bool { return r.ID == b.Room.ID })
		for i := range users {
			target, chosen := d[users[i].ID]
			if err := keepInBreakout(b, &users[i], chosen, chosen && target == index); err != nil {
				return err
			}
		}
		return nil
	})
}

// keepInBreakout makes sure that a user of the parent is in this breakout room or not.
// chosen tells that the distribution names them. Failure: Invalid moderator.
func keepInBreakout(c *room.Change, at *talk.Attendee, chosen, here bool) error {
	own, err := row(c, at.Actor)
	switch {
	case err != nil:
		return err
	case own != nil && own.IsModerator() && chosen, at.IsModerator() && chosen:
		return talk.Fail(talk.Invalid, "moderator")
	case own == nil && here:
		return insertPeer(c, at)
	case own != nil && !here && !own.IsModerator():
		return Remove(c, own)
	}
	return nil
}
