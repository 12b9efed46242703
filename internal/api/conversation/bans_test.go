package conversation_test

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"

	"parley/internal/config"
	"parley/internal/talktest"
)

// publicRoom makes a public conversation of alice and returns its token.
func publicRoom(s *talktest.Server, params ...talktest.P) string {
	all := append([]talktest.P{{"roomType": 3, "roomName": "Room"}}, params...)
	return s.As("alice").Post("v4/room", all...).Created().Text("token")
}

// joinFrom joins as a client whose address a trusted proxy tells.
func joinFrom(c *talktest.Client, token, address string) *talktest.Reply {
	return c.Raw(http.MethodPost, "/ocs/v2.php/apps/spreed/api/v4/room/"+token+"/participants/active",
		talktest.Header("OCS-APIRequest", "true"), talktest.Header("Accept", "application/json"), talktest.Header("X-Forwarded-For", address))
}

// behindProxy makes the server believe a proxy on the same machine.
func behindProxy(c *config.Config) {
	c.TrustedProxies = config.Prefixes{netip.MustParsePrefix("127.0.0.0/8")}
}

func TestBanRemovesAndKeepsOut(t *testing.T) {
	s := talktest.Start(t)
	token := publicRoom(s)
	alice, bob := s.As("alice"), s.As("bob")
	bob.Post("v4/room/" + token + "/participants/active").OK()

	got := alice.Post("v1/ban/"+token, talktest.P{"actorType": "users", "actorId": "BOB", "internalNote": "spam"}).OK().Object()
	want := talktest.Object{
		"id": got["id"], "moderatorActorType": "users", "moderatorActorId": "alice", "moderatorDisplayName": "Alice",
		"bannedActorType": "users", "bannedActorId": "bob", "bannedDisplayName": "Bob",
		"bannedTime": float64(s.Now().Unix()), "internalNote": "spam",
	}
	for field := range want {
		if got[field] != want[field] {
			t.Errorf("%s is %v, want %v", field, got[field], want[field])
		}
	}
	if last := alice.Get("v4/room/" + token).OK().Object()["lastMessage"].(map[string]any); last["systemMessage"] != "user_removed" {
		t.Errorf("the last message is %v", last["systemMessage"])
	}
	if n := len(alice.Get("v4/room/" + token + "/participants").OK().List()); n != 1 {
		t.Errorf("%d participants are left", n)
	}
	bob.Get("v4/room/"+token+"/participants").Fails(404, "")
	bob.Post("v4/room/"+token+"/participants/active").Fails(403, "ban")
	if name := bob.Get("v4/room/" + token).OK().Text("name"); name != "" {
		t.Errorf("a banned user reads the name %q", name)
	}
	alice.Post("v4/room/"+token+"/participants", talktest.P{"newParticipant": "bob"}).Fails(400, "ban")
	alice.Post("v1/ban/"+token, talktest.P{"actorType": "users", "actorId": "bob"}).Fails(400, "bannedActor")

	id := strconv.FormatInt(got.Number("id"), 10)
	if list := alice.Get("v1/ban/" + token).OK().List(); len(list) != 1 || list[0].Number("id") != got.Number("id") {
		t.Errorf("the list of bans is %v", list)
	}
	alice.Delete("v1/ban/" + token + "/" + id).OK()
	alice.Delete("v1/ban/" + token + "/" + id).OK()
	bob.Post("v4/room/" + token + "/participants/active").OK()
}

func TestBanIsForModerators(t *testing.T) {
	s := talktest.Start(t)
	token := publicRoom(s)
	bob, guest := s.As("bob"), s.Guest()
	bob.Post("v4/room/" + token + "/participants/active").OK()
	guest.Post("v4/room/" + token + "/participants/active").OK()
	ban := talktest.P{"actorType": "users", "actorId": "carol"}
	for _, c := range []*talktest.Client{bob, guest} {
		c.Get("v1/ban/" + token).Expect(403)
		c.Post("v1/ban/"+token, ban).Expect(403)
		c.Delete("v1/ban/" + token + "/1").Expect(403)
	}
	s.As("carol").Get("v1/ban/" + token).Expect(404)
	s.As("carol").Post("v1/ban/"+token, ban).Expect(404)
}

func TestBannedUserIsSkippedWithTheirGroup(t *testing.T) {
	s := talktest.Start(t)
	s.AddGroup("team", "bob", "carol")
	token := publicRoom(s)
	alice := s.As("alice")
	alice.Post("v1/ban/"+token, talktest.P{"actorType": "users", "actorId": "bob"}).OK()
	alice.Post("v4/room/"+token+"/participants", talktest.P{"newParticipant": "team", "source": "groups"}).OK()
	var ids []string
	for _, p := range alice.Get("v4/room/" + token + "/participants").OK().List() {
		ids = append(ids, p.Text("actorId"))
	}
	if got := strings.Join(ids, " "); got != "alice team carol" {
		t.Errorf("participants are %q", got)
	}
}

