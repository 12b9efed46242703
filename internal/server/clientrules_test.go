package server_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/talktest"
)

// These tests are twelve rules for the whole server. Each of them breaks a real client when it is
// broken: an app logs its user out, crashes, or asks without end. New endpoints are new lines.

// request is a request as a client sends it.
type request struct {
	method, path string
	query        url.Values
	// kind is the type of the body, "" for no body.
	kind, body string
}

const (
	asForm = "application/x-www-form-urlencoded"
	asJSON = "application/json"
	talkV1 = "/ocs/v2.php/apps/spreed/api/v1"
	talkV4 = "/ocs/v2.php/apps/spreed/api/v4"
)

// by sends the request as an app does.
func (q request) by(c *talktest.Client) *talktest.Reply {
	change := []func(*http.Request){
		talktest.Header("OCS-APIRequest", "true"), talktest.Header("Accept", asJSON),
		func(r *http.Request) {
			query := r.URL.Query()
			maps.Copy(query, q.query)
			r.URL.RawQuery = query.Encode()
		},
	}
	if q.kind != "" {
		change = append(change, talktest.Body(q.kind, q.body))
	}
	return c.Raw(q.method, q.path, change...).Open()
}

// TestRule01UnknownRouteIsNot401: on 401 apps remove the account, so that whoever is logged in
// never gets one for what the server does not have.
func TestRule01UnknownRouteIsNot401(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	for _, path := range []string{
		"/ocs/v2.php/nothing", "/ocs/v1.php/nothing", "/ocs/v2.php/apps/spreed/api/v9/room", "/ocs/v2.php/apps/spreed/api/v4/nothing",
		talkV1 + "/federation/invitation", talkV1 + "/bot/nothing", talkV1 + "/recording/abcd", talkV1 + "/translation/languages",
		"/ocs/v2.php/core/getapppassword-onetime", "/ocs/v2.php/hovercard/v1/alice", "/ocs/v2.php/profile/alice",
		"/ocs/v2.php/apps/notifications/api/v2/push", "/ocs/v2.php/apps/dav/api/v1/outOfOffice/alice/now", "/ocs/v2.php/references/resolve",
		"/ocs/v2.php/cloud/users/search/by-phone", "/ocs/v2.php/apps/files/api/v1/templates", "/ocs/v2.php/taskprocessing/tasktypes",
		"/remote.php/dav/", "/remote.php/dav/files/alice/Talk/x.png", "/remote.php/webdav/", "/public.php/dav", "/index.php/apps/spreed",
		"/index.php/apps/files", "/apps/theming/css/default.css", "/index.php/settings/user", "/index.php/core/preview?fileId=1",
		"/index.php/login/v2/nothing", "/core/nothing", "/nothing", "/ocs/v2.php/core/nothing", "/ocs/v2.php/cloud/nothing",
		talkV1 + "/bridge/abcd", "/ocs/v2.php/apps/files_sharing/api/v1/shares", "/ocs/v2.php/apps/dav/api/v1/events/upcoming",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PROPFIND", "REPORT", "MKCOL", "HEAD", "OPTIONS", "PATCH"} {
			got := request{method: method, path: path}.by(alice).Status
			if got == http.StatusUnauthorized || got >= http.StatusInternalServerError && got != http.StatusNotImplemented {
				t.Errorf("%s %s: %d", method, path, got)
			}
		}
	}
	alice.Get("/cloud/user").OK()
}

