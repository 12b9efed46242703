package store

import (
	"errors"

	"parley/internal/db"
	"parley/internal/talk"
)

// settingsVersion names the value that is another one after every change of the
// settings. It is random, so that a change that is undone leaves no number
// behind which a later one could use again.
const settingsVersion = "settings-version"

// SettingsVersion returns a text that tells whether the settings changed, empty
// while nobody has changed any.
func SettingsVersion(tx *db.Tx) (string, error) {
	version, err := ServerState(tx, settingsVersion)
	if errors.Is(err, db.ErrNotFound) {
		return "", nil
	}
	return version, err
}

// Settings returns the stored settings by name.
func Settings(tx *db.Tx) (map[string]string, error) {
	return pairs(tx, "SELECT name, value FROM settings")
}

// SetSetting stores a setting.
func SetSetting(tx *db.Tx, name, value string) error {
	if err := tx.Run(`INSERT INTO settings (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value); err != nil {
		return err
	}
	return NewSettings(tx)
}

// UnsetSetting forgets a setting and reports whether it was stored.
func UnsetSetting(tx *db.Tx, name string) (bool, error) {
	n, err := tx.Exec("DELETE FROM settings WHERE name = $1", name)
	if err != nil || n == 0 {
		return false, err
	}
	return true, NewSettings(tx)
}

// NewSettings makes everybody read the settings again, and what is remembered with them.
func NewSettings(tx *db.Tx) error { return newVersion(tx, settingsVersion) }

// Use notes under a name that something is used which cost nothing before, and reports
// whether this is the first time. That makes new settings, see [InUse].
func Use(tx *db.Tx, name string) (first bool, err error) {
	used, err := InUse(tx, name)
	if err != nil || used {
		return false, err
	}
	if _, err := InitServerState(tx, name, "yes"); err != nil {
		return false, err
	}
	return true, NewSettings(tx)
}

// InUse reports whether something was ever used. Who remembers the answer asks again when
// the settings have another version.
func InUse(tx *db.Tx, name string) (bool, error) {
	_, err := ServerState(tx, name)
	if db.IsNone(err) {
		return false, nil
	}
	return err == nil, err
}

// Preferences returns what an account chose for all its conversations, by name.
func Preferences(tx *db.Tx, userID string) (map[string]string, error) {
	return pairs(tx, "SELECT name, value FROM preferences WHERE user_id = $1", userID)
}

// SetPreference stores a choice of an account. ErrNotFound without the account.
func SetPreference(tx *db.Tx, userID, name, value string) error {
	return tx.Run(`INSERT INTO preferences (user_id, name, value) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value`, userID, name, value)
}

// UnsetPreference forgets a choice of an account.
func UnsetPreference(tx *db.Tx, userID, name string) error {
	return tx.Run("DELETE FROM preferences WHERE user_id = $1 AND name = $2", userID, name)
}

// InAnyGroup reports whether the account belongs to one of the groups.
func InAnyGroup(tx *db.Tx, userID string, groups []string) (bool, error) {
	found := false
	err := db.Chunks(groups, func(part []string) error {
		var n int
		err := tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM group_members WHERE user_id = $1 AND group_id IN ("+db.Placeholders(2, len(part))+")",
			db.Args([]any{userID}, part)...)
		found = found || n > 0
		return err
	})
	return found, err
}

// pairs collects the rows of a query for two texts.
func pairs(tx *db.Tx, query string, args ...any) (map[string]string, error) {
	out := map[string]string{}
	err := tx.Each(func(row db.Row) error {
		var key, value string
		err := row.Scan(&key, &value)
		out[key] = value
		return err
	}, query, args...)
	return out, err
}

// SetReadPrivacy stores whether others see what an account has read, in the
// account and in all its conversations. It locks them and has to come first.
// ErrNotFound without the account.
func SetReadPrivacy(tx *db.Tx, userID string, privacy int) error {
	err := LockMemberships(tx)
	if err == nil {
		err = EndAccount(tx, userID)
	}
	if err == nil {
		err = TouchRooms(tx, talk.User(userID))
	}
	if err != nil {
		return err
	}
	if err := NewCredentials(tx); err != nil {
		return err
	}
	if err := tx.Run("UPDATE accounts SET read_privacy = $2 WHERE user_id = $1", userID, privacy); err != nil {
		return err
	}
	return tx.Run("UPDATE attendees SET read_privacy = $2 WHERE actor_type = 'users' AND actor_id = $1", userID, privacy)
}
