// Package pictures has the statements of the pictures that people uploaded of themselves and of
// conversations.
package pictures

import (
	"encoding/base64"

	"parley/internal/db"
	"parley/internal/store"
)

// Picture is an uploaded picture.
type Picture struct {
	// Version is another one for each picture.
	Version string
	// Type is its media type.
	Type    string
	Content []byte
}

// OfAccount returns the picture of an account, or ErrNotFound.
func OfAccount(tx *db.Tx, userID string) (Picture, error) {
	return one(tx, "SELECT version, media_type, content FROM account_pictures WHERE user_id = $1", userID)
}

// OfRoom returns the picture of a conversation, or ErrNotFound.
func OfRoom(tx *db.Tx, roomID int64) (Picture, error) {
	return one(tx, "SELECT version, media_type, content FROM room_pictures WHERE room_id = $1", roomID)
}

func one(tx *db.Tx, query string, key any) (p Picture, err error) {
	var text string
	if err = tx.QueryRow([]any{&p.Version, &p.Type, &text}, query, key); err != nil {
		return p, err
	}
	p.Content, err = base64.StdEncoding.DecodeString(text)
	return p, err
}

// SetOfAccount stores the picture of an account. ErrNotFound without the account.
func SetOfAccount(tx *db.Tx, userID string, p Picture) error {
	return set(tx, "account_pictures", "user_id", userID, p)
}

// SetOfRoom stores the picture of a locked conversation.
func SetOfRoom(tx *db.Tx, roomID int64, p Picture) error {
	if err := store.Locked(tx, roomID); err != nil {
		return err
	}
	return set(tx, "room_pictures", "room_id", roomID, p)
}

func set(tx *db.Tx, table, column string, key any, p Picture) error {
	return tx.Run("INSERT INTO "+table+" ("+column+`, version, media_type, content) VALUES ($1, $2, $3, $4)
		ON CONFLICT (`+column+`) DO UPDATE SET version = excluded.version, media_type = excluded.media_type, content = excluded.content`,
		key, p.Version, p.Type, base64.StdEncoding.EncodeToString(p.Content))
}

// RemoveOfAccount removes the picture of an account.
func RemoveOfAccount(tx *db.Tx, userID string) error {
	return tx.Run("DELETE FROM account_pictures WHERE user_id = $1", userID)
}

// RemoveOfRoom removes the picture of a locked conversation.
func RemoveOfRoom(tx *db.Tx, roomID int64) error {
	if err := store.Locked(tx, roomID); err != nil {
		return err
	}
	return tx.Run("DELETE FROM room_pictures WHERE room_id = $1", roomID)
}
