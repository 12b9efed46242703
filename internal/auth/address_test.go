package auth_test

import (
	"net/http"
	"testing"

	"parley/internal/auth"
)

func TestClientAddress(t *testing.T) {
	trusted := prefixes("10.0.0.0/8", "fd00::/8")
	for name, c := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"direct":                    {"203.0.113.5:1234", nil, "203.0.113.5"},
		"IPv6":                      {"[2001:db8::1]:1234", nil, "2001:db8::1"},
		"zone":                      {"[fe80::1%eth0]:1234", nil, "fe80::1"},
		"mapped":                    {"[::ffff:203.0.113.5]:1", nil, "203.0.113.5"},
		"no port":                   {"203.0.113.5", nil, "203.0.113.5"},
		"unix socket":               {"@", []string{"198.51.100.1"}, ""},
		"nothing":                   {"", nil, ""},
		"spoofed by a stranger":     {"203.0.113.5:1", []string{"198.51.100.1"}, "203.0.113.5"},
		"behind a proxy":            {"10.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		"behind a mapped proxy":     {"[::ffff:10.0.0.1]:1", []string{"198.51.100.1"}, "198.51.100.1"},
		"spoofed behind a proxy":    {"10.0.0.1:1", []string{"127.0.0.1, 198.51.100.1"}, "198.51.100.1"},
		"two proxies":               {"10.0.0.1:1", []string{"1.2.3.4, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		"two headers":               {"10.0.0.1:1", []string{"1.2.3.4", "198.51.100.1 , fd00::2"}, "198.51.100.1"},
		"ports":                     {"10.0.0.1:1", []string{"198.51.100.1:55, [fd00::2]:44"}, "198.51.100.1"},
		"brackets":                  {"10.0.0.1:1", []string{"[2001:db8::1]"}, "2001:db8::1"},
		"only proxies":              {"10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"proxy without header":      {"10.0.0.1:1", nil, "10.0.0.1"},
		"proxy with empty header":   {"10.0.0.1:1", []string{""}, "10.0.0.1"},
		"garbage before a proxy":    {"10.0.0.1:1", []string{"198.51.100.1, unknown, 10.0.0.2"}, "10.0.0.2"},
		"garbage before a client":   {"10.0.0.1:1", []string{"<script>, 198.51.100.1"}, "198.51.100.1"},
		"garbage in the last place": {"10.0.0.1:1", []string{"198.51.100.1, _hidden"}, "10.0.0.1"},
	} {
		r := request(from(c.remote))
		r.Header[http.CanonicalHeaderKey("X-Forwarded-For")] = c.forwarded
		if got := auth.ClientAddress(r, trusted); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestIdentifyUsesTheClientsAddress(t *testing.T) {
	f := newFixture(t, trusting("192.0.2.1/32"))
	if id := f.id(request(header("X-Forwarded-For", "198.51.100.9"))); id.Caller.Address != "198.51.100.9" {
		t.Errorf("address %q", id.Caller.Address)
	}
	if id := f.id(request(header("X_Forwarded_For", "198.51.100.9"))); id.Caller.Address != address {
		t.Errorf("the spelling that proxies do not overwrite gave %q", id.Caller.Address)
	}
}
