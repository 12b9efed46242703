package conversation

import (
	"context"
	"errors"
	"slices"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// Groups and teams are in a conversation themselves, and
// bring and take the people in them.
//
// Whoever brings one into a conversation keeps the memberships as they are, so that
// nobody joins it between the reading of its members and its arrival.

func addGroup(c *room.Change, id string) error {
	if err := store.LockMemberships(c.Tx); err != nil {
		return err
	}
	group, err := store.GroupByID(c.Tx, id)
	if errors.Is(err, db.ErrNotFound) {
		return talk.Fail(talk.NotFound, "new-participant")
	}
	if err != nil {
		return err
	}
	return addGroupOrTeam(c, GroupActor(id), group.DisplayName)
}

// addTeam adds a team that the caller is in; others do not exist for them.
func addTeam(c *room.Change, id string) error {
	if err := store.LockMemberships(c.Tx); err != nil {
		return err
	}
	team, err := store.TeamOf(c.Tx, c.Caller.UserID, id)
	if errors.Is(err, db.ErrNotFound) {
		return talk.Fail(talk.NotFound, "new-participant")
	}
	if err != nil {
		return err
	}
	return addGroupOrTeam(c, team.Actor(), team.Name)
}

// addGroupOrTeam adds the row of a group or team, then the people in it.
// The old API versions only know the people.
func addGroupOrTeam(c *room.Change, who talk.Actor, name string) error {
	members, err := groupOrTeamMembers(c.Tx, who)
	if err != nil {
		return err
	}
	if c.Legacy {
		return addAccounts(c, members)
	}
	row := talk.Attendee{RoomID: c.Room.ID, Actor: who, DisplayName: name, Type: talk.Member, NotificationCalls: 1, ReadPrivacy: 1}
	err = c.AddAttendee(&row)
	if err == nil {
		err = c.PostSystemAbout(groupOrTeamKey(who.Type, true), who)
	}
	if err != nil && !errors.Is(err, db.ErrDuplicate) {
		return err
	}
	return addAccounts(c, members)
}

// groupOrTeamMembers returns the people in a group or team.
func groupOrTeamMembers(tx *db.Tx, who talk.Actor) ([]store.Account, error) {
	if who.Type == talk.ActorTeams {
		return store.TeamMembers(tx, who.ID)
	}
	return store.GroupMembers(tx, who.ID)
}

func groupOrTeamKey(t talk.ActorType, added bool) talk.SystemKey {
	switch {
	case t == talk.ActorTeams && added:
		return talk.TeamAdded
	case t == talk.ActorTeams:
		return talk.TeamRemoved
	case added:
		return talk.GroupAdded
	}
	return talk.GroupRemoved
}

// removeGroupOrTeam completes the removal of the row of a group or team.
func removeGroupOrTeam(c *room.Change, who talk.Actor) error {
	members, err := groupOrTeamMembers(c.Tx, who)
	if err != nil {
		return err
	}
	return releaseGroupOrTeam(c, who, UserIDs(members))
}

// releaseGroupOrTeam tells of the removal of the row of a group or team and releases its members.
func releaseGroupOrTeam(c *room.Change, who talk.Actor, members []string) error {
	if err := c.PostSystemAbout(groupOrTeamKey(who.Type, false), who); err != nil {
		return err
	}
	return releaseMembers(c, members)
}

// releaseMembers removes those of the users that were members only through a
// group or team which no longer holds them.
func releaseMembers(c *room.Change, users []string) error {
	present, err := store.AttendeesAmong(c.Tx, c.Room.ID, users)
	if err != nil {
		return err
	}
	held, err := store.HeldByGroupsOrTeams(c.Tx, c.Room.ID, users)
	if err != nil {
		return err
	}
	for _, id := range users {
		at, in := present[id]
		if !in || held[id] || !at.FollowsBundle() {
			continue
		}
		if err := Remove(c, &at); err != nil {
			return err
		}
	}
	return nil
}

// holdMembers adds those of the accounts that a group or team in the
// conversation holds.
func holdMembers(c *room.Change, accounts []store.Account) error {
	held, err := store.HeldByGroupsOrTeams(c.Tx, c.Room.ID, UserIDs(accounts))
	if err != nil {
		return err
	}
	var added []store.Account
	for _, account := range accounts {
		if held[account.UserID] {
			added = append(added, account)
		}
	}
	return addAccounts(c, added)
}

// MembershipChange is a running change of who is in a group or team, made by an
// administrator or by the owner of the team.
type MembershipChange struct {
	Tx  *db.Tx
	app *Service
	by  talk.Caller
}

// ChangeMemberships runs f while nobody else changes groups or teams.
func (svc *Service) ChangeMemberships(ctx context.Context, by talk.Caller, f func(*MembershipChange) error) error {
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		if err := store.LockMemberships(tx); err != nil {
			return err
		}
		return f(&MembershipChange{tx, svc, by})
	})
}

// In runs f in each of the conversations that still exist, one after another. All
// of them are locked first, in order.
func (m *MembershipChange) In(tokens []string, f func(*room.Change) error) error {
	if err := store.LockRooms(m.Tx, tokens); err != nil {
		return err
	}
	for _, token := range tokens {
		c, known, err := m.app.rooms.Lock(m.Tx, room.Scope{Caller: m.by, Token: token})
		if err != nil {
			return err
		}
		if known.Room == nil {
			continue
		}
		if err := f(c); err != nil {
			return err
		}
	}
	return nil
}

// Joined brings accounts that joined groups or teams into the conversations that these are
// in, themselves or inside of a team.
func (m *MembershipChange) Joined(actors []talk.Actor, accounts ...store.Account) error {
	var tokens []string
	for _, actor := range actors {
		found, err := store.RoomsHolding(m.Tx, actor)
		if err != nil {
			return err
		}
		tokens = append(tokens, found...)
	}
	slices.Sort(tokens)
	return m.In(slices.Compact(tokens), func(c *room.Change) error { return holdMembers(c, accounts) })
}

// Left takes accounts that left a group or team out of those conversations.
func (m *MembershipChange) Left(actor talk.Actor, users ...string) error {
	tokens, err := store.RoomsHolding(m.Tx, actor)
	if err != nil {
		return err
	}
	return m.In(tokens, func(c *room.Change) error { return releaseMembers(c, users) })
}

// Dissolve deletes a group or team by the given function and takes it with its members
// out of all conversations.
func (m *MembershipChange) Dissolve(actor talk.Actor, deleteIt func() error) error {
	members, err := groupOrTeamMembers(m.Tx, actor)
	if err != nil {
		return err
	}
	tokens, err := store.RoomsHolding(m.Tx, actor)
	if err != nil {
		return err
	}
	if err := deleteIt(); err != nil {
		return err
	}
	return m.In(tokens, func(c *room.Change) error {
		row, err := store.AttendeeOf(c.Tx, c.Room.ID, actor)
		if errors.Is(err, db.ErrNotFound) {
			return releaseMembers(c, UserIDs(members))
		}
		if err != nil {
			return err
		}
		if err := c.RemoveAttendee(&row); err != nil {
			return err
		}
		return releaseGroupOrTeam(c, actor, UserIDs(members))
	})
}

// GroupActor is the attendee that stands for a group.
func GroupActor(id string) talk.Actor { return talk.Actor{Type: talk.ActorGroups, ID: id} }
