package web_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/talktest"
)

// asked is what an app gets that asks for a password of its own.
type asked struct {
	Poll  struct{ Token, Endpoint string }
	Login string
}

// ask asks as an app does. path takes the address of the server off.
func ask(t *testing.T, s *talktest.Server, agent string) (a asked, path func(string) string) {
	t.Helper()
	r := s.Anonymous().Raw("POST", "/index.php/login/v2", talktest.Header("User-Agent", agent)).OK()
	if err := json.Unmarshal(r.Body, &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Poll.Token) != 128 || a.Poll.Endpoint != s.URL+"/login/v2/poll" || !strings.HasPrefix(a.Login, s.URL+"/login/v2/flow/") {
		t.Fatalf("the app got %+v", a)
	}
	return a, func(address string) string { return strings.TrimPrefix(address, s.URL) }
}

func poll(s *talktest.Server, token string) *talktest.Reply {
	return s.Anonymous().Raw("POST", "/login/v2/poll", talktest.Body("application/x-www-form-urlencoded", "token="+token))
}

const android = "Mozilla/5.0 (Android) Nextcloud Talk v22.0.0"

// TestFlowV2: an app asks, somebody lets it in, and it gets its password once.
func TestFlowV2(t *testing.T) {
	s := talktest.Start(t)
	s.As("alice")
	a, path := ask(t, s, android)
	if r := poll(s, a.Poll.Token).Expect(http.StatusNotFound); string(r.Body) != "[]\n" {
		t.Errorf("nobody has let it in: %s", r.Body)
	}
	b := newBrowser(t, s)
	b.open(path(a.Login)).is(http.StatusOK, "An app asks", android, "127.0.0.1").click("Go on").is(http.StatusOK, "Log in", `autocomplete="current-password"`)
	b.fill(map[string]string{"user": "alice", "password": "wrong"}).follow().is(http.StatusOK, "wrong", `role="alert"`)
	b.logIn("alice").is(http.StatusOK, "Let an app in", android, "Alice (alice)")
	grantPage := *b
	b.fill(nil).is(http.StatusOK, "The app is connected")
	var in struct{ Server, LoginName, AppPassword string }
	if err := json.Unmarshal(poll(s, a.Poll.Token).OK().Body, &in); err != nil {
		t.Fatal(err)
	}
	if in.Server != s.URL || in.LoginName != "alice" || len(in.AppPassword) != 72 {
		t.Errorf("the app got %+v", in)
	}
	poll(s, a.Poll.Token).Expect(http.StatusNotFound)
	grantPage.fill(nil).is(http.StatusForbidden, "is over")
	newBrowser(t, s).open(path(a.Login)).is(http.StatusForbidden, "is over")

	app := s.Anonymous()
	app.User, app.Password = in.LoginName, in.AppPassword
	if id := app.Get("/cloud/user").OK().Text("id"); id != "alice" {
		t.Errorf("the app is %q", id)
	}
	b.open("/devices").is(http.StatusOK, android, "Remove")
	b.fill(nil).follow().is(http.StatusOK, "Your devices")
	b.fill(nil).follow()
	app.Get("/cloud/user").Expect(http.StatusUnauthorized)
	b.click("Log out").is(http.StatusOK, "Log in")
	b.open("/devices").is(http.StatusOK, "Log in")
}

// TestFlowV1: an app that shows the pages itself is sent to an address of its own.
func TestFlowV1(t *testing.T) {
	s := talktest.Start(t)
	s.As("alice")
	b := newBrowser(t, s)
	b.open("/index.php/login/flow").is(http.StatusForbidden, "for apps")
	b.open("/index.php/login/flow?user=alice", talktest.Header("OCS-APIRequest", "true")).click("Go on")
	b.is(http.StatusOK, `name="user" type="text" value="alice"`).logIn("alice").is(http.StatusOK, "Let an app in")
	if policy := b.page.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'self' nc:") || strings.Contains(policy, "unsafe") {
		t.Errorf("the page may lead to %q", policy)
	}
	b.fill(nil)
	to := b.page.Expect(http.StatusSeeOther).Header.Get("Location")
	parts := regexp.MustCompile(`^nc://login/server:(.*)&user:(.*)&password:([A-Za-z0-9]{72})$`).FindStringSubmatch(to)
	if parts == nil || parts[1] != s.URL || parts[2] != "alice" {
		t.Fatalf("the app is sent to %q", to)
	}
	app := s.Anonymous()
	app.User, app.Password = parts[2], parts[3]
	app.Get("/cloud/user").OK()
}

