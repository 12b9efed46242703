package store

import (
	"maps"
	"slices"

	"parley/internal/db"
)

// Logins are what log-ins leave to be written: Unix seconds by account and by app
// password, and better hashes by account.
type Logins struct {
	Accounts     map[string]int64
	AppPasswords map[int64]int64
	Hashes       map[string]NewHash
}

// NewHash replaces the hash of a password by another one of the same password.
type NewHash struct{ Old, New string }

// WriteLogins writes what log-ins left. It raises no version, since
// nobody may do more or less afterwards, and leaves out rows that somebody else
// changes: it never waits while it holds others. Times never move backwards.
func WriteLogins(tx *db.Tx, l Logins) error {
	free := tx.Dialect.RowLock(db.LockFree)
	for _, id := range slices.Sorted(maps.Keys(l.Accounts)) {
		err := tx.Run(`UPDATE accounts SET last_login_at = $2,
				first_login_at = CASE WHEN first_login_at = 0 THEN $2 ELSE first_login_at END
			WHERE user_id = (SELECT user_id FROM accounts WHERE user_id = $1 AND last_login_at < $2`+free+")",
			id, l.Accounts[id])
		if err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(l.AppPasswords)) {
		err := tx.Run(`UPDATE app_passwords SET last_used_at = $2
			WHERE id = (SELECT id FROM app_passwords WHERE id = $1 AND last_used_at < $2`+free+")",
			id, l.AppPasswords[id])
		if err != nil {
			return err
		}
	}
	return storeHashes(tx, l.Hashes)
}

// storeHashes renews hashes unless the account has another password by now. Nobody
// is logged out: what was found before stays true.
func storeHashes(tx *db.Tx, hashes map[string]NewHash) error {
	for _, id := range slices.Sorted(maps.Keys(hashes)) {
		err := tx.Run(`UPDATE accounts SET password_hash = $3
			WHERE user_id = (SELECT user_id FROM accounts WHERE user_id = $1 AND password_hash = $2`+
			tx.Dialect.RowLock(db.LockFree)+")", id, hashes[id].Old, hashes[id].New)
		if err != nil {
			return err
		}
	}
	return nil
}
