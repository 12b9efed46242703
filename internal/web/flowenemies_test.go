package web_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talktest"
)

// collected is what an app gets that was let in; it ends the test when there is nothing.
func collected(t *testing.T, s *talktest.Server, a asked) (in struct{ Server, LoginName, AppPassword string }) {
	t.Helper()
	if err := json.Unmarshal(poll(s, a.Poll.Token).OK().Body, &in); err != nil {
		t.Fatal(err)
	}
	return in
}

// send sends a form, with the headers of a browser.
func send(c *talktest.Client, path string, form map[string]string, headers map[string]string) *talktest.Reply {
	return c.Raw("POST", path, func(r *http.Request) {
		for name, value := range headers {
			r.Header.Set(name, value)
		}
	}, talktest.Body("application/x-www-form-urlencoded", encoded(form)))
}

// TestFormsOfOthers: a form is taken from pages of this server alone, whatever proof it has.
func TestFormsOfOthers(t *testing.T) {
	const public = "https://cloud.example.org"
	s := talktest.Start(t, placed(public))
	s.As("alice")
	b := newBrowser(t, s)
	proof := hidden(b.open("/login").page.Body, "requesttoken")
	cookie, _, _ := strings.Cut(b.page.Header.Get("Set-Cookie"), ";")
	login := map[string]string{"user": "alice", "password": talktest.PasswordOf("alice"), "requesttoken": proof}
	for name, c := range map[string]struct {
		headers map[string]string
		want    int
	}{
		"another site":            {map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example.org"}, http.StatusPreconditionFailed},
		"another host":            {map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "https://other.example.org"}, http.StatusPreconditionFailed},
		"an old browser":          {map[string]string{"Origin": "https://evil.example.org"}, http.StatusPreconditionFailed},
		"a page without origin":   {map[string]string{"Origin": "null"}, http.StatusPreconditionFailed},
		"another scheme":          {map[string]string{"Origin": "http://cloud.example.org"}, http.StatusPreconditionFailed},
		"a proof of nobody":       {map[string]string{"Origin": public, "Cookie": ""}, http.StatusPreconditionFailed},
		"our own page":            {map[string]string{"Sec-Fetch-Site": "same-origin", "Origin": public}, http.StatusSeeOther},
		"our own page, old style": {map[string]string{"Origin": public}, http.StatusSeeOther},
		"a program":               {nil, http.StatusSeeOther},
	} {
		headers := map[string]string{"Cookie": cookie}
		maps.Copy(headers, c.headers)
		if got := send(s.Anonymous(), "/login", login, headers).Status; got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestTwoGrants: of two people who let the same app in at the same time one does, and the app
// gets the account of that one.
func TestTwoGrants(t *testing.T) {
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			s := talktest.Start(t, talktest.On(d.URL(t)))
			for range 5 {
				a, path := ask(t, s, android)
				people := map[string]*browser{"alice": newBrowser(t, s), "bob": newBrowser(t, s)}
				for user, b := range people {
					s.As(user)
					b.open(path(a.Login)).click("Go on").logIn(user).is(http.StatusOK, "Let an app in")
				}
				var all sync.WaitGroup
				for _, b := range people {
					all.Go(func() { b.fill(nil) })
				}
				all.Wait()
				var in []string
				for user, b := range people {
					switch b.page.Status {
					case http.StatusOK:
						in = append(in, user)
					case http.StatusForbidden:
					default:
						t.Fatalf("%s: %d", user, b.page.Status)
					}
				}
				if got := collected(t, s, a).LoginName; len(in) != 1 || got != in[0] {
					t.Fatalf("%v let it in, and the app is %q", in, got)
				}
			}
		})
	}
}

