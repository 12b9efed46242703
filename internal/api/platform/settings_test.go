package platform_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"parley/internal/talktest"
)

const configPath = "/apps/provisioning_api/api/v1/config"

// configure stores a setting of the server.
func configure(r *talktest.Server, key, value string) {
	r.As("admin").Post(configPath+"/apps/spreed/"+key, talktest.P{"value": value}).OK()
}

// callConfig is what the capabilities say about calls.
func callConfig(c *talktest.Client) map[string]any {
	type capabilities struct {
		Capabilities struct {
			Spreed struct {
				Config struct{ Call map[string]any }
			}
		}
	}
	return talktest.Decode[capabilities](c.Get("/cloud/capabilities").OK()).Capabilities.Spreed.Config.Call
}

func newGroup(c *talktest.Client, params ...talktest.P) string {
	return c.Post("v4/room", append([]talktest.P{{"roomType": 2, "roomName": "Room"}}, params...)...).Created().Text("token")
}

func TestSettingsOverHTTP(t *testing.T) {
	r := talktest.Start(t)
	admin := r.As("admin")
	if got := admin.Get(configPath + "/apps/spreed/start_calls").OK().Text("data"); got != "0" {
		t.Errorf("default: %q", got)
	}
	configure(r, "start_calls", "2")
	if got := admin.Get(configPath + "/apps/spreed/start_calls").OK().Text("data"); got != "2" {
		t.Errorf("stored: %q", got)
	}
	admin.Delete(configPath + "/apps/spreed/start_calls").OK()
	if got := admin.Get(configPath + "/apps/spreed/start_calls").OK().Text("data"); got != "0" {
		t.Errorf("unset: %q", got)
	}
	keys := talktest.Decode[struct{ Data []string }](admin.Get(configPath + "/apps/spreed").OK()).Data
	if !slices.Contains(keys, "start_calls") {
		t.Errorf("keys: %v", keys)
	}
	admin.Post(configPath+"/apps/spreed/start_calls", talktest.P{"value": "7"}).Fails(http.StatusBadRequest, "value")
	admin.Post(configPath+"/apps/spreed/unheard-of", talktest.P{"value": "7"}).Fails(http.StatusNotFound, "key")
	admin.Get(configPath + "/apps/files/start_calls").Expect(http.StatusNotFound)
	r.As("alice").Get(configPath + "/apps/spreed/start_calls").Expect(http.StatusForbidden)
	r.Guest().Get(configPath + "/apps/spreed/start_calls").Expect(http.StatusUnauthorized)
}

func TestSIPSettings(t *testing.T) {
	r := talktest.Start(t)
	params := talktest.P{"sipGroups": []string{"phones"}, "dialInInfo": "call us", "sharedSecret": "bridge-secret"}
	r.As("alice").Post("v1/settings/sip", params).Expect(http.StatusForbidden)
	r.As("admin").Post("v1/settings/sip", params).OK()
	if got := r.As("admin").Get(configPath + "/apps/spreed/sip_bridge_shared_secret").OK().Text("data"); got != "***" {
		t.Errorf("the secret is shown as %q", got)
	}
	if call := talk(t, r.As("alice"))["call"].(map[string]any); call["sip-enabled"] != true || call["can-enable-sip"] != false {
		t.Errorf("announced: %v", call)
	}
}

// talk returns the config that the capabilities announce.
func talk(t *testing.T, c *talktest.Client) map[string]any {
	t.Helper()
	type document struct {
		Capabilities struct {
			Spreed *struct {
				Config map[string]any
			}
		}
	}
	d := talktest.Decode[document](c.Get("/cloud/capabilities").OK())
	if d.Capabilities.Spreed == nil {
		return nil
	}
	return d.Capabilities.Spreed.Config
}

