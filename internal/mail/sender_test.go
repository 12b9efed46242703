package mail

import (
	"errors"
	"strings"
	"testing"
)

func TestSenderIsCheckedAndTellsNoSecret(t *testing.T) {
	for _, c := range []struct{ server, from string }{
		{"smtp://user:hunter2@", "a@b.c"}, {"http://user:hunter2@host", "a@b.c"}, {"smtp://user:hunter2@host:x", "a@b.c"}, {"smtp://host", "nobody"},
	} {
		if _, err := NewSender(c.server, c.from); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", c.server, err)
		}
	}
	s, err := NewSender("smtps://user:hunter2@host", "Parley <a@b.c>")
	if err != nil {
		t.Fatal(err)
	}
	i := Invitation{Address: "foo@example.com", Link: "https://x/call/t?email=foo%40example.com&access=TOKEN"}
	got := s.clean(errors.New("550 foo@example.com: \r\nspam: "+i.Link+" TOKEN\nhunter2 "+strings.Repeat("x", 500)), i).Error()
	for _, hidden := range []string{"hunter2", "TOKEN", "foo@example.com", "\n"} {
		if strings.Contains(got, hidden) {
			t.Errorf("%q tells %q", got, hidden)
		}
	}
	if len(got) > maxCause {
		t.Errorf("%d characters", len(got))
	}
}