// TestPasswordOnceMore: a browser that was left alone lets nothing in without the password of the
// account, and neither does one that logged in with an app password.
func TestPasswordOnceMore(t *testing.T) {
	s := talktest.Start(t)
	app := s.As("alice")
	left, byApp := newBrowser(t, s), newBrowser(t, s)
	left.open("/login").logIn("alice")
	s.Advance(31 * time.Minute)
	byApp.open("/login").fill(map[string]string{"user": "alice", "password": app.Password}).follow().is(http.StatusOK, "logged in here with it")
	for name, b := range map[string]*browser{"left alone": left, "by an app password": byApp} {
		a, path := ask(t, s, android)
		b.open(path(a.Login)).click("Go on").is(http.StatusOK, "to be sure that it is you")
		for _, wrong := range []string{"", "wrong", app.Password} {
			b.fill(map[string]string{"password": wrong}).is(http.StatusForbidden, `role="alert"`, "Let it in")
		}
		poll(s, a.Poll.Token).Expect(http.StatusNotFound)
		b.fill(map[string]string{"password": talktest.PasswordOf("alice")}).is(http.StatusOK, "connected")
		if got := collected(t, s, a).LoginName; got != "alice" {
			t.Errorf("%s: the app is %q", name, got)
		}
		// It was shown now, and need not be shown again.
		_, path = ask(t, s, android)
		if b.open("/login").open(path(a.Login)); b.page.Status != http.StatusForbidden {
			t.Errorf("%s: the page of an app that is in: %d", name, b.page.Status)
		}
		again, path := ask(t, s, android)
		b.open(path(again.Login)).click("Go on").fill(nil).is(http.StatusOK, "connected")
	}
}

// TestGrantByAppPassword: an app that has a password lets another one in.
func TestGrantByAppPassword(t *testing.T) {
	s := talktest.Start(t)
	alice, bob := s.As("alice"), s.As("bob")
	a, path := ask(t, s, android)
	b := newBrowser(t, s)
	b.open(path(a.Login))
	state := stateOf(t, b.page.Body)
	right := map[string]string{"stateToken": state, "user": "alice", "password": alice.Password}
	for name, values := range map[string]map[string]string{
		"wrong password":           {"password": strings.Repeat("a", 72)},
		"password of the account":  {"password": talktest.PasswordOf("alice")},
		"password of somebody":     {"password": bob.Password},
		"no user":                  {"user": ""},
		"no state":                 {"stateToken": ""},
		"another state":            {"stateToken": strings.Repeat("a", 64)},
		"the token of the request": {"stateToken": a.Poll.Token},
	} {
		form := maps.Clone(right)
		maps.Copy(form, values)
		if got := send(b.Client, "/login/v2/apptoken", form, nil).Status; got != http.StatusForbidden {
			t.Errorf("%s: %d", name, got)
		}
	}
	send(b.Client, "/login/v2/apptoken", right, map[string]string{"Origin": "https://evil.example.org"}).Expect(http.StatusPreconditionFailed)
	send(s.Guest(), "/login/v2/apptoken", right, nil).Expect(http.StatusForbidden)
	poll(s, a.Poll.Token).Expect(http.StatusNotFound)

	send(b.Client, "/index.php/login/v2/apptoken", right, nil).OK()
	in := collected(t, s, a)
	if in.LoginName != "alice" || in.AppPassword == alice.Password {
		t.Errorf("the app got %+v", in)
	}
	send(b.Client, "/login/v2/apptoken", right, nil).Expect(http.StatusForbidden)
	b.open("/devices").is(http.StatusOK, "Log in")
}

