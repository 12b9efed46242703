package auth

import (
	"context"
	"net/http"
	"time"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/store/loginflow"
	"parley/internal/talk"
)

// LimitWipe is for devices that ask whether to wipe what they have, by network.
var LimitWipe = Limit{Reason: "wipe", Count: 10, Window: 5 * time.Minute}

// Wipe has all devices of an account wipe what they have; their app passwords are good for
// nothing else any more. It returns how many there are. Failure: NotFound without the account.
func (s *Service) Wipe(ctx context.Context, userID string) (n int64, err error) {
	err = s.store.Write(ctx, func(tx *db.Tx) error {
		account, err := store.AccountByID(tx, userID)
		if db.IsNone(err) {
			return talk.Fail(talk.NotFound, "")
		}
		if err == nil {
			n, err = loginflow.MarkWipe(tx, account.UserID)
		}
		return err
	})
	return n, err
}

// Wipes reports whether the device with an app password shall wipe what it has. Failure:
// [talk.TooOften].
func (s *Service) Wipes(r *http.Request, password string) (yes bool, err error) {
	if err := s.protection.Allow(LimitWipe, talk.Caller{Address: clientAddress(r, s.trusted)}); err != nil {
		return false, err
	}
	err = s.store.Read(r.Context(), func(tx *db.Tx) error {
		yes, err = loginflow.Wipes(tx, s.appPasswordHash(password))
		return err
	})
	return yes, err
}

// Wiped notes that a device has wiped what it had, and reports whether it was to. Failure:
// [talk.TooOften].
func (s *Service) Wiped(r *http.Request, password string) (yes bool, err error) {
	if err := s.protection.Allow(LimitWipe, talk.Caller{Address: clientAddress(r, s.trusted)}); err != nil {
		return false, err
	}
	err = s.store.Write(r.Context(), func(tx *db.Tx) error {
		yes, err = loginflow.Wiped(tx, s.appPasswordHash(password))
		return err
	})
	return yes, err
}
