package store

import "parley/internal/db"

// AppPassword is a credential that a client keeps instead of the password.
type AppPassword struct {
	ID        int64
	UserID    string
	Name      string
	CreatedAt int64
	// LastUsedAt is in Unix seconds, 0 for never.
	LastUsedAt int64
	// Wiping tells that the device shall wipe what it has, and has not said that it did.
	Wiping bool
}

// InsertAppPassword stores a new app password by its keyed hash and returns its
// id.
func InsertAppPassword(tx *db.Tx, userID, hash, name string) (int64, error) {
	var id int64
	err := tx.QueryRow([]any{&id}, "INSERT INTO app_passwords (user_id, hash, name, created_at) VALUES ($1, $2, $3, $4) RETURNING id",
		userID, hash, name, tx.Now())
	return id, err
}

// AppPasswordByHash returns the app password with the keyed hash together with
// its account, or ErrNotFound.
func AppPasswordByHash(tx *db.Tx, hash string) (AppPassword, Account, error) {
	var p AppPassword
	var a Account
	err := tx.QueryRow(append([]any{&p.ID, &p.UserID, &p.Name, &p.CreatedAt}, accountTable.fields(&a)...),
		"SELECT p.id, p.user_id, p.name, p.created_at, "+accountColumns+` FROM app_passwords p
		JOIN accounts c ON c.user_id = p.user_id WHERE p.hash = $1 AND NOT p.wipe`, hash)
	return p, a, err
}

// AppPasswords returns the app passwords of an account, oldest first.
func AppPasswords(tx *db.Tx, userID string) ([]AppPassword, error) {
	return db.Collect(tx, func(row db.Row, p *AppPassword) error {
		return row.Scan(&p.ID, &p.UserID, &p.Name, &p.CreatedAt, &p.LastUsedAt, &p.Wiping)
	}, "SELECT id, user_id, name, created_at, last_used_at, wipe FROM app_passwords WHERE user_id = $1 ORDER BY id", userID)
}

// HasAppPassword reports whether the app password still exists.
func HasAppPassword(tx *db.Tx, id int64) (bool, error) {
	var n int
	err := tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM app_passwords WHERE id = $1 AND NOT wipe", id)
	return n > 0, err
}

// DeleteAppPassword removes an app password of an account and reports whether it
// existed.
func DeleteAppPassword(tx *db.Tx, userID string, id int64) (bool, error) {
	n, err := tx.Exec("DELETE FROM app_passwords WHERE id = $1 AND user_id = $2", id, userID)
	if err != nil || n == 0 {
		return false, err
	}
	return true, NewCredentials(tx)
}

// ReplaceAppPassword gives an app password another keyed hash and reports whether
// it existed.
func ReplaceAppPassword(tx *db.Tx, id int64, hash string) (bool, error) {
	n, err := tx.Exec("UPDATE app_passwords SET hash = $2 WHERE id = $1", id, hash)
	if err != nil || n == 0 {
		return false, err
	}
	return true, NewCredentials(tx)
}

// ServerState returns a stored value of the server itself, or ErrNotFound.
func ServerState(tx *db.Tx, name string) (string, error) {
	var v string
	err := tx.QueryRow([]any{&v}, "SELECT value FROM server_state WHERE name = $1", name)
	return v, err
}

// InitServerState stores a value unless there is one, and returns the value
// that counts.
func InitServerState(tx *db.Tx, name, value string) (string, error) {
	if err := tx.Run("INSERT INTO server_state (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING", name, value); err != nil {
		return "", err
	}
	return ServerState(tx, name)
}
