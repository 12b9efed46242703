package app

import (
	"context"

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
		return c.UpdateAttendee(&c.me.Attendee)
	})
}
