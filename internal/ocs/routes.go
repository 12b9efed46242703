package ocs

import (
	"slices"

	"parley/internal/talk"
)

// Guards that rows share.
var (
	participant       = talk.Guard{Need: talk.NeedParticipant}
	outsideLobby      = talk.Guard{Need: talk.NeedParticipant, NoLobby: true}
	moderator         = talk.Guard{Need: talk.NeedModerator}
	member            = talk.Guard{Need: talk.NeedMember}
	accountModerators = talk.Guard{Need: talk.NeedAccountModerator}
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
	// ownPath has what no other server offers.
	ownPath = "/apps/parley/api/v1"
)

// kinds are failures that a row has by itself.
type kinds = []talk.Kind

// routes is the whole interface, a row per endpoint. Rows with versions stand
// below /apps/spreed/api/v{n}, the others below the OCS entry points.
func routes() []route {
	return slices.Concat(
		about("Conversations", roomRoutes()),
		about("Conversation settings", roomSettingRoutes()),
		about("Own view", ownViewRoutes()),
		about("Participants", participantRoutes()),
		about("Bans", banRoutes()),
		about("Breakout rooms", breakoutRoutes()),
		about("SIP bridge", bridgeRoutes()),
		about("Chat", chatRoutes()),
		about("Settings", settingRoutes()),
		about("User statuses", statusRoutes()),
		about("Platform", platformRoutes()),
		about("Accounts and groups", accountRoutes()),
		about("Teams", teamRoutes()),
	)
}

// about names the topic of rows.
func about(topic string, rows []route) []route {
	for i := range rows {
		rows[i].topic = topic
	}
	return rows
}

func roomRoutes() []route {
	return []route{
		{method: "GET", versions: v1to4, path: "/room", access: login, handler: with(listRooms), answers: rooms, doc: "List the conversations of the caller"},
		{method: "POST", versions: v4, path: "/room", access: login, handler: with(createRoom), answers: theRoom, also: []int{statusCreated, statusAccepted}, fails: kinds{talk.NotFound}, doc: "Create a conversation, or find the one-to-one that exists"},
		{method: "POST", versions: v1to3, path: "/room", access: login, handler: with(createRoomLegacy), answers: theRoom, also: []int{statusCreated}, fails: kinds{talk.NotFound}, doc: "Create a conversation, or find the one-to-one that exists"},
		{method: "GET", versions: v4, path: "/room/note-to-self", access: login, handler: plain(noteToSelf), answers: theRoom, doc: "Get the conversation with oneself, which is created on demand"},
		{method: "GET", versions: v3 | v4, path: "/listed-room", access: login, handler: with(listedRooms), answers: rooms, doc: "Search the open conversations that one could join"},
		{method: "GET", versions: v1to4, path: "/room/{token}", protect: []string{tokenAction, sipAction}, handler: plain(getRoom), answers: theRoom, doc: "Get a conversation"},
		{method: "PUT", versions: v4, path: "/room/{token}", guard: moderator, handler: with(renameRoom), answers: changedRoom, doc: "Rename a conversation"},
		{method: "PUT", versions: v1to3, path: "/room/{token}", guard: moderator, handler: with(renameLegacy), answers: changedRoom, doc: "Rename a conversation"},
		{method: "DELETE", versions: v1to4, path: "/room/{token}", guard: moderator, handler: plain(deleteRoom), fails: kinds{talk.Invalid}, doc: "Delete a conversation for everybody"},
		{method: "GET", versions: v4, path: "/room/{token}/capabilities", guard: participant, handler: plain(roomCapabilities), answers: talkOffer, doc: "Get what Talk can do in a conversation"},
	}
}

