package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

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
func (b *browser) open(address string, change ...func(*http.Request)) *browser {
	b.t.Helper()
	b.page = b.Raw("GET", address, append(change, talktest.Header("Accept", "text/html"))...)
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
	anchor = regexp.MustCompile(`<a (?:class="button" )?href="([^"]*)">([^<]*)</a>`)
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

// hidden is what a page sends under a name without asking.
func hidden(page []byte, name string) string {
	for _, in := range input.FindAllSubmatch(page, -1) {
		if string(in[1]) == name {
			return unescape(string(in[2]))
		}
	}
	return ""
}

// stateOf is what proves that the page leads to the next one.
func stateOf(t *testing.T, page []byte) string {
	t.Helper()
	for _, a := range anchor.FindAllSubmatch(page, -1) {
		to, err := url.Parse(unescape(string(a[1])))
		if err == nil && to.Query().Has("stateToken") {
			return to.Query().Get("stateToken")
		}
	}
	t.Fatalf("no state in %s", page)
	return ""
}

// encoded is a form as browsers send it.
func encoded(form map[string]string) string {
	values := url.Values{}
	for name, value := range form {
		values.Set(name, value)
	}
	return values.Encode()
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
