package directory

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// CreateGroup creates a group; without a name it goes by its id. Failures:
// Invalid group-id or display-name, Conflict group-exists.
func (svc *Service) CreateGroup(ctx context.Context, id, name string) error {
	if !talk.ValidGroupID(id) {
		return talk.Fail(talk.Invalid, ReasonGroupID)
	}
	name = strings.TrimSpace(cmp.Or(name, id))
	if !validName(name) {
		return talk.Fail(talk.Invalid, ReasonDisplayName)
	}
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		err := store.InsertGroup(tx, store.Group{ID: id, DisplayName: name})
		if errors.Is(err, db.ErrDuplicate) {
			return talk.Fail(talk.Conflict, ReasonGroupExists)
		}
		return err
	})
}

// changeGroup runs f if the group exists. Failure: NotFound group.
func (svc *Service) changeGroup(ctx context.Context, by talk.Caller, id string, f func(*conversation.MembershipChange) error) error {
	return svc.conversations.ChangeMemberships(ctx, by, func(m *conversation.MembershipChange) error {
		if err := hasGroup(m, id); err != nil {
			return err
		}
		return f(m)
	})
}

func hasGroup(m *conversation.MembershipChange, id string) error {
	_, err := store.GroupByID(m.Tx, id)
	if errors.Is(err, db.ErrNotFound) {
		return talk.Fail(talk.NotFound, ReasonGroup)
	}
	return err
}

// RenameGroup changes the name that people see. Failures: NotFound group,
// Invalid display-name.
func (svc *Service) RenameGroup(ctx context.Context, id, name string) error {
	name = strings.TrimSpace(name)
	if !validName(name) {
		return talk.Fail(talk.Invalid, ReasonDisplayName)
	}
	return svc.changeGroup(ctx, talk.Caller{}, id, func(m *conversation.MembershipChange) error {
		if err := store.RenameGroup(m.Tx, store.Group{ID: id, DisplayName: name}); err != nil {
			return err
		}
		return store.RenameActor(m.Tx, conversation.GroupActor(id), name)
	})
}

// DeleteGroup deletes a group; the members that were in a conversation only
// through it leave that conversation. Failures: NotFound group, Forbidden
// last-admin for the group of the administrators.
func (svc *Service) DeleteGroup(ctx context.Context, by talk.Caller, id string) error {
	if id == store.AdminGroup {
		return talk.Fail(talk.Forbidden, ReasonLastAdmin)
	}
	return svc.changeGroup(ctx, by, id, func(m *conversation.MembershipChange) error {
		return m.Dissolve(conversation.GroupActor(id), func() error { return store.DeleteGroup(m.Tx, id) })
	})
}

// AddToGroup adds an account to a group and to the conversations that the group
// takes part in. Failures: NotFound group, user.
func (svc *Service) AddToGroup(ctx context.Context, by talk.Caller, group, userID string) error {
	return svc.conversations.ChangeMemberships(ctx, by, func(m *conversation.MembershipChange) error { return addToGroups(m, []string{group}, userID) })
}

func addToGroups(m *conversation.MembershipChange, groups []string, userID string) error {
	for _, group := range groups {
		if err := hasGroup(m, group); err != nil {
			return err
		}
	}
	account, err := accountOf(m.Tx, userID)
	if err != nil {
		return err
	}
	var joined []talk.Actor
	for _, group := range groups {
		isNew, err := store.AddGroupMember(m.Tx, group, account.UserID)
		if err != nil {
			return err
		}
		if isNew {
			joined = append(joined, conversation.GroupActor(group))
		}
	}
	return m.Joined(joined, account)
}

// RemoveFromGroup takes an account out of a group and out of the conversations
// that it was in only through the group. Failures: NotFound group, user,
// Forbidden last-admin.
func (svc *Service) RemoveFromGroup(ctx context.Context, by talk.Caller, group, userID string) error {
	return svc.changeGroup(ctx, by, group, func(m *conversation.MembershipChange) error {
		account, err := accountOf(m.Tx, userID)
		if err != nil {
			return err
		}
		if group == store.AdminGroup {
			if err := keepsAdmin(m.Tx, account.UserID); err != nil {
				return err
			}
		}
		removed, err := store.RemoveGroupMember(m.Tx, group, account.UserID)
		if err != nil || !removed {
			return err
		}
		return m.Left(conversation.GroupActor(group), account.UserID)
	})
}

// GroupView is a group with its members.
type GroupView struct {
	store.Group
	Members []store.Account
}

// Group returns a group. Failure: NotFound group.
func (svc *Service) Group(ctx context.Context, id string) (v GroupView, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		v.Group, err = store.GroupByID(tx, id)
		if errors.Is(err, db.ErrNotFound) {
			return talk.Fail(talk.NotFound, ReasonGroup)
		}
		if err == nil {
			v.Members, err = store.GroupMembers(tx, id)
		}
		return err
	})
	return v, err
}

// Groups returns the groups that match with their members, by id.
func (svc *Service) Groups(ctx context.Context, p store.Page) (out []GroupView, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		found, err := store.Groups(tx, p)
		if err != nil {
			return err
		}
		out = make([]GroupView, len(found))
		for i, g := range found {
			out[i].Group = g
			if out[i].Members, err = store.GroupMembers(tx, g.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// GroupIDs returns the ids of the groups that match, in their order.
func (svc *Service) GroupIDs(ctx context.Context, p store.Page) (ids []string, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		found, err := store.Groups(tx, p)
		ids = make([]string, len(found))
		for i, g := range found {
			ids[i] = g.ID
		}
		return err
	})
	return ids, err
}
