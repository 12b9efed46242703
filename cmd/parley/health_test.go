package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"parley/internal/talktest"
)

func TestHealthTargets(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:8080": "127.0.0.1:8080", "0.0.0.0:8080": "127.0.0.1:8080", "[::]:8080": "127.0.0.1:8080 [::1]:8080",
		":8080": "127.0.0.1:8080 [::1]:8080", "8080": "127.0.0.1:8080 [::1]:8080", "localhost:80": "localhost:80",
		"[2001:db8::1]:80": "[2001:db8::1]:80",
	} {
		got, err := healthTargets(listen)
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %v, %v, want %s", listen, got, err, want)
		}
	}
	for _, listen := range []string{"127.0.0.1:0", "", "a:b:c", "host:"} {
		if got, err := healthTargets(listen); err == nil {
			t.Errorf("%q: %v", listen, got)
		}
	}
}

func TestHealth(t *testing.T) {
	running := strings.TrimPrefix(talktest.Start(t).URL, "http://")
	_, port, err := net.SplitHostPort(running)
	if err != nil {
		t.Fatal(err)
	}
	answering := func(status int, text string) string {
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, text, status) }))
		t.Cleanup(other.Close)
		return strings.TrimPrefix(other.URL, "http://")
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	taken.Close()
	file := filepath.Join(t.TempDir(), "parley.toml")
	if err := os.WriteFile(file, []byte(`listen = "0.0.0.0:`+port+`"`+"\nmemory = 32\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := bareShell(t)
	for _, c := range []struct {
		flags, listen string
		code          int
		want          string
	}{
		{"--listen " + running, "", exitOK, running + " is ready"},
		{"", "0.0.0.0:" + port, exitOK, "127.0.0.1:" + port + " is ready"},
		{"", "[::]:" + port, exitOK, " is ready"},
		{"", ":" + port, exitOK, " is ready"},
		{"", port, exitOK, " is ready"},
		{"--config " + file, "", exitOK, " is ready"},
		{"--address " + running, "127.0.0.1:1", exitOK, " is ready"},
		{"--address " + taken.Addr().String(), "", exitFailure, "cannot be reached"},
		{"--address " + silent.Addr().String(), "", exitFailure, "did not answer within 3s"},
		{"--address " + answering(503, "not ready: database"), "", exitFailure, "is not ready: database"},
		{"--address " + answering(200, "welcome"), "", exitFailure, "is no parley: it answers 200"},
		{"--address " + answering(500, "\x1b[2J"), "", exitFailure, "is no parley: it answers 500"},
		{"--address nowhere:99999", "", exitFailure, "cannot be reached"},
	} {
		if c.listen != "" {
			t.Setenv("PARLEY_LISTEN", c.listen)
		} else if err := os.Unsetenv("PARLEY_LISTEN"); err != nil {
			t.Fatal(err)
		}
		r := s.run("health "+c.flags, "")
		if said := r.out + r.err; r.code != c.code || !strings.Contains(said, c.want) || strings.Count(said, "\n") != 1 {
			t.Errorf("%s %s: exit code %d, %q, want %q", c.flags, c.listen, r.code, said, c.want)
		}
	}
}

// The health command asks where the server listens, so both have the same flag.
func TestHealthHasTheFlagsOfTheServer(t *testing.T) {
	flags := map[string][]*kong.Flag{}
	for _, n := range leaves(t) {
		if n.Name == "serve" || n.Name == "health" {
			for _, f := range n.Flags {
				flags[f.Name] = append(flags[f.Name], f)
			}
		}
	}
	for _, name := range []string{"listen", "config"} {
		both := flags[name]
		if len(both) != 2 || both[0].Default != both[1].Default || !slices.Equal(both[0].Envs, both[1].Envs) {
			t.Errorf("--%s differs", name)
		}
	}
}
