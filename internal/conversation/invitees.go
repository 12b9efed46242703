package conversation

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/talk"
)

// invitees are the people that a new conversation starts with, each once.
type invitees struct {
	users  []store.Account
	phones []string // in E.164 form
	emails []talk.Invitee
	groups []store.Group
	teams  []talk.Team
	// rejected are the invitations that cannot be followed, by source.
	rejected map[string][]string
	// suggested is the name of the group or team that the single invitation of
	// older clients is for.
	suggested string
}

// errInviteeGone tells that somebody who was found before is gone, so that the
// invitations have to be looked up again.
var errInviteeGone = errors.New("an invitee is gone")

// lists are all lists of invitations by their source.
func (n *NewRoom) lists() map[string][]string {
	all := map[string][]string{
		"users": n.Users, "groups": n.Groups, "emails": n.Emails, "teams": n.Teams, "federated_users": n.FederatedUsers, "phones": n.Phones,
	}
	for source, list := range n.Unknown {
		all[source] = list
	}
	return all
}

// checkLists bounds the invitations. Failure: Invalid "invite".
func (n *NewRoom) checkLists() error {
	for _, list := range n.lists() {
		if len(list) > talk.MaxListed {
			return talk.Fail(talk.Invalid, "invite")
		}
	}
	return nil
}

// groupsAndTeams returns the invited groups and teams; the single invitation of older
// clients names one or the other.
func (n *NewRoom) groupsAndTeams() (groups, teams []string) {
	groups, teams = talk.Unique(n.Groups), talk.Unique(n.Teams)
	switch {
	case n.Invite == "":
	case talk.ActorType(n.Source) == talk.ActorTeams:
		teams = talk.Unique(append(teams, n.Invite))
	default:
		groups = talk.Unique(append(groups, n.Invite))
	}
	return groups, teams
}

// resolve looks the invitations up, before any conversation or membership is
// locked. Failures: those of [NewRoom.admit], NotFound "invite" when there are
// some and none can be followed.
func (svc *Service) resolve(ctx context.Context, caller talk.Caller, n *NewRoom) (in *invitees, err error) {
	invited := n.Invite != ""
	for _, list := range n.lists() {
		invited = invited || len(list) > 0
	}
	if !invited {
		return &invitees{}, nil
	}
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		s, err := n.admit(svc, tx, caller)
		if err != nil {
			return err
		}
		in = &invitees{rejected: map[string][]string{}}
		if err := in.addUsers(tx, n.Users); err != nil {
			return err
		}
		if err := in.addBundles(tx, caller, n); err != nil {
			return err
		}
		in.addEmails(n.Emails)
		if err := in.addPhones(tx, s, caller, n.Phones); err != nil {
			return err
		}
		in.reject("federated_users", n.FederatedUsers...) // there is no federation
		for source, list := range n.Unknown {
			in.reject(source, list...)
		}
		for source, list := range in.rejected {
			in.rejected[source] = talk.Unique(list)
		}
		if in.nobody() && len(in.rejected) > 0 {
			return talk.Fail(talk.NotFound, "invite")
		}
		return nil
	})
	return in, err
}

func (in *invitees) nobody() bool {
	return len(in.users)+len(in.phones)+len(in.emails)+len(in.groups)+len(in.teams) == 0
}

// reject notes invitations that cannot be followed.
func (in *invitees) reject(source string, ids ...string) {
	if len(ids) > 0 {
		in.rejected[source] = append(in.rejected[source], ids...)
	}
}

func (in *invitees) addUsers(tx *db.Tx, ids []string) error {
	found, err := store.AccountsNamed(tx, ids)
	known := map[string]bool{}
	for _, id := range ids {
		account, ok := found[id]
		switch {
		case !ok:
			in.reject("users", id)
		case !known[account.UserID]:
			known[account.UserID] = true
			in.users = append(in.users, account)
		}
	}
	return err
}

// addBundles looks for groups, and for teams that the caller is in; others do
// not exist for them.
func (in *invitees) addBundles(tx *db.Tx, caller talk.Caller, n *NewRoom) error {
	groupIDs, teamIDs := n.groupsAndTeams()
	groups, err := store.GroupsAmong(tx, groupIDs)
	if err != nil {
		return err
	}
	for _, id := range groupIDs {
		if group, ok := groups[id]; ok {
			in.groups = append(in.groups, group)
		} else {
			in.reject("groups", id)
		}
	}
	teams, err := store.TeamsAmong(tx, caller.UserID, teamIDs)
	for _, id := range teamIDs {
		if team, ok := teams[id]; ok {
			in.teams = append(in.teams, team)
		} else {
			in.reject("teams", id)
		}
	}
	in.suggested = cmp.Or(groups[n.Invite].DisplayName, teams[n.Invite].Name)
	return err
}

