package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWebhookCommands(t *testing.T) {
	s := newShell(t)
	var added struct {
		ID     int64
		Secret string
		Events []string
		Active bool
	}
	r := s.on("webhook add Archive https://archive.example.org/in --event message,edit --json", "")
	if err := json.Unmarshal([]byte(r.out), &added); err != nil || !added.Active || !strings.HasPrefix(added.Secret, "whsec_") || len(added.Events) != 2 {
		t.Errorf("added: %s %v", r.out, err)
	}
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := s.on("webhook add Audit https://audit.example.org --secret-file "+secret, ""); r.code != exitOK || !strings.Contains(r.out, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") {
		t.Errorf("with a secret: %d %s", r.code, r.out)
	}
	r = s.on("webhook list", "")
	if strings.Contains(r.out, "whsec_") || !strings.Contains(r.out, "message,edit") || !strings.Contains(r.out, "all") {
		t.Errorf("the list: %s", r.out)
	}
	for _, step := range []struct{ command, says string }{
		{"webhook disable 1", "webhook 1 is off"}, {"webhook list", "off"}, {"webhook enable 1", "webhook 1 is on"},
		{"webhook remove 1", "webhook 1 was removed"},
	} {
		if r := s.on(step.command, ""); r.code != exitOK || !strings.Contains(r.out, step.says) {
			t.Errorf("%s: %d %s", step.command, r.code, r.out)
		}
	}
	for command, says := range map[string]string{
		"webhook remove 1": "there is no webhook 1",
		"webhook enable 7": "there is no webhook 7",
		"webhook add A https://a.example.org --event nothing":   "no such event",
		"webhook add A gopher://a.example.org":                  "http://",
		"webhook add " + strings.Repeat("a", 65) + " https://a": "64 characters",
	} {
		if r := s.on(command, ""); r.code == exitOK || !strings.Contains(r.err, says) {
			t.Errorf("%s: %d %s", command, r.code, r.err)
		}
	}
}
