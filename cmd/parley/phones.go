package main

import (
	"parley/internal/server"
)

type phoneCommands struct {
	Add    phoneAdd    `cmd:"" help:"Let a telephone number reach an account."`
	Find   phoneFind   `cmd:"" help:"Show whom a telephone number reaches."`
	List   phoneList   `cmd:"" help:"List the telephone numbers of an account."`
	Remove phoneRemove `cmd:"" help:"Take a telephone number from its account."`
}

// phoneView is a telephone number for programs.
type phoneView struct {
	Number string `json:"number"`
	User   string `json:"user"`
}

type phoneAdd struct {
	admin
	Number string `arg:"" help:"Telephone number with its country code."`
	User   string `arg:"" help:"User id."`
	Force  bool   `name:"force" help:"Take the number from another account."`
}

// Help is shown by --help.
func (*phoneAdd) Help() string {
	return `Who calls the number through the SIP bridge opens a conversation with the account.

Examples:
  parley phone add +4930123456 alice`
}

// Run adds the number.
func (c *phoneAdd) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Directory.SetPhoneNumber(t.ctx, c.Number, c.User, c.Force); err != nil {
			return explain(err, c.User, "")
		}
		return t.done(c.admin, phoneView{c.Number, c.User}, "%s reaches %s", c.Number, c.User)
	})
}

type phoneFind struct {
	admin
	Number string `arg:"" help:"Telephone number with its country code."`
}

// Help is shown by --help.
func (*phoneFind) Help() string {
	return "Examples:\n  parley phone find +4930123456"
}

// Run shows whom the number reaches.
func (c *phoneFind) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		user, err := core.Directory.OwnerOfPhone(t.ctx, c.Number)
		if err != nil {
			return explain(err, "", "")
		}
		return t.done(c.admin, phoneView{c.Number, user}, "%s reaches %s", c.Number, user)
	})
}

type phoneList struct {
	admin
	User string `arg:"" help:"User id."`
}

// Help is shown by --help.
func (*phoneList) Help() string {
	return "Examples:\n  parley phone list alice"
}

// Run lists the numbers.
func (c *phoneList) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		numbers, err := core.Directory.PhoneNumbersOf(t.ctx, c.User)
		if err != nil {
			return explain(err, c.User, "")
		}
		views, rows := []phoneView{}, table{head: "NUMBER"}
		for _, n := range numbers {
			views = append(views, phoneView{n.Number, n.UserID})
			rows.rows = append(rows.rows, []string{n.Number})
		}
		return t.show(c.admin, views, rows)
	})
}

type phoneRemove struct {
	admin
	Number string `arg:"" help:"Telephone number with its country code."`
}

// Help is shown by --help.
func (*phoneRemove) Help() string {
	return "Examples:\n  parley phone remove +4930123456"
}

// Run removes the number.
func (c *phoneRemove) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Directory.DeletePhoneNumber(t.ctx, c.Number); err != nil {
			return explain(err, "", "")
		}
		return t.done(c.admin, changed{c.Number}, "%s reaches nobody any more", c.Number)
	})
}
