package ocs

import (
	"strings"

	"parley/internal/app"
	"parley/internal/talk"
)

// The part of the Circles API that clients use for teams.

// teamData describes a team.
type teamData struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	DisplayName   string `json:"displayName"`
	SanitizedName string `json:"sanitizedName"`
	Creation      int64  `json:"creation"`
	Owner         string `json:"owner"`
}

func newTeamData(t *talk.Team) teamData {
	return teamData{ID: t.ID, Name: t.Name, DisplayName: t.Name, SanitizedName: t.Name, Creation: t.CreatedAt, Owner: t.Owner}
}

// memberData describes a direct member of a team.
type memberData struct {
	ID       string `json:"id"`
	CircleID string `json:"circleId"`
	UserID   string `json:"userId"`
	UserType int    `json:"userType"`
	Level    int    `json:"level"`
	Status   string `json:"status"`
}

// Levels of members.
const (
	memberLevel = 1
	ownerLevel  = 9
)

// memberTypes are the actor types of members by their numbers.
var memberTypes = map[int]talk.ActorType{1: talk.ActorUsers, 2: talk.ActorGroups, 16: talk.ActorTeams}

func newMemberData(v *app.TeamView, who talk.Actor) memberData {
	m := memberData{ID: memberID(who), CircleID: v.ID, UserID: who.ID, Level: memberLevel, Status: "Member"}
	for number, t := range memberTypes {
		if t == who.Type {
			m.UserType = number
		}
	}
	if who == talk.User(v.Owner) {
		m.Level = ownerLevel
	}
	return m
}

// memberID names a member in paths.
func memberID(who talk.Actor) string { return string(who.Type) + ":" + who.ID }

func listTeams(c *call) (any, error) {
	teams, err := c.app.Teams(c.r.Context(), c.caller())
	out := make([]teamData, len(teams))
	for i := range teams {
		out[i] = newTeamData(&teams[i])
	}
	return out, err
}

type teamParams struct {
	Name string `param:"name;required"`
}

func createTeam(c *call, in teamParams) (any, error) {
	team, err := c.app.CreateTeam(c.r.Context(), in.Name, c.caller().UserID)
	return newTeamData(&team), err
}

type teamNameParams struct {
	Value string `param:"value;required"`
}

func renameTeam(c *call, in teamNameParams) (any, error) {
	id := c.values["team"]
	if err := c.app.RenameTeam(c.r.Context(), c.caller(), id, in.Value); err != nil {
		return nil, err
	}
	v, err := c.app.Team(c.r.Context(), c.caller(), id)
	return newTeamData(&v.Team), err
}

func deleteTeam(c *call) (any, error) {
	return nil, c.app.DeleteTeam(c.r.Context(), c.caller(), c.values["team"])
}

func listTeamMembers(c *call) (any, error) {
	v, err := c.app.Team(c.r.Context(), c.caller(), c.values["team"])
	out := make([]memberData, len(v.Members))
	for i, who := range v.Members {
		out[i] = newMemberData(&v, who)
	}
	return out, err
}

type teamMemberParams struct {
	UserID string `param:"userId;required"`
	Type   int    `param:"type" default:"1"`
}

func addTeamMember(c *call, in teamMemberParams) (any, error) {
	who := talk.Actor{Type: memberTypes[in.Type], ID: in.UserID}
	if err := c.app.AddTeamMember(c.r.Context(), c.caller(), c.values["team"], who); err != nil {
		return nil, err
	}
	return listTeamMembers(c)
}

func removeTeamMember(c *call) (any, error) {
	kind, id, _ := strings.Cut(c.values["member"], ":")
	who := talk.Actor{Type: talk.ActorType(kind), ID: id}
	return nil, c.app.RemoveTeamMember(c.r.Context(), c.caller(), c.values["team"], who)
}
