package conversation_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"parley/internal/talktest"
)

// Whatever a client sends by mistake or in malice is its failure: the answer is 4xx
// with an envelope, and nobody comes, goes or becomes anything by it.

// hostile is a request that nobody means.
type hostile struct {
	name   string
	change func(*http.Request)
	status int
	// data is the whole data of v4.
	data string
}

func inJSON(text string) func(*http.Request) { return talktest.Body("application/json", text) }

func inForm(text string) func(*http.Request) {
	return talktest.Body("application/x-www-form-urlencoded", text)
}

func queried(query string) func(*http.Request) {
	return func(r *http.Request) { r.URL.RawQuery = query }
}

// brokenRequests cannot be read, whatever the endpoint.
func brokenRequests() []hostile {
	const noBody, noQuery = `{"error":"body"}`, `{"error":"query"}`
	return []hostile{
		{"half an object", inJSON(`{"attendeeId":`), 400, noBody},
		{"two objects", inJSON(`{}{}`), 400, noBody},
		{"no JSON", inJSON(`<xml/>`), 400, noBody},
		{"broken UTF-8", inJSON("{\"displayName\":\"\xff\xfe\"}"), 400, noBody},
		{"deep JSON", inJSON(`{"a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`), 400, noBody},
		{"many names", inForm(manyNames(1001)), 400, noBody},
		{"broken form", inForm("attendeeId=%zz"), 400, noBody},
		{"deep form", inForm("a" + strings.Repeat("[b]", 1000) + "=1"), 400, noBody},
		{"broken query", queried("attendeeId=%zz"), 400, noQuery},
		{"huge body", inJSON(`{"a":"` + strings.Repeat("a", 1<<20) + `"}`), 413, "[]"},
	}
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("&a" + strings.Repeat("b", i))
	}
	return b.String()
}

func TestBrokenRequestsChangeNothing(t *testing.T) {
	s := newStage(t, 4, false)
	s.client(guest)
	broken := brokenRequests()
	for _, topic := range topics() {
		if topic.name == "remove self" || topic.name == "leave" || topic.name == "PIN" {
			continue // they have no parameters, and read nothing
		}
		s.version = topic.cases[0].versions[0]
		client := s.client(moderator)
		if topic.name == "guest name" {
			client = s.client(guest)
		}
		before := s.snapshot()
		for _, h := range broken {
			reply := s.ask(client, topic.endpoint, nil, h.change)
			want := topic.data(&apiCase{status: h.status, want: h.data}, s.version)
			if reply.Status != h.status || string(reply.Data) != want || reply.Meta.Status != "failure" {
				t.Errorf("%s, %s: %d %s, want %d %s", topic.name, h.name, reply.Status, reply.Body, h.status, want)
			}
		}
		s.same(before)
	}
}

// badValue is a value that an endpoint cannot take.
type badValue struct {
	topic  topic
	by     role
	body   string
	status int
	reason string
}

