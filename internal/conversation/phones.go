package conversation

import (
	"crypto/sha1" //nolint:gosec // ids of telephones are SHA-1 by the protocol, nothing is protected by it
	"encoding/hex"
	"errors"
	"fmt"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// addPhone adds a telephone that the bridge will call. Failures:
// NotImplemented "sip" where nobody may be called, Invalid "new-participant" for
// a text that is no number.
func addPhone(c *room.Change, text string) error {
	allowed, err := canDialOut(c.Settings, c.Tx, c.Caller)
	if err != nil {
		return err
	}
	if !allowed || !c.Room.CanDialIn() {
		return talk.Fail(talk.NotImplemented, "sip")
	}
	number, ok := talk.ParsePhone(text)
	if !ok {
		return talk.Fail(talk.Invalid, "new-participant")
	}
	at := talk.Attendee{
		RoomID: c.Room.ID, Actor: talk.Actor{Type: talk.ActorPhones, ID: phoneID(number, c.Tx.Now())}, PhoneNumber: number,
		DisplayName: talk.MaskPhone(number), Type: talk.Member, NotificationCalls: 1,
	}
	err = insertRow(c, &at)
	if errors.Is(err, db.ErrDuplicate) {
		return nil // the same number in the same second: somebody pressed twice
	}
	if err != nil {
		return err
	}
	return c.PostSystemAbout(talk.PhoneAdded, at.Actor)
}

// phoneID is the actor id of a telephone. It contains the time, since the same
// number may be in a conversation more than once.
func phoneID(number string, now int64) string {
	sum := sha1.Sum(fmt.Appendf(nil, "%s#%d", number, now)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}

// ReachedBy returns the account behind a number, which some bridges send
// without its plus sign. Failure: NotFound.
func ReachedBy(tx *db.Tx, text string) (store.Account, error) {
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
