package server_test

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"parley/internal/talktest"
)

// What each of Talk's clients relies on, whatever it asks. Each rule breaks at least one of them
// when it does not hold.

type fields = talktest.P

func asProgram(r *http.Request) {
	r.Header.Set("OCS-APIRequest", "true")
	r.Header.Set("Accept", "application/json")
}

// TestRule01UnknownRoutesAreNot401: apps take a 401 for the end of their log-in.
func TestRule01UnknownRoutesAreNot401(t *testing.T) {
	s := talktest.Start(t)
	for _, path := range []string{
		"/ocs/v2.php/apps/spreed/api/v1/room/x/threads", "/ocs/v2.php/apps/spreed/api/v4/nothing", "/ocs/v1.php/apps/unknown/api", "/ocs/v2.php/cloud/nothing",
		"/ocs/v2.php/core/nothing", "/remote.php/dav/files/alice/", "/index.php/apps/spreed/x", "/index.php/core/preview?fileId=1", "/ocs/v2.php/apps/files_sharing/api/v1/shares",
		"/ocs/v2.php/hovercard/v1/alice", "/ocs/v2.php/profile/alice", "/ocs/v2.php/translation/languages", "/ocs/v2.php/apps/spreed/api/v1/recording/x",
		"/ocs/v2.php/apps/spreed/api/v1/bridge/x", "/ocs/v2.php/apps/dav/api/v1/events/upcoming",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PROPFIND"} {
			if r := s.As("alice").Raw(method, path, asProgram); r.Status == http.StatusUnauthorized || r.Status >= 500 && r.Status != http.StatusNotImplemented {
				t.Errorf("%s %s: %d", method, path, r.Status)
			}
		}
	}
}

// TestRule02OldAppsAreToldSo by 426 and nothing else by it.
func TestRule02OldAppsAreToldSo(t *testing.T) {
	s := talktest.Start(t)
	for agent, want := range map[string]int{
		"Mozilla/5.0 (Android) Nextcloud-Talk v14.0.0": 426, "Mozilla/5.0 (iOS) Nextcloud-Talk v14.9.9": 426, "Mozilla/5.0 (Windows) Nextcloud-Talk v0.9.0": 426,
		"Mozilla/5.0 (Android) Nextcloud-Talk v22.0.0": 200, "Mozilla/5.0 (iOS) Nextcloud-Talk v22.0.0": 200, "Mozilla/5.0 (Linux) Nextcloud-Talk v2.2.4": 200, "curl/8": 200,
	} {
		s.As("alice").Raw("GET", "/ocs/v2.php/apps/spreed/api/v4/room", asProgram, talktest.Header("User-Agent", agent)).Expect(want)
	}
}

// TestRule03ParametersFromAnywhere: query, form and JSON count for every method, an empty body of
// JSON is none.
func TestRule03ParametersFromAnywhere(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	s.As("bob")
	const api = "/ocs/v2.php/apps/spreed/api/v4"
	empty := talktest.Body("application/json", "")
	token := alice.Raw("POST", api+"/room?roomType=3&roomName=Query", asProgram, empty).Open().Created().Text("token")
	alice.Raw("POST", api+"/room", asProgram, talktest.Body("application/x-www-form-urlencoded", "roomType=3&roomName=Form")).Open().Created()
	alice.Raw("POST", api+"/room", asProgram, talktest.Body("application/json", `{"roomType":3,"roomName":"JSON"}`)).Open().Created()
	alice.Raw("POST", api+"/room/"+token+"/participants?newParticipant=bob&source=users", asProgram).Open().OK()
	alice.Raw("PUT", api+"/room/"+token+"?roomName=Other", asProgram, empty).Open().OK()
	alice.Raw("POST", "/ocs/v2.php/apps/spreed/api/v1/chat/"+token+"?message=hello&replyTo=0", asProgram, empty).Open().Created()
	alice.Raw("POST", api+"/room/"+token+"/participants/active", asProgram, empty).Open().OK()
	alice.Raw("POST", api+"/call/"+token+"?flags=7", asProgram, empty).Open().OK()
	alice.Raw("DELETE", api+"/call/"+token, asProgram, talktest.Body("application/json", `{"all":true}`)).Open().OK()
	if alice.Get("v4/room/" + token).OK().Object()["hasCall"] != false {
		t.Error("the body of a DELETE does not count")
	}
}

