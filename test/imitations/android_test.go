package imitations_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"parley/internal/talktest"
)

// What the Android app reads. Its reader takes a field that is missing for its default, and fails
// the whole answer for null where it wants a string.
var (
	androidRoom = fields(text, "token").and(fields(text+"?", "name displayName description sessionId actorId actorType objectId avatarVersion objectType")).
			and(fields(object+"?", "lastMessage"))
	androidMessage = fields(text, "systemMessage message actorType actorId").and(fields(text+"?", "actorDisplayName token messageType referenceId")).
			and(fields(integer, "id timestamp")).and(fields(object+"?", "parent reactions")).and(fields(array+"?", "reactionsSelf"))
	androidParticipant = fields(text, "actorType actorId displayName").and(fields(array, "sessionIds")).
				and(fields(integer, "attendeeId participantType inCall lastPing"))
)

// androidPhone is the app on one phone.
type androidPhone struct{ *app }

func newAndroid(t testing.TB, s *talktest.Server) androidPhone {
	return androidPhone{newApp(t, s, map[string]string{
		"User-Agent": "Mozilla/5.0 (Android) Nextcloud-Talk v22.0.0", "Accept": "application/json", "OCS-APIRequest": "true", "ngrok-skip-browser-warning": "true",
	})}
}

// TestAndroid is a day of the Android app, from the address of the server to the end of a call.
func TestAndroid(t *testing.T) {
	both(t, func(t *testing.T, s *talktest.Server, token string) {
		a := newAndroid(t, s)
		a.checkServer()
		a.checkCapabilities()
		a.logIn("bob")
		a.setUp("bob")
		a.registerForPush()
		a.get(talk3 + "/signaling/settings").data().has(keys{"server": text, "ticket": text})
		a.seeRooms(token)
		a.openRoom(token)
		a.call(token)
		a.talkTo("carol")
		a.logOut()
	})
}

func (a androidPhone) get(path string, changes ...change) answer {
	a.t.Helper()
	return a.ask("GET", path, changes...)
}

// checkServer reads what the app asks before anything else.
func (a androidPhone) checkServer() {
	a.t.Helper()
	status := a.get("/status.php").status(http.StatusOK).has(keys{"installed": boolean, "maintenance": boolean, "upgrade": boolean + "?", "version": text})
	major, _, dot := strings.Cut(status.get("version").text(), ".")
	if n, err := strconv.Atoi(major); !dot || err != nil || n < 13 {
		a.t.Fatalf("the version is %s", status.get("version").raw)
	}
	for field, want := range map[string]string{"installed": "true", "maintenance": "false"} {
		if got := string(status.get(field).raw); got != want {
			a.t.Fatalf("%s is %s", field, got)
		}
	}
	if upgrade := status.get("upgrade"); string(upgrade.raw) == "true" {
		a.t.Fatal("the server says that it is being upgraded")
	}
}

// checkCapabilities reads what the server can as the typed reader of the app does, and chooses the
// versions of the API.
func (a androidPhone) checkCapabilities() {
	a.t.Helper()
	data := a.get(ocsV2 + "/cloud/capabilities").data()
	if major := data.get("version", "major").number(); major < 26 {
		a.t.Fatalf("the server is of version %d, which is too old", major)
	}
	spreed := data.get("capabilities", "spreed")
	spreed.has(keys{"version": text, "features-local": array + "?", "config-local": object + "?"})
	has := map[string]bool{}
	for _, feature := range spreed.get("features").texts() {
		has[feature] = true
	}
	for _, must := range []string{"conversation-v4", "chat-v2", "signaling-v3"} {
		if !has[must] {
			a.t.Fatalf("the server does not have %s", must)
		}
	}
	for _, groups := range []string{"config", "config-local"} {
		if spreed.get(groups).is(object, none); kindOf(spreed.get(groups).raw) == none {
			continue
		}
		for name, group := range spreed.get(groups).members() {
			if kindOf(group.raw) != object && groups == "config" {
				a.t.Fatalf("the settings %s are %s", name, group.raw)
			}
		}
	}
	others := data.get("capabilities")
	for _, list := range []string{"push", "ocs-endpoints"} {
		if kindOf(others.get("notifications").raw) == object {
			others.get("notifications", list).texts()
		}
	}
	// Whoever is not logged in does not see all groups.
	if core := others.get("core").is(object, none); kindOf(core.raw) == object {
		core.get("reference-api").is(boolean, text, none)
	}
	if status := others.get("user_status").is(object, none); kindOf(status.raw) == object || a.User != "" {
		status.has(fields(boolean, "enabled").and(fields(boolean+"?", "restore supports_emoji")))
	}
}

