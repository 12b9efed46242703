package directory

import (
	"strings"

	"parley/internal/directory"
	"parley/internal/ocs"
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

func newMemberData(v *directory.TeamView, who talk.Actor) memberData {
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

func (a *API) listTeams(c *ocs.Call) (any, error) {
	teams, err := a.directory.Teams(c.Context(), c.Caller())
	out := make([]teamData, len(teams))
	for i := range teams {
		out[i] = newTeamData(&teams[i])
	}
	return out, err
}

// probeTeams is listTeams by the name that clients look for.
func (a *API) probeTeams(c *ocs.Call) (any, error) { return a.listTeams(c) }

type teamParams struct {
	Name string `param:"name;required"`
}

func (a *API) createTeam(c *ocs.Call, in teamParams) (any, error) {
	team, err := a.directory.CreateTeam(c.Context(), in.Name, c.Caller().UserID)
	return newTeamData(&team), err
}

type teamNameParams struct {
	Value string `param:"value;required"`
}

func (a *API) renameTeam(c *ocs.Call, in teamNameParams) (any, error) {
	id := c.Value("team")
	if err := a.directory.RenameTeam(c.Context(), c.Caller(), id, in.Value); err != nil {
		return nil, err
	}
	v, err := a.directory.Team(c.Context(), c.Caller(), id)
	return newTeamData(&v.Team), err
}

func (a *API) deleteTeam(c *ocs.Call) (any, error) {
	return nil, a.directory.DeleteTeam(c.Context(), c.Caller(), c.Value("team"))
}

func (a *API) listTeamMembers(c *ocs.Call) (any, error) {
	v, err := a.directory.Team(c.Context(), c.Caller(), c.Value("team"))
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

func (a *API) addTeamMember(c *ocs.Call, in teamMemberParams) (any, error) {
	who := talk.Actor{Type: memberTypes[in.Type], ID: in.UserID}
	if err := a.directory.AddTeamMember(c.Context(), c.Caller(), c.Value("team"), who); err != nil {
		return nil, err
	}
	return a.listTeamMembers(c)
}

func (a *API) removeTeamMember(c *ocs.Call) (any, error) {
	kind, id, _ := strings.Cut(c.Value("member"), ":")
	who := talk.Actor{Type: talk.ActorType(kind), ID: id}
	return nil, a.directory.RemoveTeamMember(c.Context(), c.Caller(), c.Value("team"), who)
}