// TestRule04BooleansAndLists come in all forms that clients have for them.
func TestRule04BooleansAndLists(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	s.As("bob")
	for _, value := range []string{"includeStatus=true", "includeStatus=1", "includeStatus=0", "includeStatus=false", "noStatusUpdate=0&modifiedSince=0"} {
		alice.Raw("GET", "/ocs/v2.php/apps/spreed/api/v4/room?"+value, asProgram).OK()
	}
	found := alice.Raw("GET", "/ocs/v2.php/core/autocomplete/get?format=json&search=bo&itemType=call&itemId=new&limit=50&shareTypes[]=0&shareTypes[]=1&shareTypes[]=%5B0%2C+1%5D", asProgram).
		Open().OK().List()
	if len(found) != 1 || found[0].Text("id") != "bob" {
		t.Errorf("found %v", found)
	}
	token := alice.Post("v4/room", fields{"roomType": 3, "roomName": "Team"}).Created().Text("token")
	alice.Post("v4/room/" + token + "/participants/active").OK()
	for _, flags := range []any{fields{"silent": true}, fields{"silent": 1}, fields{"silent": "0", "silentFor": []any{"bob"}}} {
		alice.Post("v4/call/"+token, flags.(fields)).OK()
		alice.Delete("v4/call/"+token, fields{"all": 1}).OK()
	}
}

// TestRule05BothEntryPoints: some clients know v1.php alone.
func TestRule05BothEntryPoints(t *testing.T) {
	s := talktest.Start(t)
	for entry, want := range map[string]int{"/ocs/v1.php": 100, "/ocs/v2.php": 200, "/index.php/ocs/v2.php": 200} {
		for _, path := range []string{"/cloud/capabilities?format=json", "/cloud/user?format=json", "/apps/spreed/api/v4/room?format=json"} {
			r := s.As("alice").Raw("GET", entry+path, asProgram).Open()
			if r.Status != http.StatusOK || r.Meta.StatusCode != want || r.Meta.Status != "ok" {
				t.Errorf("%s%s: %d %+v", entry, path, r.Status, r.Meta)
			}
		}
		first := s.Anonymous().Raw("GET", entry+"/cloud/capabilities?format=json")
		s.Anonymous().Raw("GET", entry+"/cloud/capabilities?format=json", talktest.Header("If-None-Match", first.Header.Get("ETag"))).Expect(http.StatusNotModified)
	}
}

// TestRule06DoubleSlashes are folded without a redirect.
func TestRule06DoubleSlashes(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	token := alice.Post("v4/room", fields{"roomType": 3, "roomName": "Team"}).Created().Text("token")
	id := alice.Post("v1/chat/"+token, fields{"message": "x"}).Created().Number("id")
	number, _ := json.Marshal(id)
	alice.Raw("DELETE", "//ocs/v2.php/apps/spreed/api/v1//chat/"+token+"/"+string(number), asProgram).OK()
	alice.Raw("GET", "//ocs//v2.php///apps/spreed/api/v4/room", asProgram).OK()
}

// TestRule07EveryFieldIsThere: no number, truth value or text of a conversation is null or absent.
func TestRule07EveryFieldIsThere(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	s.As("bob")
	texts := strings.Fields(`actorId actorType attendeePin avatarVersion description displayName name objectId objectType sessionId token`)
	numbers := strings.Fields(`attendeeId attendeePermissions breakoutRoomMode breakoutRoomStatus callFlag callPermissions callRecording callStartTime
		defaultPermissions id lastActivity lastCommonReadMessage lastPing lastReadMessage listable lobbyState lobbyTimer mentionPermissions messageExpiration
		notificationCalls notificationLevel participantFlags participantType permissions readOnly recordingConsent sipEnabled type unreadMessages`)
	truths := strings.Fields(`canDeleteConversation canEnableSIP canLeaveConversation canStartCall hasCall hasPassword isCustomAvatar isFavorite unreadMention
		unreadMentionDirect isArchived isImportant isSensitive`)
	alice.Post("v4/room", fields{"roomType": 1, "invite": "bob"}).Created()
	public := alice.Post("v4/room", fields{"roomType": 3, "roomName": "Team"}).Created().Text("token")
	alice.Get("v4/room/note-to-self").OK()
	all := alice.Get("v4/room").OK().List()
	all = append(all, s.Guest().Get("v4/room/"+public).OK().Object(), alice.Post("v4/room/"+public+"/participants/active").OK().Object())
	if len(all) < 5 {
		t.Fatalf("only %d conversations", len(all))
	}
	for _, room := range all {
		for kind, names := range map[reflect.Kind][]string{reflect.String: texts, reflect.Float64: numbers, reflect.Bool: truths} {
			for _, name := range names {
				if value, there := room[name]; !there || reflect.ValueOf(value).Kind() != kind {
					t.Errorf("%s of %v is %v", name, room["displayName"], value)
				}
			}
		}
	}
	for _, who := range alice.Get("v4/room/"+public+"/participants", fields{"includeStatus": true}).OK().List() {
		if _, ok := who["sessionIds"].([]any); !ok {
			t.Errorf("the sessions of somebody are %v", who["sessionIds"])
		}
	}
	if _, ok := s.As("alice").Get("/cloud/user").OK().Object()["groups"].([]any); !ok {
		t.Error("the groups of an account are no list")
	}
}

