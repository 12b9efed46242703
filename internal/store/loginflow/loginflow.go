// Package loginflow has the statements of apps that ask for a password of their own, and of
// devices that shall wipe what they have.
package loginflow

import (
	"parley/internal/db"
	"parley/internal/store"
)

// Flow is an app that asks for a password of its own.
type Flow struct {
	ID int64
	// Client is what the app calls itself, Address where it asked from.
	Client, Address string
	// UserID is who let it in, "" for nobody yet.
	UserID string
	// Done tells that it has its password.
	Done      bool
	CreatedAt int64
}

const columns = "id, client, address, COALESCE(user_id, ''), done, created_at"

func (f *Flow) fields() []any {
	return []any{&f.ID, &f.Client, &f.Address, &f.UserID, &f.Done, &f.CreatedAt}
}

// Insert stores a new flow by the digests of its tokens.
func Insert(tx *db.Tx, poll, flow string, f Flow) error {
	return tx.Run("INSERT INTO login_flows (poll, flow, client, address, created_at) VALUES ($1, $2, $3, $4, $5)",
		poll, flow, f.Client, f.Address, tx.Now())
}

// CountOpen is how many flows since a time wait for somebody.
func CountOpen(tx *db.Tx, since int64) (n int, err error) {
	err = tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM login_flows WHERE created_at >= $1 AND NOT done", since)
	return n, err
}

// ByPoll returns the flow that an app polls, or ErrNotFound.
func ByPoll(tx *db.Tx, digest string) (f Flow, err error) {
	err = tx.QueryRow(f.fields(), "SELECT "+columns+" FROM login_flows WHERE poll = $1", digest)
	return f, err
}

// ByFlow returns the flow whose page somebody opens, or ErrNotFound.
func ByFlow(tx *db.Tx, digest string) (f Flow, err error) {
	err = tx.QueryRow(f.fields(), "SELECT "+columns+" FROM login_flows WHERE flow = $1", digest)
	return f, err
}

// Grant lets the app in, and reports whether nobody had before.
func Grant(tx *db.Tx, id int64, userID string) (bool, error) {
	n, err := tx.Exec("UPDATE login_flows SET user_id = $2 WHERE id = $1 AND user_id IS NULL AND NOT done", id, userID)
	return n > 0, err
}

// Finish notes that the app gets its password, and reports whether it had none before.
func Finish(tx *db.Tx, id int64) (bool, error) {
	n, err := tx.Exec("UPDATE login_flows SET done = TRUE WHERE id = $1 AND NOT done", id)
	return n > 0, err
}

// Forget removes up to limit flows that are older than before and returns how many.
func Forget(tx *db.Tx, before int64, limit int) (int64, error) {
	return tx.Exec("DELETE FROM login_flows WHERE id IN (SELECT id FROM login_flows WHERE created_at < $1 LIMIT $2)", before, limit)
}

// MarkWipe makes all devices with an app password of an account wipe what they have. From now on
// these passwords are good for nothing else, and nothing is pushed to the devices any more. It
// returns how many there are.
func MarkWipe(tx *db.Tx, userID string) (int64, error) {
	n, err := tx.Exec("UPDATE app_passwords SET wipe = TRUE WHERE user_id = $1 AND NOT wipe", userID)
	if err != nil || n == 0 {
		return n, err
	}
	if err := tx.Run("DELETE FROM push_subscriptions WHERE user_id = $1", userID); err != nil {
		return n, err
	}
	return n, store.NewCredentials(tx)
}

// Wipes reports whether the device with an app password shall wipe what it has.
func Wipes(tx *db.Tx, hash string) (bool, error) {
	var n int
	err := tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM app_passwords WHERE hash = $1 AND wipe", hash)
	return n > 0, err
}

// Wiped removes the app password of a device that has wiped what it had, and reports whether
// it was to.
func Wiped(tx *db.Tx, hash string) (bool, error) {
	n, err := tx.Exec("DELETE FROM app_passwords WHERE hash = $1 AND wipe", hash)
	return n > 0, err
}

// End ends the log-in of a client of an account, which nobody can go on with any more.
func End(tx *db.Tx, userID, client string) error {
	err := tx.Run("INSERT INTO ended_logins (client, user_id, ended_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", client, userID, tx.Now())
	if err != nil {
		return err
	}
	return store.NewCredentials(tx)
}

// Ended returns the clients of an account whose log-ins were ended.
func Ended(tx *db.Tx, userID string) ([]string, error) {
	return db.Collect(tx, db.ScanString, "SELECT client FROM ended_logins WHERE user_id = $1", userID)
}

// ForgetEnded removes up to limit log-ins that were ended before a time and returns how many.
func ForgetEnded(tx *db.Tx, before int64, limit int) (int64, error) {
	return tx.Exec("DELETE FROM ended_logins WHERE client IN (SELECT client FROM ended_logins WHERE ended_at < $1 LIMIT $2)", before, limit)
}
