package app

import (
	"context"

	"parley/internal/store"
	"parley/internal/talk"
)

// ChangedEntry is an attendee after a change.
type ChangedEntry struct {
	Entry
	// Shown tells that lists show the attendee.
	Shown bool
	// By is who changed it.
	By *talk.Participant
}

// SetAttendeePermissions changes what one attendee may do and returns the
// attendee without its sessions but with its status for callers with an account.
// A self-joined user becomes a member by it. Failures: NotFound "participant",
// Invalid room-type, type, value, method, Forbidden "moderator".
func (a *App) SetAttendeePermissions(
	ctx context.Context, s Scope, id int64, how talk.PermissionChange, p talk.Permissions,
) (changed ChangedEntry, err error) {
	err = a.change(ctx, s, func(c *change) error {
		at, err := c.target(Target{AttendeeID: id})
		if err != nil {
			return notThere(err)
		}
		if err := talk.CanSetAttendeePermissions(c.room, at); err != nil {
			return err
		}
		at.Permissions, err = how.Apply(talk.FinalPermissions(c.room, at, c.settings.DefaultPermissions), p)
		if err != nil {
			return err
		}
		if at.Type == talk.SelfJoined {
			at.Type = talk.Member
		}
		changed.By = c.me
		changed.Entry, changed.Shown = entry(c.room, sight{}.of(*at), nil, c.settings, c.Tx.Now())
		if err := c.addStatus(&changed.Entry); err != nil {
			return err
		}
		return store.UpdateAttendee(c.Tx, at)
	})
	return changed, err
}

// SetDefaultPermissions changes what participants of the conversation may do
// and resets what was decided for single ones. Failures: Invalid type,
// breakout-room, value.
func (a *App) SetDefaultPermissions(ctx context.Context, s Scope, p talk.Permissions) error {
	return a.change(ctx, s, func(c *change) error {
		if err := talk.CanSetRoomPermissions(c.room); err != nil {
			return err
		}
		if !p.Valid() {
			return talk.Fail(talk.Invalid, "value")
		}
		c.room.DefaultPermissions = p.Custom()
		if err := store.ResetPermissions(c.Tx, c.room.ID); err != nil {
			return err
		}
		return store.UpdateRoom(c.Tx, c.room)
	})
}

// SetCallPermissions changes what participants may do while the call lasts.
// Failures: Invalid type, breakout-room, value.
func (a *App) SetCallPermissions(ctx context.Context, s Scope, p talk.Permissions) error {
	return a.change(ctx, s, func(c *change) error {
		if err := talk.CanSetRoomPermissions(c.room); err != nil {
			return err
		}
		if !p.Valid() {
			return talk.Fail(talk.Invalid, "value")
		}
		c.room.CallPermissions = p.Custom()
		return store.UpdateRoom(c.Tx, c.room)
	})
}

// SetAllPermissions changes what all attendees may do while the call lasts, and
// what was decided for single ones along with it (decision D7). Failures:
// Invalid type, breakout-room, value, method.
func (a *App) SetAllPermissions(ctx context.Context, s Scope, how talk.PermissionChange, p talk.Permissions) error {
	return a.change(ctx, s, func(c *change) error {
		err := talk.CanSetRoomPermissions(c.room)
		if err != nil {
			return err
		}
		c.room.CallPermissions, err = talk.CallPermissionsAfter(c.room, how, p, c.settings.DefaultPermissions)
		if err != nil {
			return err
		}
		switch how {
		case talk.PermissionsAdd:
			err = store.AddPermissions(c.Tx, c.room.ID, p)
		case talk.PermissionsRemove:
			err = store.RemovePermissions(c.Tx, c.room.ID, p)
		default:
			err = store.ResetPermissions(c.Tx, c.room.ID)
		}
		if err != nil {
			return err
		}
		return store.UpdateRoom(c.Tx, c.room)
	})
}