func TestBannedGuestComesBackOnlyFromElsewhere(t *testing.T) {
	s := talktest.Start(t, behindProxy)
	token := publicRoom(s)
	alice, guest := s.As("alice"), s.Guest()
	joinFrom(guest, token, "192.0.2.1").OK()
	list := alice.Get("v4/room/" + token + "/participants").OK().List()
	alice.Post("v1/ban/"+token, talktest.P{"actorType": "guests", "actorId": list[1].Text("actorId"), "internalNote": "rude"}).OK()

	if r := joinFrom(s.Guest(), token, "192.0.2.1"); r.Status != 200 {
		t.Errorf("before the banned guest showed up again, another from the same address got %d", r.Status)
	}
	if r := joinFrom(guest, token, "192.0.2.1"); r.Status != 403 || !strings.Contains(string(r.Body), `"ban"`) {
		t.Errorf("the banned guest got %d %s", r.Status, r.Body)
	}
	bans := alice.Get("v1/ban/" + token).OK().List()
	if len(bans) != 2 || bans[1].Text("bannedActorType") != "ip" || bans[1].Text("bannedActorId") != "192.0.2.1" || bans[1].Text("internalNote") != "rude" {
		t.Fatalf("bans are %v", bans)
	}
	joinFrom(guest, token, "192.0.2.1").Expect(403)
	joinFrom(guest, token, "192.0.2.2").Expect(403)
	joinFrom(s.Guest(), token, "192.0.2.1").Expect(403)
	joinFrom(s.Guest(), token, "192.0.2.3").OK()
	if n := len(alice.Get("v1/ban/" + token).OK().List()); n != 3 {
		t.Errorf("%d bans, want one for each address of the banned guest and one for the guest", n)
	}
}

func TestNetworkBanMeetsGuestsOnly(t *testing.T) {
	s := talktest.Start(t, behindProxy)
	token := publicRoom(s)
	inside := s.Guest()
	joinFrom(inside, token, "192.0.2.9").OK()
	s.As("alice").Post("v1/ban/"+token, talktest.P{"actorType": "ip", "actorId": "192.0.2.77/24"}).OK()
	joinFrom(s.As("bob"), token, "192.0.2.9").OK()
	joinFrom(s.Guest(), token, "192.0.3.9").OK()
	joinFrom(s.Guest(), token, "192.0.2.200").Expect(403)
	// Looking at the conversation first must not hide the ban from what follows.
	call := func(method, path string) int {
		return inside.Raw(method, "/ocs/v2.php/apps/spreed/api/"+path,
			talktest.Header("OCS-APIRequest", "true"), talktest.Header("X-Forwarded-For", "192.0.2.9")).Status
	}
	if status := call(http.MethodGet, "v4/room/"+token); status != 200 {
		t.Errorf("looking at the conversation answers %d", status)
	}
	if status := call(http.MethodPost, "v1/guest/"+token+"/name?displayName=x"); status != 403 {
		t.Errorf("a guest inside of a banned network gets %d", status)
	}
}

func TestForwardingHeadersOfStrangersDoNotHideThem(t *testing.T) {
	s := talktest.Start(t)
	token := publicRoom(s)
	s.As("alice").Post("v1/ban/"+token, talktest.P{"actorType": "ip", "actorId": "127.0.0.1"}).OK()
	joinFrom(s.Guest(), token, "192.0.2.1").Expect(403)
}

// However a ban and a join meet, the banned one is outside in the end.
func TestBanAndJoinRace(t *testing.T) {
	for _, database := range talktest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			s := talktest.Start(t, talktest.On(database.URL(t)))
			alice, bob := s.As("alice"), s.As("bob")
			for range 20 {
				token := publicRoom(s)
				var both sync.WaitGroup
				both.Go(func() {
					if status := bob.Post("v4/room/" + token + "/participants/active").Status; status != 200 && status != 403 {
						t.Errorf("join answers %d", status)
					}
				})
				both.Go(func() {
					if status := alice.Post("v1/ban/"+token, talktest.P{"actorType": "users", "actorId": "bob"}).Status; status != 200 {
						t.Errorf("ban answers %d", status)
					}
				})
				both.Wait()
				if list := alice.Get("v4/room/" + token + "/participants").OK().List(); len(list) != 1 {
					t.Fatalf("the banned user is inside: %v", list)
				}
			}
		})
	}
}

func TestBannedEmailGuest(t *testing.T) {
	s := talktest.Start(t, telephony)
	path := room(s, 3, talktest.P{"sipEnabled": 1})
	alice, guest := s.As("alice"), s.Guest()
	addEmail(alice, path, "eve@example.org").OK()
	invited := emailGuests(alice, path)[0]
	if len(invited.Text("attendeePin")) != 7 {
		t.Errorf("the e-mail guest has the PIN %q", invited.Text("attendeePin"))
	}
	guest.Raw(http.MethodGet, personalLink(t, s, path, "eve@example.org")).OK()
	guest.Post(path + "/participants/active").OK()

	ban := talktest.P{"actorType": "emails", "actorId": invited.Text("actorId")}
	bans := strings.Replace(path, "v4/room", "v1/ban", 1)
	alice.Post(bans, ban).OK()
	addEmail(alice, path, "eve@example.org").Fails(400, "ban")
	if left := emailGuests(alice, path); len(left) != 0 {
		t.Errorf("e-mail guests are %v", left)
	}
	guest.Post(path+"/participants/active").Fails(403, "ban")
	s.Guest().Post(path+"/participants/active").Fails(403, "ban")
	if list := alice.Get(bans).OK().List(); len(list) != 2 || list[1].Text("bannedActorId") != "127.0.0.1" {
		t.Errorf("bans are %v", list)
	}
}
