package imitations_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parley/internal/talktest"
)

// What the iOS app reads. A number or boolean that is null ends the app; one that is missing is 0.
// Strings are taken as they are.
var (
	iosRoom = fields(text, "token name displayName sessionId").
		and(fields(text+"?", "description attendeePin objectType objectId avatarVersion actorId actorType remoteServer remoteToken")).
		and(fields(integer, "type participantType")).
		and(fields(integer+"?", `id attendeeId unreadMessages lastActivity notificationLevel notificationCalls readOnly listable lobbyState
			lobbyTimer sipEnabled lastReadMessage lastCommonReadMessage permissions attendeePermissions callPermissions defaultPermissions
			callFlag callStartTime callRecording recordingConsent mentionPermissions messageExpiration participantFlags lastPing
			breakoutRoomMode breakoutRoomStatus`)).
		and(fields(boolean+"?", `hasPassword hasCall isFavorite unreadMention unreadMentionDirect canStartCall canLeaveConversation
			canDeleteConversation canEnableSIP isCustomAvatar isArchived isImportant isSensitive`)).
		and(fields(object+"?", "lastMessage"))
	iosMessage = fields(integer, "id timestamp").and(fields(integer+"?", "expirationTimestamp")).and(fields(boolean+"?", "isReplyable markdown silent deleted")).
			and(fields(text, "actorType actorId message")).and(fields(text+"?", "actorDisplayName systemMessage messageType referenceId token")).
			and(fields(object+"?", "reactions parent")).and(fields(array+"?", "reactionsSelf"))
	iosParticipant = fields(text, "actorType actorId displayName").and(fields(integer+"?", "attendeeId participantType inCall lastPing permissions")).
			and(fields(array, "sessionIds"))
)

// iphone is the app on one phone.
type iphone struct{ *app }

// TestIOS is a day of the iOS app.
func TestIOS(t *testing.T) {
	both(t, func(t *testing.T, s *talktest.Server, token string) {
		s.AddGroup("staff", "alice")
		a := iphone{newApp(t, s, map[string]string{
			"User-Agent": "Mozilla/5.0 (iOS) Nextcloud-Talk v22.0.1", "Accept": "application/json", "OCS-APIRequest": "true",
		})}
		a.checkServer()
		logInByWindow(a.app, "alice")
		a.setUp("alice")
		a.afterwards("alice")
		since := a.seeRooms("", token)
		a.openRoom(token)
		a.seeRooms(since, token)
		a.call(token)
		a.changeSettings(token)
		a.make("bob")
	})
}

// list sends a request whose answer must have a list, since anything else is an error to the app.
func (a iphone) list(path string, changes ...change) []value {
	a.t.Helper()
	return a.ask("GET", path, changes...).data().list()
}

// checkServer asks what the server can, by the older entry point and without the page of its state.
func (a iphone) checkServer() {
	a.t.Helper()
	r := a.ask("GET", ocsV1+"/cloud/capabilities", query("format", "json"))
	spreed := r.data().get("capabilities", "spreed")
	if r.get("ocs", "meta", "statuscode").number() != 100 {
		a.t.Fatalf("the older entry point tells %s", r.get("ocs", "meta").raw)
	}
	if !slices.Contains(spreed.get("features").texts(), "conversation-v4") {
		a.t.Fatal("the version is not supported")
	}
	for _, group := range spreed.get("config").members() {
		group.is(object)
	}
}

// setUp reads who the person is and how to speak to others; without any of it the app does not start.
func (a iphone) setUp(user string) {
	a.t.Helper()
	me := a.ask("GET", ocsV2+"/cloud/user", query("format", "json")).data()
	if me.get("id").text() != user {
		a.t.Fatalf("the person is %s", me.raw)
	}
	me.get("display-name").text() // the app asks again and again while it is empty
	// What is missing is left alone; what is there is put into a form as it is.
	me.has(fields(text+"?", "phone address website twitter emailScope phoneScope addressScope websiteScope twitterScope displaynameScope avatarScope"))
	if mail := me.get("email"); kindOf(mail.raw) != null {
		mail.is(text, none)
	}
	a.checkServer()
	settings := a.ask("GET", talk3+"/signaling/settings").data().is(object)
	settings.has(fields(text, "server ticket signalingMode userId").and(fields(text+"?", "sipDialinInfo")).and(fields(array, "stunservers turnservers")))
	for _, name := range []string{"stunservers", "turnservers"} {
		for _, one := range settings.get(name).list() {
			one.get("urls").texts()
		}
	}
	settings.get("federation").is(null, object, none)
}