// logIn asks for a password of its own, sends somebody to a browser, and polls meanwhile.
func (a androidPhone) logIn(user string) {
	a.t.Helper()
	agent := header("User-Agent", "Mozilla/5.0 (Android) Nextcloud Talk v22.0.0")
	flow := a.ask("POST", "/index.php/login/v2", agent, header("Clear-Site-Data", "cookies"), form()).status(http.StatusOK)
	poll, endpoint := flow.get("poll", "token").text(), flow.get("poll", "endpoint").text()
	if !strings.HasPrefix(endpoint, a.server.URL+"/") || !strings.HasPrefix(flow.get("login").text(), a.server.URL+"/") {
		a.t.Fatalf("the app is sent away: %s", flow.raw)
	}
	for range 3 {
		a.ask("POST", endpoint, agent, form("token", poll)).status(http.StatusNotFound)
	}
	letIn(a.app, flow.get("login").text(), user)
	in := a.ask("POST", endpoint, agent, form("token", poll)).status(http.StatusOK)
	if in.get("server").text() != a.server.URL {
		a.t.Fatalf("the server is %s", in.get("server").raw)
	}
	a.as(in.get("loginName").text(), in.get("appPassword").text())
}

// setUp reads who the person is, and again what the server can.
func (a androidPhone) setUp(user string) {
	a.t.Helper()
	a.checkCapabilities()
	me := a.get(ocsV2 + "/cloud/user").data()
	if me.get("id").text() != user || me.get("display-name").text()+me.get("displayname").text() == "" {
		a.t.Fatalf("the person is %s", me.raw)
	}
	a.checkCapabilities()
}

// seeRooms reads the list of conversations; that of two has the other one's id as its name.
func (a androidPhone) seeRooms(token string) {
	a.t.Helper()
	rooms := a.get(talk4+"/room", query("includeStatus", "true")).data().each(androidRoom)
	if len(rooms) == 0 {
		a.t.Fatal("the list is empty")
	}
	if room := pick(rooms, "token", token); room.get("sessionId").text() != "0" {
		a.t.Fatalf("nobody is there, and the session is %s", room.get("sessionId").raw)
	}
	for _, room := range rooms {
		if last := room.get("lastMessage"); kindOf(last.raw) != none {
			last.has(androidMessage)
		}
	}
}

// openRoom joins, reads the history backwards and waits for what is new.
func (a androidPhone) openRoom(token string) {
	a.t.Helper()
	a.get(talk4 + "/room/" + token).data().has(androidRoom)
	joined := a.ask("POST", talk4+"/room/"+token+"/participants/active", form("password", "")).data().has(androidRoom)
	if session := joined.get("sessionId").text(); session == "0" {
		a.t.Fatal("there is no session")
	}
	history := a.get(talk1+"/chat/"+token, query("lookIntoFuture", "0", "limit", "100", "timeout", "0", "includeLastKnown", "1", "setReadMarker", "1"))
	history.head("X-Chat-Last-Common-Read")
	messages := history.data().each(androidMessage)
	for _, one := range messages {
		a.parameters(one)
	}
	last := messages[0].get("id").number()
	a.get(talk1+"/chat/"+token, query("lookIntoFuture", "1", "limit", "100", "timeout", "0", "setReadMarker", "1", "lastKnownMessageId", fmt.Sprint(last))).
		status(http.StatusNotModified)
	said := a.ask("POST", talk1+"/chat/"+token, form("message", "hello", "actorDisplayName", "", "replyTo", "0", "silent", "false", "referenceId", strings.Repeat("ab", 32)))
	if said.status(http.StatusCreated).data().has(androidMessage).get("referenceId").text() != strings.Repeat("ab", 32) {
		a.t.Fatalf("the app does not find what it said: %s", said.raw)
	}
	news := a.get(talk1+"/chat/"+token, query("lookIntoFuture", "1", "limit", "100", "timeout", "30", "setReadMarker", "1", "lastKnownMessageId", fmt.Sprint(last)))
	if got := news.data().each(androidMessage); len(got) != 1 || got[0].get("systemMessage").is(text).str() != "" {
		a.t.Fatalf("the app waits for what was said, and gets %s", news.raw)
	}
	people := a.get(talk4+"/room/"+token+"/participants", query("includeStatus", "true")).data().each(androidParticipant)
	for _, one := range people {
		one.get("sessionIds").texts()
	}
	a.ask("POST", talk1+"/chat/"+token+"/read", form()).status(http.StatusOK)
}