// TestRule02TooOldIsOnlyTheTooOld: on 426 apps show that they are too old and do nothing else.
func TestRule02TooOldIsOnlyTheTooOld(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "A"}).Created().Text("token")
	paths := []string{talkV4 + "/room", talkV4 + "/room/" + token, talkV4 + "/room/" + token + "/participants"}
	for agent, want := range map[string]int{
		"Mozilla/5.0 (Android) Nextcloud-Talk v22.0.0": http.StatusOK, "Mozilla/5.0 (Android) Nextcloud-Talk v15.0.0": http.StatusOK,
		"Mozilla/5.0 (iOS) Nextcloud-Talk v22.0.1": http.StatusOK, "Mozilla/5.0 (Linux) Nextcloud-Talk v2.2.4-beta": http.StatusOK,
		"curl/8.5.0": http.StatusOK, "": http.StatusOK,
		"Mozilla/5.0 (Android) Nextcloud-Talk v14.9.9": http.StatusUpgradeRequired,
		"Mozilla/5.0 (iOS) Nextcloud-Talk v2.0.0":      http.StatusUpgradeRequired,
	} {
		for _, path := range paths {
			alice.Raw("GET", path, talktest.Header("OCS-APIRequest", "true"), talktest.Header("User-Agent", agent)).Expect(want)
		}
		// What comes before the log-in is for all.
		for _, path := range []string{"/status.php", "/ocs/v2.php/cloud/capabilities", "/ocs/v1.php/cloud/capabilities?format=json"} {
			s.Anonymous().Raw("GET", path, talktest.Header("User-Agent", agent)).OK()
		}
		s.Anonymous().Raw("POST", "/index.php/login/v2", talktest.Header("User-Agent", agent)).OK()
	}
}

// TestRule03ParametersFromEverywhere: clients send parameters in the query, a form or JSON, with
// any method, and in two of these at once.
func TestRule03ParametersFromEverywhere(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	s.As("bob")
	s.As("carol")
	s.As("dave")
	room := func(name string) string {
		return alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": name}).Created().Text("token")
	}
	token := room("A")
	query := func(pairs ...string) url.Values {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Add(pairs[i], pairs[i+1])
		}
		return v
	}
	for name, c := range map[string]struct {
		request
		want int
	}{
		"create by query":      {request{"POST", talkV4 + "/room", query("roomType", "2", "roomName", "Q"), "", ""}, http.StatusCreated},
		"create by form":       {request{"POST", talkV4 + "/room", nil, asForm, "roomType=2&roomName=F"}, http.StatusCreated},
		"create by JSON":       {request{"POST", talkV4 + "/room", nil, asJSON, `{"roomType":2,"roomName":"J"}`}, http.StatusCreated},
		"create by two":        {request{"POST", talkV4 + "/room", query("roomType", "2"), asForm, "roomName=T"}, http.StatusCreated},
		"add by query":         {request{"POST", talkV4 + "/room/" + token + "/participants", query("newParticipant", "bob", "source", "users"), "", ""}, http.StatusOK},
		"add by form":          {request{"POST", talkV4 + "/room/" + token + "/participants", nil, asForm, "newParticipant=carol"}, http.StatusOK},
		"add by JSON":          {request{"POST", talkV4 + "/room/" + token + "/participants", nil, asJSON, `{"newParticipant":"dave"}`}, http.StatusOK},
		"say by an empty JSON": {request{"POST", talkV1 + "/chat/" + token, query("message", "hello", "replyTo", "0"), asJSON, ""}, http.StatusCreated},
		"say by form":          {request{"POST", talkV1 + "/chat/" + token, nil, asForm, "message=hello"}, http.StatusCreated},
		"put by query":         {request{"PUT", talkV4 + "/room/" + token + "/description", query("description", "x"), "", ""}, http.StatusOK},
		"put by form":          {request{"PUT", talkV4 + "/room/" + token + "/description", nil, asForm, "description=x"}, http.StatusOK},
		"put by JSON":          {request{"PUT", talkV4 + "/room/" + token + "/description", nil, asJSON, `{"description":"x"}`}, http.StatusOK},
		"join, empty JSON":     {request{"POST", talkV4 + "/room/" + token + "/participants/active", nil, asJSON, ""}, http.StatusOK},
		"join, empty form":     {request{"POST", talkV4 + "/room/" + token + "/participants/active", nil, asForm, "password="}, http.StatusOK},
		"get by a body":        {request{"GET", talkV1 + "/chat/" + token, nil, asJSON, `{"lookIntoFuture":0,"limit":1}`}, http.StatusOK},
		"delete by query":      {request{"DELETE", talkV4 + "/call/" + room("B"), query("all", "false"), "", ""}, http.StatusNotFound},
		"delete by JSON":       {request{"DELETE", talkV4 + "/call/" + room("C"), nil, asJSON, `{"all":true}`}, http.StatusNotFound},
	} {
		if got := c.by(alice); got.Status != c.want {
			t.Errorf("%s: %d, want %d: %s", name, got.Status, c.want, got.Body)
		}
	}
	bob := alice.Get("v4/room/" + token + "/participants").OK().List()
	if len(bob) != 4 {
		t.Errorf("there are %d people", len(bob))
	}
	// The web client ends a call for everybody by the body of a DELETE.
	alice.Post("v4/room/" + token + "/participants/active").OK()
	alice.Post("v4/call/"+token, talktest.P{"flags": 1}).OK()
	request{"DELETE", talkV4 + "/call/" + token, nil, asJSON, `{"all":true}`}.by(alice).OK()
	if alice.Get("v4/room/" + token).OK().Object()["hasCall"] != false {
		t.Error("the call goes on")
	}
}

