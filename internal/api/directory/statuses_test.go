package directory_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/store"
	rules "parley/internal/talk"
	"parley/internal/talktest"
)

const statusPath = "/apps/user_status/api/v1"

func setStatus(c *talktest.Client, status string) *talktest.Reply {
	return c.Put(statusPath+"/user_status/status", talktest.P{"statusType": status})
}

func TestOwnStatus(t *testing.T) {
	r := talktest.Start(t)
	alice := r.As("alice")
	if reply := alice.Get(statusPath + "/user_status").Expect(http.StatusNotFound); reply.Meta.Message == "" {
		t.Error("no word about the absence")
	}
	setStatus(alice, "dancing").Expect(http.StatusBadRequest)
	if s := setStatus(alice, "dnd").OK().Object(); s.Text("status") != "dnd" || s["statusIsUserDefined"] != true || s["message"] != nil {
		t.Errorf("dnd: %v", s)
	}
	end := r.Now().Add(time.Hour).Unix()
	custom := talktest.P{"statusIcon": "🌴", "message": "Away", "clearAt": end}
	s := alice.Put(statusPath+"/user_status/message/custom", custom).OK().Object()
	if s.Text("message") != "Away" || s.Text("icon") != "🌴" || s.Number("clearAt") != end || s["messageId"] != nil || s["messageIsPredefined"] != false {
		t.Errorf("custom: %v", s)
	}
	alice.Put(statusPath+"/user_status/message/custom", talktest.P{"statusIcon": "no"}).Expect(http.StatusBadRequest)
	r.Advance(time.Hour)
	if s := alice.Get(statusPath + "/user_status").OK().Object(); s["message"] != nil || s["clearAt"] != nil || s.Text("status") != "dnd" {
		t.Errorf("after its end: %v", s)
	}
	s = alice.Put(statusPath+"/user_status/message/predefined", talktest.P{"messageId": "meeting"}).OK().Object()
	if s.Text("messageId") != "meeting" || s["messageIsPredefined"] != true || s.Text("icon") != "📅" {
		t.Errorf("predefined: %v", s)
	}
	alice.Put(statusPath+"/user_status/message/predefined", talktest.P{"messageId": "dancing"}).Expect(http.StatusBadRequest)
	alice.Delete(statusPath + "/user_status/message").OK()
	if s := alice.Get(statusPath + "/user_status").OK().Object(); s["message"] != nil || s["messageId"] != nil {
		t.Errorf("cleared: %v", s)
	}
	r.As("bob").Delete(statusPath + "/user_status/message").OK()
	r.Guest().Get(statusPath + "/user_status").Expect(http.StatusUnauthorized)
}

