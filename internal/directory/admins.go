package directory

import (
	"context"

	"parley/internal/db"
	"parley/internal/store"
)

// IsAdmin reports whether the account administers the server.
func (svc *Service) IsAdmin(ctx context.Context, userID string) (yes bool, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		yes, err = store.IsGroupMember(tx, store.AdminGroup, userID)
		return err
	})
	return yes, err
}