func roomSettingRoutes() []route {
	return []route{
		{method: "PUT", versions: v3 | v4, path: "/room/{token}/description", guard: moderator, handler: with(setDescription), answers: changedRoom, doc: "Set the description of a conversation"},
		{method: "POST", versions: v1to4, path: "/room/{token}/public", access: login, guard: accountModerators, handler: with(allowGuests), answers: changedRoom, doc: "Open a conversation to guests, with a password on request"},
		{method: "DELETE", versions: v1to4, path: "/room/{token}/public", access: login, guard: accountModerators, handler: plain(disallowGuests), answers: changedRoom, fails: kinds{talk.Invalid}, doc: "Close a conversation to guests"},
		{method: "PUT", versions: v1to4, path: "/room/{token}/read-only", access: login, guard: moderator, handler: with(setReadOnly), answers: changedRoom, doc: "Lock a conversation for writing, or unlock it"},
		{method: "PUT", versions: v4, path: "/room/{token}/password", guard: moderator, handler: with(setPassword), answers: changedRoom, doc: "Set or clear the password that guests need"},
		{method: "PUT", versions: v1to3, path: "/room/{token}/password", guard: moderator, handler: with(setPasswordLegacy), answers: changedRoom, doc: "Set or clear the password that guests need"},
		{method: "PUT", versions: v3 | v4, path: "/room/{token}/listable", access: login, guard: moderator, handler: with(setListable), answers: changedRoom, doc: "Choose who may find a conversation"},
		{method: "PUT", versions: v4, path: "/room/{token}/permissions/{mode}", guard: moderator, handler: with(setRoomPermissions), answers: changedRoom, doc: "Set what participants may do unless they have permissions of their own"},
		{method: "PUT", versions: v4, path: "/room/{token}/webinar/lobby", access: login, guard: moderator, handler: with(setLobby), answers: changedRoom, doc: "Switch the lobby, with the time when it ends"},
		{method: "PUT", versions: v1to3, path: "/room/{token}/webinar/lobby", access: login, guard: moderator, handler: with(setLobbyLegacy), answers: theRoom, doc: "Switch the lobby, with the time when it ends"},
		{method: "PUT", versions: v1to3, path: "/room/{token}/webinary/lobby", access: login, guard: moderator, handler: with(setLobbyLegacy), answers: theRoom, doc: "Switch the lobby, with the time when it ends"},
		{method: "PUT", versions: v4, path: "/room/{token}/mention-permissions", access: login, guard: moderator, handler: with(setMentionPermissions), answers: changedRoom, doc: "Choose who may mention everybody at once"},
		{method: "POST", versions: v4, path: "/room/{token}/message-expiration", guard: moderator, handler: with(setExpiration), answers: changedRoom, doc: "Set after how many seconds new messages disappear"},
		{method: "DELETE", versions: v4, path: "/room/{token}/object", guard: moderator, handler: plain(unbind), answers: changedRoom, fails: kinds{talk.Invalid}, doc: "Untie a conversation from the object it was made for"},
		{method: "PUT", versions: v3 | v4, path: "/room/{token}/webinar/sip", access: login, guard: moderator, handler: with(setSIP), answers: theRoom, doc: "Choose how a conversation can be dialled into"},
		{method: "PUT", versions: v4, path: "/room/{token}/recording-consent", access: login, guard: accountModerators, handler: with(setRecordingConsent), answers: changedRoom, doc: "Ask for consent to being recorded; refused without a recording server"},
	}
}