func TestAllowedGroups(t *testing.T) {
	r := talktest.Start(t)
	r.AddGroup("staff", "alice")
	alice, bob := r.As("alice"), r.As("bob")
	token := newGroup(bob)
	open := bob.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Open"}).Created().Text("token")
	configure(r, "allowed_groups", `["staff"]`)
	for path, send := range map[string]func(string, ...talktest.P) *talktest.Reply{
		"v4/room":                                     bob.Get,
		"v4/room/" + token:                            bob.Get,
		"v4/room/" + token + "/participants":          bob.Get,
		"v4/listed-room":                              bob.Get,
		"v4/room/note-to-self":                        bob.Get,
		"v4/room/" + token + "/participants/active":   bob.Post,
		"v4/room/" + token + "/participants/self":     bob.Delete,
		"v4/room/" + token + "/favorite":              bob.Post,
		"v4/room/" + open + "/participants/active":    bob.Post,
		"v4/room/" + token + "/attendees/permissions": bob.Put,
	} {
		reply := send(path, talktest.P{"attendeeId": 1, "method": "set", "permissions": 0}).Expect(http.StatusForbidden)
		if reply.Meta.Message != "Can not use Talk" {
			t.Errorf("%s: %q", path, reply.Meta.Message)
		}
	}
	bob.Post("v4/room", talktest.P{"roomName": "Room"}).Expect(http.StatusForbidden)
	bob.Post("v4/room", talktest.P{"roomType": 1, "invite": "alice"}).Expect(http.StatusForbidden)
	if talk(t, bob) != nil || talk(t, alice) == nil {
		t.Error("who is not allowed sees Talk announced, or the other way round")
	}
	newGroup(alice)
	r.Guest().Post("v4/room/" + open + "/participants/active").OK()
	r.As("admin").Delete("/cloud/users/bob").OK() // though the admin is not allowed either
}

func TestStartConversations(t *testing.T) {
	r := talktest.Start(t)
	r.AddGroup("hosts", "alice")
	configure(r, "start_conversations", `["hosts"]`)
	bob := r.As("bob")
	bob.Post("v4/room", talktest.P{"roomName": "Room"}).Fails(http.StatusForbidden, "permissions")
	bob.Post("v4/room", talktest.P{"roomType": 1, "invite": "alice"}).Created()
	newGroup(r.As("alice"))
	for user, want := range map[string]bool{"alice": true, "bob": false} {
		if got := talk(t, r.As(user))["conversations"].(map[string]any)["can-create"]; got != want {
			t.Errorf("%s: can-create is %v", user, got)
		}
	}
}

func TestForcePasswords(t *testing.T) {
	r := talktest.Start(t)
	configure(r, "force_passwords", "1")
	alice := r.As("alice")
	alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Open"}).Fails(http.StatusBadRequest, "password")
	open := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Open", "password": "let me in"}).Created().Text("token")
	alice.Put("v4/room/"+open+"/password", talktest.P{"password": ""}).Fails(http.StatusBadRequest, "value")
	closed := newGroup(alice)
	alice.Post("v4/room/"+closed+"/public").Fails(http.StatusBadRequest, "password")
	alice.Post("v4/room/"+closed+"/public", talktest.P{"password": "let me in"}).OK()
}

func TestServerDefaultsInConversations(t *testing.T) {
	r := talktest.Start(t)
	configure(r, "default_permissions", "134")
	configure(r, "default_group_notification", "1")
	configure(r, "start_calls", "2")
	configure(r, "token_entropy", "12")
	alice, bob := r.As("alice"), r.As("bob")
	token := newGroup(alice)
	if len(token) != 12 {
		t.Errorf("token %q", token)
	}
	alice.Post("v4/room/"+token+"/participants", talktest.P{"newParticipant": "bob"}).OK()
	room := bob.Get("v4/room/" + token).OK().Object()
	if room.Number("permissions") != 134 || room.Number("notificationLevel") != 1 || room["canStartCall"] != false {
		t.Errorf("bob sees %v", room)
	}
	if room := alice.Get("v4/room/" + token).OK().Object(); room["canStartCall"] != true {
		t.Error("a moderator may not start calls")
	}
	for _, p := range alice.Get("v4/room/" + token + "/participants").OK().List() {
		if p.Text("actorId") == "bob" && p.Number("permissions") != 134 {
			t.Errorf("listed with %d", p.Number("permissions"))
		}
	}
}

func TestDeleteOneToOne(t *testing.T) {
	r := talktest.Start(t)
	alice, bob := r.As("alice"), r.As("bob")
	token := alice.Post("v4/room", talktest.P{"roomType": 1, "invite": "bob"}).Created().Text("token")
	bob.Post("v4/room", talktest.P{"roomType": 1, "invite": "alice"}).OK()
	alice.Delete("v4/room/"+token).Fails(http.StatusBadRequest, "")
	configure(r, "delete_one_to_one_conversations", "1")
	if room := alice.Get("v4/room/" + token).OK().Object(); room["canDeleteConversation"] != true {
		t.Error("the one-to-one cannot be deleted")
	}
	alice.Delete("v4/room/" + token + "/participants/self").OK()
	bob.Get("v4/room/" + token).Expect(http.StatusNotFound)
}

