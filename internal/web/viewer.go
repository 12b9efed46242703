package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"time"

	"parley/docs"
)

//go:embed viewer.html
var viewerText string

//go:embed viewer.css
var viewerStyle []byte

//go:embed viewer.js
var viewerScript []byte

// viewerPolicy lets the viewer run its own script and ask this server, and nothing
// else. The script may not make HTML of text.
const viewerPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// file is what is served as it is.
type file struct {
	data []byte
	kind string // its media type
	etag string
}

func newFile(data []byte, kind string) file {
	sum := sha256.Sum256(data)
	return file{data, kind + "; charset=utf-8", `"` + hex.EncodeToString(sum[:16]) + `"`}
}

// ServeHTTP implements http.Handler. Clients that have the file already are told so.
func (f file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Content-Security-Policy", viewerPolicy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cache-Control", "no-cache") // that is: ask whether it changed
	h.Set("ETag", f.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(f.data))
}

// viewerPage returns the page that shows the API document.
func viewerPage(place string) (file, error) {
	page, err := template.New("viewer").Parse(viewerText)
	if err != nil {
		return file{}, err
	}
	var text bytes.Buffer
	err = page.Execute(&text, place)
	return newFile(text.Bytes(), "text/html"), err
}

// documentFiles returns what is below /docs, by name: the parts of the viewer and the
// documents of the project.
func documentFiles() (map[string]file, error) {
	files := map[string]file{
		"viewer.css": newFile(viewerStyle, "text/css"), "viewer.js": newFile(viewerScript, "text/javascript"),
	}
	names, err := fs.Glob(docs.Files, "*.md")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		data, err := docs.Files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files[name] = newFile(data, "text/plain")
	}
	return files, nil
}

// viewer shows the API document to people.
func (p *Pages) viewer(w http.ResponseWriter, r *http.Request) { p.docs.ServeHTTP(w, r) }

// document answers a file below /docs.
func (p *Pages) document(w http.ResponseWriter, r *http.Request) {
	f, ok := p.files[r.PathValue("name")]
	if !ok {
		p.missing(w, r)
		return
	}
	f.ServeHTTP(w, r)
}
