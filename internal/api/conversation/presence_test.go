package conversation_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"parley/internal/talktest"
)

// program returns another program with the password of an account.
func program(srv *talktest.Server, like *talktest.Client) *talktest.Client {
	c := srv.Guest()
	c.User, c.Password = like.User, like.Password
	return c
}

// sessionsOf returns how many sessions an account has in a conversation.
func sessionsOf(c *talktest.Client, token, user string) int {
	for _, p := range c.Get("v4/room/" + token + "/participants").OK().List() {
		if p.Text("actorId") == user {
			return len(p["sessionIds"].([]any))
		}
	}
	return 0
}

// Once a program has shown its cookie, by whatever request, on whatever node,
// another program with the same password does not take its place.
func TestProgramsThatShowedTheirCookies(t *testing.T) {
	for _, kind := range talktest.Databases() {
		shared := talktest.Start(t, talktest.On(kind.URL(t)))
		for name, show := range map[string]func(*talktest.Client, string){
			"list of participants":  func(c *talktest.Client, token string) { c.Get("v4/room/" + token + "/participants").OK() },
			"list of conversations": func(c *talktest.Client, _ string) { c.Get("v4/room").OK() },
			"capabilities":          func(c *talktest.Client, _ string) { c.Get("/cloud/capabilities").OK() },
			"change of the session": func(c *talktest.Client, token string) {
				c.Put("v4/room/"+token+"/participants/state", talktest.P{"state": 1}).OK()
			},
			"cookie without password": func(c *talktest.Client, token string) {
				c.User = ""
				c.Get("v4/room/" + token).OK()
			},
		} {
			for _, wait := range []time.Duration{time.Second, 6 * time.Second} {
				t.Run(fmt.Sprintf("%s/%s/%s", kind.Name, name, wait), func(t *testing.T) {
					srv := shared.For(t)
					owner := srv.As("alice")
					token := owner.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Public"}).Created().Text("token")
					first := program(srv, srv.As("bob"))
					second := program(srv, srv.As("bob"))
					own := first.Post("v4/room/" + token + "/participants/active").OK().Text("sessionId")
					show(first, token)
					srv.Advance(wait)
					second.Post("v4/room/" + token + "/participants/active").OK()
					if n := sessionsOf(owner, token, "bob"); n != 2 {
						t.Errorf("%d sessions", n)
					}
					second.Delete("v4/room/" + token + "/participants/active").OK()
					if got := first.Get("v4/room/" + token).OK().Text("sessionId"); got != own {
						t.Errorf("the first program has the session %.8q, not %.8q", got, own)
					}
				})
			}
		}
	}
}

func TestCookieShownOnAnotherNode(t *testing.T) {
	url := talktest.Databases()[1].URL(t)
	one, two := talktest.Start(t, talktest.On(url)), talktest.Start(t, talktest.On(url))
	owner := one.As("alice")
	token := owner.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Public"}).Created().Text("token")
	first := program(one, one.As("bob"))
	cookie := first.Post("v4/room/" + token + "/participants/active").OK().Header.Get("Set-Cookie")
	moved := two.Anonymous()
	moved.User, moved.Password = first.User, first.Password
	moved.Raw(http.MethodGet, "/ocs/v2.php/cloud/capabilities?format=json", talktest.Header("Cookie", cookie), talktest.Header("OCS-APIRequest", "true"))
	program(one, first).Post("v4/room/" + token + "/participants/active").OK()
	if n := sessionsOf(owner, token, "bob"); n != 2 {
		t.Errorf("%d sessions", n)
	}
}

// Programs that never showed a cookie replace one another, or else a script that
// keeps none would leave a session with each call.
func TestProgramsWithoutCookiesShareTheirSession(t *testing.T) {
	srv := talktest.Start(t)
	owner := srv.As("alice")
	token := newGroup(owner)
	script := srv.Anonymous()
	script.User, script.Password = owner.User, owner.Password
	for range 3 {
		script.Post("v4/room/" + token + "/participants/active").OK()
	}
	if n := sessionsOf(owner, token, "alice"); n != 1 {
		t.Errorf("%d sessions", n)
	}
}

// After the clock was set back, what was noted before counts as of now.
func TestClockSetBack(t *testing.T) {
	srv := talktest.Start(t, talktest.BruteForce)
	alice := srv.As("alice")
	token := newGroup(alice)
	alice.Post("v4/room/" + token + "/participants/active").OK()
	for range 12 {
		srv.Anonymous().Get("v4/room/nothere1")
	}
	srv.Anonymous().Get("v4/room/nothere1").Expect(http.StatusTooManyRequests)
	alice.Get("v4/room/" + token + "/participants").OK()
	srv.Advance(-2 * time.Hour)
	list := alice.Get("v4/room/" + token + "/participants").OK().List()
	if ping := list[0].Number("lastPing"); ping > srv.Now().Unix() {
		t.Errorf("the last ping is %d s in the future", ping-srv.Now().Unix())
	}
	if n := sessionsOf(alice, token, "alice"); n != 1 {
		t.Errorf("%d sessions after the clock was set back", n)
	}
	bob := srv.Device("alice")
	srv.Advance(101 * time.Second)
	if n := sessionsOf(bob, token, "alice"); n != 0 {
		t.Errorf("%d sessions 101 s later", n)
	}
	srv.Advance(31 * time.Minute)
	srv.Anonymous().Get("v4/room/nothere1").Expect(http.StatusNotFound)
}