// TestRule04BooleansAndLists: the same parameter comes as true, 1 or "true", lists as name[].
func TestRule04BooleansAndLists(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	s.As("bob")
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "A"}).Created().Text("token")
	for _, c := range []struct {
		request
		want bool
	}{
		{request{kind: asForm, body: "silent=true"}, true}, {request{kind: asForm, body: "silent=1"}, true},
		{request{kind: asForm, body: "silent=false"}, false}, {request{kind: asForm, body: "silent=0"}, false}, {request{kind: asForm, body: "silent="}, false},
		{request{kind: asJSON, body: `{"silent":true}`}, true}, {request{kind: asJSON, body: `{"silent":1}`}, true},
		{request{kind: asJSON, body: `{"silent":false}`}, false}, {request{kind: asJSON, body: `{"silent":0}`}, false},
		{request{query: url.Values{"silent": {"1"}}}, true}, {request{query: url.Values{"silent": {"0"}}}, false},
	} {
		c.method, c.path = "POST", talkV1+"/chat/"+token
		if c.query == nil {
			c.query = url.Values{}
		}
		c.query.Set("message", "x")
		m := c.by(alice).Created().Object()
		if silent, _ := m["silent"].(bool); silent != c.want {
			t.Errorf("%v %s: silent is %v", c.query, c.body, silent)
		}
	}
	for _, query := range []string{
		"shareTypes[]=0", "shareTypes[]=0&shareTypes[]=1&shareTypes[]=7", "shareTypes[0]=0&shareTypes[1]=1",
		"shareTypes[]=0&shareTypes[]=" + url.QueryEscape("[0, 1, 4, 7]"),
	} {
		found := alice.Raw("GET", "/ocs/v2.php/core/autocomplete/get?format=json&search=b&itemType=call&itemId=new&limit=50&"+query,
			talktest.Header("OCS-APIRequest", "true")).Open().OK().List()
		if len(found) != 1 || found[0].Text("id") != "bob" || found[0].Text("source") != "users" {
			t.Errorf("%s: %v", query, found)
		}
	}
	alice.Post("v4/room/" + token + "/participants/active").OK()
	for _, params := range []talktest.P{{"silent": true}, {"silent": 1}, {"silent": "0", "silentFor": []any{"bob"}}} {
		alice.Post("v4/call/"+token, params).OK()
		alice.Delete("v4/call/"+token, talktest.P{"all": 1}).OK()
	}
	poll := request{"POST", talkV1 + "/poll/" + token, nil, asForm, "question=Q&options[]=a&options[]=b&resultMode=0&maxVotes=1"}.by(alice).Created().Object()
	vote := request{"POST", fmt.Sprintf("%s/poll/%s/%d", talkV1, token, poll.Number("id")), nil, asForm, "optionIds[]=1"}.by(alice).OK().Object()
	if voted := fmt.Sprint(vote["votedSelf"]); voted != "[1]" {
		t.Errorf("the vote is %s", voted)
	}
}

