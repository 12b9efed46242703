package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// invite makes a public conversation of alice with an e-mail guest and returns
// its token and the guest's secret.
func invite(t *testing.T, srv *talktest.Server, address string, more ...talktest.P) (token, access string) {
	t.Helper()
	wanted := append([]talktest.P{{"roomName": "Plans & <Ideas>", "participants": map[string]any{"emails": []string{address}}}}, more...)
	token = srv.As("alice").Post("v4/room", wanted...).Created().Text("token")
	err := srv.Store.Read(t.Context(), func(tx *db.Tx) error {
		room, err := store.Room(tx, token)
		if err != nil {
			return err
		}
		at, err := store.AttendeeOf(tx, room.ID, talk.EmailGuest(address))
		access = at.AccessToken
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return token, access
}

func link(token, email, access string) string {
	return "/call/" + token + "?" + url.Values{"email": {email}, "access": {access}}.Encode()
}

func has(t *testing.T, r *talktest.Reply, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(string(r.Body), text) {
			t.Errorf("the page lacks %q:\n%s", text, r.Body)
		}
	}
}

func TestPersonalLink(t *testing.T) {
	srv := talktest.Start(t)
	token, access := invite(t, srv, "foo@example.com", talktest.P{"password": "secret"})
	guest := srv.Guest()
	page := guest.Raw("GET", link(token, "Foo@example.com", access)).OK()
	has(t, page, "You are invited to", "Plans &amp; &lt;Ideas&gt;", "foo@example.com")
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff",
	} {
		if got := page.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if policy := page.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") {
		t.Errorf("policy %q", policy)
	}
	if strings.Contains(string(page.Body), access) {
		t.Error("the page repeats the secret")
	}
	// The link is needed once; afterwards the cookie tells.
	has(t, guest.Raw("GET", "/index.php/call/"+token).OK(), "You are invited to")
	guest.Post("v4/room/" + token + "/participants/active").OK()
	// Who was there before keeps what the browser had, under a new name.
	other, otherAccess := invite(t, srv, "foo@example.com")
	guest.Raw("GET", link(other, "foo@example.com", otherAccess)).OK()
	if me := guest.Get("v4/room/" + token).OK(); me.Text("actorType") != "emails" {
		t.Errorf("the first conversation is lost: %s", me.Data)
	}
}

func TestPersonalLinkRenewsTheCookie(t *testing.T) {
	srv := talktest.Start(t)
	token, access := invite(t, srv, "foo@example.com", talktest.P{"password": "secret"})
	planted := srv.Guest().Raw("GET", "/call/"+token).OK().Header.Get("Set-Cookie")
	cookie, _, _ := strings.Cut(planted, ";")
	page := srv.Anonymous().Raw("GET", link(token, "foo@example.com", access), talktest.Header("Cookie", cookie)).OK()
	if fresh := page.Header.Get("Set-Cookie"); fresh == "" || strings.HasPrefix(fresh, cookie) {
		t.Errorf("the cookie stays %q", fresh)
	}
	stranger := srv.Anonymous().Raw("POST", "/ocs/v2.php/apps/spreed/api/v4/room/"+token+"/participants/active",
		talktest.Header("Cookie", cookie), talktest.Header("OCS-APIRequest", "true"))
	stranger.Expect(http.StatusForbidden)
}

func TestForgedLinks(t *testing.T) {
	srv := talktest.Start(t)
	token, access := invite(t, srv, "foo@example.com")
	other, _ := invite(t, srv, "bar@example.com")
	for name, path := range map[string]string{
		"secret": link(token, "foo@example.com", strings.ToLower(access)), "no secret": link(token, "foo@example.com", ""),
		"part":    link(token, "foo@example.com", access[:63]),
		"address": link(token, "bar@example.com", access), "conversation": link(other, "foo@example.com", access),
		"unknown": link("nowhere2", "foo@example.com", access), "odd": link(token, "\x00\xff", "\x00"),
	} {
		guest := srv.Guest()
		reply := guest.Raw("GET", path).Expect(http.StatusSeeOther)
		if to := reply.Header.Get("Location"); !strings.HasPrefix(to, "/login?redirect_url=%2Fcall%2F") || strings.Contains(to, "access") {
			t.Errorf("%s: leads to %q", name, to)
		}
		has(t, reply, "This conversation was not found")
		if me := guest.Post("v4/room/" + token + "/participants/active").OK(); me.Text("actorType") != "guests" {
			t.Errorf("%s: joined as %s", name, me.Data)
		}
	}
}

func TestGuessingLinksIsStopped(t *testing.T) {
	srv := talktest.Start(t, talktest.BruteForce)
	token, access := invite(t, srv, "foo@example.com")
	for range 11 {
		srv.Guest().Raw("GET", link(token, "foo@example.com", "guess")).Expect(http.StatusSeeOther)
	}
	has(t, srv.Guest().Raw("GET", link(token, "foo@example.com", access)).Expect(http.StatusTooManyRequests), "Too many wrong links")
}

func TestPageWithoutInvitation(t *testing.T) {
	srv := talktest.Start(t)
	token, access := invite(t, srv, "foo@example.com", talktest.P{"password": "secret"})
	stranger := srv.Guest().Raw("GET", "/call/"+token).OK()
	has(t, stranger, "A public conversation", "A password is needed")
	if strings.Contains(string(stranger.Body), "Plans") {
		t.Error("a stranger learns the name")
	}
	// An account does not become a guest by somebody's link.
	has(t, srv.As("alice").Raw("GET", link(token, "foo@example.com", access)).OK(), "Plans &amp; &lt;Ideas&gt;", "You take part")
	private := srv.As("alice").Post("v4/room", talktest.P{"roomType": 2, "roomName": "Secret"}).Created().Text("token")
	for _, path := range []string{"/call/" + private, "/call/nowhere2", "/call/x%00y", "/call/%ff", "/call/<b>"} {
		page := srv.Guest().Raw("GET", path).Expect(http.StatusNotFound)
		has(t, page, "This conversation was not found")
	}
	has(t, srv.As("alice").Raw("GET", "/call/"+private).OK(), "Secret")
	srv.Anonymous().Raw("GET", "/call/"+token, func(r *http.Request) { r.SetBasicAuth("alice", "wrong") }).Expect(http.StatusUnauthorized)
}
