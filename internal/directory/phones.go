package directory

import (
	"context" //nolint:gosec // ids of telephones are SHA-1 by the protocol, nothing is protected by it
	"errors"

	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// Reasons of failures about the telephone numbers of accounts.
const (
	ReasonNumber        = "number"
	ReasonNumberTaken   = "number-taken"
	ReasonNumberUnknown = "number-unknown"
)

// PhoneNumber is a number in E.164 form that reaches an account.
type PhoneNumber = store.PhoneNumber

// SetPhoneNumber makes a number reach an account. A number that reaches another
// one is only moved by force. Failures: Invalid number, NotFound user, Conflict
// number-taken.
func (svc *Service) SetPhoneNumber(ctx context.Context, text, userID string, force bool) error {
	number, ok := talk.ParsePhone(text)
	if !ok {
		return talk.Fail(talk.Invalid, ReasonNumber)
	}
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		account, err := store.AccountByID(tx, userID)
		if errors.Is(err, db.ErrNotFound) {
			return talk.Fail(talk.NotFound, ReasonUser)
		}
		if err == nil {
			err = store.KeepAccount(tx, account.UserID)
		}
		if err == nil && force {
			_, err = store.DeletePhoneNumber(tx, number)
		}
		if err == nil {
			err = store.InsertPhoneNumber(tx, PhoneNumber{Number: number, UserID: account.UserID})
		}
		if errors.Is(err, db.ErrDuplicate) {
			return talk.Fail(talk.Conflict, ReasonNumberTaken)
		}
		return err
	})
}

// PhoneNumbersOf returns the numbers of an account in their order.
func (svc *Service) PhoneNumbersOf(ctx context.Context, userID string) (out []PhoneNumber, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		out, err = store.PhoneNumbersOf(tx, userID)
		return err
	})
	return out, err
}

// OwnerOfPhone returns the id of the account that a number reaches. Failure:
// NotFound number-unknown.
func (svc *Service) OwnerOfPhone(ctx context.Context, number string) (userID string, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		account, err := conversation.ReachedBy(tx, number)
		userID = account.UserID
		if talk.IsKind(err, talk.NotFound) {
			return talk.Fail(talk.NotFound, ReasonNumberUnknown)
		}
		return err
	})
	return userID, err
}

// DeletePhoneNumber takes a number from the account that it reaches. Failure:
// NotFound number-unknown.
func (svc *Service) DeletePhoneNumber(ctx context.Context, text string) error {
	number, ok := talk.ParsePhone(text)
	if !ok {
		return talk.Fail(talk.NotFound, ReasonNumberUnknown)
	}
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		gone, err := store.DeletePhoneNumber(tx, number)
		if err == nil && !gone {
			return talk.Fail(talk.NotFound, ReasonNumberUnknown)
		}
		return err
	})
}
