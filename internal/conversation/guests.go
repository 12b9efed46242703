package conversation

import (
	"context"

	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// SetGuestName changes the display name of the calling guest. The name is kept
// as it is given. Failures: Forbidden for people with an account, Invalid
// "displayName" for one that is no name, see [talk.PlainName].
func (svc *Service) SetGuestName(ctx context.Context, s room.Scope, name string) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if !c.Me.Type.IsGuest() {
			return talk.Fail(talk.Forbidden, "")
		}
		return RenameGuest(c, name)
	})
}

// RenameGuest gives the guest who makes the change another name. Failure: Invalid
// "displayName" for one that is no name, see [talk.PlainName].
func RenameGuest(c *room.Change, name string) error {
	if name != "" && !talk.PlainName(name, talk.MaxGuestName) {
		return talk.Fail(talk.Invalid, "displayName")
	}
	if c.Me.DisplayName == name {
		return nil
	}
	c.Me.DisplayName = name
	return c.SaveAttendee(&c.Me.Attendee, talk.EventRenamed)
}

// formerGuest returns the row of the guest that the joining client was when its
// last session died, nil when there is none: a guest who left, was removed or
// banned has none.
func (j *joining) formerGuest() (*talk.Attendee, error) {
	known, err := store.ClientRoomOf(j.c.Tx, j.c.Caller.Client, j.c.Room.Token)
	if err != nil || known.GuestActor == "" || known.GuestLeft {
		return nil, err
	}
	return row(j.c, talk.Guest(known.GuestActor))
}

// removeGuest deletes a guest.
func removeGuest(c *room.Change, at *talk.Attendee) error {
	if err := c.RemoveAttendee(at); err != nil {
		return err
	}
	return withoutGuest(c, at)
}

// guestAway notes that a guest has no session any more.
func guestAway(c *room.Change, at *talk.Attendee) error {
	if err := store.ForgetGuestAt(c.Tx, at.ID, c.Tx.Now()+at.KeptFor()); err != nil {
		return err
	}
	return withoutGuest(c, at)
}

// withoutGuest gives a conversation another moderator if the guest was the last.
func withoutGuest(c *room.Change, at *talk.Attendee) error {
	if !at.IsModerator() {
		return nil
	}
	_, err := KeepModerator(c)
	return err
}

// ForgetGuests removes guests who did not come back.
func (svc *Service) ForgetGuests(ctx context.Context) error {
	return svc.rooms.EachRoom(ctx, store.ForgottenGuests, func(c *room.Change) error {
		due, err := store.GuestsToForget(c.Tx, c.Room.ID)
		for i := range due {
			if err == nil {
				err = forgetGuest(c, &due[i])
			}
		}
		return err
	})
}

// forgetGuest removes a guest unless they are there again.
func forgetGuest(c *room.Change, at *talk.Attendee) error {
	alive, err := store.HasSessions(c.Tx, at.ID)
	switch {
	case err != nil:
		return err
	case alive:
		return store.RememberGuest(c.Tx, at.ID)
	}
	return removeGuest(c, at)
}
