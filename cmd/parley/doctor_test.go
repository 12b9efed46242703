package main

import (
	"net/http"
	"strings"
	"testing"

	"parley/internal/config"
	"parley/internal/talktest"
)

// TestDoctorAsksSignalingServer: the doctor says whether the signaling server is well that the
// flags or the settings name, and asks none where clients use internal signaling.
func TestDoctorAsksSignalingServer(t *testing.T) {
	s, other := newShell(t), talktest.StartSignaling(t)
	cfg := config.Default()
	other.Option(&cfg)
	flags := " --url " + cfg.URL + " --signaling-url " + other.URL
	for name, c := range map[string]struct {
		line, secret string
		status       int32
		want         string
	}{
		"none":         {"doctor", "", 0, ""},
		"internal":     {"doctor --signaling internal" + flags, "x", 0, ""},
		"well":         {"doctor" + flags, talktest.SignalingSecret, 0, "ok      the signaling server " + other.URL},
		"refuses":      {"doctor" + flags, "x", http.StatusForbidden, "its secret is another one"},
		"no address":   {"doctor --signaling-url " + other.URL, "x", 0, "set --url"},
		"gone":         {"doctor --signaling-url http://127.0.0.1:1", "x", 0, "is it running"},
		"in a program": {"doctor --json" + flags, talktest.SignalingSecret, 0, `"check": "the signaling server `},
	} {
		t.Setenv("PARLEY_SIGNALING_SECRET", c.secret)
		other.Status.Store(c.status)
		r := s.on(c.line, "")
		well := c.want == "" || c.secret == talktest.SignalingSecret
		if (r.code == exitOK) != well || strings.Contains(r.out, "signaling server") != (c.want != "") || !strings.Contains(r.out, c.want) {
			t.Errorf("%s: %+v", name, r)
		}
	}
	other.Status.Store(0)
	t.Setenv("PARLEY_SIGNALING_SECRET", "")
	s.ok(`config set signaling_servers {"servers":[{"server":"http://127.0.0.1:1","verify":true}],"secret":"x"}`)
	if r := s.on("doctor"+flags, ""); r.code == exitOK || !strings.Contains(r.out, "http://127.0.0.1:1 takes what it is told: it does not answer") {
		t.Errorf("the settings count more than the flags: %+v", r)
	}
}
