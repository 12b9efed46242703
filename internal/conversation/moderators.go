package conversation

import (
	"context"
	"errors"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// Promote makes the target a moderator. Failures: see talk.Promote.
func (svc *Service) Promote(ctx context.Context, s room.Scope, target Target) error {
	return svc.changeRole(ctx, s, target, func(by talk.Actor, t *talk.Attendee) (talk.ParticipantType, error) {
		return talk.Promote(by, t, !s.Legacy)
	})
}

// Demote takes the moderator role from the target.
func (svc *Service) Demote(ctx context.Context, s room.Scope, target Target) error {
	return svc.changeRole(ctx, s, target, talk.Demote)
}

type roleRule func(by talk.Actor, target *talk.Attendee) (talk.ParticipantType, error)

func (svc *Service) changeRole(ctx context.Context, s room.Scope, target Target, rule roleRule) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		at, err := targetOf(c, target)
		if err != nil {
			return err
		}
		role, err := rule(c.Actor(), at)
		if err != nil {
			return err
		}
		at.Type = role
		if role == talk.Moderator {
			at.Permissions = talk.PermissionDefault
		}
		if err := c.SaveAttendee(at, roleEvent(at)); err != nil {
			return err
		}
		if err := c.PostSystemAbout(roleKey(role), at.Actor); err != nil {
			return err
		}
		return moderateBreakouts(c, at)
	})
}

// roleEvent is what happened to an attendee who got the role that they have.
func roleEvent(at *talk.Attendee) talk.EventKind {
	if at.IsModerator() {
		return talk.EventPromoted
	}
	return talk.EventDemoted
}

func roleKey(role talk.ParticipantType) talk.SystemKey {
	switch role {
	case talk.Moderator:
		return talk.ModeratorPromoted
	case talk.GuestModerator:
		return talk.GuestModeratorPromote
	case talk.GuestRole:
		return talk.GuestModeratorDemote
	}
	return talk.ModeratorDemoted
}

// KeepModerator appoints a moderator after the server or an administrator has
// taken the last one away: the member who has been there for longest. It reports
// whether there is somebody who can manage the conversation; breakout rooms are
// managed by the moderators of their parent, file rooms by nobody.
func KeepModerator(c *room.Change) (managed bool, err error) {
	if !c.Room.IsShared() || c.Room.IsBreakout() || c.Room.ObjectType == talk.ObjectFile {
		return true, nil
	}
	if managed, err = store.HasRoles(c.Tx, c.Room.ID, talk.Owner, talk.Moderator); err != nil || managed {
		return managed, err
	}
	heir, err := store.LongestMember(c.Tx, c.Room.ID)
	if errors.Is(err, db.ErrNotFound) {
		return store.HasRoles(c.Tx, c.Room.ID, talk.GuestModerator)
	}
	if err != nil {
		return false, err
	}
	heir.Type, heir.Permissions = talk.Moderator, talk.PermissionDefault
	if err := c.SaveAttendee(&heir, talk.EventPromoted); err != nil {
		return false, err
	}
	err = c.Post(&talk.Message{Actor: talk.Guest(talk.GuestSystem), System: talk.ModeratorPromoted, About: heir.Actor})
	if err != nil {
		return false, err
	}
	return true, moderateBreakouts(c, &heir)
}
