package store_test

import (
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// team stores a team that alice owns, with further members.
func (d database) team(id string, members ...talk.Actor) {
	d.t.Helper()
	d.write(func(tx *db.Tx) error {
		if err := store.InsertTeam(tx, &talk.Team{ID: id, Name: "Team " + id, Owner: "alice"}); err != nil {
			return err
		}
		for _, m := range members {
			if _, err := store.AddTeamMember(tx, id, m); err != nil {
				return err
			}
		}
		return nil
	})
}

func teamActor(id string) talk.Actor { return talk.Actor{Type: talk.ActorTeams, ID: id} }

// nestedTeams makes: outer ∋ inner ∋ outer (a circle), inner ∋ group g ∋ bob,
// outer ∋ carol, alone ∋ dave. Alice owns all of them.
func nestedTeams(d database) {
	d.t.Helper()
	d.account("alice", "bob", "carol", "dave", "erin")
	d.write(func(tx *db.Tx) error {
		if err := store.InsertGroup(tx, store.Group{ID: "g", DisplayName: "G"}); err != nil {
			return err
		}
		_, err := store.AddGroupMember(tx, "g", "bob")
		return err
	})
	d.team("inner", talk.Actor{Type: talk.ActorGroups, ID: "g"}, teamActor("outer"))
	d.team("outer", talk.User("carol"), teamActor("inner"))
	d.team("alone", talk.User("dave"))
}

func accountIDs(accounts []store.Account) (out []string) {
	for _, a := range accounts {
		out = append(out, a.UserID)
	}
	return out
}

func teamIDs(teams []talk.Team) (out []string) {
	for _, t := range teams {
		out = append(out, t.ID)
	}
	return out
}

func TestTeamMembersAreInherited(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		nestedTeams(d)
		for team, want := range map[string][]string{
			"inner": {"alice", "bob", "carol"}, "outer": {"alice", "bob", "carol"}, "alone": {"alice", "dave"}, "none": nil,
		} {
			got := look(d, func(tx *db.Tx) ([]store.Account, error) { return store.TeamMembers(tx, team) })
			equal(t, team, accountIDs(got), want)
		}
		for user, want := range map[string][]string{"bob": {"inner", "outer"}, "dave": {"alone"}, "erin": nil} {
			got := look(d, func(tx *db.Tx) ([]talk.Team, error) { return store.TeamsOf(tx, user, store.Page{}) })
			equal(t, user, teamIDs(got), want)
		}
		got := look(d, func(tx *db.Tx) ([]talk.Team, error) { return store.TeamsOf(tx, "bob", store.Page{Search: "OUT"}) })
		equal(t, "search", teamIDs(got), []string{"outer"})
		absent(d, "a stranger's team", func(tx *db.Tx) (talk.Team, error) { return store.TeamOf(tx, "bob", "alone") })
		equal(t, "name", look(d, func(tx *db.Tx) (talk.Team, error) { return store.TeamOf(tx, "bob", "outer") }).Name, "Team outer")
	})
}

func TestTeamsInRooms(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		nestedTeams(d)
		r, _ := d.room("r", groupRow(talk.ActorTeams, "outer"))
		d.room("s", groupRow(talk.ActorGroups, "g"))
		d.room("t", groupRow(talk.ActorTeams, "alone"))
		for actor, want := range map[talk.Actor][]string{
			{Type: talk.ActorGroups, ID: "g"}: {"r", "s"}, teamActor("inner"): {"r"}, teamActor("alone"): {"t"},
		} {
			equal(t, actor.ID, look(d, func(tx *db.Tx) ([]string, error) { return store.RoomsHolding(tx, actor) }), want)
		}
		equal(t, "held", look(d, func(tx *db.Tx) (map[string]bool, error) {
			return store.HeldByGroupsOrTeams(tx, r.ID, append(many(900), "alice", "bob", "carol", "dave"))
		}), map[string]bool{"alice": true, "bob": true, "carol": true})
	})
}

func TestTeamMembersThatEnd(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		nestedTeams(d)
		equal(t, "again", d.member(func(tx *db.Tx) (bool, error) { return store.AddTeamMember(tx, "alone", talk.User("dave")) }), false)
		equal(t, "erin", d.member(func(tx *db.Tx) (bool, error) { return store.RemoveTeamMember(tx, "alone", talk.User("erin")) }), false)
		d.write(func(tx *db.Tx) error { return store.DeleteGroup(tx, "g") })
		d.write(func(tx *db.Tx) error { return store.DeleteAccount(tx, "alice") })
		d.write(func(tx *db.Tx) error { return store.DeleteTeam(tx, "inner") })
		equal(t, "owner", look(d, func(tx *db.Tx) (talk.Team, error) { return store.Team(tx, "outer") }).Owner, "")
		members := look(d, func(tx *db.Tx) ([]talk.Actor, error) { return store.DirectMembers(tx, "outer") })
		equal(t, "outer", members, []talk.Actor{talk.User("carol")})
		absent(d, "inner", func(tx *db.Tx) (talk.Team, error) { return store.Team(tx, "inner") })
		d.refused(db.ErrDuplicate, func(tx *db.Tx) error { return store.InsertTeam(tx, &talk.Team{ID: "outer", Name: "x", Owner: "bob"}) })
		equal(t, "all", teamIDs(look(d, func(tx *db.Tx) ([]talk.Team, error) { return store.Teams(tx, store.Page{}) })), []string{"alone", "outer"})
	})
}
