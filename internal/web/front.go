package web

import (
	_ "embed"
	"net/http"
	"strings"

	"parley/internal/obs"
)

// iconFile is the picture of the server.
//
//go:embed icon.svg
var iconFile []byte

// icon shows the picture of the server.
func icon(w http.ResponseWriter, _ *http.Request) {
	obs.Of(w).Route = "/icon.svg"
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "public, max-age=86400")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	// A client that hangs up needs no picture.
	_, _ = w.Write(iconFile)
}

// index answers the address of the server itself.
func (p *Pages) index(w http.ResponseWriter, r *http.Request) {
	obs.Of(w).Route = "/"
	p.tell(w, r, http.StatusOK, p.front)
}

// frontPage says what this server is.
func frontPage(o Options) content {
	address := "the address of this page"
	if o.Address != "" {
		address = o.Address
	}
	return content{
		Label: "Welcome", Title: "This is parley, a conversation server",
		Paragraphs: []string{
			"It speaks the Nextcloud Talk API without Nextcloud: conversations with their participants, guests, moderators " +
				"and permissions, and accounts of its own. It is for those who run such conversations themselves, and for those " +
				"who write programs and bots for them.",
			"Programs that speak the Talk API log in at " + address + " with a user id and a password, which the administrator " +
				"of this server gives out.",
			"Talk’s own apps log in here: give them the address " + address + ".",
		},
		Links: []link{
			{o.Place + "/login", "Log in", "See the apps that are connected to your account, and take them off it."},
			{o.Place + "/docs", "API document", "Every operation with its fields, its answers and an example."},
			{o.Place + "/openapi.json", "openapi.json", "The same for programs, in OpenAPI 3.1."},
			{o.Place + "/docs/operations.md", "Operations", "Settings, accounts, backup: for whoever runs the server."},
			{o.Place + "/docs/participant-api.md", "Participant API", "Each answer, one by one."},
			{o.Place + "/docs/events.md", "Events", "What happens, as a stream and as webhooks."},
			{o.Place + "/docs/divergences.md", "Divergences", "Where parley differs from Talk."},
		},
		Facts: []string{"Version " + o.Version},
	}
}

// home is the way back to the front page.
func (p *Pages) home() link { return link{p.place + "/", "What this server is", ""} }

// elsewhere answers what nothing else in mux does. An address that another method has
// a page at is told so.
func (p *Pages) elsewhere(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		record := obs.Of(w)
		asked := *r
		asked.Method = http.MethodGet
		if _, pattern := mux.Handler(&asked); pattern != "/" {
			record.Route = strings.TrimSuffix(strings.TrimPrefix(pattern, http.MethodGet+" "), "{$}")
			w.Header().Set("Allow", "GET, HEAD")
			p.tell(w, r, http.StatusMethodNotAllowed, content{
				Title: "This page can only be read", Paragraphs: []string{"Use GET."}, Links: []link{p.home()},
			})
			return
		}
		record.Route = "unmatched"
		p.missing(w, r)
	}
}

// missing answers an address that leads nowhere.
func (p *Pages) missing(w http.ResponseWriter, r *http.Request) {
	p.tell(w, r, http.StatusNotFound, content{
		Title: "There is nothing here",
		Paragraphs: []string{
			"This is parley, a conversation server. The address may be mistyped, or it belongs to something that parley does not have.",
		},
		Links: []link{p.home(), {p.place + "/docs", "API document", ""}},
	})
}

// tell shows a page, as plain text to programs that would rather have no HTML.
func (p *Pages) tell(w http.ResponseWriter, r *http.Request, status int, c content) {
	w.Header().Add("Vary", "Accept")
	if wantsHTML(r) {
		p.show(w, status, c)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A client that hangs up needs no answer.
	_, _ = w.Write([]byte(c.text()))
}

// wantsHTML reports whether a client takes HTML, which is all who do not name what
// else they take.
func wantsHTML(r *http.Request) bool {
	accept := strings.ToLower(strings.Join(r.Header.Values("Accept"), ","))
	return strings.Contains(accept, "html") || !strings.Contains(accept, "json") && !strings.Contains(accept, "text/plain")
}

// text is the page for those who read no HTML.
func (c *content) text() string {
	lines := append([]string{c.Title + "."}, c.Paragraphs...)
	for _, l := range c.Links {
		lines = append(lines, l.Text+": "+l.Address)
	}
	return strings.Join(append(lines, c.Facts...), "\n") + "\n"
}
