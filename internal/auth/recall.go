package auth

import (
	"context"
	"errors"

	"parley/internal/db"
	"parley/internal/store"
)

// recalled is what a look-up found while credentials were of a version, see
// store.Stamp.
type recalled struct {
	version string
	login   login
}

// Bounds of what is recalled, in bytes, roughly.
const (
	recallBytes  = 8 << 20
	recalledCost = 500
)

// recall looks a login up, or returns what the same look-up found if no account
// and no app password was changed since, by nobody: disabling an account counts
// with the next request. What read asks for need not be consistent with each
// other. The login is zero when there is none; only logins are recalled.
func (s *Service) recall(ctx context.Context, key string, read func(*db.Tx) (login, error)) (login, error) {
	stamp, err := s.store.Stamp(ctx)
	if err != nil {
		return login{}, err
	}
	version := store.CredentialsAt(stamp)
	if r, ok := s.recent.Get(key); ok && r.version == version {
		return r.login, nil
	}
	var found login
	err = s.store.Look(ctx, func(tx *db.Tx) error {
		found, err = read(tx)
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		return login{}, nil
	}
	if err != nil {
		return login{}, err
	}
	s.recent.Put(key, recalled{version, found}, recalledCost+len(key))
	return found, nil
}