// TestRule05BothEntryPoints: the same routes with both versions of the envelope.
func TestRule05BothEntryPoints(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "A"}).Created().Text("token")
	for path, public := range map[string]bool{
		"/cloud/capabilities": true, "/cloud/user": false, "/apps/spreed/api/v1/ban/" + token: false, "/apps/spreed/api/v4/room": false,
		"/apps/spreed/api/v3/signaling/settings": true, "/apps/user_status/api/v1/user_status/../predefined_statuses": false,
		"/apps/notifications/api/v2/notifications": false,
	} {
		path = strings.ReplaceAll(path, "/user_status/..", "")
		for _, entry := range []struct {
			path string
			code int
		}{{"/ocs/v1.php", 100}, {"/ocs/v2.php", 200}, {"/index.php/ocs/v2.php", 200}} {
			clients := []*talktest.Client{alice}
			if public {
				clients = append(clients, s.Anonymous())
			}
			for _, c := range clients {
				r := c.Raw("GET", entry.path+path+"?format=json", talktest.Header("OCS-APIRequest", "true")).Open().OK()
				if r.Meta.Status != "ok" || r.Meta.StatusCode != entry.code || r.Meta.Message != "OK" {
					t.Errorf("%s%s: %+v", entry.path, path, r.Meta)
				}
			}
		}
	}
	for _, entry := range []string{"/ocs/v1.php", "/ocs/v2.php"} {
		first := s.Anonymous().Raw("GET", entry+"/cloud/capabilities?format=json").OK()
		etag := first.Header.Get("ETag")
		again := s.Anonymous().Raw("GET", entry+"/cloud/capabilities?format=json", talktest.Header("If-None-Match", etag))
		if again.Status != http.StatusNotModified || len(again.Body) > 0 || len(etag) < 10 || again.Header.Get("ETag") != etag {
			t.Errorf("%s: capabilities %d %q, ETag %q", entry, again.Status, again.Body, etag)
		}
		mine := alice.Raw("GET", entry+"/cloud/capabilities?format=json", talktest.Header("If-None-Match", etag)).OK()
		if mine.Header.Get("ETag") == etag {
			t.Errorf("%s: who is logged in sees the same capabilities", entry)
		}
	}
}

// TestRule06DoubledSlashes: they lead to the same route without a redirect, and so does index.php.
func TestRule06DoubledSlashes(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "A"}).Created().Text("token")
	id := alice.Post("v1/chat/"+token, talktest.P{"message": "x"}).Created().Number("id")
	request{method: "DELETE", path: fmt.Sprintf("/ocs/v2.php/apps/spreed/api/v1//chat/%s/%d", token, id)}.by(alice).OK()
	for _, path := range []string{
		"//ocs/v2.php/cloud/user", "/ocs//v2.php/cloud/user", "/ocs/v2.php//cloud//user", "/index.php/ocs/v2.php/cloud/user",
		"/ocs/v2.php/apps/spreed/api/v4//room/" + token, "/ocs/v2.php/apps/spreed/api//v4/room",
	} {
		request{method: "GET", path: path}.by(alice).OK()
	}
	for _, path := range []string{"/login", "/call/" + token, "/avatar/alice/64", "/logout", "/csrftoken"} {
		plain, long := s.Guest().Raw("GET", path), s.Guest().Raw("GET", "/index.php"+path)
		if plain.Status != long.Status || plain.Status == http.StatusNotFound {
			t.Errorf("%s: %d, with index.php %d", path, plain.Status, long.Status)
		}
	}
	for path, want := range map[string]int{
		"/login/v2": http.StatusOK, "/login/v2/poll": http.StatusBadRequest, "/core/wipe/check": http.StatusNotFound, "/core/wipe/success": http.StatusNotFound,
	} {
		for _, prefix := range []string{"", "/index.php"} {
			s.Anonymous().Raw("POST", prefix+path).Expect(want)
		}
	}
}

