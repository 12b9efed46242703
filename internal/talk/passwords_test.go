package talk_test

import (
	"errors"
	"strings"
	"testing"

	"parley/internal/talk"
)

func TestCheckPassword(t *testing.T) {
	for _, c := range []struct {
		user, password string
		minimum        int
		want           string // part of the message, empty for a good password
	}{
		{"alice", "alice-demo", 8, ""},
		{"bob", "bob-demo", 8, ""},
		{"alice", "1234567", 8, "at least 8 characters"},
		{"alice", "äöüäöüäö", 8, ""},
		{"alice", "äöüä", 8, "at least 8 characters"},
		{"alice", "long enough", 12, "at least 12 characters"},
		{"alice.arden", "Alice.Arden", 8, "user id"},
		{"alice.arden", " alice.arden ", 8, "user id"},
		{"alice.arden", "alice.arden1", 8, ""},
		{"alice", "password", 8, "tried first"},
		{"alice", "PassWord", 8, "tried first"},
		{"alice", "password123!", 8, "tried first"},
		{"alice", "qwertyuiop", 8, "tried first"},
		{"alice", "12345678", 8, "tried first"},
		{"alice", "87654321", 8, "tried first"},
		{"alice", "1234567890123", 8, "tried first"},
		{"alice", "00000000", 8, "tried first"},
		{"alice", "ÄÄÄÄÄÄÄÄ", 8, "tried first"},
		{"alice", "secret", 4, "tried first"},
		{"alice", "pw", 2, ""},
		{"alice", "Correct-Horse-77", 8, ""},
		{"alice", "alice", 0, ""},
		{"alice", "1", 0, ""},
	} {
		err := talk.CheckPassword(c.user, c.password, c.minimum)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !talk.IsKind(err, talk.Invalid)) {
			t.Errorf("%q of %s, at least %d: %v", c.password, c.user, c.minimum, err)
		}
		if e, ok := errors.AsType[*talk.Error](err); ok && !strings.Contains(e.Message, c.want) {
			t.Errorf("%q: message %q, want %q", c.password, e.Message, c.want)
		}
	}
}
