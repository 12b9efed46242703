package app

import (
	"parley/internal/db"
)

// CheckSetting is what the tests of the settings ask.
var CheckSetting = checkSetting

// SettingsIn returns the settings as a transaction sees them.
func (a *App) SettingsIn(tx *db.Tx) (*Settings, error) { return a.settings(tx) }

// SettingDefaults yields the settings in the order of their table.
func SettingDefaults(yield func(key, value string) bool) {
	for _, row := range settingRows {
		if !yield(row.key, row.fallback) {
			return
		}
	}
}

// NotePing notes a sign of life of a session as a request does.
func (a *App) NotePing(session, now int64) { a.pings.note(session, now) }