func ownViewRoutes() []route {
	return []route{
		{method: "POST", versions: v1to4, path: "/room/{token}/favorite", access: login, guard: member, handler: own(favorite, true), answers: changedRoom, doc: "Mark a conversation as a favourite"},
		{method: "DELETE", versions: v1to4, path: "/room/{token}/favorite", access: login, guard: member, handler: own(favorite, false), answers: changedRoom, doc: "Unmark a favourite conversation"},
		{method: "POST", versions: v4, path: "/room/{token}/archive", access: login, guard: member, handler: own(archived, true), answers: changedRoom, doc: "Put a conversation into the archive of the caller"},
		{method: "DELETE", versions: v4, path: "/room/{token}/archive", access: login, guard: member, handler: own(archived, false), answers: changedRoom, doc: "Take a conversation out of the archive"},
		{method: "POST", versions: v4, path: "/room/{token}/important", access: login, guard: member, handler: own(important, true), answers: changedRoom, doc: "Let a conversation notify even while the caller wants no disturbance"},
		{method: "DELETE", versions: v4, path: "/room/{token}/important", access: login, guard: member, handler: own(important, false), answers: changedRoom, doc: "Treat a conversation like others again"},
		{method: "POST", versions: v4, path: "/room/{token}/sensitive", access: login, guard: member, handler: own(sensitive, true), answers: changedRoom, doc: "Hide the messages of a conversation in previews"},
		{method: "DELETE", versions: v4, path: "/room/{token}/sensitive", access: login, guard: member, handler: own(sensitive, false), answers: changedRoom, doc: "Show the messages of a conversation in previews again"},
		{method: "POST", versions: v1to4, path: "/room/{token}/notify", access: login, guard: member, handler: with(setNotificationLevel), answers: changedRoom, doc: "Choose which messages notify the caller"},
		{method: "POST", versions: v4, path: "/room/{token}/notify-calls", access: login, guard: member, handler: with(setNotificationCalls), answers: changedRoom, doc: "Choose whether calls notify the caller"},
	}
}

func participantRoutes() []route {
	return []route{
		{method: "GET", versions: v1to4, path: "/room/{token}/participants", guard: outsideLobby, handler: with(listParticipants), answers: participantList, doc: "List the participants, with their user statuses on request"},
		{method: "POST", versions: v1to4, path: "/room/{token}/participants", access: login, guard: accountModerators, late: true, handler: with(addParticipant), answers: one(typeChange{}, []any{}), fails: kinds{talk.NotImplemented}, doc: "Add a user, group, team, e-mail address or telephone to a conversation"},
		{method: "POST", versions: v3 | v4, path: "/room/{token}/participants/resend-invitations", access: login, guard: accountModerators, handler: with(resendInvitations), doc: "Send the invitation of one e-mail guest again, or of all"},
		{method: "POST", versions: v4, path: "/room/{token}/import-emails", access: login, guard: moderator, handler: with(importEmails), answers: one(importReport{}), upload: "file", doc: "Invite the e-mail addresses of a CSV file"},
		{method: "DELETE", versions: v1to3, path: "/room/{token}/participants", guard: participant, late: true, handler: with(removeUser), doc: "Remove a user from a conversation"},
		{method: "DELETE", versions: v1to3, path: "/room/{token}/participants/guests", guard: moderator, handler: with(removeGuest), doc: "Remove a guest from a conversation"},
		{method: "DELETE", versions: v3 | v4, path: "/room/{token}/attendees", guard: moderator, late: true, handler: with(removeAttendee), doc: "Remove anybody from a conversation"},
		{method: "DELETE", versions: v1to4, path: "/room/{token}/participants/self", access: login, guard: member, late: true, handler: plain(removeSelf), fails: kinds{talk.Invalid}, doc: "Leave a conversation for good"},
		{method: "POST", versions: v1to4, path: "/room/{token}/participants/active", protect: []string{passwordAction, tokenAction}, handler: with(join), answers: theRoom, fails: kinds{talk.Conflict}, doc: "Open a session in a conversation"},
		{method: "DELETE", versions: v1to4, path: "/room/{token}/participants/active", handler: plain(leave), doc: "Close the session in a conversation"},
		{method: "PUT", versions: v4, path: "/room/{token}/participants/state", guard: participant, late: true, handler: with(setSessionState), answers: theRoom, doc: "Tell whether anybody looks at the session"},
		{method: "POST", versions: v4, path: "/room/{token}/moderators", guard: moderator, late: true, handler: with(promote), doc: "Make a participant a moderator"},
		{method: "POST", versions: v1to3, path: "/room/{token}/moderators", guard: moderator, late: true, handler: with(promoteLegacy), doc: "Make a participant a moderator"},
		{method: "DELETE", versions: v4, path: "/room/{token}/moderators", guard: moderator, late: true, handler: with(demote), doc: "Take the moderation from a participant"},
		{method: "DELETE", versions: v1to3, path: "/room/{token}/moderators", guard: moderator, late: true, handler: with(demoteLegacy), doc: "Take the moderation from a participant"},
		{method: "PUT", versions: v4, path: "/room/{token}/attendees/permissions", guard: moderator, late: true, handler: with(setAttendeePermissions), answers: one([]participantV4{}), doc: "Change what one participant may do"},
		{method: "PUT", versions: v4, path: "/room/{token}/attendees/permissions/all", guard: moderator, handler: with(setAllPermissions), answers: changedRoom, doc: "Change what all participants may do"},
		{method: "POST", versions: v1, path: "/guest/{token}/name", guard: participant, handler: with(setGuestName), doc: "Set the display name of the guest who asks"},
	}
}

