package web_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/talktest"
)

// browser is somebody who reads pages and sends their forms.
type browser struct {
	*talktest.Client
	t *testing.T
	// page is the last one.
	page *talktest.Reply
}

func newBrowser(t *testing.T, s *talktest.Server) *browser { return &browser{Client: s.Guest(), t: t} }

// open reads a page, and those that it leads to.
func (b *browser) open(address string) *browser {
	b.t.Helper()
	b.page = b.Raw("GET", address, talktest.Header("Accept", "text/html"))
	return b.follow()
}

func (b *browser) follow() *browser {
	b.t.Helper()
	for range 5 {
		to := b.page.Header.Get("Location")
		if b.page.Status != http.StatusSeeOther || strings.HasPrefix(to, "nc:") {
			break
		}
		b.page = b.Raw("GET", to, talktest.Header("Accept", "text/html"))
	}
	return b
}

var (
	action = regexp.MustCompile(`<form method="post" action="([^"]*)">`)
	input  = regexp.MustCompile(`<input (?:type="hidden" )?name="([^"]*)" (?:type="[a-z]*" )?value="([^"]*)"`)
	anchor = regexp.MustCompile(`<a href="([^"]*)">([^<]*)</a>`)
)

// fill sends the first form of the page, with some of its values changed.
func (b *browser) fill(values map[string]string) *browser {
	b.t.Helper()
	to := action.FindStringSubmatch(string(b.page.Body))
	if to == nil {
		b.t.Fatalf("no form in %s", b.page.Body)
	}
	form := url.Values{}
	first, _, _ := strings.Cut(string(b.page.Body), "</form>")
	for _, in := range input.FindAllStringSubmatch(first, -1) {
		form.Set(in[1], unescape(in[2]))
	}
	for name, value := range values {
		form.Set(name, value)
	}
	b.page = b.Raw("POST", unescape(to[1]), talktest.Header("Accept", "text/html"), talktest.Body("application/x-www-form-urlencoded", form.Encode()))
	return b
}

func unescape(text string) string {
	return strings.NewReplacer("&amp;", "&", "&#43;", "+").Replace(text)
}

// click follows a link of the page.
func (b *browser) click(text string) *browser {
	b.t.Helper()
	for _, a := range anchor.FindAllStringSubmatch(string(b.page.Body), -1) {
		if a[2] == text {
			return b.open(unescape(a[1]))
		}
	}
	b.t.Fatalf("no link %q in %s", text, b.page.Body)
	return b
}

func (b *browser) is(status int, texts ...string) *browser {
	b.t.Helper()
	b.page.Expect(status)
	has(b.t, b.page, texts...)
	return b
}

// logIn fills in the log-in page.
func (b *browser) logIn(user string) *browser {
	b.t.Helper()
	return b.fill(map[string]string{"user": user, "password": talktest.PasswordOf(user)}).follow()
}

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
	b.logIn("alice").click("Go on").is(http.StatusOK, "Let an app in", android, "Alice (alice)")
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
	b.open("/index.php/login/flow").click("Go on").logIn("alice").click("Go on").is(http.StatusOK, "Let an app in").fill(nil)
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
	newBrowser(t, s).open("/login/v2/grant?stateToken=x").is(http.StatusForbidden)
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
			newBrowser(t, s).open(path(a.Login)).click("Go on").logIn("alice").click("Go on").fill(nil).is(http.StatusOK, "connected")
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

// TestGoingOn: the log-in leads to this server alone.
func TestGoingOn(t *testing.T) {
	s := talktest.Start(t)
	s.As("alice")
	for to, want := range map[string]string{
		"/call/abcd": "/call/abcd", "/devices?x=1": "/devices?x=1",
		"//evil.example.org": "/devices", "https://evil.example.org/": "/devices", `/\evil.example.org`: "/devices", `\\evil`: "/devices",
		"https:evil": "/devices", "javascript:alert(1)": "/devices", "/\n/evil": "/devices", "": "/devices", "/%0d%0aSet-Cookie:x": "/%0d%0aSet-Cookie:x",
		"nc://login": "/devices", "evil": "/devices",
	} {
		b := newBrowser(t, s)
		b.open("/login?" + url.Values{"redirect_url": {to}}.Encode())
		b.fill(map[string]string{"user": "alice", "password": talktest.PasswordOf("alice")})
		if got := b.page.Expect(http.StatusSeeOther).Header.Get("Location"); got != want {
			t.Errorf("%q leads to %q", to, got)
		}
	}
}

// TestLoggingIn: a new cookie each time, none for a disabled account, and no log-in by another
// page.
func TestLoggingIn(t *testing.T) {
	s := talktest.Start(t)
	s.As("alice")
	b := newBrowser(t, s)
	b.open("/login")
	before := b.page.Header.Get("Set-Cookie")
	b.fill(map[string]string{"user": "alice", "password": talktest.PasswordOf("alice")})
	if after := b.page.Header.Get("Set-Cookie"); after == "" || after == before || !strings.Contains(after, "HttpOnly") || !strings.Contains(after, "SameSite=Lax") {
		t.Errorf("the cookie is %q", after)
	}
	s.Guest().Raw("POST", "/login", talktest.Body("application/x-www-form-urlencoded", "user=alice&password="+talktest.PasswordOf("alice"))).
		Expect(http.StatusPreconditionFailed)
	b.open("/logout").is(http.StatusPreconditionFailed, "Log out?").open("/devices").is(http.StatusOK, "Your devices")
	s.As("admin").Put("/cloud/users/alice/disable").OK()
	b.open("/devices").is(http.StatusOK, "Log in")
	b.fill(map[string]string{"user": "alice", "password": talktest.PasswordOf("alice")}).follow().is(http.StatusOK, "wrong")
	if token := s.Guest().Raw("GET", "/csrftoken").OK(); !strings.HasPrefix(string(token.Body), `{"token":"`) {
		t.Errorf("the token is %s", token.Body)
	}
}

// TestWipe: a device whose app password is marked can do nothing but learn that it shall wipe
// what it has.
func TestWipe(t *testing.T) {
	s := talktest.Start(t)
	alice, app := s.LoggedIn("alice"), s.Device("alice")
	wipe := func(what, token string) *talktest.Reply {
		return s.Anonymous().Raw("POST", "/index.php/core/wipe/"+what, talktest.Body("application/x-www-form-urlencoded", "token="+token))
	}
	app.Get("/cloud/user").OK()
	wipe("check", app.Password).Expect(http.StatusNotFound)
	wipe("success", app.Password).Expect(http.StatusNotFound)
	alice.Post("/cloud/users/alice/wipe").Expect(http.StatusForbidden)
	s.As("admin").Post("/cloud/users/nobody/wipe").Expect(http.StatusNotFound)
	s.As("admin").Post("/cloud/users/alice/wipe").OK()
	app.Get("/cloud/user").Expect(http.StatusUnauthorized)
	alice.Get("/cloud/user").OK()
	if r := wipe("check", app.Password).OK(); string(r.Body) != "{\"wipe\":true}\n" {
		t.Errorf("it is told %s", r.Body)
	}
	if r := wipe("success", app.Password).OK(); string(r.Body) != "[]\n" {
		t.Errorf("it is told %s", r.Body)
	}
	wipe("check", app.Password).Expect(http.StatusNotFound)
	wipe("check", "").Expect(http.StatusNotFound)
}