func TestRevertStatus(t *testing.T) {
	r := talktest.Start(t)
	alice := r.As("alice")
	if data := string(alice.Delete(statusPath + "/user_status/revert/call").OK().Data); data != "[]" {
		t.Errorf("nothing to revert: %s", data)
	}
	setStatus(alice, "dnd").OK()
	err := r.Store.Write(t.Context(), func(tx *db.Tx) error {
		return store.InterruptStatus(tx, rules.Status{UserID: "alice", Availability: rules.Away, MessageID: "call"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if s := alice.Delete(statusPath + "/user_status/revert/call").OK().Object(); s.Text("status") != "dnd" {
		t.Errorf("reverted to %v", s)
	}
}

func TestHeartbeat(t *testing.T) {
	r := talktest.Start(t)
	alice, bob := r.As("alice"), r.As("bob")
	beat := func(status string) *talktest.Reply {
		return alice.Put(statusPath+"/heartbeat", talktest.P{"status": status})
	}
	seen := func() string { return bob.Get(statusPath + "/statuses/alice").OK().Text("status") }
	bob.Get(statusPath + "/statuses/alice").Expect(http.StatusNotFound)
	if got := beat("online").OK().Text("status"); got != "online" || seen() != "online" {
		t.Errorf("after a beat: %s, seen %s", got, seen())
	}
	r.Advance(16 * time.Minute)
	if seen() != "offline" {
		t.Errorf("without a beat: %s", seen())
	}
	beat("dnd").Expect(http.StatusBadRequest)
	setStatus(alice, "invisible").OK()
	beat("online").Expect(http.StatusNoContent)
	if seen() != "offline" {
		t.Errorf("invisible is seen as %s", seen())
	}
	if got := alice.Get(statusPath + "/user_status").OK().Text("status"); got != "invisible" {
		t.Errorf("one's own: %s", got)
	}
}

func TestMobileRoomListIsASignOfLife(t *testing.T) {
	r := talktest.Start(t)
	alice := r.As("alice")
	list := func(query, agent string) {
		alice.Raw(http.MethodGet, "/ocs/v2.php/apps/spreed/api/v4/room"+query,
			talktest.Header("OCS-APIRequest", "true"), talktest.Header("User-Agent", agent)).OK()
	}
	const mobile = "Mozilla/5.0 (Android) Nextcloud-Talk v20.0.0"
	list("", "curl")
	list("?noStatusUpdate=1", mobile)
	alice.Get(statusPath + "/user_status").Expect(http.StatusNotFound)
	list("", mobile)
	if got := alice.Get(statusPath + "/user_status").OK().Text("status"); got != "online" {
		t.Errorf("status %s", got)
	}
}

func TestStatusLists(t *testing.T) {
	r := talktest.Start(t)
	for i, user := range []string{"alice", "bob", "carol"} {
		r.Advance(time.Second)
		setStatus(r.As(user), []string{"online", "invisible", "busy"}[i]).OK()
	}
	var got []string
	for _, s := range r.As("dave").Get(statusPath + "/statuses").OK().List() {
		got = append(got, s.Text("userId")+" "+s.Text("status"))
	}
	if want := []string{"carol busy", "alice online"}; !slices.Equal(got, want) {
		t.Errorf("statuses: %v", got)
	}
	if page := r.As("dave").Get(statusPath+"/statuses", talktest.P{"limit": 1, "offset": 1}).OK().List(); len(page) != 1 || page[0].Text("userId") != "alice" {
		t.Errorf("second page: %v", page)
	}
	got = nil
	for _, s := range r.As("dave").Get(statusPath + "/predefined_statuses").OK().List() {
		got = append(got, s.Text("id"))
	}
	if want := []string{"meeting", "commuting", "be-right-back", "remote-work", "sick-leave", "vacationing"}; !slices.Equal(got, want) {
		t.Errorf("predefined: %v", got)
	}
}

// entryOf returns the entry of an account in a list of participants.
func entryOf(t *testing.T, list []talktest.Object, user string) talktest.Object {
	t.Helper()
	for _, e := range list {
		if e.Text("actorId") == user || e.Text("userId") == user {
			return e
		}
	}
	t.Fatalf("%s is not in the list %v", user, list)
	return nil
}

const hasStatuses = "X-Nextcloud-Has-User-Statuses"

func TestParticipantStatuses(t *testing.T) {
	r := talktest.Start(t)
	r.AddGroup("staff")
	alice, bob := r.As("alice"), r.As("bob")
	token := newGroup(alice)
	for _, p := range []talktest.P{{"newParticipant": "bob"}, {"newParticipant": "staff", "source": "groups"}} {
		alice.Post("v4/room/"+token+"/participants", p).OK()
	}
	setStatus(bob, "busy").OK()
	path := "/room/" + token + "/participants"
	plain := alice.Get("v4" + path).OK()
	if _, shown := entryOf(t, plain.List(), "bob")["status"]; shown || plain.Header.Get(hasStatuses) != "" {
		t.Error("statuses without being asked for")
	}
	with := alice.Get("v4"+path, talktest.P{"includeStatus": "true"}).OK()
	if with.Header.Get(hasStatuses) != "1" {
		t.Error("no header")
	}
	if e := entryOf(t, with.List(), "bob"); e.Text("status") != "busy" || e["statusIcon"] != nil {
		t.Errorf("bob: %v", e)
	}
	if e := entryOf(t, with.List(), "alice"); e.Text("status") != "offline" {
		t.Errorf("alice: %v", e)
	}
	if _, shown := entryOf(t, with.List(), "staff")["status"]; shown {
		t.Error("a group has a status")
	}
	for _, version := range []string{"v1", "v2", "v3"} {
		list := alice.Get(version+path, talktest.P{"includeStatus": "true"}).OK().List()
		if entryOf(t, list, "bob").Text("status") != "busy" {
			t.Errorf("%s: bob: %v", version, list)
		}
		if _, shown := entryOf(t, list, "alice")["status"]; shown {
			t.Errorf("%s: somebody without a status has one", version)
		}
	}
	id := entryOf(t, plain.List(), "bob").Number("attendeeId")
	changed := alice.Put("v4/room/"+token+"/attendees/permissions", talktest.P{"attendeeId": id, "method": "set", "permissions": 0}).OK()
	if changed.Header.Get(hasStatuses) != "1" || changed.List()[0].Text("status") != "busy" {
		t.Errorf("answer to new permissions: %s", changed.Body)
	}
}

func TestParticipantStatusesForGuests(t *testing.T) {
	r := talktest.Start(t)
	alice, guest := r.As("alice"), r.Guest()
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Open"}).Created().Text("token")
	guest.Post("v4/room/" + token + "/participants/active").OK()
	for _, e := range alice.Get("v4/room/" + token + "/participants").OK().List() {
		if e.Text("actorType") == "guests" {
			alice.Post("v4/room/"+token+"/moderators", talktest.P{"attendeeId": e.Number("attendeeId")}).OK()
		}
	}
	setStatus(alice, "busy").OK()
	reply := guest.Get("v4/room/"+token+"/participants", talktest.P{"includeStatus": "true"}).OK()
	if _, shown := entryOf(t, reply.List(), "alice")["status"]; shown || reply.Header.Get(hasStatuses) != "" {
		t.Error("a guest is told statuses")
	}
}

// TestParticipantStatusesOfMany: 99 attendees have statuses, 100 have none.
func TestParticipantStatusesOfMany(t *testing.T) {
	r := talktest.Start(t)
	alice := r.As("alice")
	token := newGroup(alice)
	var many []string
	for i := range 98 {
		many = append(many, fmt.Sprintf("user%02d", i))
	}
	r.AddGroup("many", many...)
	alice.Post("v3/room/"+token+"/participants", talktest.P{"newParticipant": "many", "source": "groups"}).OK()
	header := func() string {
		return alice.Get("v4/room/"+token+"/participants", talktest.P{"includeStatus": "true"}).OK().Header.Get(hasStatuses)
	}
	if header() != "1" {
		t.Error("99 attendees have no statuses")
	}
	r.As("bob")
	alice.Post("v4/room/"+token+"/participants", talktest.P{"newParticipant": "bob"}).OK()
	if header() != "" {
		t.Error("100 attendees have statuses")
	}
}

func TestPartnerStatus(t *testing.T) {
	r := talktest.Start(t)
	alice, bob := r.As("alice"), r.As("bob")
	r.As("carol")
	one := alice.Post("v4/room", talktest.P{"roomType": 1, "invite": "bob"}).Created().Text("token")
	two := alice.Post("v4/room", talktest.P{"roomType": 1, "invite": "carol"}).Created().Text("token")
	if _, shown := alice.Get("v4/room/" + one).OK().Object()["status"]; shown {
		t.Error("a status that nobody set")
	}
	setStatus(bob, "away").OK()
	if room := alice.Get("v4/room/" + one).OK().Object(); room.Text("status") != "away" {
		t.Errorf("single room: %v", room["status"])
	}
	statuses := func(params talktest.P) map[string]string {
		out := map[string]string{}
		for _, room := range alice.Get("v4/room", params).OK().List() {
			out[room.Text("token")] = room.Text("status")
		}
		return out
	}
	if got := statuses(talktest.P{}); got[one] != "" || got[two] != "" {
		t.Errorf("list without asking: %v", got)
	}
	if got := statuses(talktest.P{"includeStatus": "true"}); got[one] != "away" || got[two] != "offline" {
		t.Errorf("list: %v", got)
	}
	later := r.Now().Add(time.Hour).Unix()
	if got := statuses(talktest.P{"includeStatus": "true", "modifiedSince": later}); len(got) != 2 {
		t.Errorf("changes with statuses: %v", got)
	}
	if got := statuses(talktest.P{"modifiedSince": later}); len(got) != 0 {
		t.Errorf("changes without: %v", got)
	}
}