// TestAccountsThatEnd: what somebody let in gets nothing when the account is disabled or deleted
// before it asks, nor the account of somebody else who has the same id then.
func TestAccountsThatEnd(t *testing.T) {
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			s := talktest.Start(t, talktest.On(d.URL(t)))
			admin := s.LoggedIn("admin")
			granted := func(user string) asked {
				s.As(user)
				a, path := ask(t, s, android)
				newBrowser(t, s).open(path(a.Login)).click("Go on").logIn(user).fill(nil).is(http.StatusOK, "connected")
				return a
			}
			disabled, deleted := granted("alice"), granted("bob")
			admin.Put("/cloud/users/alice/disable").OK()
			admin.Delete("/cloud/users/bob").OK()
			admin.Post("/cloud/users", talktest.P{"userid": "bob", "password": "another-one-1"}).OK()
			poll(s, disabled.Poll.Token).Expect(http.StatusNotFound)
			poll(s, deleted.Poll.Token).Expect(http.StatusNotFound)
			err := s.Store.Read(t.Context(), func(tx *db.Tx) error {
				all, err := store.AppPasswords(tx, "bob")
				if len(all) > 0 {
					t.Errorf("the new bob has %+v", all)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// TestGuessedPollsKeepNobodyOut: who guesses is blocked; an app in the same network that waits is
// not, and neither is a log-in by password.
func TestGuessedPollsKeepNobodyOut(t *testing.T) {
	s := talktest.Start(t, talktest.BruteForce)
	s.As("alice")
	a, path := ask(t, s, android)
	for range 30 {
		poll(s, strings.Repeat("a", 128))
	}
	poll(s, strings.Repeat("b", 128)).Expect(http.StatusTooManyRequests)
	poll(s, a.Poll.Token).Expect(http.StatusNotFound)
	b := newBrowser(t, s)
	b.open(path(a.Login)).click("Go on")
	for range 5 { // who mistypes is not taken for who guessed
		b.fill(map[string]string{"user": "alice", "password": "wrong"}).follow().is(http.StatusOK, "wrong")
	}
	b.logIn("alice").fill(nil).is(http.StatusOK, "connected")
	collected(t, s, a)
}

// TestManyRequests: a network has a bounded number of apps that ask, until they are over.
func TestManyRequests(t *testing.T) {
	s := talktest.Start(t, talktest.BruteForce)
	for range 60 {
		ask(t, s, android)
	}
	s.Anonymous().Raw("POST", "/login/v2").Expect(http.StatusTooManyRequests)
	s.Advance(21 * time.Minute)
	ask(t, s, android)
}

// TestPollForms: a token may come in the query, a form or JSON; anything else is none.
func TestPollForms(t *testing.T) {
	s := talktest.Start(t)
	a, _ := ask(t, s, android)
	token := a.Poll.Token
	const form, object = "application/x-www-form-urlencoded", "application/json"
	for name, c := range map[string]struct {
		query, kind, body string
		want              int
	}{
		"query": {"?token=" + token, "", "", http.StatusNotFound}, "form": {"", form, "token=" + token, http.StatusNotFound},
		"JSON":          {"", object, `{"token":"` + token + `"}`, http.StatusNotFound},
		"JSON, charset": {"", object + "; charset=utf-8", `{"token":"` + token + `"}`, http.StatusNotFound},
		"nothing":       {"", "", "", http.StatusBadRequest}, "empty": {"?token=", "", "", http.StatusBadRequest},
		"a number": {"", object, `{"token":1}`, http.StatusBadRequest}, "a list": {"", object, `["token"]`, http.StatusBadRequest},
		"broken JSON": {"", object, `{"token"`, http.StatusBadRequest}, "plain": {"", "text/plain", "token=" + token, http.StatusBadRequest},
		"huge": {"", form, "token=" + strings.Repeat("a", 1<<20), http.StatusBadRequest},
		"odd":  {"?token=%00%ff", "", "", http.StatusNotFound},
	} {
		r := s.Anonymous().Raw("POST", "/login/v2/poll"+c.query, talktest.Body(c.kind, c.body))
		if r.Status != c.want || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s: %d %s", name, r.Status, r.Body)
		}
	}
}

// TestHugeLogIns: fields without an end are refused, and those that are repeated are cut.
func TestHugeLogIns(t *testing.T) {
	s := talktest.Start(t)
	b := newBrowser(t, s)
	b.open("/login").fill(map[string]string{"user": strings.Repeat("u", 1<<20), "password": "x"}).is(http.StatusPreconditionFailed)
	b.open("/login").fill(map[string]string{"user": strings.Repeat("u", 30_000), "password": strings.Repeat("p", 30_000)})
	if to := b.page.Expect(http.StatusSeeOther).Header.Get("Location"); len(to) > 500 {
		t.Errorf("a wrong password leads to an address of %d characters", len(to))
	}
	b.follow().is(http.StatusOK, "wrong")
	b.fill(map[string]string{"user": "a\x00b\xff\r\nSet-Cookie: x=y", "password": "\x00"}).follow().is(http.StatusOK, "wrong")
}
