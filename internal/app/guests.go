package app

import (
	"context"

	"parley/internal/store"
	"parley/internal/talk"
)

// SetGuestName changes the display name of the calling guest. The name is kept
// as it is given. Failures: Forbidden for people with an account, Invalid
// "displayName" for one that is no name, see [talk.PlainName].
func (a *App) SetGuestName(ctx context.Context, s Scope, name string) error {
	return a.change(ctx, s, func(c *change) error {
		if !c.me.Type.IsGuest() {
			return talk.Fail(talk.Forbidden, "")
		}
		if name != "" && !talk.PlainName(name, talk.MaxGuestName) {
			return talk.Fail(talk.Invalid, "displayName")
		}
		if c.me.DisplayName == name {
			return nil
		}
		c.me.DisplayName = name
		return store.UpdateAttendee(c.Tx, &c.me.Attendee)
	})
}

// formerGuest returns the row of the guest that the joining client was when its
// last session died, nil when there is none: a guest who left, was removed or
// banned has none.
func (j *joining) formerGuest() (*talk.Attendee, error) {
	known, err := store.ClientRoomOf(j.change.Tx, j.caller.Client, j.room.Token)
	if err != nil || known.GuestActor == "" || known.GuestLeft {
		return nil, err
	}
	return j.row(talk.Guest(known.GuestActor))
}

// removeGuest deletes a guest.
func (c *change) removeGuest(at *talk.Attendee) error {
	if err := store.DeleteAttendee(c.Tx, c.room, at.ID); err != nil {
		return err
	}
	return c.withoutGuest(at)
}

// guestAway notes that a guest has no session any more.
func (c *change) guestAway(at *talk.Attendee) error {
	if err := store.ForgetGuestAt(c.Tx, at.ID, c.Tx.Now()+at.KeptFor()); err != nil {
		return err
	}
	return c.withoutGuest(at)
}

// withoutGuest gives a conversation another moderator if the guest was the last.
func (c *change) withoutGuest(at *talk.Attendee) error {
	if !at.IsModerator() {
		return nil
	}
	_, err := c.keepModerator()
	return err
}

// ForgetGuests removes guests who did not come back.
func (a *App) ForgetGuests(ctx context.Context) error {
	return a.eachRoom(ctx, store.ForgottenGuests, func(c *change) error {
		due, err := store.GuestsToForget(c.Tx, c.room.ID)
		for i := range due {
			if err == nil {
				err = c.forgetGuest(&due[i])
			}
		}
		return err
	})
}

// forgetGuest removes a guest unless they are there again.
func (c *change) forgetGuest(at *talk.Attendee) error {
	alive, err := store.HasSessions(c.Tx, at.ID)
	switch {
	case err != nil:
		return err
	case alive:
		return store.RememberGuest(c.Tx, at.ID)
	}
	return c.removeGuest(at)
}