// fields are those of an object that clients read without looking whether they are there, by kind.
type fields map[string]string

// kinds gives the same kind to many fields.
func kinds(kind, names string) fields {
	out := fields{}
	for name := range strings.FieldsSeq(names) {
		out[name] = kind
	}
	return out
}

// join returns the fields of all.
func join(all ...fields) fields {
	out := fields{}
	for _, f := range all {
		maps.Copy(out, f)
	}
	return out
}

// missingIn returns what is wrong with an object.
func (f fields) missingIn(o talktest.Object) (wrong []string) {
	for name, kind := range f {
		value, there := o[name]
		got := "nothing"
		switch v := value.(type) {
		case string:
			got = "string"
		case bool:
			got = "bool"
		case float64:
			if got = "number"; v == float64(int64(v)) {
				got = "int"
			}
		case []any:
			got = "list"
		case map[string]any:
			got = "object"
		case nil:
			if there {
				got = "null"
			}
		}
		if got != kind {
			wrong = append(wrong, name+" is "+got+", not "+kind)
		}
	}
	slices.Sort(wrong)
	return wrong
}

func roomFields() fields {
	return join(
		kinds("string", "actorId actorType attendeePin avatarVersion description displayName name objectId objectType sessionId token"),
		kinds("int", `attendeeId attendeePermissions breakoutRoomMode breakoutRoomStatus callFlag callPermissions callRecording callStartTime
			defaultPermissions id lastActivity lastCommonReadMessage lastPing lastReadMessage listable lobbyState lobbyTimer mentionPermissions
			messageExpiration notificationCalls notificationLevel participantFlags participantType permissions readOnly recordingConsent sipEnabled
			type unreadMessages`),
		kinds("bool", `canDeleteConversation canEnableSIP canLeaveConversation canStartCall hasCall hasPassword isArchived isCustomAvatar isFavorite
			isImportant isSensitive unreadMention unreadMentionDirect`),
	)
}

func participantFields() fields {
	return join(
		kinds("string", "actorId actorType attendeePin displayName roomToken"), kinds("list", "sessionIds"),
		kinds("int", "attendeeId attendeePermissions inCall lastPing participantType permissions"),
	)
}

func messageFields() fields {
	return join(
		kinds("string", "token actorType actorId actorDisplayName message systemMessage messageType referenceId"),
		kinds("int", "id timestamp expirationTimestamp"), kinds("bool", "isReplyable markdown"), kinds("object", "reactions"),
	)
}

// everyRoom makes one conversation of each type for an account, with people of each type in it,
// and returns their tokens.
func everyRoom(t *testing.T, s *talktest.Server, c *talktest.Client) (tokens []string) {
	t.Helper()
	for _, user := range []string{"bob", "carol", "dave"} {
		s.As(user)
	}
	s.AddGroup("staff", "dave")
	for _, params := range []talktest.P{
		{"roomType": 1, "invite": "bob"}, {"roomType": 2, "roomName": "Group"}, {"roomType": 3, "roomName": "Public"},
		{"roomType": 3, "roomName": "P", "password": "secret-Long-1"}, {"roomType": 2, "roomName": "Event", "objectType": "event", "objectId": "9999999999#9999999999"},
	} {
		r := c.Post("v4/room", params)
		if r.Status != http.StatusOK && r.Status != http.StatusCreated {
			t.Fatalf("%v: %d %s", params, r.Status, r.Body)
		}
		tokens = append(tokens, r.Text("token"))
	}
	tokens = append(tokens, c.Get("v4/room/note-to-self").OK().Text("token"))
	public := "v4/room/" + tokens[2]
	c.Post(public+"/participants", talktest.P{"newParticipant": "carol"}).OK()
	c.Post(public+"/participants", talktest.P{"newParticipant": "staff", "source": "groups"}).OK()
	c.Post(public+"/participants", talktest.P{"newParticipant": "x@example.org", "source": "emails"}).OK()
	s.Guest().Post(public + "/participants/active").OK()
	c.Put(public+"/webinar/lobby", talktest.P{"state": 1}).OK()
	return tokens
}

