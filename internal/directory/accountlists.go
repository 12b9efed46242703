package directory

import (
	"context"
	"errors"

	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/store"
)

// AccountView is an account with what belongs to it.
type AccountView struct {
	store.Account
	Groups  []store.Group
	Profile map[string]string
}

// Account returns an account. Failure: NotFound user.
func (svc *Service) Account(ctx context.Context, userID string) (v AccountView, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		if v.Account, err = accountOf(tx, userID); err != nil {
			return err
		}
		return v.complete(tx)
	})
	return v, err
}

func (v *AccountView) complete(tx *db.Tx) (err error) {
	if v.Groups, err = store.GroupsOf(tx, v.UserID); err != nil {
		return err
	}
	if v.Profile, err = store.AccountFields(tx, v.UserID); err != nil || v.Profile[FieldManager] == "" {
		return err
	}
	_, err = store.AccountByID(tx, v.Profile[FieldManager])
	if errors.Is(err, db.ErrNotFound) { // the manager's account was deleted
		delete(v.Profile, FieldManager)
		return nil
	}
	return err
}

// Accounts returns the accounts that match, by id.
func (svc *Service) Accounts(ctx context.Context, p store.Page) (out []AccountView, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		found, err := store.Accounts(tx, p)
		if err != nil {
			return err
		}
		out = make([]AccountView, len(found))
		for i := range found {
			out[i].Account = found[i]
			if err := out[i].complete(tx); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// AccountIDs returns the ids of the accounts that match, in their order.
func (svc *Service) AccountIDs(ctx context.Context, p store.Page) (ids []string, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		found, err := store.Accounts(tx, p)
		ids = conversation.UserIDs(found)
		return err
	})
	return ids, err
}
