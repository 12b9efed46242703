package store_test

import (
	"testing"

	"parley/internal/store"
	"parley/internal/talk"
)

// team stores a team that alice owns, with further members.
func (d database) team(id string, members ...talk.Actor) {
	d.t.Helper()
	d.write(func(tx *store.Tx) error {
		if err := tx.InsertTeam(&talk.Team{ID: id, Name: "Team " + id, Owner: "alice"}); err != nil {
			return err
		}
		for _, m := range members {
			if _, err := tx.AddTeamMember(id, m); err != nil {
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
	d.write(func(tx *store.Tx) error {
		if err := tx.InsertGroup(store.Group{ID: "g", DisplayName: "G"}); err != nil {
			return err
		}
		_, err := tx.AddGroupMember("g", "bob")
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
			got := look(d, func(tx *store.Tx) ([]store.Account, error) { return tx.TeamMembers(team) })
			equal(t, team, accountIDs(got), want)
		}
		for user, want := range map[string][]string{"bob": {"inner", "outer"}, "dave": {"alone"}, "erin": nil} {
			got := look(d, func(tx *store.Tx) ([]talk.Team, error) { return tx.TeamsOf(user, store.Page{}) })
			equal(t, user, teamIDs(got), want)
		}
		got := look(d, func(tx *store.Tx) ([]talk.Team, error) { return tx.TeamsOf("bob", store.Page{Search: "OUT"}) })
		equal(t, "search", teamIDs(got), []string{"outer"})
		absent(d, "a stranger's team", func(tx *store.Tx) (talk.Team, error) { return tx.TeamOf("bob", "alone") })
		equal(t, "name", look(d, func(tx *store.Tx) (talk.Team, error) { return tx.TeamOf("bob", "outer") }).Name, "Team outer")
	})
}

func TestTeamsInRooms(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		nestedTeams(d)
		r, _ := d.room("r", bundle(talk.ActorTeams, "outer"))
		d.room("s", bundle(talk.ActorGroups, "g"))
		d.room("t", bundle(talk.ActorTeams, "alone"))
		for actor, want := range map[talk.Actor][]string{
			{Type: talk.ActorGroups, ID: "g"}: {"r", "s"}, teamActor("inner"): {"r"}, teamActor("alone"): {"t"},
		} {
			equal(t, actor.ID, look(d, func(tx *store.Tx) ([]string, error) { return tx.RoomsHolding(actor) }), want)
		}
		equal(t, "held", look(d, func(tx *store.Tx) (map[string]bool, error) {
			return tx.Held(r.ID, append(many(900), "alice", "bob", "carol", "dave"))
		}), map[string]bool{"alice": true, "bob": true, "carol": true})
	})
}

func TestTeamMembersThatEnd(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		nestedTeams(d)
		equal(t, "again", d.member(func(tx *store.Tx) (bool, error) { return tx.AddTeamMember("alone", talk.User("dave")) }), false)
		equal(t, "erin", d.member(func(tx *store.Tx) (bool, error) { return tx.RemoveTeamMember("alone", talk.User("erin")) }), false)
		d.write(func(tx *store.Tx) error { return tx.DeleteGroup("g") })
		d.write(func(tx *store.Tx) error { return tx.DeleteAccount("alice") })
		d.write(func(tx *store.Tx) error { return tx.DeleteTeam("inner") })
		equal(t, "owner", look(d, func(tx *store.Tx) (talk.Team, error) { return tx.Team("outer") }).Owner, "")
		members := look(d, func(tx *store.Tx) ([]talk.Actor, error) { return tx.DirectMembers("outer") })
		equal(t, "outer", members, []talk.Actor{talk.User("carol")})
		absent(d, "inner", func(tx *store.Tx) (talk.Team, error) { return tx.Team("inner") })
		d.refused(store.ErrDuplicate, func(tx *store.Tx) error { return tx.InsertTeam(&talk.Team{ID: "outer", Name: "x", Owner: "bob"}) })
		equal(t, "all", teamIDs(look(d, func(tx *store.Tx) ([]talk.Team, error) { return tx.Teams(store.Page{}) })), []string{"alone", "outer"})
	})
}
