package main

import (
	"strings"
	"testing"
)

func TestConfig(t *testing.T) {
	s := newShell(t)
	if got := s.ok("config get start_calls"); got != "0\n" {
		t.Errorf("default: %q", got)
	}
	s.ok("config set start_calls 2")
	if got := s.ok("config get start_calls"); got != "2\n" {
		t.Errorf("stored: %q", got)
	}
	if r := s.on("config set sip_bridge_shared_secret", "bridge-secret\n"); r.code != exitOK {
		t.Errorf("secret from the input: %+v", r)
	}
	list := s.ok("config list")
	if strings.Contains(list, "bridge-secret") || !strings.Contains(list, "***") {
		t.Errorf("the list shows the secret: %s", list)
	}
	s.ok("config unset start_calls")
	if got := s.ok("config get start_calls --json"); !strings.Contains(got, `"stored": false`) {
		t.Errorf("unset: %s", got)
	}
	for line, want := range map[string]string{
		"config set start_calls 9": "start_calls must be a number from 0 to 3",
		"config get unheard-of":    "there is no setting unheard-of",
		"config unset unheard-of":  "there is no setting unheard-of",
	} {
		if r := s.on(line, ""); r.code != exitFailure || !strings.Contains(r.err, want) {
			t.Errorf("%s: %+v", line, r)
		}
	}
}