func banRoutes() []route {
	return []route{
		{method: "GET", versions: v1, path: "/ban/{token}", guard: moderator, handler: plain(listBans), answers: one([]ban{}), doc: "List the bans of a conversation"},
		{method: "POST", versions: v1, path: "/ban/{token}", guard: moderator, handler: with(createBan), answers: one(ban{}), doc: "Ban a user, a guest or an address from a conversation"},
		{method: "DELETE", versions: v1, path: "/ban/{token}/{banId}", guard: moderator, handler: plain(deleteBan), doc: "Lift a ban"},
	}
}

func breakoutRoutes() []route {
	return []route{
		{method: "GET", versions: v4, path: "/room/{token}/breakout-rooms", access: login, guard: participant, protect: []string{tokenAction}, handler: plain(listBreakouts), answers: rooms, fails: kinds{talk.Invalid}, doc: "List the breakout rooms that the caller may see"},
		{method: "GET", versions: v4, path: "/room/{token}/breakout-rooms/participants", guard: outsideLobby, handler: with(listBreakoutParticipants), answers: one([]participantV4{}), doc: "List the participants of all breakout rooms"},
		{method: "POST", versions: v1, path: "/breakout-rooms/{token}", access: login, guard: accountModerators, handler: with(splitRoom), answers: rooms, doc: "Create breakout rooms below a conversation"},
		{method: "DELETE", versions: v1, path: "/breakout-rooms/{token}", access: login, guard: accountModerators, handler: plain(mergeRoom), answers: theRoom, doc: "Delete the breakout rooms of a conversation"},
		{method: "POST", versions: v1, path: "/breakout-rooms/{token}/attendees", access: login, guard: accountModerators, handler: with(distributeUsers), answers: rooms, doc: "Distribute the participants over the breakout rooms anew"},
		{method: "POST", versions: v1, path: "/breakout-rooms/{token}/rooms", access: login, guard: accountModerators, handler: plain(startBreakouts), answers: rooms, fails: kinds{talk.Invalid}, doc: "Open the breakout rooms"},
		{method: "DELETE", versions: v1, path: "/breakout-rooms/{token}/rooms", access: login, guard: accountModerators, handler: plain(stopBreakouts), answers: rooms, fails: kinds{talk.Invalid}, doc: "Close the breakout rooms"},
		{method: "POST", versions: v1, path: "/breakout-rooms/{token}/request-assistance", access: login, guard: outsideLobby, handler: askForHelp(true), answers: theRoom, fails: kinds{talk.Invalid}, doc: "Ask the moderators to come to a breakout room"},
		{method: "DELETE", versions: v1, path: "/breakout-rooms/{token}/request-assistance", access: login, guard: outsideLobby, handler: askForHelp(false), answers: theRoom, fails: kinds{talk.Invalid}, doc: "Take back the call for help"},
		{method: "POST", versions: v1, path: "/breakout-rooms/{token}/switch", access: login, guard: participant, handler: with(switchBreakout), answers: theRoom, doc: "Move to another breakout room"},
	}
}

