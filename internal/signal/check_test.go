package signal_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/internal/settings"
	"parley/internal/signal"
	"parley/internal/talktest"
)

// TestCheck: what is wrong with a signaling server is said, and nothing where nothing is.
func TestCheck(t *testing.T) {
	const all = "audio-video-permissions, incall-all, hello-v2, switchto"
	for name, c := range map[string]struct {
		secret, features, base, welcome string
		late                            time.Duration
		want                            string
	}{
		"well":             {talktest.SignalingSecret, all, "https://talk.example.org", `{"nextcloud-spreed-signaling":"Welcome"}`, 0, ""},
		"another secret":   {"other", all, "https://talk.example.org", `{"nextcloud-spreed-signaling":"Welcome"}`, 0, "its secret is another one"},
		"another back end": {talktest.SignalingSecret, all, "https://other.example.org", `{"nextcloud-spreed-signaling":"Welcome"}`, 0, "not among its backends"},
		"no address":       {talktest.SignalingSecret, all, "", `{"nextcloud-spreed-signaling":"Welcome"}`, 0, "set --url"},
		"old":              {talktest.SignalingSecret, "hello-v2", "https://talk.example.org", `{"nextcloud-spreed-signaling":"Welcome"}`, 0, "lacks audio-video-permissions, incall-all, switchto"},
		"something else":   {talktest.SignalingSecret, all, "https://talk.example.org", `<html>`, 0, "no signaling server"},
		"another time":     {talktest.SignalingSecret, all, "https://talk.example.org", `{"nextcloud-spreed-signaling":"Welcome"}`, time.Hour, "its clock differs by 1h"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Spreed-Signaling-Features", c.features)
			body := make([]byte, max(r.ContentLength, 0))
			_, _ = r.Body.Read(body)
			switch sum := talktest.Checksum(talktest.SignalingSecret, r.Header.Get("Spreed-Signaling-Random"), body); {
			case r.Method == http.MethodGet:
				_, _ = w.Write([]byte(c.welcome))
			case sum != r.Header.Get("Spreed-Signaling-Checksum"), r.Header.Get("Spreed-Signaling-Backend") != "https://talk.example.org/":
				w.WriteHeader(http.StatusForbidden)
			}
		}))
		got := strings.Join(signal.Check(t.Context(), settings.Signaling{Servers: []settings.SignalingServer{{URL: server.URL, Verify: true}}, Secret: c.secret},
			c.base, time.Now().Add(c.late)), "; ")
		if got == "" != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		server.Close()
		if gone := signal.Check(t.Context(), settings.Signaling{Servers: []settings.SignalingServer{{URL: server.URL}}}, "", time.Now()); len(gone) != 1 || !strings.Contains(gone[0], "does not answer") {
			t.Errorf("one that is gone: %v", gone)
		}
	}
}
