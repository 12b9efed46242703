package main

import (
	"errors"
	"strconv"

	"parley/internal/server"
	"parley/internal/talk"
)

// userAppPassword makes an app password unless told otherwise.
type userAppPassword struct {
	Make   appPasswordMake   `cmd:"" default:"withargs" help:"Make a password for one app or device and print it."`
	List   appPasswordList   `cmd:"" help:"List the app passwords of an account."`
	Revoke appPasswordRevoke `cmd:"" help:"Revoke an app password."`
}

type appPasswordMake struct {
	admin
	ID   string `arg:"" help:"User id."`
	Name string `name:"name" default:"command line" help:"What it is for (default ${default})."`
}

// Help is shown by --help.
func (*appPasswordMake) Help() string {
	return `It is used in place of the password and checked much faster. It is shown only once.

Examples:
  parley user app-password alice --name laptop
  parley user app-password make list            for an account with the id list
  curl -u "alice:$(parley user app-password alice)" -H "OCS-APIRequest: true" \
    "http://127.0.0.1:8080/ocs/v2.php/apps/spreed/api/v4/room?format=json"`
}

// Run makes the app password. It stands alone on the line, for scripts.
func (c *appPasswordMake) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		password, err := core.Auth.CreateAppPassword(t.ctx, c.ID, c.Name)
		if err != nil {
			return explain(err, c.ID, "")
		}
		return t.done(c.admin, madePassword{c.ID, password}, "%s", password)
	})
}

// appPasswordView is an app password for programs. Times are Unix seconds, 0 for never.
type appPasswordView struct {
	ID         int64  `json:"id"`
	Name       string `json:"name"`
	CreatedAt  int64  `json:"createdAt"`
	LastUsedAt int64  `json:"lastUsedAt"`
	// Wiping tells that the app was told to wipe what it has, and has not said that it did.
	Wiping bool `json:"wiping"`
}

type appPasswordList struct {
	admin
	User string `arg:"" help:"User id."`
}

// Help is shown by --help.
func (*appPasswordList) Help() string {
	return `The passwords themselves are not kept and cannot be shown.

Examples:
  parley user app-password list alice
  parley user app-password list alice --json`
}

// Run lists the app passwords.
func (c *appPasswordList) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		found, err := core.Auth.AppPasswords(t.ctx, c.User)
		if err != nil {
			return explain(err, c.User, "")
		}
		views, people := make([]appPasswordView, len(found)), table{head: "ID NAME CREATED LAST-USED"}
		for i, p := range found {
			views[i] = appPasswordView{ID: p.ID, Name: p.Name, CreatedAt: p.CreatedAt, LastUsedAt: p.LastUsedAt, Wiping: p.Wiping}
			used := day(p.LastUsedAt)
			if p.Wiping {
				used = "to be wiped"
			}
			people.rows = append(people.rows, []string{strconv.FormatInt(p.ID, 10), p.Name, day(p.CreatedAt), used})
		}
		return t.show(c.admin, views, people)
	})
}

type appPasswordRevoke struct {
	admin
	User string `arg:"" help:"User id."`
	ID   int64  `arg:"" help:"Number of the app password, as the list shows it."`
}

// Help is shown by --help.
func (*appPasswordRevoke) Help() string {
	return `The app or device is logged out at once.

Examples:
  parley user app-password revoke alice 3`
}

// Run revokes the app password.
func (c *appPasswordRevoke) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		err := core.Auth.RevokeAppPassword(t.ctx, c.User, c.ID)
		if failure, ok := errors.AsType[*talk.Error](err); ok && failure.Reason != "" {
			return errors.New(c.User + " has no app password with this number: parley user app-password list " + c.User + " shows all")
		}
		if err != nil {
			return explain(err, c.User, "")
		}
		return t.done(c.admin, changed{strconv.FormatInt(c.ID, 10)}, "app password %d of %s was revoked", c.ID, c.User)
	})
}
