package auth

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/store"
)

// byPassword returns the account that the name and the account password belong
// to. A password that was verified lately is recognised without computing
// argon2id again and without regard to failures from the same address. The
// account's current hash is part of what is remembered, so that a changed
// password misses at once.
func (s *Service) byPassword(ctx context.Context, address, name, password string) (store.Account, error) {
	account, err := s.account(ctx, name)
	if err != nil {
		return store.Account{}, err
	}
	digest := s.key.Digest(purposeBasic, account.UserID, password, account.PasswordHash)
	if account.Enabled && s.memory.knows(digest) {
		return account, nil
	}
	done, err := s.alone(ctx, digest)
	if err != nil {
		return store.Account{}, err
	}
	defer done()
	if account.Enabled && s.memory.knows(digest) {
		return account, nil
	}
	if err := s.verify(ctx, address, name, account, password); err != nil {
		return store.Account{}, err
	}
	s.memory.add(digest)
	return account, nil
}

// alone waits until nobody else verifies the same password, which would be
// computed twice.
func (s *Service) alone(ctx context.Context, digest string) (done func(), err error) {
	waiting, cancel := context.WithTimeout(ctx, maxTurnWait)
	defer cancel()
	done, err = s.turns.take(waiting, digest, alone)
	return done, crowded(ctx, err)
}

// verify computes argon2id in the turn of the network unless it failed too often,
// and counts or forgives.
func (s *Service) verify(ctx context.Context, address, name string, account store.Account, password string) error {
	g := Guess{Action: ActionLogin, Address: address, Target: s.target(name, account)}
	done, standing, err := s.protection.Begin(ctx, g)
	if err != nil {
		return err
	}
	defer done()
	right, err := s.compare(ctx, account, password)
	if err != nil {
		return err
	}
	if !right {
		return s.refuse(ctx, address, g.Target)
	}
	s.rehash(ctx, account, password)
	if standing.Delay > 0 {
		return s.protection.Forgive(ctx, g)
	}
	return nil
}

// target is what the failures of a login are counted by: the account. A name
// that belongs to nobody, which may be a password in the wrong field, is counted
// the same way, so that counting does not tell which accounts exist.
func (s *Service) target(name string, account store.Account) string {
	if account.UserID != "" {
		return account.UserID
	}
	return "unknown:" + s.key.Digest(purposeUnknownName, strings.ToLower(name))[:16]
}

// rehash renews the hash of a verified password that was made with another cost
// than new ones. It waits for no write, and a failure keeps nobody out: another
// log-in tries again.
func (s *Service) rehash(ctx context.Context, account store.Account, password string) {
	if !s.hasher.NeedsRehash(account.PasswordHash) {
		return
	}
	// What is cached of the account may be older than a new hash.
	var now store.Account
	err := s.store.Read(ctx, func(tx *db.Tx) (err error) {
		now, err = store.AccountByID(tx, account.UserID)
		return err
	})
	if err != nil || now.PasswordHash != account.PasswordHash {
		return
	}
	if hash, err := s.hasher.Hash(ctx, password); err == nil {
		s.used.renew(account.UserID, store.NewHash{Old: account.PasswordHash, New: hash})
	}
}

// compare reports whether the password is that of the account. It takes as long
// when there is no usable account, so that the time does not tell which exist.
func (s *Service) compare(ctx context.Context, account store.Account, password string) (right bool, err error) {
	if account.Enabled && account.PasswordHash != "" {
		right, err = s.hasher.Verify(ctx, account.PasswordHash, password)
	} else {
		_, err = s.hasher.Hash(ctx, password)
	}
	if errors.Is(err, secret.ErrPasswordTooLong) {
		return false, nil
	}
	return right, err
}

// account returns the account with the user id, else with the unique e-mail
// address; zero when there is none.
func (s *Service) account(ctx context.Context, name string) (store.Account, error) {
	if name == "" || !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
		return store.Account{}, nil
	}
	who, err := s.cached(ctx, "name "+name, func(tx *db.Tx) (login, error) {
		account, err := store.AccountByID(tx, name)
		if errors.Is(err, db.ErrNotFound) {
			account, err = store.AccountByEmail(tx, name)
		}
		return login{account: account}, err
	})
	return who.account, err
}
