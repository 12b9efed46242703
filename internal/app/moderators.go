package app

import (
	"context"

	"parley/internal/talk"
)

// Promote makes the target a moderator. Failures: see talk.Promote.
func (a *App) Promote(ctx context.Context, s Scope, target Target) error {
	return a.changeRole(ctx, s, target, func(by talk.Actor, t *talk.Attendee) (talk.ParticipantType, error) {
		return talk.Promote(by, t, !s.Legacy)
	})
}

// Demote takes the moderator role from the target.
func (a *App) Demote(ctx context.Context, s Scope, target Target) error {
	return a.changeRole(ctx, s, target, talk.Demote)
}

type roleRule func(by talk.Actor, target *talk.Attendee) (talk.ParticipantType, error)

func (a *App) changeRole(ctx context.Context, s Scope, target Target, rule roleRule) error {
	return a.change(ctx, s, func(c *change) error {
		at, err := c.target(target)
		if err != nil {
			return err
		}
		role, err := rule(c.me.Actor, at)
		if err != nil {
			return err
		}
		at.Type = role
		if role == talk.Moderator {
			at.Permissions = talk.PermissionDefault
		}
		if err := c.UpdateAttendee(at); err != nil {
			return err
		}
		if err := c.sayAbout(roleKey(role), at.Actor); err != nil {
			return err
		}
		return c.moderateBreakouts(at)
	})
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
