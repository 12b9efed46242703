package directory

import (
	"context"
	"errors"

	"parley/internal/db"
	"parley/internal/store"
)

// AdminState tells whether an installation has administrators.
type AdminState int

// The states of an installation.
const (
	// FirstStart is an installation without any account.
	FirstStart AdminState = iota
	// NoAdmin is one with accounts of which none is an administrator.
	NoAdmin
	// HasAdmin is one with an administrator at least.
	HasAdmin
)

// AdminState returns whether anybody administers the server.
func (svc *Service) AdminState(ctx context.Context) (AdminState, error) {
	var state AdminState
	err := svc.store.Read(ctx, func(tx *db.Tx) (err error) {
		state, err = adminState(tx)
		return err
	})
	return state, err
}

func adminState(tx *db.Tx) (AdminState, error) {
	admins, err := store.GroupMembers(tx, store.AdminGroup)
	if err != nil || len(admins) > 0 {
		return HasAdmin, err
	}
	accounts, err := store.Accounts(tx, store.Page{Limit: 1})
	if err != nil || len(accounts) > 0 {
		return NoAdmin, err
	}
	return FirstStart, nil
}

// FirstAdmin makes an administrator and reports whether it did: not when there is one
// already. An account of that id is taken over with the new password, so that somebody
// who locked everybody out can let themselves in. Failures: Invalid user-id, password.
func (svc *Service) FirstAdmin(ctx context.Context, userID, password string) (created bool, err error) {
	n := NewAccount{UserID: userID, DisplayName: userID}
	if err := n.check(); err != nil {
		return false, err
	}
	hash, err := svc.hashAccountPassword(ctx, userID, password)
	if err != nil {
		return false, err
	}
	err = svc.store.Write(ctx, func(tx *db.Tx) error {
		created = false
		if err := store.LockMemberships(tx); err != nil {
			return err
		}
		state, err := adminState(tx)
		if err != nil || state == HasAdmin {
			return err
		}
		created = true
		return insertAdmin(tx, userID, hash)
	})
	return created && err == nil, err
}

func insertAdmin(tx *db.Tx, userID, hash string) error {
	account, err := store.AccountByID(tx, userID)
	switch {
	case err == nil:
		account.SetPassword(hash)
		account.Enabled = true
		err = store.UpdateAccount(tx, account)
	case errors.Is(err, db.ErrNotFound):
		account = store.Account{UserID: userID, DisplayName: userID, PasswordHash: hash, Enabled: true}
		err = store.InsertAccount(tx, account)
	}
	if err != nil {
		return err
	}
	group := store.Group{ID: store.AdminGroup, DisplayName: store.AdminGroup}
	if err := store.InsertGroup(tx, group); err != nil && !errors.Is(err, db.ErrDuplicate) {
		return err
	}
	_, err = store.AddGroupMember(tx, store.AdminGroup, account.UserID)
	return err
}
