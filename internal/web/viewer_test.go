package web_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"parley/internal/talktest"
)

func TestViewer(t *testing.T) {
	srv := talktest.Start(t, placed("https://cloud.example.org/talk"))
	size := 0
	for path, kind := range map[string]string{
		"/docs": "text/html", "/docs/viewer.js": "text/javascript", "/docs/viewer.css": "text/css", "/docs/operations.md": "text/plain",
	} {
		reply := srv.Anonymous().Raw("GET", path).OK()
		h := reply.Header
		if h.Get("Content-Type") != kind+"; charset=utf-8" || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", path, h)
		}
		policy := h.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'", "frame-ancestors 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: policy %q lacks %s", path, policy, part)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || strings.Contains(policy, "*") {
			t.Errorf("%s: policy %q", path, policy)
		}
		etag := h.Get("ETag")
		srv.Anonymous().Raw("GET", path, talktest.Header("If-None-Match", etag)).Expect(http.StatusNotModified)
		if !strings.HasSuffix(path, ".md") {
			size += len(reply.Body)
		}
	}
	if size > 30_000 {
		t.Errorf("the viewer has %d bytes", size)
	}
	has(t, srv.Anonymous().Raw("GET", "/docs").OK(), "<noscript>", `src="/talk/docs/viewer.js"`, `href="/talk/openapi.json"`)
}

// The viewer makes no HTML or code of text, and asks nobody else.
func TestViewerIsSafe(t *testing.T) {
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|setTimeout\('|https?://|//[a-z]+\.|` +
		`\bon[a-z]+=|style="|localStorage|sessionStorage|document\.cookie|@import|url\(`)
	for _, name := range []string{"viewer.js", "viewer.html", "viewer.css"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := forbidden.FindString(string(text)); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	}
}
