package server_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/obs"
	"parley/internal/secret"
	"parley/internal/server"
)

// Log lines tell from where a request came and whose it was; routine is not in them.
func TestLogOfRequests(t *testing.T) {
	cfg := settings(t)
	cfg.Admin = "admin:garden gnome"
	if err := cfg.TrustedProxies.UnmarshalText([]byte("127.0.0.1")); err != nil {
		t.Fatal(err)
	}
	s := start(t, cfg)
	ask := func(path, client string) {
		t.Helper()
		request, err := http.NewRequest(http.MethodGet, s.url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Close = true
		request.Header.Set("X-Forwarded-For", client)
		request.Header.Set("OCS-APIRequest", "true")
		if strings.HasPrefix(path, "/ocs") {
			request.SetBasicAuth("admin", "garden gnome")
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	ask("/healthz", "203.0.113.1")
	ask("/readyz", "203.0.113.2")
	ask("/status.php", "2001:db8:7:1::9")
	ask("/ocs/v2.php/apps/spreed/api/v4/room", "203.0.113.3")
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"203.0.113.1": false, "203.0.113.2": false,
		`account="" network=2001:db8:7::/56 `:            true,
		"actor=users account=admin network=203.0.113.3 ": true,
	} {
		if strings.Contains(s.log.String(), text) != want {
			t.Errorf("%q in the log: %v, want %v\n%s", text, !want, want, s.log)
		}
	}
}

// The file of the first password is for its owner, and works.
func TestFirstPasswordInAFile(t *testing.T) {
	cfg := settings(t)
	path := filepath.Join(cfg.Data, "new", "password")
	var notice strings.Builder
	begin := func() error {
		srv, err := server.New(t.Context(), cfg, obs.NewLogger("text", cfg.Level(), &notice), server.WithHashing(secret.TestOptions()),
			server.WithNotice(&notice), server.WithPasswordFile(path))
		if err != nil {
			return err
		}
		return srv.Close()
	}
	if err := begin(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	password := strings.TrimSpace(string(text))
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || len(password) < 20 {
		t.Errorf("file %v, %v, %d characters", info, err, len(password))
	}
	if said := notice.String(); strings.Contains(said, password) || !strings.Contains(said, path) {
		t.Errorf("said %q", said)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := begin(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the second start wrote the file again")
	}
	if !logsIn(t, start(t, cfg).url, "admin", password) {
		t.Error("the password does not work")
	}
}

// Where the file cannot be written nobody is made whose password is lost.
func TestFirstPasswordThatCannotBeKept(t *testing.T) {
	cfg := settings(t)
	_, err := server.New(t.Context(), cfg, obs.NewLogger("text", cfg.Level(), t.Output()), server.WithHashing(secret.TestOptions()),
		server.WithPasswordFile("/dev/null/password"))
	if err == nil || !strings.Contains(err.Error(), "PARLEY_ADMIN") {
		t.Fatalf("error %v", err)
	}
	if s := start(t, cfg); !strings.Contains(s.notice, "The first administrator was created") {
		t.Errorf("the next start says %q", s.notice)
	}
}