func (in *invitees) addEmails(texts []string) {
	known := map[string]bool{}
	for _, text := range texts {
		address := talk.FoldAddress(text)
		switch {
		case !talk.ValidAddress(address):
			in.reject("emails", text)
		case !known[address]:
			known[address] = true
			in.emails = append(in.emails, talk.Invitee{Address: address})
		}
	}
}

// addPhones takes the numbers among the texts that the caller may have called.
func (in *invitees) addPhones(tx *db.Tx, s *settings.Settings, caller talk.Caller, texts []string) error {
	if len(texts) == 0 {
		return nil
	}
	allowed, err := canDialOut(s, tx, caller)
	known := map[string]bool{}
	for _, text := range texts {
		number, ok := talk.ParsePhone(text)
		switch {
		case !ok || !allowed:
			in.reject("phones", text)
		case !known[number]:
			known[number] = true
			in.phones = append(in.phones, number)
		}
	}
	return err
}

// roomType is the kind of conversation that the invitees make of a wanted one:
// only a public one has e-mail guests.
func (in *invitees) roomType(wanted talk.RoomType) talk.RoomType {
	if len(in.emails) > 0 {
		return talk.Public
	}
	return wanted
}

// roomName is the name of the new conversation.
func (in *invitees) roomName(n *NewRoom) string {
	if strings.TrimSpace(n.Name) == "" && in.suggested != "" {
		return in.suggested
	}
	return suggestedName(n.Name, n.Invite)
}

// suggestedName names a conversation that was created without a name.
func suggestedName(name, invite string) string {
	switch {
	case name != "":
		return name
	case invite == "":
		return "---"
	}
	if r := []rune(invite); len(r) > talk.MaxSuggestedName {
		return string(r[:talk.MaxSuggestedName])
	}
	return invite
}

// keepBundles locks the memberships, so that nobody joins or leaves what was
// invited, and reads the groups and teams again. Failure: errInviteeGone.
func (in *invitees) keepBundles(tx *db.Tx, caller talk.Caller) error {
	if len(in.groups)+len(in.teams) == 0 {
		return nil
	}
	if err := store.LockMemberships(tx); err != nil {
		return err
	}
	groupIDs, teamIDs := make([]string, len(in.groups)), make([]string, len(in.teams))
	for i, g := range in.groups {
		groupIDs[i] = g.ID
	}
	for i, t := range in.teams {
		teamIDs[i] = t.ID
	}
	groups, err := store.GroupsAmong(tx, groupIDs)
	if err != nil {
		return err
	}
	teams, err := store.TeamsAmong(tx, caller.UserID, teamIDs)
	if err == nil && len(groups)+len(teams) < len(groupIDs)+len(teamIDs) {
		err = errInviteeGone
	}
	return err
}

// addInvitees adds those who were invited to their new conversation. It ends
// early when the caller has gone. Failure: errInviteeGone.
func addInvitees(c *room.Change, in *invitees) error {
	err := addAccounts(c, in.users)
	if err == nil {
		err = each(c, in.phones, func(number string) error { return addPhone(c, number) })
	}
	if err == nil {
		err = inviteEmails(c, in.emails)
	}
	if err == nil {
		err = each(c, in.groups, func(g store.Group) error { return addGroupOrTeam(c, GroupActor(g.ID), g.DisplayName) })
	}
	if err == nil {
		err = each(c, in.teams, func(t talk.Team) error { return addGroupOrTeam(c, t.Actor(), t.Name) })
	}
	if talk.IsKind(err, talk.NotFound) {
		return errInviteeGone
	}
	return err
}

// each calls f for all values while the caller of the change is there.
func each[T any](c *room.Change, values []T, f func(T) error) error {
	for _, v := range values {
		if err := c.Tx.Context().Err(); err != nil {
			return err
		}
		if err := f(v); err != nil {
			return err
		}
	}
	return nil
}

// besides returns the invitations to a one-to-one that are for somebody else than
// its other half, by source.
func (n *NewRoom) besides(tx *db.Tx, other string) (map[string][]string, error) {
	in := &invitees{rejected: map[string][]string{}}
	found, err := store.AccountsNamed(tx, n.Users)
	for source, list := range n.lists() {
		for _, id := range list {
			if source != "users" || found[id].UserID != other {
				in.reject(source, id)
			}
		}
	}
	return in.rejected, err
}
