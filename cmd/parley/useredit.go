package main

import (
	"errors"

	"parley/internal/directory"
	"parley/internal/server"
)

type userSet struct {
	admin
	ID    string  `arg:"" help:"User id."`
	Name  *string `name:"name" help:"New display name."`
	Email *string `name:"email" help:"New mail address; empty for none."`
}

// Help is shown by --help.
func (*userSet) Help() string {
	return `What is not named stays as it is.

Examples:
  parley user set alice --name "Alice Adams"
  parley user set alice --email alice@example.org`
}

// Run changes the account.
func (c *userSet) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if c.Name == nil && c.Email == nil {
			return errors.New("nothing to change: use --name or --email")
		}
		if err := core.Directory.EditAccount(t.ctx, c.ID, directory.AccountChange{DisplayName: c.Name, Email: c.Email}); err != nil {
			return explain(err, c.ID, "")
		}
		return t.done(c.admin, changed{c.ID}, "account %s was changed", c.ID)
	})
}
