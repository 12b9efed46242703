package main

import (
	"parley/internal/server"
)

type userWipe struct {
	admin
	ID string `arg:"" help:"User id."`
}

// Help is shown by --help.
func (*userWipe) Help() string {
	return `For telephones and computers that were lost: each app that is connected to the account by an app
password is logged out at once, and is told to wipe what it has of the account when it asks the next time.
Talk's apps do that. The account and its password stay as they are; parley user password changes that.
What still has to be wiped is in parley user app-password list.

Examples:
  parley user wipe alice
  parley user wipe alice --json`
}

// wipedDevices tells programs how many devices shall wipe what they have.
type wipedDevices struct {
	ID      string `json:"id"`
	Devices int64  `json:"devices"`
}

// Run has the devices wipe what they have.
func (c *userWipe) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		n, err := core.Auth.Wipe(t.ctx, c.ID)
		if err != nil {
			return explain(err, c.ID, "")
		}
		return t.done(c.admin, wipedDevices{c.ID, n}, "devices of %s that shall wipe what they have: %d", c.ID, n)
	})
}