func TestClientVersions(t *testing.T) {
	r := talktest.Start(t)
	status := func(agent string) int {
		return r.As("alice").Raw(http.MethodGet, "/ocs/v2.php/apps/spreed/api/v4/room",
			talktest.Header("OCS-APIRequest", "true"), talktest.Header("User-Agent", agent)).Status
	}
	const old, recent = "Mozilla/5.0 (Android) Nextcloud-Talk v16.0.0", "Mozilla/5.0 (iOS) Nextcloud-Talk v18.0.0"
	if status(old) != http.StatusOK {
		t.Error("refused by default")
	}
	for _, consent := range []string{"1", "2"} {
		configure(r, "recording_consent", consent)
		if status(old) != http.StatusOK || status(recent) != http.StatusOK {
			t.Error("consent counts while nothing records")
		}
	}
	token := newGroup(r.As("alice"), talktest.P{"recordingConsent": 1})
	if n := r.As("alice").Get("v4/room/" + token).OK().Number("recordingConsent"); n != 0 {
		t.Errorf("recordingConsent is %d while nothing records", n)
	}
	if n := callConfig(r.As("alice"))["recording-consent"]; n != 0.0 {
		t.Errorf("recording-consent is %v while nothing records", n)
	}
	configure(r, "minimum.supported.android.version", "17.5")
	configure(r, "minimum.supported.desktop.version", "2.0")
	if status(old) != http.StatusUpgradeRequired || status("Mozilla/5.0 (Linux) Nextcloud-Talk v1.9.9-rc1") != http.StatusUpgradeRequired {
		t.Error("the administrator's minimum does not count")
	}
}

func TestPreferences(t *testing.T) {
	r := talktest.Start(t)
	alice, bob := r.As("alice"), r.As("bob")
	r.As("carol")
	token := newGroup(alice)
	alice.Post("v4/room/"+token+"/participants", talktest.P{"newParticipant": "bob"}).OK()
	if bob.Get("v4/room/"+token).OK().Number("lastCommonReadMessage") == 0 {
		t.Fatal("reading is public by default")
	}
	bob.Post("v1/settings/user", talktest.P{"key": "read_status_privacy", "value": "1"}).OK()
	if bob.Get("v4/room/"+token).OK().Number("lastCommonReadMessage") != 0 {
		t.Error("read privacy does not reach the conversations")
	}
	// Whoever makes a conversation, or comes back to one, brings the choice along.
	pair := alice.Post("v4/room", talktest.P{"roomType": 1, "invite": "bob"}).Created().Text("token")
	alice.Post("v1/chat/"+pair, talktest.P{"message": "hello"}).Created()
	bob.Delete("v4/room/" + pair + "/participants/self").OK()
	for _, opened := range []talktest.P{{"roomType": 2, "roomName": "r"}, {"roomType": 1, "invite": "alice"}, {"roomType": 1, "invite": "carol"}} {
		reply := bob.Post("v4/room", opened)
		if room := reply.Object(); reply.Status >= 300 || room.Number("lastCommonReadMessage") != 0 {
			t.Errorf("%v: status %d, read privacy does not reach it", opened, reply.Status)
		}
	}
	bob.Post(configPath+"/users/spreed/typing_privacy", talktest.P{"configValue": "1"}).OK()
	bob.Post(configPath+"/users/spreed/conversations_list_style", talktest.P{"configValue": "compact"}).OK()
	config := talk(t, bob)
	chat := config["chat"].(map[string]any)
	if chat["read-privacy"] != 1.0 || chat["typing-privacy"] != 1.0 || config["conversations"].(map[string]any)["list-style"] != "compact" {
		t.Errorf("announced: %v", config)
	}
	bob.Delete(configPath + "/users/spreed/read_status_privacy").OK()
	if bob.Get("v4/room/"+token).OK().Number("lastCommonReadMessage") == 0 {
		t.Error("read privacy stays after it was taken back")
	}
	bob.Post("v1/settings/user", talktest.P{"key": "read_status_privacy", "value": "2"}).Fails(http.StatusBadRequest, "")
	bob.Post("v1/settings/user", talktest.P{"key": "hair_colour", "value": "red"}).Fails(http.StatusBadRequest, "")
	bob.Post(configPath+"/users/files/typing_privacy", talktest.P{"configValue": "1"}).Fails(http.StatusBadRequest, "")
	r.Guest().Post("v1/settings/user", talktest.P{"key": "typing_privacy", "value": "1"}).Expect(http.StatusUnauthorized)
}