func bridgeRoutes() []route {
	return []route{
		{method: "GET", versions: v3 | v4, path: "/room/{token}/pin/{pin}", protect: []string{sipAction}, handler: plain(lookUpPIN), answers: theRoom, fails: kinds{talk.NotImplemented}, doc: "Find the participant with a dial-in PIN"},
		{method: "POST", versions: v4, path: "/room/{token}/verify-dialin", protect: []string{sipAction}, handler: with(verifyDialin), answers: theRoom, fails: kinds{talk.NotImplemented}, doc: "Find the participant with a dial-in PIN"},
		{method: "POST", versions: v4, path: "/room/{token}/open-dial-in", protect: []string{sipAction}, handler: plain(openDialin), answers: theRoom, fails: kinds{talk.Invalid}, doc: "Let a caller without a PIN in as a guest"},
		{method: "POST", versions: v4, path: "/room/direct-dial-in", protect: []string{sipAction}, handler: with(directDialin), answers: theRoom, fails: kinds{talk.NotImplemented, talk.NotFound}, doc: "Open a conversation for a call to the number of a user"},
		{method: "POST", versions: v4, path: "/room/{token}/verify-dialout", protect: []string{sipAction}, handler: with(verifyDialout), answers: theRoom, fails: kinds{talk.NotImplemented}, doc: "Find the telephone that is to be called"},
		{method: "DELETE", versions: v4, path: "/room/{token}/rejected-dialout", protect: []string{sipAction}, handler: with(rejectDialout), fails: kinds{talk.NotImplemented}, doc: "Tell that a telephone was not reached"},
	}
}

func chatRoutes() []route {
	return []route{
		{method: "GET", versions: v1, path: "/chat/{token}", guard: outsideLobby, handler: with(readChat), answers: one([]message{}), also: []int{statusNotModified}, doc: "Read the history of a conversation"},
	}
}

func settingRoutes() []route {
	return []route{
		{method: "POST", versions: v1, path: "/settings/user", access: login, handler: with(setUserSetting), doc: "Set a preference of the caller"},
		{method: "POST", versions: v1, path: "/settings/sip", access: admin, handler: with(setSIPSettings), doc: "Set up the SIP bridge"},
		{method: "GET", path: configPath + "/apps/{app}", access: admin, handler: plain(listSettings), answers: one(object{"data": []string{}}), doc: "List the names of all settings"},
		{method: "GET", path: configPath + "/apps/{app}/{key}", access: admin, handler: plain(getSetting), answers: one(object{"data": ""}), fails: kinds{talk.Invalid}, doc: "Get a setting as text"},
		{method: "POST", path: configPath + "/apps/{app}/{key}", access: admin, confirm: true, handler: with(setSetting), doc: "Change a setting"},
		{method: "DELETE", path: configPath + "/apps/{app}/{key}", access: admin, confirm: true, handler: plain(unsetSetting), fails: kinds{talk.Invalid}, doc: "Reset a setting to its default"},
		{method: "POST", path: configPath + "/users/{app}/{key}", access: login, handler: with(setPreference), doc: "Set a preference of the caller"},
		{method: "DELETE", path: configPath + "/users/{app}/{key}", access: login, handler: plain(unsetPreference), fails: kinds{talk.Invalid}, doc: "Reset a preference of the caller"},
	}
}

