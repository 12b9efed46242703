package web_test

import (
	"net/http"
	"testing"

	"parley/internal/talktest"
)

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
