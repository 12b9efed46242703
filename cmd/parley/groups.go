package main

import (
	"strconv"

	"parley/internal/directory"
	"parley/internal/server"
)

type groupCommands struct {
	Add    groupAdd       `cmd:"" help:"Create a group."`
	Delete groupDelete    `cmd:"" help:"Delete a group and take it out of all conversations."`
	List   groupList      `cmd:"" help:"List groups."`
	Member memberCommands `cmd:"" help:"Manage the members of a group."`
}

type memberCommands struct {
	Add    memberAdd    `cmd:"" help:"Add an account to a group and to its conversations."`
	Remove memberRemove `cmd:"" help:"Take an account out of a group and out of its conversations."`
	List   memberList   `cmd:"" help:"List the members of a group."`
}

// groupView is a group for programs.
type groupView struct {
	ID          string   `json:"id"`
	DisplayName string   `json:"displayName"`
	Members     []string `json:"members"`
}

// memberView is a membership for programs.
type memberView struct {
	Group string `json:"group"`
	User  string `json:"user"`
}

type groupAdd struct {
	admin
	ID   string `arg:"" help:"Group id."`
	Name string `name:"name" help:"Display name (default: the id)."`
}

// Help is shown by --help.
func (*groupAdd) Help() string {
	return "Examples:\n  parley group add staff --name \"All staff\""
}

// Run creates the group.
func (c *groupAdd) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Directory.CreateGroup(t.ctx, c.ID, c.Name); err != nil {
			return explain(err, "", c.ID)
		}
		return t.done(c.admin, changed{c.ID}, "group %s was created", c.ID)
	})
}

type groupDelete struct {
	admin
	ID string `arg:"" help:"Group id."`
}

// Help is shown by --help.
func (*groupDelete) Help() string {
	return `Members who were in a conversation only through the group leave it.

Examples:
  parley group delete staff`
}

// Run deletes the group.
func (c *groupDelete) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Directory.DeleteGroup(t.ctx, operator(), c.ID); err != nil {
			return explain(err, "", c.ID)
		}
		return t.done(c.admin, changed{c.ID}, "group %s was deleted", c.ID)
	})
}

type groupList struct {
	admin
	Search string `arg:"" optional:"" help:"Part of the id or name."`
}

// Help is shown by --help.
func (*groupList) Help() string {
	return "Examples:\n  parley group list\n  parley group list --json"
}

// Run lists the groups.
func (c *groupList) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		found, err := core.Directory.Groups(t.ctx, directory.Page{Search: c.Search})
		if err != nil {
			return err
		}
		views, people := make([]groupView, len(found)), table{head: "ID NAME MEMBERS"}
		for i, g := range found {
			views[i] = groupView{ID: g.ID, DisplayName: g.DisplayName, Members: idsOf(g.Members)}
			people.rows = append(people.rows, []string{g.ID, g.DisplayName, strconv.Itoa(len(g.Members))})
		}
		return t.show(c.admin, views, people)
	})
}

func idsOf(accounts []directory.Account) []string {
	ids := make([]string, len(accounts))
	for i, a := range accounts {
		ids[i] = a.UserID
	}
	return ids
}

type memberAdd struct {
	admin
	Group string `arg:"" help:"Group id; admin makes an administrator."`
	User  string `arg:"" help:"User id."`
}

// Help is shown by --help.
func (*memberAdd) Help() string {
	return "Examples:\n  parley group member add staff alice\n  parley group member add admin alice"
}

// Run adds the account.
func (c *memberAdd) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Directory.AddToGroup(t.ctx, operator(), c.Group, c.User); err != nil {
			return explain(err, c.User, c.Group)
		}
		return t.done(c.admin, memberView{c.Group, c.User}, "%s is in group %s", c.User, c.Group)
	})
}

type memberRemove struct {
	admin
	Group string `arg:"" help:"Group id."`
	User  string `arg:"" help:"User id."`
}

// Help is shown by --help.
func (*memberRemove) Help() string {
	return "Examples:\n  parley group member remove staff alice"
}

// Run removes the account.
func (c *memberRemove) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Directory.RemoveFromGroup(t.ctx, operator(), c.Group, c.User); err != nil {
			return explain(err, c.User, c.Group)
		}
		return t.done(c.admin, memberView{c.Group, c.User}, "%s is not in group %s any more", c.User, c.Group)
	})
}

type memberList struct {
	admin
	Group string `arg:"" help:"Group id."`
}

// Help is shown by --help.
func (*memberList) Help() string {
	return "Examples:\n  parley group member list staff"
}

// Run lists the members.
func (c *memberList) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		group, err := core.Directory.Group(t.ctx, c.Group)
		if err != nil {
			return explain(err, "", c.Group)
		}
		people := table{head: "ID NAME"}
		for _, m := range group.Members {
			people.rows = append(people.rows, []string{m.UserID, m.DisplayName})
		}
		return t.show(c.admin, groupView{ID: group.ID, DisplayName: group.DisplayName, Members: idsOf(group.Members)}, people)
	})
}
