package main

import (
	"errors"
	"strings"

	"parley/internal/directory"
	"parley/internal/server"
	"parley/internal/talk"
)

type teamCommands struct {
	Add    teamAdd            `cmd:"" help:"Create a team."`
	Rename teamRename         `cmd:"" help:"Rename a team, also in its conversations."`
	Delete teamDelete         `cmd:"" help:"Delete a team and take it out of all conversations."`
	List   teamList           `cmd:"" help:"List teams."`
	Member teamMemberCommands `cmd:"" help:"Manage the members of a team."`
}

type teamMemberCommands struct {
	Add    teamMemberAdd    `cmd:"" help:"Add an account, a group or a team to a team."`
	Remove teamMemberRemove `cmd:"" help:"Take a member out of a team and out of its conversations."`
	List   teamMemberList   `cmd:"" help:"List the members of a team."`
}

// teamView is a team for programs. Members are left out of lists of teams.
type teamView struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Owner   string   `json:"owner"`
	Members []string `json:"members,omitempty"`
}

func newTeamView(t *talk.Team) teamView { return teamView{ID: t.ID, Name: t.Name, Owner: t.Owner} }

// memberKinds are the actor types that members of teams are written with before
// a colon; accounts are written without.
var memberKinds = map[string]talk.ActorType{"group": talk.ActorGroups, "team": talk.ActorTeams}

// memberOf reads a member as the command line names it.
func memberOf(text string) talk.Actor {
	kind, id, found := strings.Cut(text, ":")
	if t, known := memberKinds[kind]; found && known {
		return talk.Actor{Type: t, ID: id}
	}
	return talk.User(text)
}

// memberText is the inverse of memberOf.
func memberText(who talk.Actor) string {
	for kind, t := range memberKinds {
		if t == who.Type {
			return kind + ":" + who.ID
		}
	}
	return who.ID
}

// teamExplanations say what went wrong with TEAM-ID or MEMBER, by the reason of
// the failure.
var teamExplanations = map[string]string{
	"name":   "the name cannot be used: it has 1 to 127 characters",
	"team":   "there is no team TEAM-ID: parley team list shows all",
	"member": "there is no MEMBER for this team: write an account as its id, a group as group:ID and a team as team:ID",
	"owner":  "the owner of a team has to be an account and stays in the team: MEMBER",
}

func explainTeam(err error, team, member string) error {
	failure, ok := errors.AsType[*talk.Error](err)
	if !ok || teamExplanations[failure.Reason] == "" {
		return err
	}
	text := teamExplanations[failure.Reason]
	return errors.New(strings.NewReplacer("TEAM-ID", team, "MEMBER", member).Replace(text))
}

type teamAdd struct {
	admin
	Name  string `arg:"" help:"Name of the team."`
	Owner string `arg:"" help:"User id of the account that manages the team."`
}

// Help is shown by --help.
func (*teamAdd) Help() string { return "Examples:\n  parley team add \"Summer party\" alice" }

// Run creates the team.
func (c *teamAdd) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		team, err := core.Directory.CreateTeam(t.ctx, c.Name, c.Owner)
		if err != nil {
			return explainTeam(err, "", c.Owner)
		}
		return t.done(c.admin, newTeamView(&team), "team %s was created: %s", team.Name, team.ID)
	})
}

type teamRename struct {
	admin
	ID   string `arg:"" help:"Team id."`
	Name string `arg:"" help:"New name."`
}

// Help is shown by --help.
func (*teamRename) Help() string { return "Examples:\n  parley team rename TEAM \"Winter party\"" }

// Run renames the team.
func (c *teamRename) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Directory.RenameTeam(t.ctx, operator(), c.ID, c.Name); err != nil {
			return explainTeam(err, c.ID, "")
		}
		return t.done(c.admin, changed{c.ID}, "team %s is called %s", c.ID, c.Name)
	})
}

type teamDelete struct {
	admin
	ID string `arg:"" help:"Team id."`
}

// Help is shown by --help.
func (*teamDelete) Help() string {
	return `Members who were in a conversation only through the team leave it.

Examples:
  parley team delete TEAM`
}

// Run deletes the team.
func (c *teamDelete) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Directory.DeleteTeam(t.ctx, operator(), c.ID); err != nil {
			return explainTeam(err, c.ID, "")
		}
		return t.done(c.admin, changed{c.ID}, "team %s was deleted", c.ID)
	})
}

type teamList struct{ admin }

// Help is shown by --help.
func (*teamList) Help() string { return "Examples:\n  parley team list\n  parley team list --json" }

// Run lists the teams.
func (c *teamList) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		teams, err := core.Directory.Teams(t.ctx, operator())
		if err != nil {
			return err
		}
		views, all := make([]teamView, len(teams)), table{head: "ID NAME OWNER"}
		for i := range teams {
			views[i] = newTeamView(&teams[i])
			all.rows = append(all.rows, []string{teams[i].ID, teams[i].Name, teams[i].Owner})
		}
		return t.show(c.admin, views, all)
	})
}

// teamMember names a team and one of its members.
type teamMember struct {
	Team   string `arg:"" help:"Team id."`
	Member string `arg:"" help:"User id, group:ID or team:ID."`
}

type teamMemberAdd struct {
	admin
	teamMember
}

// Help is shown by --help.
func (*teamMemberAdd) Help() string {
	return `The people of a group or team in the team are in it, too, whoever they are later.

Examples:
  parley team member add TEAM bob
  parley team member add TEAM group:staff`
}

// Run adds the member.
func (c *teamMemberAdd) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Directory.AddTeamMember(t.ctx, operator(), c.Team, memberOf(c.Member)); err != nil {
			return explainTeam(err, c.Team, c.Member)
		}
		return t.done(c.admin, changed{c.Team}, "%s is in team %s", c.Member, c.Team)
	})
}

type teamMemberRemove struct {
	admin
	teamMember
}

// Help is shown by --help.
func (*teamMemberRemove) Help() string {
	return "Examples:\n  parley team member remove TEAM group:staff"
}

// Run removes the member.
func (c *teamMemberRemove) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Directory.RemoveTeamMember(t.ctx, operator(), c.Team, memberOf(c.Member)); err != nil {
			return explainTeam(err, c.Team, c.Member)
		}
		return t.done(c.admin, changed{c.Team}, "%s is not in team %s any more", c.Member, c.Team)
	})
}

type teamMemberList struct {
	admin
	Team string `arg:"" help:"Team id."`
}

// Help is shown by --help.
func (*teamMemberList) Help() string { return "Examples:\n  parley team member list TEAM" }

// Run lists the direct members.
func (c *teamMemberList) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		team, err := core.Directory.Team(t.ctx, operator(), c.Team)
		if err != nil {
			return explainTeam(err, c.Team, "")
		}
		return t.show(c.admin, withMembers(&team), memberTable(&team))
	})
}

func withMembers(team *directory.TeamView) teamView {
	v := newTeamView(&team.Team)
	for _, who := range team.Members {
		v.Members = append(v.Members, memberText(who))
	}
	return v
}

func memberTable(team *directory.TeamView) table {
	all := table{head: "MEMBER"}
	for _, who := range team.Members {
		all.rows = append(all.rows, []string{memberText(who)})
	}
	return all
}