// TestRule07NoNulls: clients crash on null and on a missing field that they count on.
func TestRule07NoNulls(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	tokens := everyRoom(t, s, alice)
	all := map[string]talktest.Object{}
	for _, room := range alice.Get("v4/room").OK().List() {
		all["in the list "+room.Text("name")] = room
	}
	if len(all) < len(tokens) {
		t.Fatalf("%d conversations are in the list", len(all))
	}
	for _, token := range tokens {
		all[token] = alice.Get("v4/room/" + token).OK().Object()
		all["joined "+token] = alice.Post("v4/room/" + token + "/participants/active").OK().Object()
	}
	all["of a guest"] = s.Guest().Post("v4/room/"+tokens[3]+"/participants/active", talktest.P{"password": "secret-Long-1"}).OK().Object()
	for name, room := range all {
		if wrong := roomFields().missingIn(room); len(wrong) > 0 {
			t.Errorf("conversation %s: %s", name, strings.Join(wrong, ", "))
		}
	}
	for _, token := range tokens {
		for _, p := range alice.Get("v4/room/"+token+"/participants", talktest.P{"includeStatus": true}).OK().List() {
			if wrong := participantFields().missingIn(p); len(wrong) > 0 {
				t.Errorf("participant %s: %s", p.Text("actorType"), strings.Join(wrong, ", "))
			}
		}
		first := alice.Post("v1/chat/"+token, talktest.P{"message": "hello @bob"}).Created().Number("id")
		alice.Post("v1/chat/"+token, talktest.P{"message": "*answer*", "replyTo": first}).Created()
		gone := alice.Post("v1/chat/"+token, talktest.P{"message": "gone"}).Created().Number("id")
		alice.Delete(fmt.Sprintf("v1/chat/%s/%d", token, gone)).OK()
		for _, m := range alice.Get("v1/chat/"+token, talktest.P{"lookIntoFuture": 0, "limit": 200}).OK().List() {
			if wrong := messageFields().missingIn(m); len(wrong) > 0 {
				t.Errorf("message %q: %s", m.Text("message"), strings.Join(wrong, ", "))
			}
		}
	}
	user := alice.Get("/cloud/user").OK().Object()
	want := join(kinds("string", "id display-name displayname language locale backend"), kinds("list", "groups subadmin additional_mail"), kinds("object", "quota"), kinds("bool", "enabled"))
	if wrong := want.missingIn(user); len(wrong) > 0 || user.Text("display-name") == "" {
		t.Errorf("account: %s", strings.Join(wrong, ", "))
	}
}

// TestRule08LeftOut: what there is not is left out, and is neither null nor a list.
func TestRule08LeftOut(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	tokens := everyRoom(t, s, alice)
	for _, room := range alice.Get("v4/room", talktest.P{"includeLastMessage": 0}).OK().List() {
		if last, there := room["lastMessage"]; there {
			t.Errorf("%s: the last message is %v", room.Text("name"), last)
		}
	}
	for _, room := range alice.Get("v4/room").OK().List() {
		if last, there := room["lastMessage"]; there {
			if _, ok := last.(map[string]any); !ok {
				t.Errorf("%s: the last message is %v", room.Text("name"), last)
			}
		}
	}
	first := alice.Post("v1/chat/"+tokens[1], talktest.P{"message": "one"}).Created().Number("id")
	alice.Post(fmt.Sprintf("v1/reaction/%s/%d", tokens[1], first), talktest.P{"reaction": "👍"}).Created()
	alice.Post("v1/chat/"+tokens[1], talktest.P{"message": "two", "replyTo": first}).Created()
	for _, m := range alice.Get("v1/chat/"+tokens[1], talktest.P{"lookIntoFuture": 0, "limit": 200}).OK().List() {
		parent, there := m["parent"]
		about := m.Text("message") == "two" || m.Text("systemMessage") == "reaction"
		if _, object := parent.(map[string]any); there != about || there && !object {
			t.Errorf("%q: the parent is %v", m.Text("message"), parent)
		}
		if self, there := m["reactionsSelf"]; there {
			if _, list := self.([]any); !list {
				t.Errorf("%q: own reactions are %v", m.Text("message"), self)
			}
		}
		if _, object := m["reactions"].(map[string]any); !object {
			t.Errorf("%q: reactions are %v", m.Text("message"), m["reactions"])
		}
	}
}

