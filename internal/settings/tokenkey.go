package settings

import (
	"context"

	"parley/internal/db"
	"parley/internal/jwt"
	"parley/internal/store/signals"
)

// tokenKey returns the key that signs by an algorithm, nil while there is none.
func tokenKey(tx *db.Tx, algorithm string) (*jwt.Key, error) {
	private, err := signals.TokenKey(tx)
	if db.IsNone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	key, err := jwt.ParseKey(algorithm, private)
	if err != nil {
		return nil, nil // of another algorithm: the next token makes another one
	}
	return key, nil
}

// TokenKey returns what signs tokens for signaling servers, made with the first one.
func (svc *Service) TokenKey(ctx context.Context) (*jwt.Key, error) {
	now, err := svc.Now(ctx)
	if err != nil || now.TokenKey != nil {
		return key(now), err
	}
	fresh, private, err := newTokenKey(now.TokenAlgorithm)
	if err != nil {
		return nil, err
	}
	err = svc.store.Write(ctx, func(tx *db.Tx) error {
		// Somebody else may have made one meanwhile.
		if there, err := tokenKey(tx, now.TokenAlgorithm); err != nil || there != nil {
			fresh = there
			return err
		}
		return signals.SetTokenKey(tx, private)
	})
	return fresh, err
}

func key(s *Settings) *jwt.Key {
	if s == nil {
		return nil
	}
	return s.TokenKey
}

func newTokenKey(algorithm string) (k *jwt.Key, private string, err error) {
	if k, err = jwt.NewKey(algorithm); err != nil {
		return nil, "", err
	}
	private, err = k.Private()
	return k, private, err
}

// RotateTokenKey makes another key sign tokens for signaling servers from now on. Tokens last a
// minute, and signaling servers read the new key within one, too.
func (svc *Service) RotateTokenKey(ctx context.Context) error {
	now, err := svc.Now(ctx)
	if err != nil {
		return err
	}
	_, private, err := newTokenKey(now.TokenAlgorithm)
	if err != nil {
		return err
	}
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		return signals.SetTokenKey(tx, private)
	})
}
