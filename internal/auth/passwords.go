package auth

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
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
	done, err := s.takeTurns(ctx, address, digest)
	if err != nil {
		return store.Account{}, err
	}
	defer done()
	if account.Enabled && s.memory.knows(digest) {
		return account, nil
	}
	if err := s.verify(ctx, address, account, password); err != nil {
		return store.Account{}, err
	}
	s.memory.add(digest)
	return account, nil
}

// takeTurns waits until nobody else verifies the same password, which would be
// computed twice, and nobody in the same network verifies any: otherwise a
// thousand guesses sent at once would all pass before the first one is counted.
func (s *Service) takeTurns(ctx context.Context, address, digest string) (done func(), err error) {
	first, err := s.turns.take(ctx, digest)
	if err != nil || !s.protection.enabled {
		return first, err
	}
	second, err := s.turns.take(ctx, subnet(address))
	if err != nil {
		first()
		return nil, err
	}
	return func() { second(); first() }, nil
}

// verify computes argon2id unless the address failed too often, and counts or
// forgives.
func (s *Service) verify(ctx context.Context, address string, account store.Account, password string) error {
	delay, blocked, err := s.protection.Delay(ctx, ActionLogin, address)
	if err != nil {
		return err
	}
	if blocked {
		return talk.Fail(talk.TooManyAttempts, "")
	}
	right, err := s.compare(ctx, account, password)
	if err != nil {
		return err
	}
	if !right {
		return s.refuse(ctx, address, account.UserID)
	}
	if delay > 0 {
		return s.protection.Forgive(ctx, ActionLogin, address, account.UserID)
	}
	return nil
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
	who, err := s.recall(ctx, "name "+name, func(tx *store.Tx) (login, error) {
		account, err := tx.Account(name)
		if errors.Is(err, store.ErrNotFound) {
			account, err = tx.AccountByEmail(name)
		}
		return login{account: account}, err
	})
	return who.account, err
}
