package web_test

import (
	"net/http"
	"testing"
	"time"

	"parley/internal/db"
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

// TestWipeEndsPush: nothing is pushed any more to devices that shall wipe what they have, which
// can subscribe to nothing, either; what other accounts have stays.
func TestWipeEndsPush(t *testing.T) {
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			s := talktest.Start(t, talktest.On(d.URL(t)))
			subscriptions := func() (n int) {
				t.Helper()
				if err := s.Store.Read(t.Context(), func(tx *db.Tx) error {
					return tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM push_subscriptions")
				}); err != nil {
					t.Fatal(err)
				}
				return n
			}
			for _, user := range []string{"alice", "bob"} {
				s.As(user)
				if err := s.Store.Write(t.Context(), func(tx *db.Tx) error {
					return tx.Run(`INSERT INTO push_subscriptions (user_id, app_password_id, endpoint, service, app_key, app_secret, app_types, wanted, activation_token, created_at)
						SELECT user_id, id, 'https://push.example.org/' || user_id, 'https://push.example.org', 'k', 's', 'all', TRUE, 't', 1
						FROM app_passwords WHERE user_id = $1`, user)
				}); err != nil {
					t.Fatal(err)
				}
			}
			if n := subscriptions(); n != 2 {
				t.Fatalf("%d subscriptions", n)
			}
			s.As("admin").Post("/cloud/users/alice/wipe").OK()
			if n := subscriptions(); n != 1 {
				t.Errorf("%d subscriptions are left", n)
			}
			for _, path := range []string{"v4/room", "/apps/notifications/api/v2/notifications", "/cloud/user"} {
				s.As("alice").Get(path).Expect(http.StatusUnauthorized)
			}
			s.As("bob").Get("v4/room").OK()
		})
	}
}

// TestWipeLimits: a network asks ten times in five minutes, by both addresses together.
func TestWipeLimits(t *testing.T) {
	s := talktest.Start(t, talktest.BruteForce)
	ask := func(what string) int {
		return s.Anonymous().Raw("POST", "/core/wipe/"+what, talktest.Body("application/x-www-form-urlencoded", "token=x")).Status
	}
	for n := range 10 {
		if got := ask([]string{"check", "success"}[n%2]); got != http.StatusNotFound {
			t.Errorf("number %d: %d", n, got)
		}
	}
	for _, what := range []string{"check", "success"} {
		if got := ask(what); got != http.StatusTooManyRequests {
			t.Errorf("too often: %d", got)
		}
	}
	s.Advance(6 * time.Minute)
	if got := ask("check"); got != http.StatusNotFound {
		t.Errorf("afterwards: %d", got)
	}
}
