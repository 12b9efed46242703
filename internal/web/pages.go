package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"parley/internal/auth"
	"parley/internal/avatar"
	"parley/internal/conversation"
	"parley/internal/obs"
	"parley/internal/room"
)

//go:embed page.html
var pageText string

//go:embed page.css
var style string

// Options are what Pages are made of.
type Options struct {
	Rooms         *room.Service
	Conversations *conversation.Service
	Auth          *auth.Service
	Avatars       *avatar.Service
	// Place is the path on its host that the server is reached at, "" for all of it.
	Place string
	// Address is the public address of the server, "" when none is configured.
	Address string
	// Version is that of the running program.
	Version string
}

// Pages serves the pages for people.
type Pages struct {
	rooms         *room.Service
	conversations *conversation.Service
	auth          *auth.Service
	avatars       *avatar.Service
	address       string
	page          *template.Template
	policy        string
	// formPolicy is that of pages with forms, leavePolicy that of those which lead to an app, by
	// an address of its own.
	formPolicy, leavePolicy string
	// origin tells forms of other pages from our own.
	origin *http.CrossOriginProtection
	place  string
	front  content
	files  map[string]file
	docs   file
}

// New returns the pages over the use cases.
func New(o Options) (*Pages, error) {
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(style))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	p := &Pages{rooms: o.Rooms, conversations: o.Conversations, auth: o.Auth, avatars: o.Avatars, address: o.Address, page: page, policy: policy, place: o.Place, front: frontPage(o)}
	p.formPolicy = strings.Replace(policy, "form-action 'none'", "form-action 'self'", 1)
	p.leavePolicy = strings.Replace(policy, "form-action 'none'", "form-action 'self' nc:", 1)
	if p.origin, err = ownOrigin(o.Address); err != nil {
		return nil, err
	}
	if p.docs, err = viewerPage(o.Place); err != nil {
		return nil, err
	}
	p.files, err = documentFiles()
	return p, err
}

// ownOrigin tells requests of other pages from those of the server at an address, "" for any.
func ownOrigin(address string) (*http.CrossOriginProtection, error) {
	origin := http.NewCrossOriginProtection()
	to, err := url.Parse(address)
	if err != nil || address == "" {
		return origin, err
	}
	return origin, origin.AddTrustedOrigin(to.Scheme + "://" + to.Host)
}

// Register adds the pages to mux, and a page for everything that nobody else answers.
func (p *Pages) Register(mux *http.ServeMux) {
	for _, prefix := range []string{"", "/index.php"} {
		mux.HandleFunc("GET "+prefix+"/call/{token}", p.call)
		p.registerLogin(mux, prefix)
		mux.HandleFunc("GET "+prefix+"/avatar/{rest...}", p.avatar)
	}
	mux.HandleFunc("GET /{$}", p.index)
	mux.HandleFunc("GET /icon.svg", icon)
	mux.HandleFunc("GET /docs", p.viewer)
	mux.HandleFunc("GET /docs/{name}", p.document)
	mux.HandleFunc("/", p.elsewhere(mux))
}

// content is what a page says.
type content struct {
	// Title is the heading, Label stands small above it.
	Label, Title string
	// Paragraphs are the text below.
	Paragraphs []string
	// Visitor is who reads the page, zero if it is the same for all.
	Visitor visitor
	// Alert is what went wrong, read out at once.
	Alert string
	// Main is the way on that most people take, nil for none.
	Main *link
	// Form is what a visitor can send, nil for nothing. Leaves tells that it leads to an app.
	Form   *form
	Leaves bool
	// Items are things with something to do about each.
	Items []item
	// Links lead on from here.
	Links []link
	// Facts are short notes that are set apart.
	Facts []string
}

// visitor is who reads a page: the account, "" for nobody, and what proves that forms and
// requests come from pages of this reader.
type visitor struct{ User, RequestToken string }

func visitorOf(id auth.Identity) visitor { return visitor{id.Caller.UserID, id.RequestToken()} }

// form is what a visitor sends to the server.
type form struct {
	Action string
	Hidden []pair
	Fields []field
	// Button is what is written on it, Label what is read out in the place of that, if anything.
	Button, Label string
}

// pair is what a form sends without asking.
type pair struct{ Name, Value string }

// field is a line of a form to fill in.
type field struct {
	Label, Name, Type, Value, Autocomplete string
	First                                  bool
}

// item is a thing with something to do about it.
type item struct {
	Name, Note string
	Form       *form
}

// link is a place to go on to. Its address is a path on the host of the server.
type link struct{ Address, Text, Note string }

// document is a page with its looks.
type document struct {
	content
	Style template.CSS
}

// show writes a page.
func (p *Pages) show(w http.ResponseWriter, status int, c content) {
	var page bytes.Buffer
	if err := p.page.Execute(&page, document{c, template.CSS(style)}); err != nil {
		p.fail(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Referrer-Policy", "no-referrer")
	if c.Form != nil || len(c.Items) > 0 {
		h.Set("Content-Security-Policy", p.formPolicy)
		h.Set("Referrer-Policy", "same-origin") // otherwise browsers do not tell where a form comes from
	}
	if c.Leaves {
		h.Set("Content-Security-Policy", p.leavePolicy)
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A visitor who hangs up needs no answer.
	_, _ = w.Write(page.Bytes())
}

// fail answers what a visitor can do nothing about; the cause is for the log.
func (p *Pages) fail(w http.ResponseWriter, err error) {
	obs.Of(w).Err = err
	http.Error(w, "Something went wrong. Please try again later.", http.StatusInternalServerError)
}
