package store

import (
	"parley/internal/db"
)

// ErrUnlocked is the failure of changes of conversations that are not locked.
var ErrUnlocked = errUnlocked

// HoldRooms lets a transaction pass for one that has locked conversations.
func HoldRooms(tx *db.Tx, ids ...int64) {
	for _, id := range ids {
		put(&locksOf(tx).ids, id)
	}
}
