package imitations_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"parley/internal/talktest"
)

// TestDesktop is the desktop app around the pages that it brings along. It insists on https, which
// is a matter of the proxy and is left out here.
func TestDesktop(t *testing.T) {
	both(t, func(t *testing.T, s *talktest.Server, token string) {
		a := newApp(t, s, map[string]string{
			"User-Agent": "Mozilla/5.0 (Linux) Nextcloud-Talk v2.2.4", "Accept": "application/json", "OCS-APIRequest": "true", "Origin": s.URL,
		})
		desktopCapabilities(a)
		logInByWindow(a, "bob")
		me := a.ask("GET", ocsV2+"/cloud/user").data().has(fields(text, "id display-name language locale").and(fields(array, "groups")).and(fields(object, "quota")))
		me.get("groups").texts()
		desktopCapabilities(a)

		const list = ocsV2 + "/apps/notifications/api/v2/notifications"
		first := a.ask("GET", list)
		if items := first.data().list(); len(items) == 0 {
			t.Fatal("nobody told that bob was mentioned")
		}
		first.head("X-Nextcloud-User-Status")
		tag := first.head("ETag")
		s.Advance(30e9)
		if again := a.ask("GET", list, header("If-None-Match", tag)).status(http.StatusNotModified); len(again.Reply.Body) > 0 {
			t.Fatalf("nothing is new, and there is %s", again.raw)
		}

		const status = ocsV2 + "/apps/user_status/api/v1"
		a.ask("GET", status+"/user_status").status(http.StatusNotFound) // there is none before the first one
		a.ask("PUT", status+"/user_status/status", asJSON(`{"statusType":"away"}`)).data().has(fields(text, "userId status"))
		a.ask("GET", status+"/user_status").data().has(fields(text, "userId status"))
		a.ask("PUT", status+"/heartbeat", asJSON(`{"status":"online"}`)).status(http.StatusOK, http.StatusNoContent)
		a.ask("GET", status+"/predefined_statuses").data().list()

		// Somebody calls: it rings, and stops when bob joins elsewhere or the call is over.
		ringing := talk4 + "/call/" + token + "/notification-state"
		alice := s.As("alice")
		alice.Post("v4/room/" + token + "/participants/active").OK()
		alice.Post("v4/call/"+token, talktest.P{"flags": 3}).OK()
		a.ask("GET", ringing).status(http.StatusOK)
		alice.Delete("v4/call/" + token).OK()
		a.ask("GET", ringing).status(http.StatusCreated)
		alice.Post("v4/call/"+token, talktest.P{"flags": 3}).OK()
		elsewhere := s.Device("bob")
		elsewhere.Post("v4/room/" + token + "/participants/active").OK()
		elsewhere.Post("v4/call/"+token, talktest.P{"flags": 3}).OK()
		a.ask("GET", ringing).status(http.StatusNotFound)
	})
}

func desktopCapabilities(a *app) {
	a.t.Helper()
	data := a.ask("GET", ocsV2+"/cloud/capabilities").data()
	data.get("version", "string").text()
	major, _, dots := strings.Cut(data.get("capabilities", "spreed", "version").text(), ".")
	if n, err := strconv.Atoi(major); err != nil || !dots || n < 17 || data.get("version", "major").number() < 27 {
		a.t.Fatalf("the server is too old: %s, Talk %s", data.get("version").raw, major)
	}
}
