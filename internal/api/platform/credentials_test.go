package platform_test

import (
	"strconv"
	"testing"
	"time"

	"parley/internal/talktest"
)

// TestPasswordAndAddressNeedThePassword checks what an app password or a cookie
// alone may do.
func TestPasswordAndAddressNeedThePassword(t *testing.T) {
	s := talktest.Start(t)
	app, with := s.As("alice"), s.LoggedIn("alice")
	refused := func(r *talktest.Reply) {
		t.Helper()
		if r.Expect(403); r.Meta.Message != "Password confirmation is required" {
			t.Errorf("message %q", r.Meta.Message)
		}
	}
	change := func(c *talktest.Client, key, value string) *talktest.Reply {
		return c.Put("/cloud/users/ALICE", talktest.P{"key": key, "value": value})
	}
	refused(change(app, "password", "another one"))
	refused(change(app, "email", "mallory@example.org"))
	change(app, "displayname", "Alice A.").OK()
	change(with, "email", "alice@example.org").OK()

	// The cookie of the client that showed the password counts for a while.
	with.User = ""
	change(with, "email", "alice@example.com").OK()
	s.Advance(31 * time.Minute)
	refused(change(with, "email", "mallory@example.org"))
	refused(change(with, "displayname", "Mallory"))
	refused(with.Get("/core/getapppassword"))
	confirm := func(password string) *talktest.Reply {
		return with.Put("/core/apppassword/confirm", talktest.P{"password": password})
	}
	confirm("wrong").Expect(403)
	refused(change(with, "email", "mallory@example.org"))
	if confirm(talktest.PasswordOf("alice")).OK().Number("lastLogin") == 0 {
		t.Error("no time of the confirmation")
	}
	change(with, "email", "alice@example.net").OK()
	if got := change(with, "password", "alice").Meta.StatusCode; got != 107 {
		t.Errorf("a bad password answers code %d", got)
	}
	change(with, "password", "a better one").OK()
}

func TestOwnAppPasswords(t *testing.T) {
	s := talktest.Start(t)
	const path = "/apps/parley/api/v1/app-passwords"
	alice, bob := s.As("alice"), s.As("bob")
	phone := s.Device("alice")
	phone.Get("/cloud/user").OK()
	list := phone.Get(path).OK().List()
	if len(list) != 2 || list[0]["current"] != false || list[1]["current"] != true || list[1].Text("name") != "test" ||
		list[1].Number("created") == 0 || list[1].Number("lastUsed") == 0 {
		t.Fatalf("app passwords %v", list)
	}
	id := path + "/" + strconv.FormatInt(list[1].Number("id"), 10)
	for _, c := range []string{id, path + "/x", path + "/0"} {
		bob.Delete(c).Expect(404)
	}
	rotated := phone.Post("/core/apppassword/rotate").OK().Text("apppassword")
	phone.Get("/cloud/user").Expect(401)
	phone.Password = rotated
	phone.Get("/cloud/user").OK()
	s.LoggedIn("alice").Post("/core/apppassword/rotate").Expect(403)
	alice.Delete(id).OK()
	alice.Delete(id).Expect(404)
	phone.Get("/cloud/user").Expect(401)
}
