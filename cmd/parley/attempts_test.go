package main

import (
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/internal/auth"
	"parley/internal/config"
	"parley/internal/obs"
	"parley/internal/secret"
	"parley/internal/server"
)

// fail stores failures in the data of the shell.
func (s *shell) fail(n int, g auth.Guess) {
	s.t.Helper()
	core, err := server.Open(s.t.Context(), config.Storage{Data: s.data}, obs.NewLogger("text", slog.LevelWarn, s.t.Output()),
		server.WithClock(s.clock.Now), server.WithHashing(secret.TestOptions()))
	if err != nil {
		s.t.Fatal(err)
	}
	for range n {
		if err := core.Auth.Protection().Register(s.t.Context(), g); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := core.Close(); err != nil {
		s.t.Fatal(err)
	}
}

func TestAttempts(t *testing.T) {
	s := newShell(t)
	start := s.clock.Now().UTC()
	s.fail(11, auth.Guess{Action: auth.ActionRoomToken, Address: "203.0.113.5", Target: "abc"})
	s.fail(12, auth.Guess{Action: auth.ActionLogin, Address: "203.0.113.5", Target: "al\x1bice"})
	s.fail(1, auth.Guess{Action: auth.ActionRoomToken, Address: "2001:db8:7:1::9", Account: "bob", Target: "abc"})
	at, until := utcTime(start), utcTime(start.Add(1801*time.Second))
	want := "NETWORK          ACCOUNT  ACTION         FAILURES  RECENT  LAST                  BLOCKED\n" +
		"203.0.113.5      -        talkRoomToken  11        11      " + at + "  until " + until + "\n" +
		"203.0.113.5      -        login          12        12      " + at + "  \"al\\x1bice\" until " + until + "\n" +
		"2001:db8:7::/56  bob      talkRoomToken  1         1       " + at + "  -\n"
	if got := s.ok("attempts list"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	for line, rows := range map[string]int{
		"attempts list --json": 3, "attempts list --json --blocked": 2, "attempts list --json --network 2001:db8:7::1": 1,
		"attempts list --json --action login": 1, "attempts list --json --network 10.0.0.0/8": 0,
	} {
		var views []attemptView
		if err := json.Unmarshal([]byte(s.ok(line)), &views); err != nil || len(views) != rows {
			t.Errorf("%s: %d rows, %v, want %d", line, len(views), err, rows)
		}
	}
	for _, step := range []struct{ line, want string }{
		{"attempts clear --network 203.0.113.0/24 --action login", "12 failures are forgotten\n"},
		{"attempts clear --network 2001:db8:7::1 --json", "{\n  \"forgotten\": 1\n}\n"},
		{"attempts clear --all", "11 failures are forgotten\n"},
	} {
		if got := s.ok(step.line); got != step.want {
			t.Errorf("%s: %q, want %q", step.line, got, step.want)
		}
	}
	for line, problem := range map[string]string{
		"attempts clear": "say what to forget", "attempts clear --all --network 10.0.0.1": "say what to forget",
		"attempts clear --network ,": "one address", "attempts clear --network office": "no address",
		"attempts list --action guess": "talkRoomToken", "attempts list --network 10.0.0.1,10.0.0.2": "one address",
	} {
		if r := s.on(line, ""); r.code != exitFailure || !strings.Contains(r.err, problem) {
			t.Errorf("%s: exit code %d, %q", line, r.code, r.err)
		}
	}
}