func statusRoutes() []route {
	return []route{
		{method: "GET", path: statusPath + "/user_status", access: login, handler: plain(getOwnStatus), answers: one(ownStatus{}), fails: kinds{talk.NotFound}, doc: "Get the user status of the caller"},
		{method: "PUT", path: statusPath + "/user_status/status", access: login, handler: with(setAvailability), answers: one(ownStatus{}), doc: "Set the availability of the caller"},
		{method: "PUT", path: statusPath + "/user_status/message/custom", access: login, handler: with(setStatusMessage), answers: one(ownStatus{}), doc: "Set a status message in own words"},
		{method: "PUT", path: statusPath + "/user_status/message/predefined", access: login, handler: with(setPredefinedStatus), answers: one(ownStatus{}), doc: "Choose one of the predefined status messages"},
		{method: "DELETE", path: statusPath + "/user_status/message", access: login, handler: plain(clearStatusMessage), doc: "Remove the status message"},
		{method: "DELETE", path: statusPath + "/user_status/revert/{messageId}", access: login, handler: plain(revertStatus), answers: one(ownStatus{}, []any{}), doc: "Go back to the status before an automatic one"},
		{method: "GET", path: statusPath + "/statuses", access: login, handler: with(listStatuses), answers: one([]shownStatus{}), doc: "List the statuses of all who have one"},
		{method: "GET", path: statusPath + "/statuses/{user}", access: login, handler: plain(getStatus), answers: one(shownStatus{}), doc: "Get the status of a user"},
		{method: "GET", path: statusPath + "/predefined_statuses", access: login, handler: plain(listPredefinedStatuses), answers: one([]predefinedStatus{}), doc: "List the predefined status messages"},
		{method: "PUT", path: statusPath + "/heartbeat", access: login, handler: with(heartbeat), answers: one(ownStatus{}), also: []int{statusNoContent}, doc: "Tell that the caller is there"},
	}
}

func platformRoutes() []route {
	return []route{
		{method: "GET", path: "/cloud/capabilities", open: true, handler: plain(capabilities), answers: serverOffer, also: []int{statusNotModified}, doc: "Get what the server can do"},
		{method: "GET", path: "/core/getapppassword", access: login, confirm: true, handler: plain(getAppPassword), answers: one(appPassword{}), fails: kinds{talk.Forbidden}, doc: "Create an app password for the client"},
		{method: "DELETE", path: "/core/apppassword", access: login, handler: plain(deleteAppPassword), fails: kinds{talk.Forbidden}, doc: "Revoke the app password of the request"},
		{method: "POST", path: "/core/apppassword/rotate", access: login, handler: plain(rotateAppPassword), answers: one(appPassword{}), fails: kinds{talk.Forbidden}, doc: "Replace the app password of the request"},
		{method: "PUT", path: "/core/apppassword/confirm", access: login, handler: with(confirmPassword), answers: one(confirmation{}), fails: kinds{talk.Forbidden}, doc: "Show the password again, for changes that need it"},
		{method: "GET", path: ownPath + "/app-passwords", access: login, handler: plain(listAppPasswords), answers: one([]appPasswordData{}), doc: "List the app passwords of the caller"},
		{method: "DELETE", path: ownPath + "/app-passwords/{id}", access: login, handler: plain(revokeAppPassword), doc: "Revoke an app password of the caller"},
	}
}