// TestRule09ListsAreLists: a list without anything in it is [] and not null.
func TestRule09ListsAreLists(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "A"}).Created().Text("token")
	id := alice.Post("v1/chat/"+token, talktest.P{"message": "x"}).Created().Number("id")
	fresh := s.As("bob")
	for _, c := range []struct {
		client *talktest.Client
		path   string
	}{
		{fresh, "v4/room"}, {alice, "v4/room?modifiedSince=4000000000"}, {fresh, "v4/listed-room"}, {alice, "v1/ban/" + token}, {alice, "v4/call/" + token}, {alice, "v4/room/" + token + "/participants"},
		{alice, "v1/chat/" + token + "/mentions?search=nobody"}, {fresh, "v1/chat/upcoming-reminders"}, {alice, "v1/chat/" + token + "?lookIntoFuture=0&lastKnownMessageId=1"},
		{alice, "v1/poll/" + token + "/drafts"}, {alice, "v1/bot/" + token}, {fresh, "/core/autocomplete/get?search=nobody"},
		{fresh, "/apps/notifications/api/v2/notifications"}, {fresh, "/apps/user_status/api/v1/statuses"}, {fresh, "/apps/user_status/api/v1/predefined_statuses"},
		{fresh, "/apps/circles/circles"}, {fresh, "/apps/parley/api/v1/app-passwords"},
		{alice, fmt.Sprintf("v1/chat/%s/%d/context", token, id)},
	} {
		r := c.client.Get(c.path)
		if r.Status != http.StatusOK && r.Status != http.StatusNotModified {
			t.Errorf("%s: %d %s", c.path, r.Status, r.Body)
		}
		if data := strings.TrimSpace(string(r.Data)); r.Status == http.StatusOK && !strings.HasPrefix(data, "[") {
			t.Errorf("%s: %s", c.path, data)
		}
	}
	for path, list := range map[string]string{
		"/cloud/users/bob/groups": "groups", "/cloud/user": "groups", "v3/signaling/settings": "stunservers",
	} {
		if _, ok := fresh.Get(path).OK().Object()[list].([]any); !ok {
			t.Errorf("%s: %s is no list", path, list)
		}
	}
}

// TestRule10CookieIsTheSession: who joins gets a cookie, also with a password in each request,
// and it is found again by it; programs without cookies are found by what they log in with.
func TestRule10CookieIsTheSession(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "A"}).Created().Text("token")
	bare := s.Anonymous() // it forgets cookies
	bare.User, bare.Password = alice.User, s.Device("alice").Password
	for name, c := range map[string]*talktest.Client{"an app": s.Device("alice"), "a program": bare, "a guest": s.Guest()} {
		joined := c.Raw("POST", talkV4+"/room/"+token+"/participants/active", talktest.Header("OCS-APIRequest", "true"), talktest.Header("Accept", asJSON)).Open().OK()
		if cookie := joined.Header.Get("Set-Cookie"); !strings.Contains(cookie, s.Auth.CookieName()+"=") || !strings.Contains(cookie, "HttpOnly") {
			t.Errorf("%s: the cookie is %q", name, cookie)
		}
		if session := joined.Text("sessionId"); len(session) < 100 {
			t.Errorf("%s: the session is %q", name, session)
		}
		c.Post("v4/call/"+token, talktest.P{"flags": 3}).OK()
		c.Put("v4/call/"+token, talktest.P{"flags": 1}).OK()
		c.Post("v1/chat/"+token, talktest.P{"message": "hello"}).Created()
		c.Get("v3/signaling/" + token).OK()
		c.Delete("v4/call/" + token).OK()
		c.Delete("v4/room/" + token + "/participants/active").OK()
	}
	// A guest without the cookie is another guest.
	guest := s.Guest()
	guest.Post("v4/room/" + token + "/participants/active").OK()
	s.Guest().Post("v4/call/" + token).Expect(http.StatusNotFound)
	guest.Post("v4/call/" + token).OK()
}