// TestFlowEnemies: what others may try.
func TestFlowEnemies(t *testing.T) {
	s := talktest.Start(t)
	s.As("alice")
	s.As("mallory")
	a, path := ask(t, s, `<script>alert(1)</script>`+"\u202e"+strings.Repeat("x", 5000))
	b := newBrowser(t, s)
	b.open(path(a.Login)).is(http.StatusOK, "&lt;script&gt;")
	if strings.Contains(string(b.page.Body), "<script") || len(b.page.Body) > 10_000 || strings.Contains(string(b.page.Body), "\u202e") {
		t.Errorf("the page is %s", b.page.Body)
	}
	b.open("/login").logIn("alice").open("/login/v2/flow").click("Go on").is(http.StatusOK, "Let an app in")
	for name, values := range map[string]map[string]string{
		"no proof":           {"requesttoken": ""},
		"somebody's proof":   {"requesttoken": strings.Repeat("a", 64)},
		"no state":           {"stateToken": ""},
		"a state of its own": {"stateToken": strings.Repeat("b", 64)},
		"the poll token":     {"stateToken": a.Poll.Token},
	} {
		page := *b
		if page.fill(values); page.page.Status != http.StatusForbidden && page.page.Status != http.StatusPreconditionFailed {
			t.Errorf("%s: %d", name, page.page.Status)
		}
	}
	// The page of somebody else is worth nothing to another one, though logged in.
	m := newBrowser(t, s)
	m.open(path(a.Login)).open("/login").logIn("mallory")
	m.page = b.page
	m.fill(nil)
	m.page.Expect(http.StatusPreconditionFailed)
	poll(s, a.Poll.Token).Expect(http.StatusNotFound)

	for _, token := range []string{strings.Repeat("a", 128), "x", a.Login[len(a.Login)-128:]} {
		poll(s, token).Expect(http.StatusNotFound)
		newBrowser(t, s).open("/login/v2/flow/" + token + "x").is(http.StatusForbidden)
	}
	poll(s, "").Expect(http.StatusBadRequest)
	newBrowser(t, s).open("/login/v2/flow").is(http.StatusForbidden)
	newBrowser(t, s).open("/login/v2/grant?stateToken=x").is(http.StatusOK, "Log in").logIn("alice").is(http.StatusForbidden)
	s.Anonymous().Raw("GET", "/login/v2/grant?stateToken=x", talktest.Header("Accept", "application/json")).Expect(http.StatusUnauthorized)
	s.Anonymous().Raw("GET", "/devices", talktest.Header("Accept", "application/json")).Expect(http.StatusUnauthorized)

	s.Advance(21 * time.Minute)
	b.open("/login/v2/flow").is(http.StatusForbidden, "is over")
}

// TestOnePoll: of many who poll at the same time one gets the password.
func TestOnePoll(t *testing.T) {
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			s := talktest.Start(t, talktest.On(d.URL(t)))
			s.As("alice")
			a, path := ask(t, s, android)
			newBrowser(t, s).open(path(a.Login)).click("Go on").logIn("alice").fill(nil).is(http.StatusOK, "connected")
			var all sync.WaitGroup
			var mu sync.Mutex
			got := map[int]int{}
			for range 20 {
				all.Go(func() {
					status := poll(s, a.Poll.Token).Status
					mu.Lock()
					defer mu.Unlock()
					got[status]++
				})
			}
			all.Wait()
			if got[http.StatusOK] != 1 || got[http.StatusNotFound] != 19 {
				t.Errorf("they got %v", got)
			}
		})
	}
}

// TestPollsAreGuesses: who tries tokens is blocked, an app that polls is not.
func TestPollsAreGuesses(t *testing.T) {
	s := talktest.Start(t, talktest.BruteForce)
	a, _ := ask(t, s, android)
	for range 50 {
		poll(s, a.Poll.Token).Expect(http.StatusNotFound)
	}
	s.Advance(time.Hour) // it is over, and the app has not noticed
	for range 50 {
		poll(s, a.Poll.Token).Expect(http.StatusNotFound)
	}
	last := 0
	for range 50 {
		last = poll(s, strings.Repeat("a", 128)).Status
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("after many guesses: %d", last)
	}
}