func TestTalkHash(t *testing.T) {
	r := talktest.Start(t)
	alice, bob := r.As("alice"), r.As("bob")
	open := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Open"}).Created().Text("token")
	hash := func(c *talktest.Client, path string) string { return c.Get(path).Header.Get("X-Nextcloud-Talk-Hash") }
	first := hash(alice, "v4/room")
	if len(first) != 40 || hash(bob, "v4/room") != first || hash(alice, "v4/room/"+open) != first || hash(alice, "v4/room/nowhere22") != first {
		t.Error("the hash of users is not the same everywhere")
	}
	if guest := hash(r.Guest(), "v4/room/"+open); guest == first || len(guest) != 40 {
		t.Errorf("hash of guests: %q", guest)
	}
	configure(r, "token_entropy", "9")
	if hash(alice, "v4/room") != first {
		t.Error("the hash changed with what clients do not see")
	}
	configure(r, "start_calls", "1")
	if hash(alice, "v4/room") == first {
		t.Error("the hash did not change")
	}
}

func TestCapabilitiesETag(t *testing.T) {
	r := talktest.Start(t)
	etag := r.Guest().Get("/cloud/capabilities").OK().Header.Get("ETag")
	again := func() *talktest.Reply {
		return r.Guest().Raw(http.MethodGet, "/ocs/v2.php/cloud/capabilities?format=json", talktest.Header("If-None-Match", etag))
	}
	if reply := again(); reply.Status != http.StatusNotModified || len(reply.Body) != 0 {
		t.Errorf("status %d, %d bytes", reply.Status, len(reply.Body))
	}
	configure(r, "force_passwords", "1")
	if reply := again(); reply.Status != http.StatusOK || reply.Header.Get("ETag") == etag {
		t.Errorf("after a change: status %d", reply.Status)
	}
}

func TestRetention(t *testing.T) {
	r := talktest.Start(t)
	alice := r.As("alice")
	make := func(kind, id string) string {
		return newGroup(alice, talktest.P{"objectType": kind, "objectId": id})
	}
	const day = 24 * 3600
	now := r.Now().Unix()
	meeting, event, plain := make("instant_meeting", "x"), make("event", fmt.Sprintf("%d#%d", now, now+3600)), newGroup(alice)
	future := make("event", fmt.Sprintf("%d#%d", now, now+60*day))
	kept := []string{make("event", "x"), make("event", "#"), make("event", "1#"), make("event", "#1"), make("event", "1#2#3"), make("event", "2#1")}
	expect := func(token string, status int) {
		t.Helper()
		alice.Get("v4/room/" + token).Expect(status)
	}
	r.Advance(25 * time.Hour)
	expect(meeting, http.StatusNotFound)
	expect(event, http.StatusOK)
	configure(r, "retention_event_rooms", "0")
	r.Advance(40 * 24 * time.Hour)
	expect(event, http.StatusOK)
	configure(r, "retention_event_rooms", "40")
	r.Advance(2 * 24 * time.Hour)
	expect(event, http.StatusNotFound)
	expect(future, http.StatusOK)
	r.Advance(30 * 24 * time.Hour)
	expect(future, http.StatusOK)
	r.Advance(28 * 24 * time.Hour)
	expect(future, http.StatusNotFound)
	for _, token := range append(kept, plain) {
		expect(token, http.StatusOK)
	}
}

// Strangers see the look of the server too, under the address that people type.
func TestTheming(t *testing.T) {
	r := talktest.Start(t)
	for _, c := range []*talktest.Client{r.As("alice"), r.Anonymous()} {
		data := talktest.Decode[struct {
			Capabilities struct{ Theming map[string]any }
		}](c.Get("/cloud/capabilities").OK())
		if look := data.Capabilities.Theming; look["url"] != r.URL || look["logo"] != r.URL+"/icon.svg" || look["color"] == "" {
			t.Errorf("the server looks like %v", look)
		}
	}
}
