package auth

import (
	"context"
	"errors"
	"strings"

	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/store/loginflow"
	"parley/internal/talk"
)

const (
	// appPasswordChars is the length that the protocol fixes.
	appPasswordChars = 72
	// maxNameBytes cuts the name of an app password, which often is a User-Agent.
	maxNameBytes = 255
)

// CreateAppPassword makes an app password for an account and returns it. Only a
// keyed digest is stored, so nobody can show it again. The name tells a person
// which device it is for. The error is of kind [talk.NotFound] when there is no
// such account.
func (s *Service) CreateAppPassword(ctx context.Context, userID, name string) (string, error) {
	password := secret.Token(appPasswordChars, secret.Alphanumeric)
	err := s.store.Write(ctx, func(tx *db.Tx) error {
		account, err := store.AccountByID(tx, userID)
		if err != nil {
			return err
		}
		_, err = store.InsertAppPassword(tx, account.UserID, s.appPasswordHash(password), storable(name))
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		return "", talk.Fail(talk.NotFound, "")
	}
	if err != nil {
		return "", err
	}
	return password, nil
}

// AppPassword describes an app password; nobody can show it again.
type AppPassword = store.AppPassword

// AppPasswords returns the app passwords of an account, oldest first. The error is
// of kind [talk.NotFound] when there is no such account.
func (s *Service) AppPasswords(ctx context.Context, userID string) (all []AppPassword, err error) {
	err = s.store.Read(ctx, func(tx *db.Tx) error {
		account, err := store.AccountByID(tx, userID)
		if errors.Is(err, db.ErrNotFound) {
			return talk.Fail(talk.NotFound, "")
		}
		if err == nil {
			all, err = store.AppPasswords(tx, account.UserID)
		}
		return err
	})
	s.used.mu.Lock()
	defer s.used.mu.Unlock()
	for i := range all {
		all[i].LastUsedAt = max(all[i].LastUsedAt, s.used.noted.AppPasswords[all[i].ID])
	}
	return all, err
}

// RevokeAppPassword removes an app password of an account; it and its cookies stop
// working at once. The error is of kind [talk.NotFound] when it does not exist.
func (s *Service) RevokeAppPassword(ctx context.Context, userID string, id int64) error {
	return s.store.Write(ctx, func(tx *db.Tx) error {
		account, err := store.AccountByID(tx, userID)
		if errors.Is(err, db.ErrNotFound) {
			return talk.Fail(talk.NotFound, "")
		}
		if err != nil {
			return err
		}
		existed, err := store.DeleteAppPassword(tx, account.UserID, id)
		if err == nil && !existed {
			return talk.Fail(talk.NotFound, "app-password")
		}
		return err
	})
}

// RotateAppPassword replaces an app password by another one, which it returns,
// with the same id and name. The old one stops working at once. The error is of
// kind [talk.NotFound] when it does not exist.
func (s *Service) RotateAppPassword(ctx context.Context, id int64) (string, error) {
	password := secret.Token(appPasswordChars, secret.Alphanumeric)
	err := s.store.Write(ctx, func(tx *db.Tx) error {
		existed, err := store.ReplaceAppPassword(tx, id, s.appPasswordHash(password))
		if err == nil && !existed {
			return talk.Fail(talk.NotFound, "app-password")
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return password, nil
}

// byAppPassword returns the login of an app password, zero when it is unknown.
// Enabled is for the caller to check.
func (s *Service) byAppPassword(ctx context.Context, password string) (login, error) {
	if len(password) != appPasswordChars {
		return login{}, nil
	}
	hash := s.appPasswordHash(password)
	return s.cached(ctx, "app password "+hash, func(tx *db.Tx) (login, error) {
		found, account, err := store.AppPasswordByHash(tx, hash)
		if err != nil {
			return login{}, err
		}
		ended, err := loginflow.Ended(tx, account.UserID)
		return login{account: account, appPassword: found.ID, ended: ended}, err
	})
}

func (s *Service) appPasswordHash(password string) string {
	return s.key.Digest(purposeAppPassword, password)
}

// storable makes text from a request fit for both databases: valid UTF-8 without
// NUL and of bounded length.
func storable(text string) string {
	text = strings.ReplaceAll(text[:min(len(text), maxNameBytes)], "\x00", "")
	return strings.ToValidUTF8(text, "")
}
