package settings

import (
	"parley/internal/db"
)

// CheckSetting is what the tests of the settings ask.
var CheckSetting = checkSetting

// SettingsIn returns the settings as a transaction sees them.
func (svc *Service) SettingsIn(tx *db.Tx) (*Settings, error) { return svc.In(tx) }

// SettingDefaults yields the settings in the order of their table.
func SettingDefaults(yield func(key, value string) bool) {
	for _, row := range settingRows {
		if !yield(row.key, row.fallback) {
			return
		}
	}
}
