package config_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"parley/internal/config"
)

func addressOf(t testing.TB, text string) (config.Address, error) {
	t.Helper()
	c := config.Default()
	c.URL = text
	return c.Address(), c.Validate()
}

func TestAddressIsUsedAsMeant(t *testing.T) {
	for text, want := range map[string]string{
		"https://talk.example.org":              "https://talk.example.org",
		"HTTPS://Talk.Example.ORG/":             "https://talk.example.org",
		"hTTp://h.example":                      "http://h.example",
		"  https://h.example\n":                 "https://h.example",
		"https://h.example///":                  "https://h.example",
		"https://h.example//a//b/":              "https://h.example/a/b",
		"https://h.example/Talk":                "https://h.example/Talk",
		"https://h.example/ä b":                 "https://h.example/%C3%A4%20b",
		"https://h.example/%c3%a4%20b":          "https://h.example/%C3%A4%20b",
		"https://h.example/%74alk":              "https://h.example/talk",
		"https://h.example/100%25":              "https://h.example/100%25",
		`https://h.example/"<a>"`:               "https://h.example/%22%3Ca%3E%22",
		"https://h.example/a(b)~c":              "https://h.example/a(b)~c",
		"https://h.example./talk":               "https://h.example/talk",
		"https://h.example:443/x":               "https://h.example/x",
		"http://h.example:80":                   "http://h.example",
		"http://h.example:443":                  "http://h.example:443",
		"https://h.example:08443":               "https://h.example:8443",
		"http://[::1]:8080/t":                   "http://[::1]:8080/t",
		"http://[2001:DB8:0::1]":                "http://[2001:db8::1]",
		"http://192.0.2.1":                      "http://192.0.2.1",
		"http://localhost:1":                    "http://localhost:1",
		"http://my_host":                        "http://my_host",
		"https://xn--bcher-kva.example":         "https://xn--bcher-kva.example",
		"https://h.example/nextcloud/index.php": "https://h.example/nextcloud/index.php",
		"https://h.example/octopus":             "https://h.example/octopus",
		"https://h.example/.well-known/...":     "https://h.example/.well-known/...",
	} {
		a, err := addressOf(t, text)
		if err != nil || a.String() != want || a.Secure() != strings.HasPrefix(want, "https:") || !a.Known() {
			t.Errorf("%q is %q, want %q (%v)", text, a, want, err)
		}
		if again, err := addressOf(t, a.String()); err != nil || again.String() != want {
			t.Errorf("%q read again is %q (%v)", want, again, err)
		}
	}
	if a, err := addressOf(t, ""); err != nil || a.Known() || a.String() != "" || a.Path() != "" || a.Secure() {
		t.Errorf("none is %q, %v", a, err)
	}
}

func TestAddressThatCannotBeMeant(t *testing.T) {
	for _, text := range []string{
		" ", "talk.example.org", "//h.example", "https:/h.example", "https:h.example", "https://", "https:///talk", "https://:8080",
		"ftp://h.example", "ws://h.example", "https ://h.example", "https://https://h.example",
		"https://h example", "https://h.example /a", "https://h\texample", "https://h.example/a\nb", "https://h.example/a\x00", "https://h.example/%00",
		"https://h.example?", "https://h.example/?a=b", "https://h.example/#", "https://h.example/a#b",
		"https://me@h.example", "https://me:pw@h.example", "https://@h.example", "https://:@h.example",
		"https://h.example\\talk", "https:\\\\h.example", "https://h.example/a\\b", "https://h.example/%5c",
		"https://bücher.example", "https://h.exämple", "https://ⓔxample.org", "https://%68.example",
		"https://h..example", "https://.h.example", "https://-h.example", "https://h-.example", "https://h.example..", "https://*.example",
		"https://h.example:", "https://h.example:0", "https://h.example:65536", "https://h.example:-1", "https://h.example:http", "https://h.example:80:80", "https://h.example: 80",
		"http://[::1", "http://::1", "http://[::1]x", "http://[fe80::1%25eth0]", "http://[fe80::1%eth0]", "http://[127.0.0.1]", "http://[]",
		"http://1", "http://0x7f.1", "http://127.1", "http://256.0.0.1", "http://1.2.3.4.5", "http://0.0.0.0:8080", "http://[::]",
		"https://h.example/a/../b", "https://h.example/.", "https://h.example/%2e%2E/b", "https://h.example/a%2fb",
		"https://h.example/%", "https://h.example/%zz", "https://h.example/%ff", "https://h.example/a;b", "https://h.example/%3b",
		"https://h.example/ocs", "https://h.example/OCS/a", "https://h.example/call", "https://h.example/%63all", "https://h.example/index.php",
		"https://" + strings.Repeat("a", 64) + ".example", "https://" + strings.Repeat("a.", 127) + "example",
		"https://h.example/" + strings.Repeat("a", 512),
	} {
		if a, err := addressOf(t, text); err == nil || a.Known() || !strings.Contains(err.Error(), "--url") {
			t.Errorf("%q is %q (%v)", text, a, err)
		}
	}
}

func TestStrip(t *testing.T) {
	a, _ := addressOf(t, "https://h.example/ä b/talk")
	for asked, want := range map[string]string{
		"/%C3%A4%20b/talk/ocs/x":       "/ocs/x",
		"/%c3%a4%20b/talk/ocs/%2Fx":    "/ocs/%2Fx",
		"/%C3%A4%20b/%74alk/ocs//x/":   "/ocs//x/",
		"//%C3%A4%20b//talk//ocs/x":    "//ocs/x",
		"/%C3%A4%20b/talk":             "/",
		"/%C3%A4%20b/talk/":            "/",
		"/%C3%A4%20b/talking/ocs":      "/%C3%A4%20b/talking/ocs",
		"/%C3%A4%20b%2Ftalk/ocs":       "/%C3%A4%20b%2Ftalk/ocs",
		"/%C3%A4%20b/":                 "/%C3%A4%20b/",
		"/ocs/x":                       "/ocs/x",
		"/":                            "/",
		"/x/%C3%A4%20b/talk/ocs":       "/x/%C3%A4%20b/talk/ocs",
		"/%C3%A4%20b/talk/../talk/ocs": "/../talk/ocs",
	} {
		r := httptest.NewRequest("GET", asked+"?q=1", nil)
		got := a.Strip(r)
		if got.URL.EscapedPath() != want || got.URL.RawQuery != "q=1" || r.URL.EscapedPath() != asked {
			t.Errorf("%s is served as %s, want %s", asked, got.URL.EscapedPath(), want)
		}
		if plain, err := url.PathUnescape(want); err != nil || plain != got.URL.Path {
			t.Errorf("%s: path %q", asked, got.URL.Path)
		}
	}
}

// Whatever is accepted makes links that lead to the same place.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"https://h.example/ä b", "HTTP://[::1]:80//a/%25", "https://h.example:65536", "http://a@b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, err := addressOf(t, text)
		if text == "" || err != nil {
			return
		}
		u, err := url.Parse(a.String() + "/call/x?y=z")
		if err != nil || u.Host == "" || u.User != nil || u.EscapedPath() != a.Path()+"/call/x" || strings.ContainsAny(a.String(), " \t\r\n\"<>\\") {
			t.Errorf("%q makes links to %v (%v)", text, u, err)
		}
		if again, err := addressOf(t, a.String()); err != nil || again.String() != a.String() {
			t.Errorf("%q is %q and then %q", text, a, again)
		}
	})
}
