package store

import (
	"errors"

	"parley/internal/talk"
)

// settingsVersion names the value that is another one after every change of the
// settings. It is random, so that a change that is undone leaves no number
// behind which a later one could use again.
const settingsVersion = "settings-version"

// SettingsVersion returns a text that tells whether the settings changed, empty
// while nobody has changed any.
func (tx *Tx) SettingsVersion() (string, error) {
	version, err := tx.ServerState(settingsVersion)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return version, err
}

// Settings returns the stored settings by name.
func (tx *Tx) Settings() (map[string]string, error) {
	return tx.pairs("SELECT name, value FROM settings")
}

// SetSetting stores a setting.
func (tx *Tx) SetSetting(name, value string) error {
	if err := tx.run(`INSERT INTO settings (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value); err != nil {
		return err
	}
	return tx.newSettingsVersion()
}

// UnsetSetting forgets a setting and reports whether it was stored.
func (tx *Tx) UnsetSetting(name string) (bool, error) {
	n, err := tx.exec("DELETE FROM settings WHERE name = $1", name)
	if err != nil || n == 0 {
		return false, err
	}
	return true, tx.newSettingsVersion()
}

func (tx *Tx) newSettingsVersion() error { return tx.newVersion(settingsVersion) }

// Preferences returns what an account chose for all its conversations, by name.
func (tx *Tx) Preferences(userID string) (map[string]string, error) {
	return tx.pairs("SELECT name, value FROM preferences WHERE user_id = $1", userID)
}

// SetPreference stores a choice of an account. ErrNotFound without the account.
func (tx *Tx) SetPreference(userID, name, value string) error {
	return tx.run(`INSERT INTO preferences (user_id, name, value) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, name) DO UPDATE SET value = excluded.value`, userID, name, value)
}

// UnsetPreference forgets a choice of an account.
func (tx *Tx) UnsetPreference(userID, name string) error {
	return tx.run("DELETE FROM preferences WHERE user_id = $1 AND name = $2", userID, name)
}

// InAnyGroup reports whether the account belongs to one of the groups.
func (tx *Tx) InAnyGroup(userID string, groups []string) (bool, error) {
	found := false
	err := chunks(groups, func(part []string) error {
		var n int
		err := tx.one([]any{&n}, "SELECT COUNT(*) FROM group_members WHERE user_id = $1 AND group_id IN ("+list(2, len(part))+")",
			anys([]any{userID}, part)...)
		found = found || n > 0
		return err
	})
	return found, err
}

// pairs collects the rows of a query for two texts.
func (tx *Tx) pairs(query string, args ...any) (map[string]string, error) {
	out := map[string]string{}
	err := tx.each(func(row scanner) error {
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
func (tx *Tx) SetReadPrivacy(userID string, privacy int) error {
	err := tx.LockMemberships()
	if err == nil {
		err = tx.EndAccount(userID)
	}
	if err == nil {
		err = tx.TouchRooms(talk.User(userID))
	}
	if err != nil {
		return err
	}
	if err := tx.newCredentials(); err != nil {
		return err
	}
	if err := tx.run("UPDATE accounts SET read_privacy = $2 WHERE user_id = $1", userID, privacy); err != nil {
		return err
	}
	return tx.run("UPDATE attendees SET read_privacy = $2 WHERE actor_type = 'users' AND actor_id = $1", userID, privacy)
}