// afterwards are the questions that the app asks when it runs; it copes without an answer, but
// neither with an error of the server nor with being logged out.
func (a iphone) afterwards(user string) {
	a.t.Helper()
	groups := a.ask("GET", ocsV2+"/cloud/users/"+user+"/groups", query("format", "json")).data().get("groups").texts()
	if !slices.Contains(groups, "staff") {
		a.t.Fatalf("the groups are %v", groups)
	}
	a.ask("GET", ocsV2+"/apps/circles/probecircles", query("format", "json")).status(http.StatusOK, http.StatusNotFound)
	for _, path := range []string{"/index.php/avatar/" + user + "/96", "/index.php/avatar/" + user + "/96/dark"} {
		r := a.ask("GET", path).status(http.StatusOK)
		if !strings.HasPrefix(r.head("Content-Type"), "image/") {
			a.t.Fatalf("the picture is %s", r.Header.Get("Content-Type"))
		}
		if custom := r.head("X-NC-IsCustomAvatar"); custom != "0" && custom != "1" {
			a.t.Fatalf("the picture is somebody's own: %q", custom)
		}
	}
	a.ask("POST", ocsV2+"/apps/notifications/api/v2/push", form("pushTokenHash", strings.Repeat("0", 128), "devicePublicKey", "x", "proxyServer", "https://push.example.org"))
	a.ask("POST", ocsV2+"/apps/notifications/api/v2/notifications/exists", form("ids[]", "1", "ids[]", "2")).status(http.StatusOK)
}

// seeRooms reads the list of conversations, all or what is new, and returns since when to ask next.
func (a iphone) seeRooms(since, token string) string {
	a.t.Helper()
	asked := []string{"format", "json", "includeStatus", "true", "noStatusUpdate", "0"}
	if since != "" {
		asked = []string{"format", "json", "noStatusUpdate", "1", "modifiedSince", since}
	}
	r := a.ask("GET", talk4+"/room", query(asked...))
	r.head("X-Nextcloud-Talk-Hash")
	rooms := r.data().each(iosRoom)
	pick(rooms, "token", token)
	for _, room := range rooms {
		if last := room.get("lastMessage"); kindOf(last.raw) != none {
			last.has(iosMessage)
		}
	}
	next := r.head("X-Nextcloud-Talk-Modified-Before")
	if since == "" && len(next) < 9 {
		a.t.Fatalf("the app asks since %q", next)
	}
	return next
}

// openRoom joins, reads the history and waits for what is new.
func (a iphone) openRoom(token string) {
	a.t.Helper()
	joined := a.ask("POST", talk4+"/room/"+token+"/participants/active").data().has(iosRoom)
	if joined.get("token").text() != token || joined.get("sessionId").text() == "0" {
		a.t.Fatalf("the app joined %s", joined.raw)
	}
	history := a.ask("GET", talk1+"/chat/"+token, query("lookIntoFuture", "0", "limit", "100", "timeout", "0", "lastCommonReadId", "0", "setReadMarker", "0", "includeLastKnown", "1", "threadId", "0"))
	messages := history.data().each(iosMessage)
	history.head("X-Chat-Last-Given")
	history.head("X-Chat-Last-Common-Read")
	last := fmt.Sprint(messages[0].get("id").number())
	ask := []string{"lookIntoFuture", "1", "limit", "100", "timeout", "0", "lastKnownMessageId", last, "setReadMarker", "1", "markNotificationsAsRead", "1", "threadId", "0"}
	if r := a.ask("GET", talk1+"/chat/"+token, query(ask...)).status(http.StatusNotModified); len(r.Reply.Body) > 0 {
		a.t.Fatalf("nothing is new, and there is %s", r.raw)
	}
	a.ask("POST", talk1+"/chat/"+token, form("message", "from a phone", "referenceId", strings.Repeat("0f", 32), "silent", "0")).status(http.StatusCreated)
	news := a.ask("GET", talk1+"/chat/"+token, query(ask...))
	got := news.data().each(iosMessage)
	if len(got) != 1 || news.head("X-Chat-Last-Given") != fmt.Sprint(got[0].get("id").number()) {
		a.t.Fatalf("after it spoke, the app reads %s", news.raw)
	}
	id := got[0].get("id").number()
	a.ask("POST", fmt.Sprintf("%s/reaction/%s/%d", talk1, token, id), form("reaction", "👍")).status(http.StatusCreated).data().is(object)
	a.ask("DELETE", fmt.Sprintf("%s/reaction/%s/%d", talk1, token, id), query("reaction", "👍")).status(http.StatusOK)
	a.list(talk1+"/chat/"+token+"/mentions", query("limit", "20", "search", "", "includeStatus", "1"))
	for _, one := range a.list(talk4+"/room/"+token+"/participants", query("includeStatus", "true")) {
		one.has(iosParticipant).get("sessionIds").texts()
	}
}