// str returns a string that may be empty.
func (v value) str() string {
	v.t.Helper()
	return decode[string](v.is(text))
}

// parameters reads those of a message: objects whose values are no objects, or an empty list.
func (a androidPhone) parameters(message value) {
	a.t.Helper()
	all := message.get("messageParameters").is(object, array)
	if kindOf(all.raw) == array {
		if len(all.list()) > 0 {
			a.t.Fatalf("%s is a list", all.where)
		}
		return
	}
	for _, one := range all.members() {
		for _, part := range one.members() {
			part.is(text, integer, boolean, real)
		}
	}
}

// call joins a call, in the order of the app, asks who else is there, and ends it.
func (a androidPhone) call(token string) {
	a.t.Helper()
	settings := a.get(talk3+"/signaling/settings", query("token", token)).data()
	settings.has(keys{"server": text, "ticket": text, "signalingMode": text, "stunservers": array, "turnservers": array})
	for _, one := range settings.get("stunservers").list() {
		one.get("urls").texts()
	}
	a.checkCapabilities()
	a.ask("POST", talk4+"/call/"+token, form("flags", "7", "silent", "false", "recordingConsent", "false")).status(http.StatusOK)
	if started := a.get(talk4 + "/room/" + token).data().has(androidRoom).get("callStartTime").number(); started == 0 {
		a.t.Fatal("the call has not started")
	}
	pulled := a.get(talk3 + "/signaling/" + token).data().each(keys{"type": text})
	pick(pulled, "type", "usersInRoom").get("data").each(fields(text, "userId sessionId").and(fields(integer, "inCall lastPing")))
	a.ask("DELETE", talk4+"/call/"+token, query("all", "true")).status(http.StatusOK)
	a.ask("DELETE", talk4+"/room/"+token+"/participants/active").status(http.StatusOK)
}

// talkTo finds somebody and makes a conversation, with all of it in the address.
func (a androidPhone) talkTo(user string) {
	a.t.Helper()
	a.server.As(user)
	found := a.get(ocsV2+"/core/autocomplete/get", query("format", "json", "search", user[:2], "itemType", "call", "itemId", "new", "limit", "50",
		"shareTypes[]", "0", "shareTypes[]", "1", "shareTypes[]", "[0, 1]")).data().each(fields(text, "id label source"))
	pick(found, "id", user)
	room := a.ask("POST", talk4+"/room", query("roomType", "2", "roomName", "By telephone")).status(http.StatusCreated).data().has(androidRoom)
	token := room.get("token").text()
	a.ask("POST", talk4+"/room/"+token+"/participants", query("newParticipant", user, "source", "users")).status(http.StatusOK)
	two := a.ask("POST", talk4+"/room", query("roomType", "1", "invite", user)).status(http.StatusCreated).data().has(androidRoom)
	if two.get("name").text() != user {
		a.t.Fatalf("the picture is looked for under %s", two.get("name").raw)
	}
	people := a.get(talk4+"/room/"+token+"/participants", query("includeStatus", "true")).data().each(androidParticipant)
	id := fmt.Sprint(pick(people, "actorId", user).get("attendeeId").number())
	a.ask("POST", talk4+"/room/"+token+"/moderators", query("attendeeId", id)).status(http.StatusOK)
	a.ask("DELETE", talk4+"/room/"+token+"/moderators", query("attendeeId", id)).status(http.StatusOK)
	a.get(ocsV1 + "/apps/spreed/api/v1/ban/" + token).data().list()
	a.ask("DELETE", talk4+"/room/"+token+"/attendees", query("attendeeId", id)).status(http.StatusOK)
}

// logOut takes the app off the account.
func (a androidPhone) logOut() {
	a.t.Helper()
	a.ask("DELETE", ocsV2+"/apps/notifications/api/v2/webpush").status(http.StatusAccepted)
	a.ask("DELETE", ocsV2+"/core/apppassword").status(http.StatusOK)
	if again := a.Raw("GET", ocsV2+"/cloud/user", header("OCS-APIRequest", "true")); again.Status != http.StatusUnauthorized {
		a.t.Fatalf("the password is good for %d", again.Status)
	}
	// What the app asks when it is logged out, to learn whether it must forget everything.
	a.ask("POST", "/index.php/core/wipe/check", form("token", a.Password)).status(http.StatusNotFound)
}
