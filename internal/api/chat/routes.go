package chat

import (
	"parley/internal/ocs"
	"parley/internal/talk"
)

// The words of the table.
const (
	v1     = ocs.V1
	late   = ocs.Late
	login  = ocs.Login
	public = ocs.Public
)

// What must hold of the caller in the conversation.
var (
	outsideLobby = talk.Guard{Need: talk.NeedParticipant, NoLobby: true}
	writer       = talk.Guard{Need: talk.NeedParticipant, ReadWrite: true, NoLobby: true, Permission: talk.PermissionChat}
	// writingMember is writer for those who have an account; guests are told that there
	// is no such conversation.
	writingMember = talk.Guard{Need: talk.NeedMember, ReadWrite: true, NoLobby: true, Permission: talk.PermissionChat}
	reminded      = talk.Guard{Need: talk.NeedMember, NoLobby: true}
	moderator     = talk.Guard{Need: talk.NeedModerator}
	moderating    = talk.Guard{Need: talk.NeedAccountModerator, ReadWrite: true}
)

// rows are the routes, one per endpoint and form of its parameters.
func (a *API) rows() []ocs.Route {
	row := ocs.Row
	return []ocs.Route{
		// Chat
		row(v1, "GET /chat/{token}", public, outsideLobby, ocs.With(a.readChat)),
		row(v1, "POST /chat/{token}", late, writer, ocs.With(a.sendMessage)),
		row(v1, "DELETE /chat/{token}", login, moderating, ocs.Plain(a.clearHistory)),
		row(v1, "PUT /chat/{token}/{chatMessageId}", public, writingMember, ocs.With(a.editMessage)),
		row(v1, "DELETE /chat/{token}/{chatMessageId}", public, writingMember, ocs.Plain(a.deleteMessage)),
		row(v1, "GET /chat/{token}/{chatMessageId}/context", public, outsideLobby, ocs.With(a.readContext)),

		row(v1, "GET /chat/{token}/mentions", public, writer, ocs.With(a.suggestMentions)),

		// Reminders
		row(v1, "GET /chat/upcoming-reminders", login, ocs.NoGuard, ocs.Plain(a.upcomingReminders)),
		row(v1, "GET /chat/{token}/{chatMessageId}/reminder", login, reminded, ocs.Plain(a.getReminder)),
		row(v1, "POST /chat/{token}/{chatMessageId}/reminder", login, reminded, ocs.With(a.setReminder)),
		row(v1, "DELETE /chat/{token}/{chatMessageId}/reminder", login, reminded, ocs.Plain(a.deleteReminder)),

		// Search
		ocs.PlatformRow("GET /search/providers/talk-message/search", login, ocs.With(a.searchMessages)),
		ocs.PlatformRow("GET /search/providers/talk-message-current/search", login, ocs.With(a.searchHere)),

		// Shared things
		row(v1, "POST /chat/{token}/share", public, writer, ocs.With(a.shareObject)),
		row(v1, "GET /chat/{token}/share", public, outsideLobby, ocs.With(a.listShares)),
		row(v1, "GET /chat/{token}/share/overview", public, outsideLobby, ocs.With(a.shareOverview)),

		// Polls
		row(v1, "POST /poll/{token}", public, writer, ocs.With(a.createPoll)),
		row(v1, "GET /poll/{token}/drafts", public, moderator, ocs.Plain(a.listDrafts)),
		row(v1, "POST /poll/{token}/draft/{pollId}", public, writer, ocs.With(a.editDraft)),
		row(v1, "GET /poll/{token}/{pollId}", public, outsideLobby, ocs.Plain(a.getPoll)),
		row(v1, "POST /poll/{token}/{pollId}", public, outsideLobby, ocs.With(a.vote)),
		row(v1, "DELETE /poll/{token}/{pollId}", public, outsideLobby, ocs.Plain(a.closePoll)),

		// Reactions
		row(v1, "GET /reaction/{token}/{chatMessageId}", public, outsideLobby, ocs.With(a.listReactions)),
		row(v1, "POST /reaction/{token}/{chatMessageId}", public, writer, ocs.With(a.react)),
		row(v1, "DELETE /reaction/{token}/{chatMessageId}", public, writer, ocs.With(a.unreact)),
	}
}