// TestRule11HashIsStable: clients read everything anew when it changes, and tell people to load
// the page again.
func TestRule11HashIsStable(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "A"}).Created().Text("token")
	hashes := func(c *talktest.Client) (out []string) {
		list := c.Get("v4/room").OK()
		if list.Header.Get("X-Nextcloud-Talk-Modified-Before") == "" {
			t.Error("the list does not tell when it was made")
		}
		return []string{list.Header.Get("X-Nextcloud-Talk-Hash"), c.Get("v4/room/" + token).OK().Header.Get("X-Nextcloud-Talk-Hash")}
	}
	first := hashes(alice)
	if len(first[0]) != 40 || first[0] != first[1] {
		t.Fatalf("the hashes are %v", first)
	}
	alice.Post("v1/chat/"+token, talktest.P{"message": "x"}).Created()
	alice.Post("v4/room", talktest.P{"roomType": 2, "roomName": "B"}).Created()
	alice.Get("v3/signaling/settings").OK() // it makes the key of tokens
	alice.Post("v4/room/" + token + "/participants/active").OK()
	s.Advance(25 * time.Hour)
	s.As("bob")
	if again := hashes(s.Device("alice")); !slices.Equal(again, first) {
		t.Errorf("the hashes are %v, and were %v", again, first)
	}
	s.LoggedIn("admin").Post("/apps/provisioning_api/api/v1/config/apps/spreed/start_calls", talktest.P{"value": "3"}).OK()
	if again := hashes(alice); again[0] == first[0] || again[0] != again[1] {
		t.Errorf("after a change of the settings the hashes are %v, and were %v", again, first)
	}
}

// TestRule12PollsWait: a client that waits is answered when there is something, with 304 and
// nothing else when there is not, and not before its time.
func TestRule12PollsWait(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "A"}).Created().Text("token")
	last := alice.Post("v1/chat/"+token, talktest.P{"message": "x"}).Created().Number("id")
	wait := func(seconds int) *talktest.Reply {
		return alice.Get("v1/chat/"+token, talktest.P{"lookIntoFuture": 1, "timeout": seconds, "lastKnownMessageId": last})
	}
	begun := time.Now()
	quiet := wait(1)
	if took := time.Since(begun); quiet.Status != http.StatusNotModified || len(quiet.Body) > 0 || took < 900*time.Millisecond {
		t.Errorf("without news: %d after %v: %q", quiet.Status, took, quiet.Body)
	}
	answered := make(chan *talktest.Reply, 1)
	go func() { answered <- wait(60) }()
	select {
	case early := <-answered:
		t.Fatalf("answered %d at once: %s", early.Status, early.Body)
	case <-time.After(300 * time.Millisecond):
	}
	s.Device("alice").Post("v1/chat/"+token, talktest.P{"message": "news"}).Created()
	select {
	case news := <-answered:
		var messages []struct{ Message string }
		if err := json.Unmarshal(news.OK().Data, &messages); err != nil || len(messages) != 1 || messages[0].Message != "news" {
			t.Errorf("the news are %s (%v)", news.Data, err)
		}
		if news.Header.Get("X-Chat-Last-Given") == "" {
			t.Error("the answer does not tell where to go on")
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the news did not come")
	}
}
