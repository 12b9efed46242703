package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"parley/internal/config"
	"parley/internal/talktest"
)

// placed is a server at a path of a host.
func placed(address string) talktest.Option { return func(c *config.Config) { c.URL = address } }

// Every page says what this is, stays on the server and runs nothing.
func TestCards(t *testing.T) {
	for address, place := range map[string]string{"": "", "https://cloud.example.org/ä b/talk": "/%C3%A4%20b/talk"} {
		srv := talktest.Start(t, placed(address))
		for path, want := range map[string]int{
			"/": http.StatusOK, "/nowhere": http.StatusNotFound, "/nowhere/": http.StatusNotFound, "/index.php": http.StatusNotFound,
			"/index.php/apps/spreed": http.StatusNotFound, "/metrics": http.StatusNotFound, "/docs/nothing.md": http.StatusNotFound,
			"/docs/%2e%2e%5cgo.mod": http.StatusNotFound, "/docs/": http.StatusNotFound, "/%ff%00<b>": http.StatusNotFound,
			"/login?redirect_url=%2F%2Fevil.example": http.StatusOK, "/index.php/login": http.StatusOK,
		} {
			page := srv.Anonymous().Raw("GET", place+path).Expect(want)
			has(t, page, "parley", `href="`+place+`/docs"`)
			if path != "/" {
				has(t, page, `href="`+place+`/"`)
			}
			if policy := page.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") ||
				strings.Contains(policy, "unsafe") {
				t.Errorf("%s: policy %q", path, policy)
			}
			for _, to := range links(page.Body) {
				if to != "data:," && !strings.HasPrefix(to, place+"/") || strings.HasPrefix(to, "//") {
					t.Errorf("%s links to %q", path, to)
				}
			}
			if strings.Contains(string(page.Body), "evil.example") || strings.Contains(string(page.Body), "<script") {
				t.Errorf("%s: %s", path, page.Body)
			}
			head := srv.Anonymous().Raw("HEAD", place+path).Expect(want)
			if len(head.Body) > 0 || head.Header.Get("Content-Type") != "text/html; charset=utf-8" {
				t.Errorf("HEAD %s: %q %v", path, head.Body, head.Header)
			}
		}
	}
}

// links returns where a page leads and what it loads.
func links(page []byte) (to []string) {
	for _, found := range regexp.MustCompile(`(?:href|src|action)="([^"]*)"`).FindAllSubmatch(page, -1) {
		to = append(to, string(found[1]))
	}
	return to
}

// What the front page links to is there.
func TestLinksLeadSomewhere(t *testing.T) {
	srv := talktest.Start(t, placed("https://cloud.example.org/talk"))
	front := srv.Anonymous().Raw("GET", "/").OK()
	has(t, front, "https://cloud.example.org/talk", "Version ")
	viewer := srv.Anonymous().Raw("GET", "/docs").OK()
	for _, page := range []*talktest.Reply{front, viewer} {
		for _, to := range links(page.Body) {
			if to != "data:," {
				srv.Anonymous().Raw("GET", to).OK()
			}
		}
	}
}

func TestPagesForPrograms(t *testing.T) {
	srv := talktest.Start(t)
	for accept, want := range map[string]string{
		"": "text/html", "*/*": "text/html", "text/html,application/json;q=0.9": "text/html", "application/xhtml+xml": "text/html",
		"application/json": "text/plain", "text/plain": "text/plain", "application/json, text/plain, */*": "text/plain",
	} {
		for path, status := range map[string]int{"/": http.StatusOK, "/nowhere": http.StatusNotFound} {
			page := srv.Anonymous().Raw("GET", path, talktest.Header("Accept", accept)).Expect(status)
			if got := page.Header.Get("Content-Type"); got != want+"; charset=utf-8" {
				t.Errorf("%s for %q: %s", path, accept, got)
			}
			has(t, page, "parley", "/docs")
		}
	}
}

func TestPagesAreOnlyRead(t *testing.T) {
	srv := talktest.Start(t)
	for _, path := range []string{"/", "/docs", "/docs/viewer.js", "/openapi.json", "/status.php", "/healthz", "/call/abcd"} {
		for _, method := range []string{"POST", "PUT", "DELETE"} {
			page := srv.Anonymous().Raw(method, path).Expect(http.StatusMethodNotAllowed)
			if got := page.Header.Get("Allow"); got != "GET, HEAD" {
				t.Errorf("%s %s: Allow %q", method, path, got)
			}
		}
	}
	srv.Anonymous().Raw("POST", "/nowhere").Expect(http.StatusNotFound)
}
