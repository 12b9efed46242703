package directory

import (
	"context"
	"errors"
	"strings"

	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
)

// TeamView is a team with its direct members.
type TeamView struct {
	talk.Team
	Members []talk.Actor
}

// CreateTeam creates a team with its owner as the first member. Failures:
// Invalid "name", NotFound "owner".
func (svc *Service) CreateTeam(ctx context.Context, name, owner string) (talk.Team, error) {
	team := talk.Team{ID: secret.Token(talk.TeamIDLength, secret.Alphanumeric)}
	var err error
	if team.Name, err = checkTeamName(name); err != nil {
		return team, err
	}
	err = svc.store.Write(ctx, func(tx *db.Tx) error {
		account, err := store.AccountByID(tx, owner)
		if errors.Is(err, db.ErrNotFound) {
			return talk.Fail(talk.NotFound, "owner")
		}
		if err != nil {
			return err
		}
		team.Owner = account.UserID
		if err := store.KeepAccount(tx, team.Owner); err != nil {
			return err
		}
		return store.InsertTeam(tx, &team)
	})
	return team, err
}

func checkTeamName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if !talk.PlainName(name, talk.MaxTeamName) {
		return "", talk.Fail(talk.Invalid, "name")
	}
	return name, nil
}

// RenameTeam changes the name, also where the team is in conversations.
// Failures: those of managing a team, Invalid "name".
func (svc *Service) RenameTeam(ctx context.Context, by talk.Caller, id, name string) error {
	name, err := checkTeamName(name)
	if err != nil {
		return err
	}
	return svc.changeTeam(ctx, by, id, func(m *conversation.MembershipChange, team *talk.Team) error {
		team.Name = name
		if err := store.RenameTeam(m.Tx, *team); err != nil {
			return err
		}
		return store.RenameActor(m.Tx, team.Actor(), name)
	})
}

// DeleteTeam deletes a team. It leaves all conversations, with the people whom
// nothing else holds there. Failures: those of managing a team.
func (svc *Service) DeleteTeam(ctx context.Context, by talk.Caller, id string) error {
	return svc.changeTeam(ctx, by, id, func(m *conversation.MembershipChange, team *talk.Team) error {
		return m.Dissolve(team.Actor(), func() error { return store.DeleteTeam(m.Tx, team.ID) })
	})
}

// AddTeamMember adds an account, a group or a team to a team; who is in it
// already stays. Failures: those of managing a team, NotFound "member",
// Invalid "type" for anything else.
func (svc *Service) AddTeamMember(ctx context.Context, by talk.Caller, id string, who talk.Actor) error {
	return svc.changeTeam(ctx, by, id, func(m *conversation.MembershipChange, team *talk.Team) error {
		people, err := people(m, &who)
		if err != nil {
			return err
		}
		isNew, err := store.AddTeamMember(m.Tx, team.ID, who)
		if err != nil || !isNew {
			return err
		}
		return m.Joined([]talk.Actor{team.Actor()}, people...)
	})
}

// RemoveTeamMember removes a direct member from a team; everybody may remove
// themselves. Failures: those of managing a team, NotFound "member", Invalid
// "owner".
func (svc *Service) RemoveTeamMember(ctx context.Context, by talk.Caller, id string, who talk.Actor) error {
	return svc.changeTeamAs(ctx, by, id, by.Actor() == who, func(m *conversation.MembershipChange, team *talk.Team) error {
		if who == talk.User(team.Owner) {
			return talk.Fail(talk.Invalid, "owner")
		}
		people, err := people(m, &who)
		if err != nil {
			return err
		}
		was, err := store.RemoveTeamMember(m.Tx, team.ID, who)
		if err != nil {
			return err
		}
		if !was {
			return talk.Fail(talk.NotFound, "member")
		}
		return m.Left(team.Actor(), conversation.UserIDs(people)...)
	})
}

// people returns the accounts that a member of a team stands for, and spells
// the id of an account as it is stored.
func people(m *conversation.MembershipChange, who *talk.Actor) (people []store.Account, err error) {
	switch who.Type {
	case talk.ActorUsers:
		var account store.Account
		account, err = store.AccountByID(m.Tx, who.ID)
		who.ID, people = account.UserID, []store.Account{account}
	case talk.ActorGroups:
		if _, err = store.GroupByID(m.Tx, who.ID); err == nil {
			people, err = store.GroupMembers(m.Tx, who.ID)
		}
	case talk.ActorTeams:
		if _, err = store.Team(m.Tx, who.ID); err == nil {
			people, err = store.TeamMembers(m.Tx, who.ID)
		}
	default:
		return nil, talk.Fail(talk.Invalid, "type")
	}
	if errors.Is(err, db.ErrNotFound) {
		return nil, talk.Fail(talk.NotFound, "member")
	}
	return people, err
}

// changeTeam runs f if the caller manages the team: as its owner or at the
// command line. Failures: NotFound "team" for those who are not in it,
// Forbidden "owner" for its other members.
func (svc *Service) changeTeam(ctx context.Context, by talk.Caller, id string, f func(*conversation.MembershipChange, *talk.Team) error) error {
	return svc.changeTeamAs(ctx, by, id, false, f)
}

// changeTeamAs is changeTeam for a change that the members may make, too.
func (svc *Service) changeTeamAs(
	ctx context.Context, by talk.Caller, id string, anyMember bool, f func(*conversation.MembershipChange, *talk.Team) error,
) error {
	return svc.conversations.ChangeMemberships(ctx, by, func(m *conversation.MembershipChange) error {
		team, err := seenTeam(m.Tx, by, id)
		if err != nil {
			return err
		}
		if by.LoggedIn() && by.UserID != team.Owner && !anyMember {
			return talk.Fail(talk.Forbidden, "owner")
		}
		return f(m, &team)
	})
}

// seenTeam returns a team that the caller may know of.
func seenTeam(tx *db.Tx, by talk.Caller, id string) (team talk.Team, err error) {
	if by.LoggedIn() {
		team, err = store.TeamOf(tx, by.UserID, id)
	} else {
		team, err = store.Team(tx, id)
	}
	if errors.Is(err, db.ErrNotFound) {
		return team, talk.Fail(talk.NotFound, "team")
	}
	return team, err
}

// Team returns a team with its direct members. Failure: NotFound "team" for
// accounts that are not in it.
func (svc *Service) Team(ctx context.Context, by talk.Caller, id string) (view TeamView, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		if view.Team, err = seenTeam(tx, by, id); err != nil {
			return err
		}
		view.Members, err = store.DirectMembers(tx, id)
		return err
	})
	return view, err
}

// Teams returns the teams that the account is in, or all of them at the command
// line, by name.
func (svc *Service) Teams(ctx context.Context, by talk.Caller) (teams []talk.Team, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		if by.LoggedIn() {
			teams, err = store.TeamsOf(tx, by.UserID, store.Page{})
		} else {
			teams, err = store.Teams(tx, store.Page{})
		}
		return err
	})
	return teams, err
}
