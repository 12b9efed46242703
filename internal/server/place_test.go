package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"parley/internal/config"
	"parley/internal/talktest"
)

func at(address string) talktest.Option { return func(c *config.Config) { c.URL = address } }

// Everything that points back to the server points to its place on the host.
func TestPlaceOnAHost(t *testing.T) {
	for address, place := range map[string]string{
		"HTTPS://cloud.example.org/nextcloud/": "/nextcloud", "https://cloud.example.org/ä b/talk": "/%C3%A4%20b/talk",
		"https://cloud.example.org": "",
	} {
		srv := talktest.Start(t, at(address))
		// A proxy may remove the place from requests or leave it there.
		for _, front := range []string{"", place} {
			html := talktest.Header("Accept", "text/html")
			reply := srv.Anonymous().Raw("GET", front+"/ocs/v2.php/apps/spreed/api/v4/room", html).Expect(http.StatusSeeOther)
			want := place + "/login?redirect_url=" + place + "/ocs/v2.php/apps/spreed/api/v4/room"
			if to := reply.Header.Get("Location"); to != want {
				t.Errorf("%s: log-in at %q, want %q", address, to, want)
			}
			cookie, err := http.ParseSetCookie(reply.Header.Get("Set-Cookie"))
			if err != nil || !cookie.Secure || strings.TrimSuffix(cookie.Path, "/") != place {
				t.Errorf("%s: cookie %v (%v)", address, cookie, err)
			}
			wrong := srv.Anonymous().Raw("GET", front+"/call/abcd?email=a&access=b").Expect(http.StatusSeeOther)
			if to := wrong.Header.Get("Location"); to != place+"/login?redirect_url="+url.QueryEscape(place+"/call/abcd") {
				t.Errorf("%s: wrong link to %q", address, to)
			}
			odd := srv.Anonymous().Raw("GET", front+"/call//../call//abcd?q=%2F").Expect(http.StatusTemporaryRedirect)
			if to := odd.Header.Get("Location"); to != place+"/call/abcd?q=%2F" {
				t.Errorf("%s: odd path to %q", address, to)
			}
			var document struct{ Servers []struct{ URL string } }
			text := srv.Anonymous().Raw("GET", front+"/openapi.json").Expect(http.StatusOK).Body
			if err := json.Unmarshal(text, &document); err != nil || document.Servers[0].URL != place+"/ocs/v2.php" {
				t.Errorf("%s: %v serves at %v", address, err, document.Servers)
			}
			srv.Anonymous().Raw("GET", front+"/status.php").Expect(http.StatusOK)
			srv.As("alice").Raw("GET", front+"/ocs/v2.php/cloud/user", talktest.Header("OCS-APIRequest", "true")).Expect(http.StatusOK)
		}
		srv.Anonymous().Raw("GET", "/elsewhere/status.php").Expect(http.StatusNotFound)
	}
}

func TestCookieIsSecureWhereClientsUseHTTPS(t *testing.T) {
	trusting := func(c *config.Config) {
		if err := c.TrustedProxies.UnmarshalText([]byte("127.0.0.0/8")); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name, header string
		options      []talktest.Option
		want         bool
	}{
		{"nobody says", "", nil, false},
		{"a stranger says", "https", nil, false},
		{"a proxy says", "https", []talktest.Option{trusting}, true},
		{"in capitals", "HTTPS", []talktest.Option{trusting}, true},
		{"the first of several", "https, http", []talktest.Option{trusting}, true},
		{"the second of several", "http, https", []talktest.Option{trusting}, false},
		{"the address says no", "https", []talktest.Option{trusting, at("http://h.example")}, false},
		{"the address says yes", "http", []talktest.Option{trusting, at("Https://h.example")}, true},
	} {
		srv := talktest.Start(t, c.options...)
		reply := srv.Anonymous().Raw("GET", "/ocs/v2.php/cloud/capabilities", talktest.Header("X-Forwarded-Proto", c.header))
		if cookie, err := http.ParseSetCookie(reply.Header.Get("Set-Cookie")); err != nil || cookie.Secure != c.want {
			t.Errorf("%s: %v (%v)", c.name, cookie, err)
		}
	}
}

// Browsers share cookies between the ports of a host, and send those of a path to all
// paths below.
func TestGuestsOfTwoInstallationsOnOneHost(t *testing.T) {
	outer := talktest.Start(t, at("http://h.example/a"))
	inner := talktest.Start(t, at("http://h.example/a/b"))
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/a/b/") {
			inner.Handler().ServeHTTP(w, r)
			return
		}
		outer.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	attendee := func(method, path string) float64 {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, proxy.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("OCS-APIRequest", "true")
		r.Header.Set("Accept", "application/json")
		answer, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var room struct{ OCS struct{ Data map[string]any } }
		if err := json.NewDecoder(answer.Body).Decode(&room); err != nil {
			t.Fatal(err)
		}
		id, _ := room.OCS.Data["attendeeId"].(float64)
		return id
	}
	rooms, ids := map[string]string{}, map[string]float64{}
	for place, srv := range map[string]*talktest.Server{"/a": outer, "/a/b": inner} {
		token := srv.As("alice").Post("v4/room", talktest.P{"roomType": 3, "roomName": "x"}).Created().Text("token")
		rooms[place] = place + "/ocs/v2.php/apps/spreed/api/v4/room/" + token
		ids[place] = attendee("POST", rooms[place]+"/participants/active")
	}
	for place, room := range rooms {
		if id := attendee("GET", room); id == 0 || id != ids[place] {
			t.Errorf("%s: attendee %v, was %v", place, id, ids[place])
		}
	}
}
