package imitations_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"parley/internal/talktest"
)

// What the pages read.
var (
	webParticipant = fields(text, "actorType actorId displayName").and(fields(integer, "attendeeId participantType inCall permissions attendeePermissions lastPing")).
			and(fields(array, "sessionIds"))
	webMessage = fields(text, "token actorType actorId actorDisplayName message systemMessage messageType referenceId").
			and(fields(integer, "id timestamp")).and(fields(boolean, "isReplyable markdown")).and(fields(object, "reactions"))
)

// page is the front end in a browser: cookies, a token of the page, and bodies of JSON.
type page struct{ *app }

// send sends a request that changes something; with a token that is too old it gets another one.
func (p page) send(method, path string, changes ...change) answer {
	p.t.Helper()
	if r := p.ask(method, path, changes...); r.Status != http.StatusPreconditionFailed {
		return r
	}
	p.headers["requesttoken"] = p.ask("GET", "/csrftoken").status(http.StatusOK).get("token").text()
	return p.ask(method, path, changes...)
}

func newPage(t testing.TB, s *talktest.Server) page {
	return page{newApp(t, s, map[string]string{"Accept": "application/json, text/plain, */*", "X-Requested-With": "XMLHttpRequest", "requesttoken": "of-yesterday"})}
}

// TestWeb is the front end of somebody who logged in by a form.
func TestWeb(t *testing.T) {
	both(t, func(t *testing.T, s *talktest.Server, token string) {
		p := newPage(t, s)
		b := &browser{app: &app{Client: p.Client, t: t, server: s, headers: map[string]string{"Accept": "text/html"}}}
		b.page = b.ask("GET", "/login")
		b.submit("user", "alice", "password", talktest.PasswordOf("alice"))
		stale := p.ask("POST", talk4+"/room/"+token+"/participants/active", asJSON(`{"force":false}`)).status(http.StatusPreconditionFailed)
		var why struct{ Message string }
		if json.Unmarshal(stale.raw, &why) != nil || why.Message != "CSRF check failed" {
			t.Fatalf("the page does not see why: %s", stale.raw)
		}
		for range 2 {
			p.ask("PROPFIND", "/remote.php/dav/").status(http.StatusNotFound)
		}
		session := p.join(token)
		p.ask("GET", ocsV2+"/apps/dav/api/v1/events/upcoming", query("location", s.URL+"/call/"+token)).status(http.StatusNotFound)
		p.ask("GET", ocsV2+"/apps/files/api/v1/templates").status(http.StatusNotFound)
		p.startUp(token, session, true)
		people := p.ask("GET", talk4+"/room/"+token+"/participants", query("includeStatus", "true"))
		people.head("X-Nextcloud-Has-User-Statuses")
		people.data().each(webParticipant)
		p.talk(token, true)
		p.call(token, session)
	})
}

// TestWebGuest is the front end of somebody who has only the address of the conversation.
func TestWebGuest(t *testing.T) {
	both(t, func(t *testing.T, s *talktest.Server, token string) {
		p := newPage(t, s)
		session := p.join(token)
		p.startUp(token, session, false)
		p.send("POST", talk1+"/guest/"+token+"/name", asJSON(`{"displayName":"Gus"}`)).status(http.StatusOK)
		// Guests do not see who is there, and the page goes on without the list.
		p.ask("GET", talk4+"/room/"+token+"/participants", query("includeStatus", "true")).status(http.StatusForbidden)
		p.talk(token, false)
		p.call(token, session)
	})
}

func (p page) join(token string) string {
	p.t.Helper()
	return p.send("POST", talk4+"/room/"+token+"/participants/active", asJSON(`{"force":false}`)).data().has(iosRoom).get("sessionId").text()
}

// startUp is what the page asks before it shows the conversation.
func (p page) startUp(token, session string, member bool) {
	p.t.Helper()
	room := p.ask("GET", talk4+"/room/"+token)
	room.head("X-Nextcloud-Talk-Hash")
	read := room.data().has(iosRoom).get("lastReadMessage").number()
	around := p.ask("GET", fmt.Sprintf("%s/chat/%s/%d/context", talk1, token, max(read, 1)), query("limit", "50")).status(http.StatusOK, http.StatusNotModified)
	if around.Status == http.StatusOK {
		around.data().each(webMessage)
	}
	settings := p.ask("GET", talk3+"/signaling/settings", query("token", token)).data()
	settings.get("helloAuthParams", "2.0").is(object, text)
	settings.has(fields(text, "signalingMode server ticket").and(fields(array, "stunservers turnservers")))
	if member {
		list := p.ask("GET", talk4+"/room", query("modifiedSince", "0", "includeStatus", "1", "includeLastMessage", "1"))
		list.head("X-Nextcloud-Talk-Hash")
		pick(list.data().each(iosRoom), "token", token)
	}
	p.pull(token, session)
}

// pull waits for signaling; the page fails when it does not find itself in the answer.
func (p page) pull(token, session string) value {
	p.t.Helper()
	told := p.ask("GET", talk3+"/signaling/"+token).data().list()
	everybody := pick(told, "type", "usersInRoom").get("data").each(fields(text, "userId sessionId actorType actorId").and(fields(integer, "roomId lastPing inCall participantPermissions")))
	return pick(everybody, "sessionId", session)
}

// talk says something and waits for it, from where the last answer ended.
func (p page) talk(token string, member bool) {
	p.t.Helper()
	chat := talk1 + "/chat/" + token
	history := p.ask("GET", chat, query("lookIntoFuture", "0", "limit", "100", "includeLastKnown", "1"))
	last := fmt.Sprint(history.data().each(webMessage)[0].get("id").number())
	history.head("X-Chat-Last-Given")
	said := p.send("POST", chat, asJSON(`{"message":"from a page","actorDisplayName":"","referenceId":"%064d","silent":false}`, 1)).status(http.StatusCreated).data().has(webMessage)
	// What guests have read is not kept; the page tells the server all the same.
	marked := p.send("POST", chat+"/read", asJSON(`{"lastReadMessage":%d}`, said.get("id").number()))
	if member {
		marked.data().has(iosRoom)
	} else {
		marked.status(http.StatusNotFound)
	}
	news := p.ask("GET", chat, query("lookIntoFuture", "1", "limit", "100", "includeLastKnown", "0", "lastKnownMessageId", last, "markNotificationsAsRead", "0", "setReadMarker", "0"))
	news.data().each(webMessage)
	next := news.head("X-Chat-Last-Given")
	p.ask("GET", chat, query("lookIntoFuture", "1", "timeout", "0", "lastKnownMessageId", next, "markNotificationsAsRead", "0", "setReadMarker", "0")).status(http.StatusNotModified)
}

// call joins a call, changes what it sends, and ends it for all by the body of a DELETE.
func (p page) call(token, session string) {
	p.t.Helper()
	call := talk4 + "/call/" + token
	p.send("POST", call, asJSON(`{"flags":7,"silent":false,"recordingConsent":false,"silentFor":[]}`)).status(http.StatusOK)
	if own := p.pull(token, session); own.get("inCall").number() != 7 {
		p.t.Fatalf("the page finds itself as %s", own.raw)
	}
	p.send("POST", talk3+"/signaling/"+token, asJSON(`{"messages":"[{\"ev\":\"connect\"}]"}`)).data()
	p.send("PUT", call, asJSON(`{"flags":3}`)).status(http.StatusOK)
	p.send("DELETE", call, asJSON(`{"all":true}`)).status(http.StatusOK)
	p.send("DELETE", talk4+"/room/"+token+"/participants/active").status(http.StatusOK)
}
