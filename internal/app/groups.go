package app

import (
	"context"
	"errors"
	"strings"

	"parley/internal/store"
	"parley/internal/talk"
)

// groupActor is the attendee that stands for a group.
func groupActor(id string) talk.Actor { return talk.Actor{Type: talk.ActorGroups, ID: id} }

// CreateGroup creates a group. Failures: Invalid group-id, Conflict
// group-exists.
func (a *App) CreateGroup(ctx context.Context, id, name string) error {
	if strings.TrimSpace(id) == "" || len(id) > maxGroupID {
		return talk.Fail(talk.Invalid, ReasonGroupID)
	}
	if name == "" {
		name = id
	}
	return a.store.Write(ctx, func(tx *store.Tx) error {
		err := tx.InsertGroup(store.Group{ID: id, DisplayName: name})
		if errors.Is(err, store.ErrDuplicate) {
			return talk.Fail(talk.Conflict, ReasonGroupExists)
		}
		return err
	})
}

// RenameGroup changes the name that people see. Failures: NotFound group,
// Invalid display-name.
func (a *App) RenameGroup(ctx context.Context, id, name string) error {
	if !validName(name) {
		return talk.Fail(talk.Invalid, ReasonDisplayName)
	}
	return a.store.Write(ctx, func(tx *store.Tx) error {
		if err := lockGroup(tx, id); err != nil {
			return err
		}
		if err := tx.RenameGroup(store.Group{ID: id, DisplayName: name}); err != nil {
			return err
		}
		return tx.RenameActor(groupActor(id), name)
	})
}

// lockGroup keeps others from changing the group and from adding it to a
// conversation. A group is locked before any conversation. Failure: NotFound
// group.
func lockGroup(tx *store.Tx, id string) error {
	err := tx.LockGroup(id)
	if errors.Is(err, store.ErrNotFound) {
		return talk.Fail(talk.NotFound, ReasonGroup)
	}
	return err
}

// DeleteGroup deletes a group; the members that were in a conversation only
// through it leave that conversation. Failures: NotFound group, Forbidden
// last-admin for the group of the administrators.
func (a *App) DeleteGroup(ctx context.Context, by talk.Caller, id string) error {
	if id == store.AdminGroup {
		return talk.Fail(talk.Forbidden, ReasonLastAdmin)
	}
	return a.store.Write(ctx, func(tx *store.Tx) error {
		if err := lockGroup(tx, id); err != nil {
			return err
		}
		err := a.inRoomsOf(tx, by, groupActor(id), func(c *change, row *talk.Attendee) error { return c.remove(row) })
		if err != nil {
			return err
		}
		return tx.DeleteGroup(id)
	})
}

// inRoomsOf runs f on every conversation that has the actor as attendee, locked
// one after the other in the order of their ids.
func (a *App) inRoomsOf(tx *store.Tx, by talk.Caller, who talk.Actor, f func(*change, *talk.Attendee) error) error {
	tokens, err := tx.RoomsOf(who)
	if err != nil {
		return err
	}
	for _, token := range tokens {
		c, _, err := a.lock(tx, Scope{Caller: by, Token: token})
		if err != nil {
			return err
		}
		if c.room == nil {
			continue
		}
		row, err := tx.AttendeeOf(c.room.ID, who)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err == nil {
			err = f(c, &row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// AddToGroup adds an account to a group and to the conversations that the group
// takes part in. Failures: NotFound group, user.
func (a *App) AddToGroup(ctx context.Context, by talk.Caller, group, userID string) error {
	return a.store.Write(ctx, func(tx *store.Tx) error { return a.addToGroup(tx, by, group, userID) })
}

func (a *App) addToGroup(tx *store.Tx, by talk.Caller, group, userID string) error {
	if err := lockGroup(tx, group); err != nil {
		return err
	}
	account, err := accountOf(tx, userID)
	if err != nil {
		return err
	}
	added, err := tx.AddGroupMember(group, account.UserID)
	if err != nil || !added {
		return err
	}
	return a.inRoomsOf(tx, by, groupActor(group), func(c *change, _ *talk.Attendee) error {
		return c.addAccounts([]store.Account{account})
	})
}

// RemoveFromGroup takes an account out of a group and out of the conversations
// that it was in only through the group. Failures: NotFound group, user,
// Forbidden last-admin.
func (a *App) RemoveFromGroup(ctx context.Context, by talk.Caller, group, userID string) error {
	return a.store.Write(ctx, func(tx *store.Tx) error {
		if err := lockGroup(tx, group); err != nil {
			return err
		}
		account, err := accountOf(tx, userID)
		if err != nil {
			return err
		}
		if group == store.AdminGroup {
			if err := keepsAdmin(tx, account.UserID); err != nil {
				return err
			}
		}
		removed, err := tx.RemoveGroupMember(group, account.UserID)
		if err != nil || !removed {
			return err
		}
		return a.inRoomsOf(tx, by, groupActor(group), func(c *change, _ *talk.Attendee) error {
			return c.releaseMembers([]string{account.UserID})
		})
	})
}

// GroupView is a group with its members.
type GroupView struct {
	store.Group
	Members []store.Account
}

// Group returns a group. Failure: NotFound group.
func (a *App) Group(ctx context.Context, id string) (v GroupView, err error) {
	err = a.store.Read(ctx, func(tx *store.Tx) error {
		v.Group, err = tx.Group(id)
		if errors.Is(err, store.ErrNotFound) {
			return talk.Fail(talk.NotFound, ReasonGroup)
		}
		if err == nil {
			v.Members, err = tx.GroupMembers(id)
		}
		return err
	})
	return v, err
}

// Groups returns the groups that match with their members, by id.
func (a *App) Groups(ctx context.Context, p store.Page) (out []GroupView, err error) {
	err = a.store.Read(ctx, func(tx *store.Tx) error {
		found, err := tx.Groups(p)
		if err != nil {
			return err
		}
		out = make([]GroupView, len(found))
		for i, g := range found {
			out[i].Group = g
			if out[i].Members, err = tx.GroupMembers(g.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}