func accountRoutes() []route {
	return []route{
		{method: "GET", path: "/cloud/user", access: login, handler: plain(ownAccount), answers: one(anAccount(true)), doc: "Get the account of the caller"},
		{method: "GET", path: "/cloud/user/fields", access: login, handler: plain(editableFields), answers: one([]string{}), doc: "List the fields of an account that can be edited"},
		{method: "GET", path: "/cloud/user/fields/{user}", access: login, handler: plain(editableFields), answers: one([]string{}), doc: "List the fields of an account that can be edited"},
		{method: "GET", path: "/cloud/users", access: groupAdmin, handler: with(listAccounts), answers: userIDs, doc: "List or search account ids"},
		{method: "POST", path: "/cloud/users", access: groupAdmin, confirm: true, handler: with(createAccount), answers: one(created{}), doc: "Create an account"},
		{method: "GET", path: "/cloud/users/details", access: groupAdmin, handler: with(listAccountDetails), answers: one(object{"users": oneOf{byName{anAccount(false)}, []any{}}}), doc: "List or search accounts with all their fields"},
		{method: "GET", path: "/cloud/users/{user}", access: login, handler: plain(getAccount), answers: one(anAccount(false), anAccount(true)), doc: "Get an account"},
		{method: "PUT", path: "/cloud/users/{user}", access: login, confirm: true, handler: with(editAccount), doc: "Change a field of an account"},
		{method: "DELETE", path: "/cloud/users/{user}", access: groupAdmin, confirm: true, handler: plain(deleteAccount), fails: kinds{talk.Invalid}, doc: "Delete an account"},
		{method: "PUT", path: "/cloud/users/{user}/enable", access: groupAdmin, confirm: true, handler: switchAccount(true), fails: kinds{talk.Invalid}, doc: "Enable an account"},
		{method: "PUT", path: "/cloud/users/{user}/disable", access: groupAdmin, confirm: true, handler: switchAccount(false), fails: kinds{talk.Invalid}, doc: "Disable an account"},
		{method: "GET", path: "/cloud/users/{user}/groups", access: login, handler: plain(groupsOfAccount), answers: allGroupIDs, doc: "List the groups of an account"},
		{method: "POST", path: "/cloud/users/{user}/groups", access: groupAdmin, confirm: true, handler: with(joinGroup), doc: "Put an account into a group"},
		{method: "DELETE", path: "/cloud/users/{user}/groups", access: groupAdmin, confirm: true, handler: with(leaveGroup), doc: "Take an account out of a group"},
		{method: "GET", path: "/cloud/groups", access: groupAdmin, handler: with(listGroups), answers: allGroupIDs, doc: "List or search group ids"},
		{method: "POST", path: "/cloud/groups", access: groupAdmin, confirm: true, handler: with(createGroup), doc: "Create a group"},
		{method: "GET", path: "/cloud/groups/details", access: groupAdmin, handler: with(listGroupDetails), answers: one(object{"groups": []groupData{}}), doc: "List or search groups with their sizes"},
		{method: "GET", path: "/cloud/groups/{group}", access: groupAdmin, handler: plain(groupMembers), answers: userIDs, doc: "List the members of a group"},
		{method: "PUT", path: "/cloud/groups/{group}", access: groupAdmin, confirm: true, handler: with(editGroup), doc: "Rename a group"},
		{method: "DELETE", path: "/cloud/groups/{group}", access: groupAdmin, confirm: true, handler: plain(deleteGroup), fails: kinds{talk.Invalid}, doc: "Delete a group"},
		{method: "GET", path: "/cloud/groups/{group}/users", access: login, handler: plain(groupUsers), answers: userIDs, fails: kinds{talk.Forbidden}, doc: "List the members of a group, also for its members"},
		{method: "GET", path: "/core/autocomplete/get", access: login, handler: with(suggest), answers: one([]suggestionData{}), doc: "Suggest whom to add to a conversation"},
	}
}

func teamRoutes() []route {
	return []route{
		{method: "GET", path: "/apps/circles/probecircles", access: login, handler: plain(listTeams), answers: one([]teamData{}), doc: "List the teams of the caller"},
		{method: "GET", path: "/apps/circles/circles", access: login, handler: plain(listTeams), answers: one([]teamData{}), doc: "List the teams of the caller"},
		{method: "POST", path: "/apps/circles/circles", access: login, handler: with(createTeam), answers: one(teamData{}), doc: "Create a team"},
		{method: "DELETE", path: "/apps/circles/circles/{team}", access: login, handler: plain(deleteTeam), fails: kinds{talk.Forbidden}, doc: "Delete a team"},
		{method: "PUT", path: "/apps/circles/circles/{team}/name", access: login, handler: with(renameTeam), answers: one(teamData{}), fails: kinds{talk.Forbidden}, doc: "Rename a team"},
		{method: "GET", path: "/apps/circles/circles/{team}/members", access: login, handler: plain(listTeamMembers), answers: one([]memberData{}), doc: "List the members of a team"},
		{method: "POST", path: "/apps/circles/circles/{team}/members", access: login, handler: with(addTeamMember), answers: one([]memberData{}), fails: kinds{talk.Forbidden}, doc: "Add a user, group or team to a team"},
		{method: "DELETE", path: "/apps/circles/circles/{team}/members/{member}", access: login, handler: plain(removeTeamMember), fails: kinds{talk.Invalid, talk.Forbidden}, doc: "Remove a member from a team"},
	}
}