// call joins a call, asks who is in it, mutes itself and leaves.
func (a iphone) call(token string) {
	a.t.Helper()
	call := talk4 + "/call/" + token
	a.ask("POST", call, form("flags", "7", "silent", "0", "recordingConsent", "0")).status(http.StatusOK)
	peers := a.list(call)
	if len(peers) != 1 {
		a.t.Fatalf("there are %d in the call", len(peers))
	}
	peers[0].has(fields(text, "actorId actorType displayName sessionId token").and(fields(integer, "lastPing")))
	own := pick(a.list(talk3+"/signaling/"+token), "type", "usersInRoom").get("data").each(fields(text, "sessionId userId").and(fields(integer, "inCall")))
	if len(own) != 1 || own[0].get("inCall").number() != 7 {
		a.t.Fatalf("%v are in the call", own)
	}
	a.ask("PUT", call, form("flags", "3")).status(http.StatusOK)
	a.ask("DELETE", call, query("all", "0")).status(http.StatusOK)
	// Who has left a call by mistake joins anew; a call by somebody who has no session is 404.
	a.ask("DELETE", talk4+"/room/"+token+"/participants/active").status(http.StatusOK)
	a.ask("POST", call, form("flags", "7", "silent", "1", "recordingConsent", "0", "silentFor[]", "bob")).status(http.StatusNotFound)
	a.ask("POST", talk4+"/room/"+token+"/participants/active").data().has(iosRoom)
	a.ask("POST", call, form("flags", "7", "silent", "1", "recordingConsent", "0", "silentFor[]", "bob")).status(http.StatusOK)
	a.ask("DELETE", call, query("all", "1")).status(http.StatusOK)
}

// changeSettings are the switches of a conversation, as forms with 1 and 0.
func (a iphone) changeSettings(token string) {
	a.t.Helper()
	room := talk4 + "/room/" + token
	for _, on := range []string{"important", "sensitive"} {
		a.ask("POST", room+"/"+on).data().has(iosRoom)
		a.ask("DELETE", room+"/"+on).data().has(iosRoom)
	}
	for _, c := range []struct{ method, path, name, text string }{
		{"POST", "/favorite", "", ""}, {"DELETE", "/favorite", "", ""}, {"POST", "/archive", "", ""}, {"DELETE", "/archive", "", ""},
		{"POST", "/notify", "level", "1"}, {"POST", "/notify-calls", "level", "0"}, {"PUT", "/read-only", "state", "0"}, {"PUT", "/listable", "scope", "1"},
		{"PUT", "", "roomName", "Plans of ours"}, {"PUT", "/description", "description", "x"}, {"PUT", "/webinar/lobby", "state", "0"},
		{"PUT", "/mention-permissions", "mentionPermissions", "1"}, {"POST", "/message-expiration", "seconds", "0"}, {"PUT", "/password", "password", ""},
		{"DELETE", "/public", "", ""}, {"POST", "/public", "", ""},
	} {
		body := form()
		if c.name != "" {
			body = form(c.name, c.text)
		}
		a.ask(c.method, room+c.path, body).status(http.StatusOK)
	}
	a.ask("POST", talk1+"/settings/user", form("key", "read_status_privacy", "value", "1")).status(http.StatusOK)
	a.ask("GET", talk1+"/room/"+token+"/avatar").status(http.StatusOK)
	a.list(talk1 + "/ban/" + token)
	a.list(talk4+"/listed-room", query("searchTerm", ""))
	a.ask("GET", talk4+"/room/note-to-self").data().has(iosRoom)
}

// make begins conversations.
func (a iphone) make(other string) {
	a.t.Helper()
	found := a.list(ocsV2+"/core/autocomplete/get", query("format", "json", "search", "", "limit", "50", "itemType", "call", "itemId", "new",
		"shareTypes[]", "0", "shareTypes[]", "1", "shareTypes[]", "4"))
	if len(found) == 0 {
		a.t.Fatal("nobody is found without a name")
	}
	pick(found, "id", other).has(fields(text, "id label source"))
	two := a.ask("POST", talk4+"/room", form("roomType", "1", "invite", other)).status(http.StatusOK, http.StatusCreated).data().has(iosRoom)
	if two.get("name").text() != other {
		a.t.Fatalf("the picture is looked for under %s", two.get("name").raw)
	}
	nobody := a.ask("POST", talk4+"/room", form("roomType", "1", "invite", "nobody-of-this-name")).status(http.StatusNotFound)
	if why := nobody.get("ocs", "data", "error").text(); why != "invite" {
		a.t.Fatalf("nobody is there, and the error is %q", why)
	}
	a.ask("POST", talk4+"/room", form("roomType", "2", "roomName", "By a phone")).status(http.StatusCreated).data().has(iosRoom)
}
