package main

import (
	"strings"
	"testing"
)

func TestPhones(t *testing.T) {
	s := newShell(t)
	for _, line := range []string{"user add alice", "user add bob", "phone add +4930123456 alice", "phone add +4930123456 bob --force", "phone add 004930123457 bob"} {
		s.ok(line)
	}
	for line, want := range map[string]string{
		"phone find +4930123456": "+4930123456 reaches bob\n",
		"phone list bob":         "NUMBER\n+4930123456\n+4930123457\n",
		"phone list --json bob":  `"number":"+4930123456"`,
	} {
		if got := strings.ReplaceAll(s.ok(line), `": "`, `":"`); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	s.ok("phone remove +4930123456")
	for line, problem := range map[string]string{
		"phone add 12 alice":           "no telephone number",
		"phone add +4930123457 alice":  "--force",
		"phone add +4930123458 nobody": "there is no account nobody",
		"phone find +4930123456":       "reaches no account",
		"phone remove +4930123456":     "reaches no account",
	} {
		if r := s.on(line, ""); r.code != exitFailure || !strings.Contains(r.err, problem) {
			t.Errorf("%s: exit code %d, %q", line, r.code, r.err)
		}
	}
}
