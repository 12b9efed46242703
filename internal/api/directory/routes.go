package directory

import (
	"parley/internal/ocs"
)

// The words of the table.
const (
	login      = ocs.Login
	groupAdmin = ocs.GroupAdmin
	confirmed  = ocs.Confirmed
)

// rows are the routes, one per endpoint and form of its parameters.
func (a *API) rows() []ocs.Route {
	row := ocs.PlatformRow
	return []ocs.Route{
		// User statuses
		row("GET /apps/user_status/api/v1/user_status", login, ocs.Plain(a.getOwnStatus)),
		row("PUT /apps/user_status/api/v1/user_status/status", login, ocs.With(a.setAvailability)),
		row("PUT /apps/user_status/api/v1/user_status/message/custom", login, ocs.With(a.setStatusMessage)),
		row("PUT /apps/user_status/api/v1/user_status/message/predefined", login, ocs.With(a.setPredefinedStatus)),
		row("DELETE /apps/user_status/api/v1/user_status/message", login, ocs.Plain(a.clearStatusMessage)),
		row("DELETE /apps/user_status/api/v1/user_status/revert/{messageId}", login, ocs.Plain(a.revertStatus)),
		row("GET /apps/user_status/api/v1/statuses", login, ocs.With(a.listStatuses)),
		row("GET /apps/user_status/api/v1/statuses/{user}", login, ocs.Plain(a.getStatus)),
		row("GET /apps/user_status/api/v1/predefined_statuses", login, ocs.Plain(a.listPredefinedStatuses)),
		row("PUT /apps/user_status/api/v1/heartbeat", login, ocs.With(a.heartbeat)),

		// Accounts and groups
		row("GET /cloud/user", login, ocs.Plain(a.ownAccount)),
		row("GET /cloud/user/fields", login, ocs.Plain(a.listFields)),
		row("GET /cloud/user/fields/{user}", login, ocs.Plain(a.listFieldsOf)),
		row("GET /cloud/users", groupAdmin, ocs.With(a.listAccounts)),
		row("POST /cloud/users", groupAdmin|confirmed, ocs.With(a.createAccount)),
		row("GET /cloud/users/details", groupAdmin, ocs.With(a.listAccountDetails)),
		row("GET /cloud/users/{user}", login, ocs.Plain(a.getAccount)),
		row("PUT /cloud/users/{user}", login|confirmed, ocs.With(a.editAccount)),
		row("DELETE /cloud/users/{user}", groupAdmin|confirmed, ocs.Plain(a.deleteAccount)),
		row("PUT /cloud/users/{user}/enable", groupAdmin|confirmed, ocs.Plain(a.enableAccount)),
		row("PUT /cloud/users/{user}/disable", groupAdmin|confirmed, ocs.Plain(a.disableAccount)),
		row("POST /cloud/users/{user}/wipe", groupAdmin|confirmed, ocs.Plain(a.wipeDevices)),
		row("GET /cloud/users/{user}/groups", login, ocs.Plain(a.groupsOfAccount)),
		row("POST /cloud/users/{user}/groups", groupAdmin|confirmed, ocs.With(a.joinGroup)),
		row("DELETE /cloud/users/{user}/groups", groupAdmin|confirmed, ocs.With(a.leaveGroup)),
		row("GET /cloud/groups", groupAdmin, ocs.With(a.listGroups)),
		row("POST /cloud/groups", groupAdmin|confirmed, ocs.With(a.createGroup)),
		row("GET /cloud/groups/details", groupAdmin, ocs.With(a.listGroupDetails)),
		row("GET /cloud/groups/{group}", groupAdmin, ocs.Plain(a.groupMembers)),
		row("PUT /cloud/groups/{group}", groupAdmin|confirmed, ocs.With(a.editGroup)),
		row("DELETE /cloud/groups/{group}", groupAdmin|confirmed, ocs.Plain(a.deleteGroup)),
		row("GET /cloud/groups/{group}/users", login, ocs.Plain(a.groupUsers)),
		row("GET /core/autocomplete/get", login, ocs.With(a.suggest)),

		// Teams
		row("GET /apps/circles/probecircles", login, ocs.Plain(a.probeTeams)),
		row("GET /apps/circles/circles", login, ocs.Plain(a.listTeams)),
		row("POST /apps/circles/circles", login, ocs.With(a.createTeam)),
		row("DELETE /apps/circles/circles/{team}", login, ocs.Plain(a.deleteTeam)),
		row("PUT /apps/circles/circles/{team}/name", login, ocs.With(a.renameTeam)),
		row("GET /apps/circles/circles/{team}/members", login, ocs.Plain(a.listTeamMembers)),
		row("POST /apps/circles/circles/{team}/members", login, ocs.With(a.addTeamMember)),
		row("DELETE /apps/circles/circles/{team}/members/{member}", login, ocs.Plain(a.removeTeamMember)),
	}
}