func badValues() []badValue {
	long := strings.Repeat("a", 100_000)
	return []badValue{
		{addTopic(), moderator, `{}`, 400, "newParticipant"},
		{addTopic(), moderator, `[]`, 400, "newParticipant"},
		{addTopic(), moderator, `{"newParticipant":null}`, 400, "newParticipant"},
		{addTopic(), moderator, `{"newParticipant":["erin"]}`, 400, "newParticipant"},
		{addTopic(), moderator, `{"newParticipant":{"id":"erin"}}`, 400, "newParticipant"},
		{addTopic(), moderator, `{"newParticipant":5}`, 400, "newParticipant"},
		{addTopic(), moderator, `{"newParticipant":"erin\u0000"}`, 400, "newParticipant"},
		{addTopic(), moderator, `{"newParticipant":"erin","source":{}}`, 400, "source"},
		{addTopic(), moderator, `{"newParticipant":"erin","source":"users\u0000"}`, 400, "source"},
		{addTopic(), moderator, `{"newParticipant":"erin","source":"` + long + `"}`, 400, "source"},
		{addTopic(), moderator, `{"newParticipant":"` + long + `"}`, 404, "new-participant"},
		{addTopic(), moderator, `{"newParticipant":"` + long + `","source":"groups"}`, 404, "new-participant"},
		{addTopic(), moderator, `{"newParticipant":"` + long + `","source":"circles"}`, 404, "new-participant"},
		{addTopic(), moderator, `{"newParticipant":"` + long + `@example.com","source":"emails"}`, 400, "new-participant"},
		{addTopic(), moderator, `{"newParticipant":"a@example.com\r\nBcc: b@example.com","source":"emails"}`, 400, "new-participant"},
		{addTopic(), moderator, `{"newParticipant":"' OR 1=1 --"}`, 404, "new-participant"},
		{removeAttendeeTopic(), moderator, `{"attendeeId":"carol"}`, 404, "participant"},
		{removeAttendeeTopic(), moderator, `{"attendeeId":-1}`, 404, "participant"},
		{removeAttendeeTopic(), moderator, `{"attendeeId":1e400}`, 404, "participant"},
		{removeAttendeeTopic(), moderator, `{"attendeeId":99999999999999999999}`, 404, "participant"},
		{removeAttendeeTopic(), moderator, `{"attendeeId":[]}`, 404, "participant"},
		{removeUserTopic(), moderator, `{"participant":["carol"]}`, 400, ""},
		{removeUserTopic(), moderator, `{"participant":"carol\u0000"}`, 400, ""},
		{removeUserTopic(), moderator, `{"participant":"` + long + `"}`, 404, ""},
		{removeGuestTopic(), moderator, `{}`, 400, ""},
		{removeGuestTopic(), moderator, `{"participant":true}`, 400, ""},
		{removeGuestTopic(), moderator, `{"participant":""}`, 404, ""},
		{removeGuestTopic(), moderator, `{"participant":"` + long + `"}`, 404, ""},
		{joinTopic(), stranger, `{"password":["open sesame"]}`, 400, ""},
		{joinTopic(), stranger, `{"password":"open sesame\u0000"}`, 400, ""},
		{joinTopic(), stranger, `{"password":"` + long + `"}`, 403, ""},
		{joinTopic(), stranger, `{"password":null}`, 403, ""},
		{stateTopic(), moderator, `{}`, 400, "state"},
		{resendTopic(), moderator, `{"attendeeId":"x"}`, 404, ""},
		{resendTopic(), moderator, `{"attendeeId":-9223372036854775809}`, 404, ""},
		{promoteTopic(), moderator, `{"participant":["carol"]}`, 400, ""},
		{promoteTopic(), moderator, `{"sessionId":"\u0000"}`, 400, ""},
		{promoteTopic(), moderator, `{"participant":"` + long + `"}`, 404, ""},
		{demoteTopic(), moderator, `{"participant":{}}`, 400, ""},
		{demoteTopic(), moderator, `{"sessionId":"0"}`, 404, ""},
		{demoteTopic(), moderator, `{"sessionId":""}`, 404, ""},
		{permissionsTopic(), moderator, `{"attendeeId":1,"mode":["set"],"permissions":4}`, 400, "method"},
		{permissionsTopic(), moderator, `{"attendeeId":1,"mode":"set"}`, 400, "permissions"},
		{permissionsTopic(), moderator, `{"attendeeId":-1,"mode":"set","permissions":4}`, 404, "participant"},
		{allPermissionsTopic(), moderator, `{"mode":"set","permissions":99999999999999999999}`, 400, "value"},
		{allPermissionsTopic(), moderator, `{"mode":"set\u0000","permissions":4}`, 400, "method"},
		{guestNameTopic(), guest, `{"displayName":["Gu"]}`, 400, "displayName"},
		{guestNameTopic(), guest, `{"displayName":"G\u0000u"}`, 400, "displayName"},
		{guestNameTopic(), guest, `{"displayName":"` + long + `"}`, 400, "displayName"},
	}
}

