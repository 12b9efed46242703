package conversation

import (
	"parley/internal/ocs"
	"parley/internal/talk"
)

// The words of the table.
const (
	v1         = ocs.V1
	v3         = ocs.V3
	v4         = ocs.V4
	v1to3      = ocs.V1to3
	v1to4      = ocs.V1to4
	login      = ocs.Login
	late       = ocs.Late
	passwords  = ocs.CountPasswords
	tokens     = ocs.CountTokens
	signatures = ocs.CountSignatures
	public     = ocs.Public
)

// What must hold of the caller in the conversation.
var (
	noGuard       = ocs.NoGuard
	participant   = talk.Guard{Need: talk.NeedParticipant}
	outsideLobby  = talk.Guard{Need: talk.NeedParticipant, NoLobby: true}
	member        = talk.Guard{Need: talk.NeedMember}
	moderator     = talk.Guard{Need: talk.NeedModerator}
	userModerator = talk.Guard{Need: talk.NeedAccountModerator}
)

// rows are the routes, one per endpoint and form of its parameters.
func (a *API) rows() []ocs.Route {
	row := ocs.Row
	return []ocs.Route{
		// Conversations
		row(v1to4, "GET /room", login, noGuard, ocs.With(a.listRooms)),
		row(v4, "POST /room", login, noGuard, ocs.With(a.createRoom)),
		row(v1to3, "POST /room", login, noGuard, ocs.With(a.createRoomLegacy)),
		row(v4, "GET /room/note-to-self", login, noGuard, ocs.Plain(a.noteToSelf)),
		row(v3|v4, "GET /listed-room", login, noGuard, ocs.With(a.listedRooms)),
		row(v1to4, "GET /room/{token}", tokens|signatures, noGuard, ocs.Plain(a.getRoom)),
		row(v4, "PUT /room/{token}", public, moderator, ocs.With(a.renameRoom)),
		row(v1to3, "PUT /room/{token}", public, moderator, ocs.With(a.renameLegacy)),
		row(v1to4, "DELETE /room/{token}", public, moderator, ocs.Plain(a.deleteRoom)),
		row(v4, "GET /room/{token}/capabilities", public, participant, ocs.Plain(a.roomCapabilities)),

		ocs.PlatformRow("GET /search/providers/talk-conversations/search", login, ocs.With(a.searchRooms)),

		// Read markers
		row(v1, "POST /chat/{token}/read", public, member, ocs.With(a.markRead)),
		row(v1, "DELETE /chat/{token}/read", public, member, ocs.Plain(a.markUnread)),

		// Conversation settings
		row(v3|v4, "PUT /room/{token}/description", public, moderator, ocs.With(a.setDescription)),
		row(v1to4, "POST /room/{token}/public", login, userModerator, ocs.With(a.allowGuests)),
		row(v1to4, "DELETE /room/{token}/public", login, userModerator, ocs.Plain(a.disallowGuests)),
		row(v1to4, "PUT /room/{token}/read-only", login, moderator, ocs.With(a.setReadOnly)),
		row(v4, "PUT /room/{token}/password", public, moderator, ocs.With(a.setPassword)),
		row(v1to3, "PUT /room/{token}/password", public, moderator, ocs.With(a.setPasswordLegacy)),
		row(v3|v4, "PUT /room/{token}/listable", login, moderator, ocs.With(a.setListable)),
		row(v4, "PUT /room/{token}/permissions/{mode}", public, moderator, ocs.With(a.setRoomPermissions)),
		row(v4, "PUT /room/{token}/webinar/lobby", login, moderator, ocs.With(a.setLobby)),
		row(v1to3, "PUT /room/{token}/webinar/lobby", login, moderator, ocs.With(a.setLobbyLegacy)),
		row(v1to3, "PUT /room/{token}/webinary/lobby", login, moderator, ocs.With(a.setWebinaryLobby)),
		row(v4, "PUT /room/{token}/mention-permissions", login, moderator, ocs.With(a.setMentionPermissions)),
		row(v4, "POST /room/{token}/message-expiration", public, moderator, ocs.With(a.setExpiration)),
		row(v4, "DELETE /room/{token}/object", public, moderator, ocs.Plain(a.unbindRoom)),
		row(v3|v4, "PUT /room/{token}/webinar/sip", login, moderator, ocs.With(a.setSIP)),
		row(v4, "PUT /room/{token}/recording-consent", login, userModerator, ocs.With(a.setRecordingConsent)),

		// Own view
		row(v1to4, "POST /room/{token}/favorite", login, member, ocs.Plain(a.markFavorite)),
		row(v1to4, "DELETE /room/{token}/favorite", login, member, ocs.Plain(a.unmarkFavorite)),
		row(v4, "POST /room/{token}/archive", login, member, ocs.Plain(a.archiveRoom)),
		row(v4, "DELETE /room/{token}/archive", login, member, ocs.Plain(a.unarchiveRoom)),
		row(v4, "POST /room/{token}/important", login, member, ocs.Plain(a.markImportant)),
		row(v4, "DELETE /room/{token}/important", login, member, ocs.Plain(a.unmarkImportant)),
		row(v4, "POST /room/{token}/sensitive", login, member, ocs.Plain(a.markSensitive)),
		row(v4, "DELETE /room/{token}/sensitive", login, member, ocs.Plain(a.unmarkSensitive)),
		row(v1to4, "POST /room/{token}/notify", login, member, ocs.With(a.setNotificationLevel)),
		row(v4, "POST /room/{token}/notify-calls", login, member, ocs.With(a.setNotificationCalls)),

		// Participants
		row(v1to4, "GET /room/{token}/participants", public, outsideLobby, ocs.With(a.listParticipants)),
		row(v1to4, "POST /room/{token}/participants", login|late, userModerator, ocs.With(a.addParticipant)),
		row(v3|v4, "POST /room/{token}/participants/resend-invitations", login, userModerator, ocs.With(a.resendInvitations)),
		row(v4, "POST /room/{token}/import-emails", login, moderator, ocs.WithFile("file", a.importEmails)),
		row(v1to3, "DELETE /room/{token}/participants", late, participant, ocs.With(a.removeUser)),
		row(v1to3, "DELETE /room/{token}/participants/guests", public, moderator, ocs.With(a.removeGuest)),
		row(v3|v4, "DELETE /room/{token}/attendees", late, moderator, ocs.With(a.removeAttendee)),
		row(v1to4, "DELETE /room/{token}/participants/self", login|late, member, ocs.Plain(a.removeSelf)),
		row(v1to4, "POST /room/{token}/participants/active", passwords|tokens, noGuard, ocs.With(a.joinRoom)),
		row(v1to4, "DELETE /room/{token}/participants/active", public, noGuard, ocs.Plain(a.leaveRoom)),
		row(v4, "PUT /room/{token}/participants/state", late, participant, ocs.With(a.setSessionState)),
		row(v4, "POST /room/{token}/moderators", late, moderator, ocs.With(a.promote)),
		row(v1to3, "POST /room/{token}/moderators", late, moderator, ocs.With(a.promoteLegacy)),
		row(v4, "DELETE /room/{token}/moderators", late, moderator, ocs.With(a.demote)),
		row(v1to3, "DELETE /room/{token}/moderators", late, moderator, ocs.With(a.demoteLegacy)),
		row(v4, "PUT /room/{token}/attendees/permissions", late, moderator, ocs.With(a.setAttendeePermissions)),
		row(v4, "PUT /room/{token}/attendees/permissions/all", public, moderator, ocs.With(a.setAllPermissions)),
		row(v1, "POST /guest/{token}/name", public, participant, ocs.With(a.setGuestName)),

		// Bans
		row(v1, "GET /ban/{token}", public, moderator, ocs.Plain(a.listBans)),
		row(v1, "POST /ban/{token}", public, moderator, ocs.With(a.createBan)),
		row(v1, "DELETE /ban/{token}/{banId}", public, moderator, ocs.Plain(a.deleteBan)),

		// Breakout rooms
		row(v4, "GET /room/{token}/breakout-rooms", login|tokens, participant, ocs.Plain(a.listBreakouts)),
		row(v4, "GET /room/{token}/breakout-rooms/participants", public, outsideLobby, ocs.With(a.listBreakoutParticipants)),
		row(v1, "POST /breakout-rooms/{token}", login, userModerator, ocs.With(a.splitRoom)),
		row(v1, "DELETE /breakout-rooms/{token}", login, userModerator, ocs.Plain(a.mergeRoom)),
		row(v1, "POST /breakout-rooms/{token}/attendees", login, userModerator, ocs.With(a.distributeUsers)),
		row(v1, "POST /breakout-rooms/{token}/broadcast", login, userModerator, ocs.With(a.broadcast)),
		row(v1, "POST /breakout-rooms/{token}/rooms", login, userModerator, ocs.Plain(a.startBreakouts)),
		row(v1, "DELETE /breakout-rooms/{token}/rooms", login, userModerator, ocs.Plain(a.stopBreakouts)),
		row(v1, "POST /breakout-rooms/{token}/request-assistance", login, outsideLobby, ocs.Plain(a.requestAssistance)),
		row(v1, "DELETE /breakout-rooms/{token}/request-assistance", login, outsideLobby, ocs.Plain(a.cancelAssistance)),
		row(v1, "POST /breakout-rooms/{token}/switch", login, participant, ocs.With(a.switchBreakout)),

		// SIP bridge
		row(v3|v4, "GET /room/{token}/pin/{pin}", signatures, noGuard, ocs.Plain(a.lookUpPIN)),
		row(v4, "POST /room/{token}/verify-dialin", signatures, noGuard, ocs.With(a.verifyDialin)),
		row(v4, "POST /room/{token}/open-dial-in", signatures, noGuard, ocs.Plain(a.openDialin)),
		row(v4, "POST /room/direct-dial-in", signatures, noGuard, ocs.With(a.directDialin)),
		row(v4, "POST /room/{token}/verify-dialout", signatures, noGuard, ocs.With(a.verifyDialout)),
		row(v4, "DELETE /room/{token}/rejected-dialout", signatures, noGuard, ocs.With(a.rejectDialout)),
	}
}
