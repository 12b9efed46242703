package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"parley/internal/auth"
	"parley/internal/obs"
	"parley/internal/talk"
)

const (
	// maxForm is how large a form is that somebody sends, in bytes.
	maxForm = 64 << 10
	// maxOwnPath is the length of an address to go on to after the log-in.
	maxOwnPath = 2000
	// maxUser is the length of a user id that is repeated after a wrong password.
	maxUser = 255
)

// registerLogin adds what people and apps log in with.
func (p *Pages) registerLogin(mux *http.ServeMux, prefix string) {
	for pattern, handle := range map[string]http.HandlerFunc{
		"GET /login": p.login, "POST /login": p.logIn, "GET /logout": p.logOut, "GET /csrftoken": p.requestToken,
		"GET /login/flow": p.flowV1, "GET /login/flow/grant": p.grantV1, "POST /login/flow": p.grantedV1,
		"POST /login/v2": p.beginFlow, "POST /login/v2/poll": p.pollFlow, "GET /login/v2/flow/{token}": p.openFlow,
		"GET /login/v2/flow": p.flow, "GET /login/v2/grant": p.grant, "POST /login/v2/grant": p.granted,
		"POST /login/v2/apptoken": p.grantedByAppPassword,
		"GET /devices":            p.devices, "POST /devices": p.revoke,
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
	if talk.IsKind(err, talk.Unauthenticated) {
		p.show(w, http.StatusUnauthorized, content{Title: "You could not be logged in", Paragraphs: []string{"The name or the password is wrong."}})
		return id, false
	}
	if err != nil {
		p.refuseLogin(w, err)
		return id, false
	}
	obs.Of(w).Account = id.Caller.UserID
	if id.Cookie != nil {
		http.SetCookie(w, id.Cookie)
	}
	return id, true
}

// member is who for pages of those who are logged in. Others are sent to log in and go on at
// back then, an address without the place of the server; programs are told.
func (p *Pages) member(w http.ResponseWriter, r *http.Request, back string) (id auth.Identity, ok bool) {
	if id, ok = p.who(w, r); !ok || id.Caller.LoggedIn() {
		return id, ok
	}
	if !wantsHTML(r) {
		answerJSON(w, http.StatusUnauthorized, map[string]string{"message": "Current user is not logged in"})
		return id, false
	}
	query := url.Values{"redirect_url": {p.place + back}}
	if user := r.URL.Query().Get("user"); user != "" {
		query.Set("user", user)
	}
	http.Redirect(w, r, p.place+"/login?"+query.Encode(), http.StatusSeeOther)
	return id, false
}

// refuseLogin answers somebody whose log-in was not looked at.
func (p *Pages) refuseLogin(w http.ResponseWriter, err error) {
	blocked, ok := errors.AsType[*auth.Blocked](err)
	if !ok {
		p.fail(w, err)
		return
	}
	w.Header().Set("Retry-After", strconv.Itoa(blocked.Seconds()))
	p.show(w, http.StatusTooManyRequests, content{
		Title:      "Too many attempts",
		Paragraphs: []string{"Somebody in your network has tried too many wrong passwords. Please try again in half an hour."},
	})
}

// meant reports whether a form was sent by one of our own pages to somebody, and answers by
// itself if not.
func (p *Pages) meant(w http.ResponseWriter, r *http.Request, id auth.Identity) bool {
	if !p.own(w, r) {
		return false
	}
	if !id.Proven(r, r.PostForm.Get("requesttoken")) {
		p.stale(w)
		return false
	}
	return true
}

// own reports whether a browser sends a form from a page of this server, as far as it tells, and
// answers by itself if not.
func (p *Pages) own(w http.ResponseWriter, r *http.Request) bool {
	if p.origin.Check(r) != nil || r.ParseForm() != nil {
		p.stale(w)
		return false
	}
	return true
}

// stale tells somebody that a form cannot be used.
func (p *Pages) stale(w http.ResponseWriter) {
	p.show(w, http.StatusPreconditionFailed, content{
		Title:      "This page was open for too long",
		Paragraphs: []string{"Please go back, load the page again and repeat what you did. Your browser has to keep cookies for that."},
		Links:      []link{{p.place + "/login", "Log in", ""}},
	})
}

// ownPath is where to go on after the log-in: an address on this server, or the devices.
func (p *Pages) ownPath(text string) string {
	to, err := url.Parse(text)
	if err != nil || to.Scheme != "" || to.Host != "" || to.User != nil || to.Opaque != "" || !strings.HasPrefix(text, p.place+"/") ||
		strings.HasPrefix(text, "//") || strings.ContainsAny(text, "\\\r\n\t") || len(text) > maxOwnPath {
		return p.place + "/devices"
	}
	return text
}

// keepState lets somebody who logged in go on with the pages of an app that asks. They prove that
// they lead to one another by the client session, which is a new one after the log-in.
func (p *Pages) keepState(r *http.Request, before, after auth.Identity, next string) string {
	to, err := url.Parse(next)
	if err != nil {
		return next
	}
	query := to.Query()
	for _, about := range []string{p.flowToken(r), p.askingV1(r).about} {
		if about != "" && before.HasState(about, query.Get("stateToken")) {
			query.Set("stateToken", after.StateToken(about))
			to.RawQuery = query.Encode()
			return to.String()
		}
	}
	return next
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
	user := field{Label: "User id or mail address", Name: "user", Type: "text", Value: query.Get("user"), Autocomplete: "username"}
	password := field{Label: "Password", Name: "password", Type: "password", Autocomplete: "current-password"}
	user.First, password.First = user.Value == "", user.Value != ""
	c := content{
		Visitor: visitorOf(id), Label: "parley", Title: "Log in",
		Form: &form{
			Action: p.place + "/login", Button: "Log in", Fields: []field{user, password},
			Hidden: []pair{{"requesttoken", id.RequestToken()}, {"redirect_url", next}},
		},
		Links: []link{p.home(), {p.place + "/docs", "API document", ""}},
	}
	if query.Has("wrong") {
		c.Alert = "The user id or the password is wrong."
	}
	if strings.HasPrefix(next, p.place+"/login/") {
		c.Paragraphs = []string{"An app wants to connect to your account. After the log-in you see which one, and decide."}
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
	if talk.IsKind(err, talk.Unauthenticated) {
		again := url.Values{"user": {user[:min(len(user), maxUser)]}, "wrong": {"1"}, "redirect_url": {next}}
		http.Redirect(w, r, p.place+"/login?"+again.Encode(), http.StatusSeeOther)
		return
	}
	if err != nil {
		p.refuseLogin(w, err)
		return
	}
	obs.Of(w).Account = in.Caller.UserID
	http.SetCookie(w, in.Cookie)
	http.Redirect(w, r, p.keepState(r, id, in, next), http.StatusSeeOther)
}

// logOut ends the log-in of a browser.
func (p *Pages) logOut(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok {
		return
	}
	if !id.Proven(r, r.URL.Query().Get("requesttoken")) {
		p.show(w, http.StatusPreconditionFailed, content{Title: "Log out?", Links: []link{
			{p.logOutAddress(id), "Log out", ""}, {p.place + "/devices", "Stay", ""},
		}})
		return
	}
	out, err := p.auth.LogOut(r, id)
	if err != nil {
		p.fail(w, err)
		return
	}
	http.SetCookie(w, out.Cookie)
	http.SetCookie(w, p.flowCookie(r, ""))
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	http.Redirect(w, r, p.place+"/login", http.StatusSeeOther)
}

func (p *Pages) logOutAddress(id auth.Identity) string {
	return p.place + "/logout?requesttoken=" + id.RequestToken()
}

// requestToken tells a page of this client how it proves that a request is its own.
func (p *Pages) requestToken(w http.ResponseWriter, r *http.Request) {
	if id, ok := p.who(w, r); ok {
		answerJSON(w, http.StatusOK, map[string]string{"token": id.RequestToken()})
	}
}
