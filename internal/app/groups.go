package app

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// groupActor is the attendee that stands for a group.
func groupActor(id string) talk.Actor { return talk.Actor{Type: talk.ActorGroups, ID: id} }

// CreateGroup creates a group; without a name it goes by its id. Failures:
// Invalid group-id or display-name, Conflict group-exists.
func (a *App) CreateGroup(ctx context.Context, id, name string) error {
	if !talk.ValidGroupID(id) {
		return talk.Fail(talk.Invalid, ReasonGroupID)
	}
	name = strings.TrimSpace(cmp.Or(name, id))
	if !validName(name) {
		return talk.Fail(talk.Invalid, ReasonDisplayName)
	}
	return a.store.Write(ctx, func(tx *db.Tx) error {
		err := store.InsertGroup(tx, store.Group{ID: id, DisplayName: name})
		if errors.Is(err, db.ErrDuplicate) {
			return talk.Fail(talk.Conflict, ReasonGroupExists)
		}
		return err
	})
}

// changeGroup runs f if the group exists. Failure: NotFound group.
func (a *App) changeGroup(ctx context.Context, by talk.Caller, id string, f func(*membershipChange) error) error {
	return a.changeMemberships(ctx, by, func(m *membershipChange) error {
		if err := m.hasGroup(id); err != nil {
			return err
		}
		return f(m)
	})
}

func (m *membershipChange) hasGroup(id string) error {
	_, err := store.GroupByID(m.Tx, id)
	if errors.Is(err, db.ErrNotFound) {
		return talk.Fail(talk.NotFound, ReasonGroup)
	}
	return err
}

// RenameGroup changes the name that people see. Failures: NotFound group,
// Invalid display-name.
func (a *App) RenameGroup(ctx context.Context, id, name string) error {
	name = strings.TrimSpace(name)
	if !validName(name) {
		return talk.Fail(talk.Invalid, ReasonDisplayName)
	}
	return a.changeGroup(ctx, talk.Caller{}, id, func(m *membershipChange) error {
		if err := store.RenameGroup(m.Tx, store.Group{ID: id, DisplayName: name}); err != nil {
			return err
		}
		return store.RenameActor(m.Tx, groupActor(id), name)
	})
}

// DeleteGroup deletes a group; the members that were in a conversation only
// through it leave that conversation. Failures: NotFound group, Forbidden
// last-admin for the group of the administrators.
func (a *App) DeleteGroup(ctx context.Context, by talk.Caller, id string) error {
	if id == store.AdminGroup {
		return talk.Fail(talk.Forbidden, ReasonLastAdmin)
	}
	return a.changeGroup(ctx, by, id, func(m *membershipChange) error {
		return m.dissolve(groupActor(id), func() error { return store.DeleteGroup(m.Tx, id) })
	})
}

// AddToGroup adds an account to a group and to the conversations that the group
// takes part in. Failures: NotFound group, user.
func (a *App) AddToGroup(ctx context.Context, by talk.Caller, group, userID string) error {
	return a.changeMemberships(ctx, by, func(m *membershipChange) error { return m.addToGroups([]string{group}, userID) })
}

func (m *membershipChange) addToGroups(groups []string, userID string) error {
	for _, group := range groups {
		if err := m.hasGroup(group); err != nil {
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
			joined = append(joined, groupActor(group))
		}
	}
	return m.joined(joined, account)
}

// RemoveFromGroup takes an account out of a group and out of the conversations
// that it was in only through the group. Failures: NotFound group, user,
// Forbidden last-admin.
func (a *App) RemoveFromGroup(ctx context.Context, by talk.Caller, group, userID string) error {
	return a.changeGroup(ctx, by, group, func(m *membershipChange) error {
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
		return m.left(groupActor(group), account.UserID)
	})
}

// GroupView is a group with its members.
type GroupView struct {
	store.Group
	Members []store.Account
}

// Group returns a group. Failure: NotFound group.
func (a *App) Group(ctx context.Context, id string) (v GroupView, err error) {
	err = a.store.Read(ctx, func(tx *db.Tx) error {
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
func (a *App) Groups(ctx context.Context, p store.Page) (out []GroupView, err error) {
	err = a.store.Read(ctx, func(tx *db.Tx) error {
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
func (a *App) GroupIDs(ctx context.Context, p store.Page) (ids []string, err error) {
	err = a.store.Read(ctx, func(tx *db.Tx) error {
		found, err := store.Groups(tx, p)
		ids = make([]string, len(found))
		for i, g := range found {
			ids[i] = g.ID
		}
		return err
	})
	return ids, err
}
