package auth

import (
	"context"
	"errors"

	"parley/internal/db"
	"parley/internal/store"
)

// cachedLogin is what a look-up found while credentials were of a version, see
// store.Snapshot.
type cachedLogin struct {
	version string
	login   login
}

// Bounds of what is cached, in bytes, roughly.
const (
	loginBytes = 8 << 20
	loginCost  = 500
)

// cached looks a login up, or returns what the same look-up found if no account
// and no app password was changed since, by nobody: disabling an account counts
// with the next request. What read asks for need not be consistent with each
// other. The login is zero when there is none; only logins are cached.
func (s *Service) cached(ctx context.Context, key string, read func(*db.Tx) (login, error)) (login, error) {
	snapshot, err := s.store.Snapshot(ctx, db.SnapshotID{})
	if err != nil {
		return login{}, err
	}
	version := store.CredentialsAt(snapshot)
	if r, ok := s.recent.Get(key); ok && r.version == version {
		return r.login.at(snapshot), nil
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
	s.recent.Put(key, cachedLogin{version, found}, loginCost+len(key))
	return found.at(snapshot), nil
}
