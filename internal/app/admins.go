package app

import (
	"context"

	"parley/internal/store"
)

// IsAdmin reports whether the account administers the server.
func (a *App) IsAdmin(ctx context.Context, userID string) (yes bool, err error) {
	err = a.store.Read(ctx, func(tx *store.Tx) error {
		yes, err = tx.IsGroupMember(store.AdminGroup, userID)
		return err
	})
	return yes, err
}