func TestBadValuesChangeNothing(t *testing.T) {
	s := newStage(t, 4, false)
	s.client(guest)
	withPassword(s)
	before := s.snapshot()
	for _, b := range badValues() {
		s.version = b.topic.cases[0].versions[0]
		if b.reason != "" {
			versions := b.topic.cases[0].versions
			s.version = versions[len(versions)-1]
		}
		reply := s.ask(s.client(b.by), b.topic.endpoint, nil, inJSON(b.body))
		if reply.Status != b.status || reply.Meta.Status != "failure" {
			t.Errorf("%s %.60s: %d %.200s, want %d", b.topic.name, b.body, reply.Status, reply.Body, b.status)
		}
		if b.reason != "" && string(reply.Data) != `{"error":"`+b.reason+`"}` {
			t.Errorf("%s %.60s: %s, want the error %s", b.topic.name, b.body, reply.Data, b.reason)
		}
		if after := s.snapshot(); after != before {
			t.Fatalf("%s %.60s changed the conversation", b.topic.name, b.body)
		}
	}
}

// hostileHeaders pretend to be somebody.
func hostileHeaders() map[string]string {
	basic := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	return map[string]string{
		"Authorization: no base64":      "Basic %%%",
		"Authorization: no colon":       basic("alice"),
		"Authorization: wrong password": basic("alice:wrong"),
		"Authorization: nobody":         basic("nobody:wrong"),
		"Authorization: NUL":            basic("alice\x00:alice-password"),
		"Authorization: no UTF-8":       basic("\xff\xfe:\xff"),
		"Authorization: long":           basic(strings.Repeat("a", 4000) + ":" + strings.Repeat("b", 4000)),
		"Authorization: bearer":         "Bearer ' OR 1=1 --",
		"Authorization: another scheme": "Negotiate abcd",
		"Cookie: garbage":               ";;;=;\xff\xfe=\"",
		"Cookie: session":               "parley=../../etc/passwd; oc_sessionPassphrase=x; nc_session=' OR 1=1 --",
		"Cookie: long":                  "parley=" + strings.Repeat("a", 4000),
	}
}

func TestHostileHeadersOpenNothing(t *testing.T) {
	s := newStage(t, 4, false)
	private(s)
	before := s.snapshot()
	for _, topic := range topics() {
		s.version = topic.cases[0].versions[0]
		for name, value := range hostileHeaders() {
			header, _, _ := strings.Cut(name, ":")
			reply := s.ask(s.srv.Anonymous(), topic.endpoint, talktest.P{
				"attendeeId": 1, "participant": "carol", "newParticipant": "erin", "mode": "set", "permissions": 4, "displayName": "x", "state": 0,
			}, talktest.Header(header, value))
			if reply.Status != 401 && reply.Status != 404 || reply.Meta.Status != "failure" || string(reply.Data) != "[]" && string(reply.Data) != "null" {
				t.Errorf("%s, %s: %d %.200s", topic.name, name, reply.Status, reply.Body)
			}
		}
	}
	s.same(before)
}

func TestHostilePathsLeadNowhere(t *testing.T) {
	s := newStage(t, 4, false)
	s.pin = "%00"
	before := s.snapshot()
	for _, token := range []string{
		"%00", "%ff%fe", "..%2f..", "%2e%2e", "'%20OR%201=1--", s.token + "%00", s.token + "%20", strings.ToUpper(s.token), "%F0%9F%98%80", strings.Repeat("a", 4000),
	} {
		s.token = token
		for _, topic := range topics() {
			s.version = topic.cases[0].versions[0]
			reply := s.ask(s.srv.As(string(owner)), topic.endpoint, talktest.P{"newParticipant": "erin", "attendeeId": 1, "participant": "carol", "state": 0})
			if reply.Status != 404 || reply.Meta.Status != "failure" {
				t.Errorf("%s of %.40q: %d %.200s", topic.name, token, reply.Status, reply.Body)
			}
		}
	}
	s.same(before)
}
