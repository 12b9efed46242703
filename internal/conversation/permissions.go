package conversation

import (
	"context"

	"parley/internal/room"
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
func (svc *Service) SetAttendeePermissions(
	ctx context.Context, s room.Scope, id int64, how talk.PermissionChange, p talk.Permissions,
) (changed ChangedEntry, err error) {
	err = svc.rooms.Change(ctx, s, func(c *room.Change) error {
		at, err := targetOf(c, Target{AttendeeID: id})
		if err != nil {
			return notThere(err)
		}
		if err := talk.CanSetAttendeePermissions(c.Room, at); err != nil {
			return err
		}
		at.Permissions, err = how.Apply(talk.FinalPermissions(c.Room, at, c.Settings.DefaultPermissions), p)
		if err != nil {
			return err
		}
		if at.Type == talk.SelfJoined {
			at.Type = talk.Member
		}
		changed.By = c.Me
		changed.Entry, changed.Shown = entry(c.Room, visibility{}.of(*at), nil, c.Settings, c.Tx.Now())
		if err := addStatus(c, &changed.Entry); err != nil {
			return err
		}
		return c.SaveAttendee(at, talk.EventPermissions)
	})
	return changed, err
}

// SetDefaultPermissions changes what participants of the conversation may do
// and resets what was decided for single ones. Failures: Invalid type,
// breakout-room, value.
func (svc *Service) SetDefaultPermissions(ctx context.Context, s room.Scope, p talk.Permissions) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if err := talk.CanSetRoomPermissions(c.Room); err != nil {
			return err
		}
		if !p.Valid() {
			return talk.Fail(talk.Invalid, "value")
		}
		c.Room.DefaultPermissions = p.Custom()
		if err := store.ResetPermissions(c.Tx, c.Room.ID); err != nil {
			return err
		}
		return c.SaveRoom(talk.EventPermissions)
	})
}

// SetCallPermissions changes what participants may do while the call lasts.
// Failures: Invalid type, breakout-room, value.
func (svc *Service) SetCallPermissions(ctx context.Context, s room.Scope, p talk.Permissions) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if err := talk.CanSetRoomPermissions(c.Room); err != nil {
			return err
		}
		if !p.Valid() {
			return talk.Fail(talk.Invalid, "value")
		}
		c.Room.CallPermissions = p.Custom()
		return c.SaveRoom(talk.EventPermissions)
	})
}

// SetAllPermissions changes what all attendees may do while the call lasts, and
// what was decided for single ones along with it. Failures:
// Invalid type, breakout-room, value, method.
func (svc *Service) SetAllPermissions(ctx context.Context, s room.Scope, how talk.PermissionChange, p talk.Permissions) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		err := talk.CanSetRoomPermissions(c.Room)
		if err != nil {
			return err
		}
		c.Room.CallPermissions, err = talk.CallPermissionsAfter(c.Room, how, p, c.Settings.DefaultPermissions)
		if err != nil {
			return err
		}
		switch how {
		case talk.PermissionsAdd:
			err = store.AddPermissions(c.Tx, c.Room.ID, p)
		case talk.PermissionsRemove:
			err = store.RemovePermissions(c.Tx, c.Room.ID, p)
		default:
			err = store.ResetPermissions(c.Tx, c.Room.ID)
		}
		if err != nil {
			return err
		}
		return c.SaveRoom(talk.EventPermissions)
	})
}
