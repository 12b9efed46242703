package app

import (
	"context"
	"crypto/sha1" //nolint:gosec // ids of telephones are SHA-1 by the protocol, nothing is protected by it
	"encoding/hex"
	"errors"
	"fmt"

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

// addPhone adds a telephone that the bridge will call. Failures:
// NotImplemented "sip" where nobody may be called, Invalid "new-participant" for
// a text that is no number.
func (c *change) addPhone(text string) error {
	allowed, err := c.settings.canDialOut(c.Tx, c.caller)
	if err != nil {
		return err
	}
	if !allowed || !c.room.CanDialIn() {
		return talk.Fail(talk.NotImplemented, "sip")
	}
	number, ok := talk.ParsePhone(text)
	if !ok {
		return talk.Fail(talk.Invalid, "new-participant")
	}
	at := talk.Attendee{
		RoomID: c.room.ID, Actor: talk.Actor{Type: talk.ActorPhones, ID: phoneID(number, c.Tx.Now())}, PhoneNumber: number,
		DisplayName: talk.MaskPhone(number), Type: talk.Member, NotificationCalls: 1,
	}
	err = c.insertRow(&at)
	if errors.Is(err, db.ErrDuplicate) {
		return nil // the same number in the same second: somebody pressed twice
	}
	if err != nil {
		return err
	}
	return c.sayAbout(talk.PhoneAdded, at.Actor)
}

// phoneID is the actor id of a telephone. It contains the time, since the same
// number may be in a conversation more than once.
func phoneID(number string, now int64) string {
	sum := sha1.Sum(fmt.Appendf(nil, "%s#%d", number, now)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

// reachedBy returns the account behind a number, which some bridges send
// without its plus sign. Failure: NotFound.
func reachedBy(tx *db.Tx, text string) (store.Account, error) {
	number, ok := talk.ParsePhone(text)
	if !ok {
		number, ok = talk.ParsePhone("+" + text)
	}
	if !ok {
		return store.Account{}, talk.Fail(talk.NotFound, "")
	}
	known, err := store.OwnerOfNumber(tx, number)
	var account store.Account
	if err == nil {
		account, err = store.AccountByID(tx, known.UserID)
	}
	if errors.Is(err, db.ErrNotFound) || err == nil && !account.Enabled {
		return store.Account{}, talk.Fail(talk.NotFound, "")
	}
	return account, err
}

// SetPhoneNumber makes a number reach an account. A number that reaches another
// one is only moved by force. Failures: Invalid number, NotFound user, Conflict
// number-taken.
func (a *App) SetPhoneNumber(ctx context.Context, text, userID string, force bool) error {
	number, ok := talk.ParsePhone(text)
	if !ok {
		return talk.Fail(talk.Invalid, ReasonNumber)
	}
	return a.store.Write(ctx, func(tx *db.Tx) error {
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
func (a *App) PhoneNumbersOf(ctx context.Context, userID string) (out []PhoneNumber, err error) {
	err = a.store.Read(ctx, func(tx *db.Tx) error {
		out, err = store.PhoneNumbersOf(tx, userID)
		return err
	})
	return out, err
}

// OwnerOfPhone returns the id of the account that a number reaches. Failure:
// NotFound number-unknown.
func (a *App) OwnerOfPhone(ctx context.Context, number string) (userID string, err error) {
	err = a.store.Read(ctx, func(tx *db.Tx) error {
		account, err := reachedBy(tx, number)
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
func (a *App) DeletePhoneNumber(ctx context.Context, text string) error {
	number, ok := talk.ParsePhone(text)
	if !ok {
		return talk.Fail(talk.NotFound, ReasonNumberUnknown)
	}
	return a.store.Write(ctx, func(tx *db.Tx) error {
		gone, err := store.DeletePhoneNumber(tx, number)
		if err == nil && !gone {
			return talk.Fail(talk.NotFound, ReasonNumberUnknown)
		}
		return err
	})
}
