package talk_test

import (
	"strings"
	"testing"

	"parley/internal/talk"
)

func TestValidIDs(t *testing.T) {
	for _, c := range []struct {
		id          string
		user, group bool
	}{
		{"alice", true, true},
		{"a@example.org", true, true},
		{"O'Neil_-.", true, true},
		{strings.Repeat("x", 64), true, true},
		{strings.Repeat("x", 65), false, false},
		{"", false, false},
		{" ", false, false},
		{" a", false, true},
		{".", false, false},
		{"..", false, false},
		{"...", false, false},
		{" .. ", false, false},
		{"%2e", false, false},
		{"%2E.", false, false},
		{"%252e%252e", false, false},
		{"details", false, false},
		{"Details", false, false},
		{"detail", true, true},
		{"Crew/1", false, true},
		{"/", false, false},
		{"a/", false, false},
		{"/a", false, false},
		{"a//b", false, false},
		{"a/../b", false, false},
		{"a%2f..%2fb", false, false},
		{`a\..\b`, false, false},
		{"a/.b", false, true},
		{"50% off?#&+;", false, true},
		{"Größe", false, true},
		{"a\nb", false, false},
		{"a\x00", false, false},
		{"a\xff", false, false},
		{"bridge-bot", false, true},
	} {
		if got := talk.ValidUserID(c.id); got != c.user {
			t.Errorf("user id %q: %v", c.id, got)
		}
		if got := talk.ValidGroupID(c.id); got != c.group {
			t.Errorf("group id %q: %v", c.id, got)
		}
	}
}