// TestRule08NoEmptyMessages: what there is not is left out.
func TestRule08NoEmptyMessages(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	s.As("bob")
	token := alice.Post("v4/room", fields{"roomType": 1, "invite": "bob"}).Created().Text("token")
	alice.Delete("v1/chat/" + token)
	for _, room := range alice.Get("v4/room").OK().List() {
		if m, there := room["lastMessage"]; there {
			if _, ok := m.(map[string]any); !ok {
				t.Errorf("the last message is %v", m)
			}
		}
	}
	m := alice.Post("v1/chat/"+token, fields{"message": "x"}).Created().Object()
	if _, there := m["parent"]; there {
		t.Errorf("the message is %v", m)
	}
	if _, ok := m["reactions"].(map[string]any); !ok {
		t.Errorf("the reactions are %v", m["reactions"])
	}
}

// TestRule09ListsAreLists, also when they are empty.
func TestRule09ListsAreLists(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	token := alice.Post("v4/room", fields{"roomType": 3, "roomName": "Team"}).Created().Text("token")
	for _, path := range []string{
		"v4/listed-room", "v4/call/" + token, "v1/ban/" + token, "v1/bot/" + token, "v1/chat/" + token + "/mentions?search=zzz", "/apps/notifications/api/v2/notifications",
		"v1/chat/upcoming-reminders", "/core/autocomplete/get?search=zzz&shareTypes[]=0", "v4/room?modifiedSince=4000000000",
	} {
		if r := alice.Get(path); r.Status != http.StatusOK || !strings.HasPrefix(string(r.Data), "[") {
			t.Errorf("%s: %d %s", path, r.Status, r.Data)
		}
	}
}

// TestRule10SessionsWithoutCookies: who keeps no cookies is known by the credential, who does by
// the cookie.
func TestRule10SessionsWithoutCookies(t *testing.T) {
	s := talktest.Start(t)
	token := s.As("alice").Post("v4/room", fields{"roomType": 3, "roomName": "Team"}).Created().Text("token")
	s.As("bob")
	with := s.Device("bob")
	without := s.Anonymous()
	without.User, without.Password = with.User, with.Password
	other := s.Device("bob")
	for name, c := range map[string]*talktest.Client{"without cookies": without, "with cookies": other, "a guest": s.Guest()} {
		c.Post("v4/room/" + token + "/participants/active").OK()
		c.Post("v4/call/" + token).OK()
		c.Put("v4/call/"+token, fields{"flags": 3}).OK()
		if len(c.Get("v3/signaling/"+token).OK().List()) == 0 {
			t.Errorf("%s: no signaling", name)
		}
		c.Delete("v4/call/" + token).OK()
		c.Delete("v4/room/" + token + "/participants/active").OK()
	}
}

// TestRule11StableHash: it changes with the settings alone.
func TestRule11StableHash(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	token := alice.Post("v4/room", fields{"roomType": 3, "roomName": "Team"}).Created().Text("token")
	hash := func(path string) string { return alice.Get(path).OK().Header.Get("X-Nextcloud-Talk-Hash") }
	first := hash("v4/room")
	alice.Post("v1/chat/"+token, fields{"message": "x"}).Created()
	alice.Get("v3/signaling/settings").OK()
	alice.Post("v4/room/" + token + "/participants/active").OK()
	s.Advance(time.Hour)
	if first == "" || hash("v4/room") != first || hash("v4/room/"+token) != first {
		t.Error("the hash changes by itself")
	}
	if alice.Get("v4/room").Header.Get("X-Nextcloud-Talk-Modified-Before") == "" {
		t.Error("the list does not tell its time")
	}
	s.As("admin").Post("/apps/provisioning_api/api/v1/config/apps/spreed/start_calls", fields{"value": "2"}).OK()
	if hash("v4/room") == first {
		t.Error("the hash stays when the settings change")
	}
}

// TestRule12PollsHold: a poll waits, and says nothing when there is nothing.
func TestRule12PollsHold(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	token := alice.Post("v4/room", fields{"roomType": 3, "roomName": "Team"}).Created().Text("token")
	last := alice.Post("v1/chat/"+token, fields{"message": "x"}).Created().Number("id")
	began := time.Now()
	r := alice.Get("v1/chat/"+token, fields{"lookIntoFuture": 1, "timeout": 1, "lastKnownMessageId": last, "setReadMarker": 0})
	if r.Status != http.StatusNotModified || len(r.Body) > 0 || time.Since(began) < 900*time.Millisecond {
		t.Errorf("%d with %d bytes after %v", r.Status, len(r.Body), time.Since(began))
	}
}
