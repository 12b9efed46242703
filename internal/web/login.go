package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"parley/internal/auth"
	"parley/internal/talk"
)

// maxForm is how large a form is that somebody sends, in bytes.
const maxForm = 64 << 10

// registerLogin adds what people and apps log in with.
func (p *Pages) registerLogin(mux *http.ServeMux, prefix string) {
	for pattern, handle := range map[string]http.HandlerFunc{
		"GET /login": p.login, "POST /login": p.logIn, "GET /logout": p.logOut, "GET /csrftoken": p.requestToken,
		"GET /login/flow": p.flowV1, "GET /login/flow/grant": p.grantV1, "POST /login/flow": p.grantedV1,
		"POST /login/v2": p.beginFlow, "POST /login/v2/poll": p.pollFlow, "GET /login/v2/flow/{token}": p.openFlow,
		"GET /login/v2/flow": p.flow, "GET /login/v2/grant": p.grant, "POST /login/v2/grant": p.granted,
		"GET /devices": p.devices, "POST /devices": p.revoke,
		"POST /core/wipe/check": p.wipeCheck, "POST /core/wipe/success": p.wipeSuccess,
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+prefix+path, handle)
	}
}

// who finds out who opens a page, and answers by itself if that fails. Whoever has no cookie
// gets one.
func (p *Pages) who(w http.ResponseWriter, r *http.Request) (id auth.Identity, ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	id, err := p.auth.Identify(r)
	blocked, refused := errors.AsType[*auth.Blocked](err)
	switch {
	case talk.IsKind(err, talk.Unauthenticated):
		p.show(w, http.StatusUnauthorized, content{Title: "You could not be logged in", Paragraphs: []string{"The name or the password is wrong."}})
		return id, false
	case refused:
		p.tooManyLogins(w, blocked)
		return id, false
	case err != nil:
		p.fail(w, err)
		return id, false
	}
	if id.Cookie != nil {
		http.SetCookie(w, id.Cookie)
	}
	return id, true
}

func (p *Pages) tooManyLogins(w http.ResponseWriter, b *auth.Blocked) {
	w.Header().Set("Retry-After", seconds(b))
	p.show(w, http.StatusTooManyRequests, content{
		Title:      "Too many attempts",
		Paragraphs: []string{"Somebody in your network has tried too many wrong passwords. Please try again in half an hour."},
	})
}

// meant reports whether a form was sent by one of our own pages, and answers by itself if not.
func (p *Pages) meant(w http.ResponseWriter, r *http.Request, id auth.Identity) bool {
	if r.ParseForm() == nil && id.Proven(r, r.PostForm.Get("requesttoken")) {
		return true
	}
	p.show(w, http.StatusPreconditionFailed, content{
		Title:      "This page was open for too long",
		Paragraphs: []string{"Please go back, load the page again and repeat what you did."},
		Links:      []link{{p.place + "/login", "Log in", ""}},
	})
	return false
}

// ownPath is where to go on after the log-in: an address on this server, or the devices.
func (p *Pages) ownPath(text string) string {
	to, err := url.Parse(text)
	if err != nil || to.Scheme != "" || to.Host != "" || to.User != nil || to.Opaque != "" || !strings.HasPrefix(text, p.place+"/") ||
		strings.HasPrefix(text, "//") || strings.ContainsAny(text, "\\\r\n\t") || len(text) > 2000 {
		return p.place + "/devices"
	}
	return text
}

// login is the page on which people log in.
func (p *Pages) login(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok {
		return
	}
	query := r.URL.Query()
	next := p.ownPath(query.Get("redirect_url"))
	if id.Caller.LoggedIn() {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	c := content{Label: "parley", Title: "Log in", Form: &form{
		Action: p.place + "/login", Button: "Log in",
		Hidden: []pair{{"requesttoken", id.RequestToken()}, {"redirect_url", next}},
		Fields: []field{
			{Label: "User id or mail address", Name: "user", Type: "text", Value: query.Get("user"), Autocomplete: "username", First: true},
			{Label: "Password", Name: "password", Type: "password", Autocomplete: "current-password"},
		},
	}}
	c.Links = []link{p.home(), {p.place + "/docs", "API document", ""}}
	if query.Has("wrong") {
		c.Alert = "The user id or the password is wrong."
	}
	if strings.HasPrefix(next, p.place+"/login/") {
		c.Paragraphs = []string{"An app wants to connect to your account. Log in to see which one."}
	}
	p.show(w, http.StatusOK, c)
}

// logIn logs somebody in who filled in the page.
func (p *Pages) logIn(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok || !p.meant(w, r, id) {
		return
	}
	next, user := p.ownPath(r.PostForm.Get("redirect_url")), r.PostForm.Get("user")
	in, err := p.auth.LogIn(r, user, r.PostForm.Get("password"))
	if blocked, refused := errors.AsType[*auth.Blocked](err); refused {
		p.tooManyLogins(w, blocked)
		return
	}
	if talk.IsKind(err, talk.Unauthenticated) {
		again := url.Values{"user": {user}, "wrong": {"1"}, "redirect_url": {next}}
		http.Redirect(w, r, p.place+"/login?"+again.Encode(), http.StatusSeeOther)
		return
	}
	if err != nil {
		p.fail(w, err)
		return
	}
	http.SetCookie(w, in.Cookie)
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// logOut ends the log-in of a browser.
func (p *Pages) logOut(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok {
		return
	}
	if !id.Proven(r, r.URL.Query().Get("requesttoken")) {
		p.show(w, http.StatusPreconditionFailed, content{Title: "Log out?", Links: []link{
			{p.place + "/logout?requesttoken=" + id.RequestToken(), "Log out", ""}, {p.place + "/devices", "Stay", ""},
		}})
		return
	}
	http.SetCookie(w, p.auth.Renew(r, id).Cookie)
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	http.Redirect(w, r, p.place+"/login", http.StatusSeeOther)
}

// requestToken tells a page of this client how it proves that a request is its own.
func (p *Pages) requestToken(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if ok {
		answerJSON(w, http.StatusOK, map[string]string{"token": id.RequestToken()})
	}
}

// answerJSON answers a program.
func answerJSON(w http.ResponseWriter, status int, data any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache, no-store, must-revalidate")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(data) // a client that is gone needs no answer
}

// parameter is a value that a program sends in the query, a form or an object of JSON.
func parameter(r *http.Request, name string) string {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		var body map[string]any
		if json.NewDecoder(r.Body).Decode(&body) == nil {
			if text, ok := body[name].(string); ok {
				return text
			}
		}
		return r.URL.Query().Get(name)
	}
	return r.FormValue(name)
}

// toLogIn sends somebody to log in who then comes back; programs are told to log in.
func (p *Pages) toLogIn(w http.ResponseWriter, r *http.Request, user string) {
	if strings.Contains(r.Header.Get("Accept"), "json") {
		answerJSON(w, http.StatusUnauthorized, map[string]string{"message": "Current user is not logged in"})
		return
	}
	query := url.Values{"redirect_url": {p.place + strings.TrimPrefix(r.URL.RequestURI(), p.place)}}
	if user != "" {
		query.Set("user", user)
	}
	http.Redirect(w, r, p.place+"/login?"+query.Encode(), http.StatusSeeOther)
}
