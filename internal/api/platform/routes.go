package platform

import (
	"parley/internal/ocs"
)

// The words of the table.
const (
	v1        = ocs.V1
	login     = ocs.Login
	admin     = ocs.Admin
	confirmed = ocs.Confirmed
	unproven  = ocs.Unproven
)

// What must hold of the caller in the conversation.
var (
	noGuard = ocs.NoGuard
)

// rows are the routes, one per endpoint and form of its parameters.
func (a *API) rows() []ocs.Route {
	talkRow, row := ocs.Row, ocs.PlatformRow
	return []ocs.Route{
		// Settings
		talkRow(v1, "POST /settings/user", login, noGuard, ocs.With(a.setUserSetting)),
		talkRow(v1, "POST /settings/sip", admin, noGuard, ocs.With(a.setSIPSettings)),
		row("GET /apps/provisioning_api/api/v1/config/apps/{app}", admin, ocs.Plain(a.listSettings)),
		row("GET /apps/provisioning_api/api/v1/config/apps/{app}/{key}", admin, ocs.Plain(a.getSetting)),
		row("POST /apps/provisioning_api/api/v1/config/apps/{app}/{key}", admin|confirmed, ocs.With(a.setSetting)),
		row("DELETE /apps/provisioning_api/api/v1/config/apps/{app}/{key}", admin|confirmed, ocs.Plain(a.unsetSetting)),
		row("POST /apps/provisioning_api/api/v1/config/users/{app}/{key}", login, ocs.With(a.setPreference)),
		row("DELETE /apps/provisioning_api/api/v1/config/users/{app}/{key}", login, ocs.Plain(a.unsetPreference)),

		// Platform
		row("GET /cloud/capabilities", unproven, ocs.Plain(a.capabilities)),
		row("GET /core/getapppassword", login|confirmed, ocs.Plain(a.getAppPassword)),
		row("DELETE /core/apppassword", login, ocs.Plain(a.deleteAppPassword)),
		row("POST /core/apppassword/rotate", login, ocs.Plain(a.rotateAppPassword)),
		row("PUT /core/apppassword/confirm", login, ocs.With(a.confirmPassword)),
		row("GET /apps/parley/api/v1/app-passwords", login, ocs.Plain(a.listAppPasswords)),
		row("DELETE /apps/parley/api/v1/app-passwords/{id}", login, ocs.Plain(a.revokeAppPassword)),
	}
}
