package main

import (
	"strings"
	"time"

	"parley/internal/directory"
	"parley/internal/server"
	"parley/internal/talk"
)

type userCommands struct {
	Add         userAdd         `cmd:"" help:"Create an account."`
	Delete      userDelete      `cmd:"" help:"Delete an account and take it out of all conversations."`
	List        userList        `cmd:"" help:"List accounts."`
	Password    userPassword    `cmd:"" help:"Change the password of an account."`
	AppPassword userAppPassword `cmd:"" name:"app-password" help:"Make, list and revoke passwords for single apps and devices."`
	Set         userSet         `cmd:"" help:"Change the name or mail address of an account."`
	Import      userImport      `cmd:"" help:"Create accounts from a CSV file."`
	Sessions    userSessions    `cmd:"" help:"Show where somebody is connected, and end it."`
	Wipe        userWipe        `cmd:"" help:"Have the apps of an account wipe what they have of it."`
	Export      userExport      `cmd:"" help:"Print all that is stored about a person, as JSON."`
	Enable      userEnable      `cmd:"" help:"Let an account log in again."`
	Disable     userDisable     `cmd:"" help:"Keep an account from logging in."`
}

// operator is who the changes of the command line are made by.
func operator() talk.Caller { return talk.Caller{System: talk.GuestCLI} }

// userView is an account for programs. Times are Unix seconds, 0 for never.
type userView struct {
	ID          string   `json:"id"`
	DisplayName string   `json:"displayName"`
	Email       string   `json:"email"`
	Enabled     bool     `json:"enabled"`
	Groups      []string `json:"groups"`
	CreatedAt   int64    `json:"createdAt"`
	LastLoginAt int64    `json:"lastLoginAt"`
}

// madePassword is what a command that makes a secret tells programs.
type madePassword struct {
	ID string `json:"id"`
	// Password is empty unless this command made it.
	Password string `json:"password"`
}

// changed is what a command that changes something tells programs.
type changed struct {
	ID string `json:"id"`
}

type userAdd struct {
	admin
	passwordFlags
	ID    string   `arg:"" help:"User id: letters, digits and _ . @ - '."`
	Name  string   `name:"name" help:"Display name (default: the id)."`
	Email string   `name:"email" help:"Mail address."`
	Group []string `name:"group" help:"Group to join; may be repeated. The group admin makes an administrator."`
}

// Help is shown by --help.
func (*userAdd) Help() string {
	return `Examples:
  parley user add alice                       asks for the password
  parley user add alice --generate            prints a random password
  parley user add alice --password-file pw --name "Alice A." --group staff
  pass alice | parley user add alice`
}

// Run creates the account.
func (c *userAdd) Run(t *terminal) error {
	password, err := c.read(t, c.PasswordMin)
	if err != nil {
		return err
	}
	return t.open(c.admin, func(core *server.Core) error {
		err := core.Directory.CreateAccount(t.ctx, operator(), directory.NewAccount{
			UserID: c.ID, Password: password, DisplayName: c.Name, Email: c.Email, Groups: c.Group,
		})
		if err != nil {
			return explain(err, c.ID, strings.Join(c.Group, ", "))
		}
		return t.donePassword(c.admin, c.ID, c.shown(password), "account "+c.ID+" was created")
	})
}

// donePassword prints the result of a change with a password that was made, if any.
func (t *terminal) donePassword(a admin, id, made, sentence string) error {
	if made != "" {
		sentence += "; its password is " + made
	}
	return t.done(a, madePassword{id, made}, "%s", sentence)
}

type userDelete struct {
	admin
	ID string `arg:"" help:"User id."`
}

// Help is shown by --help.
func (*userDelete) Help() string {
	return `One-to-one conversations stay with the other person, locked.

Examples:
  parley user delete alice`
}

// Run deletes the account.
func (c *userDelete) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Directory.DeleteAccount(t.ctx, operator(), c.ID); err != nil {
			return explain(err, c.ID, "")
		}
		return t.done(c.admin, changed{c.ID}, "account %s was deleted", c.ID)
	})
}

type userList struct {
	admin
	Search string `arg:"" optional:"" help:"Part of the id, name or mail address."`
}

// Help is shown by --help.
func (*userList) Help() string {
	return `Examples:
  parley user list
  parley user list ali --json`
}

// Run lists the accounts.
func (c *userList) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		found, err := core.Directory.Accounts(t.ctx, directory.Page{Search: c.Search})
		if err != nil {
			return err
		}
		views, people := make([]userView, len(found)), table{head: "ID NAME EMAIL GROUPS STATE LAST-LOGIN"}
		for i := range found {
			views[i] = newUserView(&found[i])
			people.rows = append(people.rows, views[i].row())
		}
		return t.show(c.admin, views, people)
	})
}

func newUserView(a *directory.AccountView) userView {
	v := userView{
		ID: a.UserID, DisplayName: a.DisplayName, Email: a.Email, Enabled: a.Enabled,
		Groups: []string{}, CreatedAt: a.CreatedAt, LastLoginAt: a.LastLoginAt,
	}
	for _, g := range a.Groups {
		v.Groups = append(v.Groups, g.ID)
	}
	return v
}

func (v userView) row() []string {
	state := "enabled"
	if !v.Enabled {
		state = "disabled"
	}
	return []string{v.ID, v.DisplayName, or(v.Email, "-"), or(strings.Join(v.Groups, ","), "-"), state, day(v.LastLoginAt)}
}

// or returns text, or fallback when it is empty.
func or(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}

// day returns the date of Unix seconds in UTC.
func day(seconds int64) string {
	if seconds == 0 {
		return "never"
	}
	return time.Unix(seconds, 0).UTC().Format(time.DateOnly)
}

type userPassword struct {
	admin
	passwordFlags
	ID string `arg:"" help:"User id."`
}

// Help is shown by --help.
func (*userPassword) Help() string {
	return `Browsers that are logged in with the old password are logged out; app passwords stay.

Examples:
  parley user password alice
  parley user password alice --generate`
}

// Run changes the password.
func (c *userPassword) Run(t *terminal) error {
	password, err := c.read(t, c.PasswordMin)
	if err != nil {
		return err
	}
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Directory.EditAccount(t.ctx, c.ID, directory.AccountChange{Password: &password}); err != nil {
			return explain(err, c.ID, "")
		}
		return t.donePassword(c.admin, c.ID, c.shown(password), "the password of "+c.ID+" was changed")
	})
}

type userEnable struct {
	admin
	ID string `arg:"" help:"User id."`
}

// Help is shown by --help.
func (*userEnable) Help() string { return "Examples:\n  parley user enable alice" }

// Run enables the account.
func (c *userEnable) Run(t *terminal) error { return setEnabled(t, c.admin, c.ID, true) }

type userDisable struct {
	admin
	ID string `arg:"" help:"User id."`
}

// Help is shown by --help.
func (*userDisable) Help() string {
	return "Requests of the account fail at once; nothing of it is deleted.\n\nExamples:\n  parley user disable alice"
}

// Run disables the account.
func (c *userDisable) Run(t *terminal) error { return setEnabled(t, c.admin, c.ID, false) }

func setEnabled(t *terminal, a admin, id string, enabled bool) error {
	return t.open(a, func(core *server.Core) error {
		if err := core.Directory.EditAccount(t.ctx, id, directory.AccountChange{Enabled: &enabled}); err != nil {
			return explain(err, id, "")
		}
		if enabled {
			return t.done(a, changed{id}, "account %s can log in", id)
		}
		return t.done(a, changed{id}, "account %s cannot log in any more", id)
	})
}
