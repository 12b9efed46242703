package ocs

import "parley/internal/talk"

// Guards that rows share.
var (
	participant       = talk.Guard{Need: talk.NeedParticipant}
	outsideLobby      = talk.Guard{Need: talk.NeedParticipant, NoLobby: true}
	moderator         = talk.Guard{Need: talk.NeedModerator}
	member            = talk.Guard{Need: talk.NeedMember}
	accountModerators = talk.Guard{Need: talk.NeedAccountModerator}
	existing          = talk.Guard{Need: talk.NeedRoom}
)

// Actions whose failures count against a client.
const (
	tokenAction    = "talkRoomToken"
	passwordAction = "talkRoomPassword"
	sipAction      = "talkSipBridgeSecret"
)

// Beginnings of paths outside of Talk.
const (
	configPath = "/apps/provisioning_api/api/v1/config"
	statusPath = "/apps/user_status/api/v1"
)

// routes is the whole interface, a row per endpoint. Rows with versions stand
// below /apps/spreed/api/v{n}, the others below the OCS entry points.
func routes() []route {
	return []route{
		// The conversation list and single conversations.
		{method: "GET", versions: v1to4, path: "/room", access: login, handler: with(listRooms)},
		{method: "POST", versions: v4, path: "/room", access: login, handler: with(createRoom)},
		{method: "POST", versions: v1to3, path: "/room", access: login, handler: with(createRoomLegacy)},
		{method: "GET", versions: v4, path: "/room/note-to-self", access: login, handler: plain(noteToSelf)},
		{method: "GET", versions: v3 | v4, path: "/listed-room", access: login, handler: with(listedRooms)},
		{method: "GET", versions: v1to4, path: "/room/{token}", protect: []string{tokenAction, sipAction}, handler: plain(getRoom)},
		{method: "PUT", versions: v4, path: "/room/{token}", guard: moderator, handler: with(renameRoom)},
		{method: "PUT", versions: v1to3, path: "/room/{token}", guard: moderator, handler: with(renameLegacy)},
		{method: "DELETE", versions: v1to4, path: "/room/{token}", guard: moderator, handler: plain(deleteRoom)},
		{method: "GET", versions: v4, path: "/room/{token}/capabilities", guard: participant, handler: plain(roomCapabilities)},

		// Settings of a conversation.
		{method: "PUT", versions: v3 | v4, path: "/room/{token}/description", guard: moderator, handler: with(setDescription)},
		{method: "POST", versions: v1to4, path: "/room/{token}/public", access: login, guard: accountModerators, handler: with(allowGuests)},
		{method: "DELETE", versions: v1to4, path: "/room/{token}/public", access: login, guard: accountModerators, handler: plain(disallowGuests)},
		{method: "PUT", versions: v1to4, path: "/room/{token}/read-only", access: login, guard: moderator, handler: with(setReadOnly)},
		{method: "PUT", versions: v4, path: "/room/{token}/password", guard: moderator, handler: with(setPassword)},
		{method: "PUT", versions: v1to3, path: "/room/{token}/password", guard: moderator, handler: with(setPasswordLegacy)},
		{method: "PUT", versions: v3 | v4, path: "/room/{token}/listable", access: login, guard: moderator, handler: with(setListable)},
		{method: "PUT", versions: v4, path: "/room/{token}/permissions/{mode}", guard: moderator, handler: with(setRoomPermissions)},
		{method: "PUT", versions: v4, path: "/room/{token}/webinar/lobby", access: login, guard: moderator, handler: with(setLobby)},
		{method: "PUT", versions: v1to3, path: "/room/{token}/webinar/lobby", access: login, guard: moderator, handler: with(setLobbyLegacy)},
		{method: "PUT", versions: v1to3, path: "/room/{token}/webinary/lobby", access: login, guard: moderator, handler: with(setLobbyLegacy)},
		{method: "PUT", versions: v4, path: "/room/{token}/mention-permissions", access: login, guard: moderator, handler: with(setMentionPermissions)},
		{method: "POST", versions: v4, path: "/room/{token}/message-expiration", guard: moderator, handler: with(setExpiration)},
		{method: "DELETE", versions: v4, path: "/room/{token}/object", guard: moderator, handler: plain(unbind)},
		{method: "PUT", versions: v3 | v4, path: "/room/{token}/webinar/sip", access: login, guard: moderator, handler: with(setSIP)},
		{method: "PUT", versions: v4, path: "/room/{token}/recording-consent", access: login, guard: accountModerators, handler: with(setRecordingConsent)},

		// The caller's own view of a conversation.
		{method: "POST", versions: v1to4, path: "/room/{token}/favorite", access: login, guard: member, handler: own(favorite, true)},
		{method: "DELETE", versions: v1to4, path: "/room/{token}/favorite", access: login, guard: member, handler: own(favorite, false)},
		{method: "POST", versions: v4, path: "/room/{token}/archive", access: login, guard: member, handler: own(archived, true)},
		{method: "DELETE", versions: v4, path: "/room/{token}/archive", access: login, guard: member, handler: own(archived, false)},
		{method: "POST", versions: v4, path: "/room/{token}/important", access: login, guard: member, handler: own(important, true)},
		{method: "DELETE", versions: v4, path: "/room/{token}/important", access: login, guard: member, handler: own(important, false)},
		{method: "POST", versions: v4, path: "/room/{token}/sensitive", access: login, guard: member, handler: own(sensitive, true)},
		{method: "DELETE", versions: v4, path: "/room/{token}/sensitive", access: login, guard: member, handler: own(sensitive, false)},
		{method: "POST", versions: v1to4, path: "/room/{token}/notify", access: login, guard: member, handler: with(setNotificationLevel)},
		{method: "POST", versions: v4, path: "/room/{token}/notify-calls", access: login, guard: member, handler: with(setNotificationCalls)},

		// Participants.
		{method: "GET", versions: v1to4, path: "/room/{token}/participants", guard: outsideLobby, handler: with(listParticipants)},
		{method: "POST", versions: v1to4, path: "/room/{token}/participants", access: login, guard: accountModerators, handler: with(addParticipant)},
		{method: "POST", versions: v3 | v4, path: "/room/{token}/participants/resend-invitations", access: login, guard: accountModerators, handler: with(resendInvitations)},
		{method: "POST", versions: v4, path: "/room/{token}/import-emails", access: login, guard: moderator, handler: with(importEmails)},
		{method: "DELETE", versions: v1to3, path: "/room/{token}/participants", guard: participant, handler: with(removeUser)},
		{method: "DELETE", versions: v1to3, path: "/room/{token}/participants/guests", guard: moderator, handler: with(removeGuest)},
		{method: "DELETE", versions: v3 | v4, path: "/room/{token}/attendees", guard: moderator, handler: with(removeAttendee)},
		{method: "DELETE", versions: v1to4, path: "/room/{token}/participants/self", access: login, guard: member, handler: plain(removeSelf)},
		{method: "POST", versions: v1to4, path: "/room/{token}/participants/active", protect: []string{passwordAction, tokenAction}, handler: with(join)},
		{method: "DELETE", versions: v1to4, path: "/room/{token}/participants/active", handler: plain(leave)},
		{method: "PUT", versions: v4, path: "/room/{token}/participants/state", guard: participant, handler: with(setSessionState)},
		{method: "POST", versions: v4, path: "/room/{token}/moderators", guard: moderator, handler: with(promote)},
		{method: "POST", versions: v1to3, path: "/room/{token}/moderators", guard: moderator, handler: with(promoteLegacy)},
		{method: "DELETE", versions: v4, path: "/room/{token}/moderators", guard: moderator, handler: with(demote)},
		{method: "DELETE", versions: v1to3, path: "/room/{token}/moderators", guard: moderator, handler: with(demoteLegacy)},
		{method: "PUT", versions: v4, path: "/room/{token}/attendees/permissions", guard: moderator, handler: with(setAttendeePermissions)},
		{method: "PUT", versions: v4, path: "/room/{token}/attendees/permissions/all", guard: moderator, handler: with(setAllPermissions)},
		{method: "POST", versions: v1, path: "/guest/{token}/name", guard: participant, handler: with(setGuestName)},

		// Bans.
		{method: "GET", versions: v1, path: "/ban/{token}", guard: moderator, handler: plain(listBans)},
		{method: "POST", versions: v1, path: "/ban/{token}", guard: moderator, handler: with(createBan)},
		{method: "DELETE", versions: v1, path: "/ban/{token}/{banId}", guard: moderator, handler: plain(deleteBan)},

		// Breakout rooms.
		{method: "GET", versions: v4, path: "/room/{token}/breakout-rooms", access: login, guard: participant, handler: plain(listBreakouts)},
		{method: "GET", versions: v4, path: "/room/{token}/breakout-rooms/participants", guard: outsideLobby, handler: with(listBreakoutParticipants)},
		{method: "POST", versions: v1, path: "/breakout-rooms/{token}", access: login, guard: accountModerators, handler: with(splitRoom)},
		{method: "DELETE", versions: v1, path: "/breakout-rooms/{token}", access: login, guard: accountModerators, handler: plain(mergeRoom)},
		{method: "POST", versions: v1, path: "/breakout-rooms/{token}/attendees", access: login, guard: accountModerators, handler: with(distributeUsers)},
		{method: "POST", versions: v1, path: "/breakout-rooms/{token}/rooms", access: login, guard: accountModerators, handler: plain(startBreakouts)},
		{method: "DELETE", versions: v1, path: "/breakout-rooms/{token}/rooms", access: login, guard: accountModerators, handler: plain(stopBreakouts)},
		{method: "POST", versions: v1, path: "/breakout-rooms/{token}/request-assistance", access: login, guard: outsideLobby, handler: askForHelp(true)},
		{method: "DELETE", versions: v1, path: "/breakout-rooms/{token}/request-assistance", access: login, guard: outsideLobby, handler: askForHelp(false)},
		{method: "POST", versions: v1, path: "/breakout-rooms/{token}/switch", access: login, guard: participant, handler: with(switchBreakout)},

		// The SIP bridge.
		{method: "GET", versions: v3 | v4, path: "/room/{token}/pin/{pin}", guard: existing, protect: []string{sipAction}, handler: plain(lookUpPIN)},
		{method: "POST", versions: v4, path: "/room/{token}/verify-dialin", guard: existing, protect: []string{sipAction}, handler: with(verifyDialin)},
		{method: "POST", versions: v4, path: "/room/{token}/open-dial-in", guard: existing, protect: []string{sipAction}, handler: plain(openDialin)},
		{method: "POST", versions: v4, path: "/room/direct-dial-in", protect: []string{sipAction}, handler: with(directDialin)},
		{method: "POST", versions: v4, path: "/room/{token}/verify-dialout", guard: existing, protect: []string{sipAction}, handler: with(verifyDialout)},
		{method: "DELETE", versions: v4, path: "/room/{token}/rejected-dialout", guard: existing, protect: []string{sipAction}, handler: with(rejectDialout)},

		// Chat.
		{method: "GET", versions: v1, path: "/chat/{token}", guard: outsideLobby, handler: with(readChat)},

		// Settings.
		{method: "POST", versions: v1, path: "/settings/user", access: login, handler: with(setUserSetting)},
		{method: "POST", versions: v1, path: "/settings/sip", access: admin, handler: with(setSIPSettings)},
		{method: "GET", path: configPath + "/apps/{app}", access: admin, handler: plain(listSettings)},
		{method: "GET", path: configPath + "/apps/{app}/{key}", access: admin, handler: plain(getSetting)},
		{method: "POST", path: configPath + "/apps/{app}/{key}", access: admin, handler: with(setSetting)},
		{method: "DELETE", path: configPath + "/apps/{app}/{key}", access: admin, handler: plain(unsetSetting)},
		{method: "POST", path: configPath + "/users/{app}/{key}", access: login, handler: with(setPreference)},
		{method: "DELETE", path: configPath + "/users/{app}/{key}", access: login, handler: plain(unsetPreference)},

		// User statuses.
		{method: "GET", path: statusPath + "/user_status", access: login, handler: plain(getOwnStatus)},
		{method: "PUT", path: statusPath + "/user_status/status", access: login, handler: with(setAvailability)},
		{method: "PUT", path: statusPath + "/user_status/message/custom", access: login, handler: with(setStatusMessage)},
		{method: "PUT", path: statusPath + "/user_status/message/predefined", access: login, handler: with(setPredefinedStatus)},
		{method: "DELETE", path: statusPath + "/user_status/message", access: login, handler: plain(clearStatusMessage)},
		{method: "DELETE", path: statusPath + "/user_status/revert/{messageId}", access: login, handler: plain(revertStatus)},
		{method: "GET", path: statusPath + "/statuses", access: login, handler: with(listStatuses)},
		{method: "GET", path: statusPath + "/statuses/{user}", access: login, handler: plain(getStatus)},
		{method: "GET", path: statusPath + "/predefined_statuses", access: login, handler: plain(listPredefinedStatuses)},
		{method: "PUT", path: statusPath + "/heartbeat", access: login, handler: with(heartbeat)},

		// The platform around Talk.
		{method: "GET", path: "/cloud/capabilities", open: true, handler: plain(capabilities)},
		{method: "GET", path: "/core/getapppassword", access: login, handler: plain(getAppPassword)},
		{method: "DELETE", path: "/core/apppassword", access: login, handler: plain(deleteAppPassword)},

		// Accounts and groups.
		{method: "GET", path: "/cloud/user", access: login, handler: plain(ownAccount)},
		{method: "GET", path: "/cloud/user/fields", access: login, handler: plain(editableFields)},
		{method: "GET", path: "/cloud/user/fields/{user}", access: login, handler: plain(editableFields)},
		{method: "GET", path: "/cloud/users", access: groupAdmin, handler: with(listAccounts)},
		{method: "POST", path: "/cloud/users", access: groupAdmin, handler: with(createAccount)},
		{method: "GET", path: "/cloud/users/details", access: groupAdmin, handler: with(listAccountDetails)},
		{method: "GET", path: "/cloud/users/{user}", access: login, handler: plain(getAccount)},
		{method: "PUT", path: "/cloud/users/{user}", access: login, handler: with(editAccount)},
		{method: "DELETE", path: "/cloud/users/{user}", access: groupAdmin, handler: plain(deleteAccount)},
		{method: "PUT", path: "/cloud/users/{user}/enable", access: groupAdmin, handler: switchAccount(true)},
		{method: "PUT", path: "/cloud/users/{user}/disable", access: groupAdmin, handler: switchAccount(false)},
		{method: "GET", path: "/cloud/users/{user}/groups", access: login, handler: plain(groupsOfAccount)},
		{method: "POST", path: "/cloud/users/{user}/groups", access: groupAdmin, handler: with(joinGroup)},
		{method: "DELETE", path: "/cloud/users/{user}/groups", access: groupAdmin, handler: with(leaveGroup)},
		{method: "GET", path: "/cloud/groups", access: groupAdmin, handler: with(listGroups)},
		{method: "POST", path: "/cloud/groups", access: groupAdmin, handler: with(createGroup)},
		{method: "GET", path: "/cloud/groups/details", access: groupAdmin, handler: with(listGroupDetails)},
		{method: "GET", path: "/cloud/groups/{group}", access: groupAdmin, handler: plain(groupMembers)},
		{method: "PUT", path: "/cloud/groups/{group}", access: groupAdmin, handler: with(editGroup)},
		{method: "DELETE", path: "/cloud/groups/{group}", access: groupAdmin, handler: plain(deleteGroup)},
		{method: "GET", path: "/cloud/groups/{group}/users", access: login, handler: plain(groupUsers)},
		{method: "GET", path: "/core/autocomplete/get", access: login, handler: with(suggest)},

		// Teams.
		{method: "GET", path: "/apps/circles/probecircles", access: login, handler: plain(listTeams)},
		{method: "GET", path: "/apps/circles/circles", access: login, handler: plain(listTeams)},
		{method: "POST", path: "/apps/circles/circles", access: login, handler: with(createTeam)},
		{method: "DELETE", path: "/apps/circles/circles/{team}", access: login, handler: plain(deleteTeam)},
		{method: "PUT", path: "/apps/circles/circles/{team}/name", access: login, handler: with(renameTeam)},
		{method: "GET", path: "/apps/circles/circles/{team}/members", access: login, handler: plain(listTeamMembers)},
		{method: "POST", path: "/apps/circles/circles/{team}/members", access: login, handler: with(addTeamMember)},
		{method: "DELETE", path: "/apps/circles/circles/{team}/members/{member}", access: login, handler: plain(removeTeamMember)},
	}
}
