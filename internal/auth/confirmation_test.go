package auth_test

import (
	"testing"
	"time"

	"parley/internal/auth"
	"parley/internal/store"
)

func TestConfirmedClients(t *testing.T) {
	f := newFixture(t)
	app := f.appPassword("alice")
	confirmed := func(what string, id auth.Identity, strictly, loosely bool) {
		t.Helper()
		if f.Confirmed(id) != strictly || f.ConfirmedLoosely(id) != loosely {
			t.Errorf("%s: %v and %v", what, f.Confirmed(id), f.ConfirmedLoosely(id))
		}
	}
	password := f.id(request(basic("alice", "alice-pw")))
	kept := cookie(password.Cookie.Value)
	confirmed("password", password, true, true)
	confirmed("guest", f.id(request()), false, false)
	confirmed("app password", f.id(request(basic("alice", app))), false, true)
	confirmed("bearer", f.id(request(bearer(app))), false, true)
	confirmed("cookie of an app password", f.id(request(cookie(f.id(request(basic("alice", app))).Cookie.Value))), false, false)
	confirmed("bob's credentials with alice's cookie", f.id(request(basic("Bob", f.appPassword("Bob")), kept)), false, true)

	f.clock.Advance(30 * time.Minute)
	confirmed("young cookie", f.id(request(kept)), true, true)
	confirmed("app password with young cookie", f.id(request(kept, basic("alice", app))), true, true)
	f.clock.Advance(time.Minute)
	confirmed("old cookie", f.id(request(kept)), false, false)

	again := f.id(request(kept, basic("alice", "alice-pw")))
	if again.Cookie == nil || again.Caller.Fresh || again.Caller.Client != password.Caller.Client {
		t.Fatalf("the client that shows its password again: %+v", again.Caller)
	}
	confirmed("renewed cookie", f.id(request(cookie(again.Cookie.Value))), true, true)
	if once := f.id(request(cookie(again.Cookie.Value), basic("alice", "alice-pw"))); once.Cookie != nil {
		t.Error("each request renews the cookie")
	}
	hash, err := f.hash.Hash(t.Context(), "another one")
	f.must(err)
	f.change("alice", func(a *store.Account) { a.SetPassword(hash) })
	confirmed("app password with a cookie of the old password", f.id(request(cookie(again.Cookie.Value), basic("alice", app))), false, true)
}

func TestConfirm(t *testing.T) {
	f := newFixture(t)
	of := func(app string) auth.Identity {
		return f.id(request(cookie(f.id(request(basic("alice", app))).Cookie.Value)))
	}
	id := of(f.appPassword("alice"))
	for _, wrong := range []string{"", "wrong", "bob-pw"} {
		if _, err := f.Confirm(request(), id, wrong); err == nil || f.Confirmed(id) {
			t.Errorf("%q confirms", wrong)
		}
	}
	if f.attempts() != 2 {
		t.Errorf("%d failures were counted", f.attempts())
	}
	after, err := f.Confirm(request(), id, "alice-pw")
	f.must(err)
	if !f.Confirmed(f.id(request(cookie(after.Cookie.Value)))) {
		t.Error("the new cookie is not confirmed")
	}
	// The cookie still belongs to the app password.
	f.must(f.RevokeAppPassword(t.Context(), "alice", id.AppPassword))
	if f.id(request(cookie(after.Cookie.Value))).Caller.LoggedIn() {
		t.Error("the cookie outlives its app password")
	}
}
