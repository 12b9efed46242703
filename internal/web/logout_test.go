package web_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/internal/talktest"
)

// basic is the header that shows a password.
func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// TestLogOutEndsCopies: after somebody has logged out, a copy of the cookie is good for nothing
// on any node, alone or beside an app password, while their other browsers stay logged in.
func TestLogOutEndsCopies(t *testing.T) {
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			url := d.URL(t)
			s := talktest.Start(t, talktest.On(url))
			nodes := []*talktest.Server{s}
			if d.Name == "postgres" {
				nodes = append(nodes, talktest.Start(t, talktest.On(url)))
			}
			app := s.As("alice")
			logIn := func() (cookie, token string) {
				r := s.Anonymous().Raw("GET", "/csrftoken", talktest.Header("Authorization", basic("alice", talktest.PasswordOf("alice")))).OK()
				cookie, _, _ = strings.Cut(r.Header.Get("Set-Cookie"), ";")
				return cookie, strings.TrimSuffix(strings.TrimPrefix(string(r.Body), `{"token":"`), "\"}\n")
			}
			first, token := logIn()
			other, _ := logIn()
			who := func(node *talktest.Server, cookie string) int {
				return node.Anonymous().Raw("GET", "/ocs/v2.php/cloud/user", talktest.Header("Cookie", cookie), talktest.Header("OCS-APIRequest", "true")).Status
			}
			changes := func(node *talktest.Server) int {
				return node.Anonymous().Raw("PUT", "/ocs/v2.php/cloud/users/alice", talktest.Header("Cookie", first), talktest.Header("OCS-APIRequest", "true"),
					talktest.Header("Authorization", basic("alice", app.Password)), talktest.Body("application/json", `{"key":"email","value":"new@example.org"}`)).Status
			}
			for _, node := range nodes {
				if who(node, first) != http.StatusOK || changes(node) != http.StatusOK {
					t.Fatal("the cookie is not good")
				}
			}
			out := s.Anonymous().Raw("GET", "/logout?requesttoken="+token, talktest.Header("Cookie", first))
			if out.Status != http.StatusSeeOther {
				t.Fatalf("logging out: %d %s", out.Status, out.Body)
			}
			for _, node := range nodes {
				if got := who(node, first); got != http.StatusUnauthorized {
					t.Errorf("the copy: %d", got)
				}
				if got := changes(node); got != http.StatusForbidden {
					t.Errorf("the copy beside an app password: %d", got)
				}
				if got := who(node, other); got != http.StatusOK {
					t.Errorf("the other browser: %d", got)
				}
			}
			for range 2 {
				s.Advance(29 * 24 * time.Hour)
				if got := who(s, first); got != http.StatusUnauthorized {
					t.Errorf("the copy, later: %d", got)
				}
			}
		})
	}
}
