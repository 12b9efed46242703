package web

import (
	"net/http"
	"net/url"

	"parley/internal/auth"
	"parley/internal/obs"
	"parley/internal/talk"
)

// flowCookieLife is for how long a browser keeps the token of an app's request, in seconds.
const flowCookieLife = 1200

// flowCookie keeps the token of an app's request while somebody goes through the pages of it,
// none if it is empty. Like the one of the session, its name is that of the installation.
func (p *Pages) flowCookie(r *http.Request, token string) *http.Cookie {
	c := &http.Cookie{
		Name: p.auth.CookieName() + "_flow", Value: token, Path: p.place + "/", MaxAge: flowCookieLife,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: p.auth.CookieSecure(r),
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}

// flowToken is the token that flowCookie keeps, "" for none.
func (p *Pages) flowToken(r *http.Request) string {
	c, err := r.Cookie(p.flowCookie(r, "").Name)
	if err != nil {
		return ""
	}
	return c.Value
}

// base is the address that this server is reached at, without a slash at the end.
func (p *Pages) base(r *http.Request) string {
	switch {
	case p.address != "":
		return p.address
	case p.auth.CookieSecure(r):
		return "https://" + r.Host + p.place
	}
	return "http://" + r.Host + p.place
}

// beginFlow answers an app that asks for a password of its own.
func (p *Pages) beginFlow(w http.ResponseWriter, r *http.Request) {
	poll, flow, err := p.auth.BeginFlow(r)
	switch {
	case talk.IsKind(err, talk.TooOften):
		answerJSON(w, http.StatusTooManyRequests, []any{})
	case talk.IsKind(err, talk.Unavailable):
		answerJSON(w, http.StatusServiceUnavailable, []any{})
	case err != nil:
		p.fail(w, err)
	default:
		answerJSON(w, http.StatusOK, map[string]any{
			"poll":  map[string]string{"token": poll, "endpoint": p.base(r) + "/login/v2/poll"},
			"login": p.base(r) + "/login/v2/flow/" + flow,
		})
	}
}

// pollFlow gives an app its password once somebody has let it in.
func (p *Pages) pollFlow(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	token := parameter(r, "token")
	if token == "" {
		answerJSON(w, http.StatusBadRequest, map[string]string{"error": "token"})
		return
	}
	in, err := p.auth.PollFlow(r, token)
	switch {
	case talk.IsKind(err, talk.NotFound):
		obs.Of(w).Routine = true // apps ask several times a second
		answerJSON(w, http.StatusNotFound, []any{})
	case talk.IsKind(err, talk.TooManyAttempts):
		answerJSON(w, http.StatusTooManyRequests, []any{})
	case err != nil:
		p.fail(w, err)
	default:
		answerJSON(w, http.StatusOK, map[string]string{"server": p.base(r), "loginName": in.LoginName, "appPassword": in.AppPassword})
	}
}

// expired tells somebody that an app has to ask again.
func (p *Pages) expired(w http.ResponseWriter) {
	p.show(w, http.StatusForbidden, content{
		Title:      "This request of an app is over",
		Paragraphs: []string{"An app waits for twenty minutes, and one page is good for one log-in. Please begin again in the app."},
	})
}

func (p *Pages) flowFailed(w http.ResponseWriter, err error) {
	if talk.IsKind(err, talk.NotFound) {
		p.expired(w)
		return
	}
	p.fail(w, err)
}

// openFlow is the page that an app opens in a browser.
func (p *Pages) openFlow(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	if _, err := p.auth.OpenFlow(r.Context(), token); err != nil {
		p.flowFailed(w, err)
		return
	}
	http.SetCookie(w, p.flowCookie(r, token))
	w.Header().Set("Cache-Control", "no-store")
	query := url.Values{"user": {r.URL.Query().Get("user")}, "direct": {"0"}}
	http.Redirect(w, r, p.place+"/login/v2/flow?"+query.Encode(), http.StatusSeeOther)
}

// asker is an app that asks for a password of its own, by pages that lead to one another.
type asker struct {
	// Client is what the app calls itself, Facts are what else is known of it.
	Client string
	Facts  []string
	// grant is the page of the answer, send where that is sent to.
	grant, send string
	// about is what the state of the pages is made of.
	about string
	// leaves tells that the answer leads to the app itself.
	leaves bool
}

// asking is the app whose request the browser has opened; it answers by itself when there is none.
func (p *Pages) asking(w http.ResponseWriter, r *http.Request) (a asker, ok bool) {
	token := p.flowToken(r)
	if token == "" {
		p.expired(w)
		return a, false
	}
	flow, err := p.auth.OpenFlow(r.Context(), token)
	if err != nil {
		p.flowFailed(w, err)
		return a, false
	}
	return asker{
		Client: flow.Client, Facts: []string{askedFrom(flow)}, about: token,
		grant: p.place + "/login/v2/grant", send: p.place + "/login/v2/grant",
	}, true
}

func askedFrom(f auth.Flow) string {
	at := f.Since.UTC().Format("15:04") + " (UTC)"
	if f.Address == "" {
		return "It asked at " + at + "."
	}
	return "It asked from " + f.Address + " at " + at + "."
}

// flow is the page that tells which app asks.
func (p *Pages) flow(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok {
		return
	}
	if a, ok := p.asking(w, r); ok {
		p.introduce(w, r, id, a)
	}
}

// introduce shows the first page about an app that asks.
func (p *Pages) introduce(w http.ResponseWriter, r *http.Request, id auth.Identity, a asker) {
	query := url.Values{"stateToken": {id.StateToken(a.about)}}
	if user := r.URL.Query().Get("user"); user != "" {
		query.Set("user", user)
	}
	c := content{
		Visitor: visitorOf(id), Label: "An app asks", Title: a.Client,
		Paragraphs: []string{"It wants to connect to your account on this server. Go on only if you have just begun this in the app."},
		Main:       &link{a.grant + "?" + query.Encode(), "Go on", ""},
		Facts:      a.Facts,
	}
	if !id.Caller.LoggedIn() {
		c.Paragraphs = append(c.Paragraphs, "You log in first, and then decide.")
	}
	p.show(w, http.StatusOK, c)
}

// grant is the page on which somebody lets an app in.
func (p *Pages) grant(w http.ResponseWriter, r *http.Request) {
	id, ok := p.member(w, r, "/login/v2/grant?"+r.URL.RawQuery)
	if !ok {
		return
	}
	if a, ok := p.asking(w, r); ok {
		p.ask(w, r, id, a)
	}
}

// ask shows the page of the answer to those whom the first page about the app led here.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request, id auth.Identity, a asker) {
	if !id.HasState(a.about, r.URL.Query().Get("stateToken")) {
		p.expired(w)
		return
	}
	p.show(w, http.StatusOK, p.letIn(id, a))
}

// letIn is what the page says on which somebody lets an app in. Whoever has not shown the
// password of the account lately does it here.
func (p *Pages) letIn(id auth.Identity, a asker) content {
	c := content{
		Visitor: visitorOf(id), Label: "Let an app in", Title: a.Client, Leaves: a.leaves,
		Paragraphs: []string{
			"This app will be able to do everything that " + id.Account.DisplayName + " (" + id.Account.UserID +
				") can do: read and write messages, and take part in calls.",
			"You can end this at any time on the page of your devices.",
		},
		Form: &form{Action: a.send, Button: "Let it in", Hidden: []pair{
			{"requesttoken", id.RequestToken()}, {"stateToken", id.StateToken(a.about)},
		}},
		Links: []link{
			{p.place + "/devices", "No, show me my devices", ""},
			{p.logOutAddress(id), "This is not my account: log out", ""},
		},
		Facts: a.Facts,
	}
	if !p.auth.ConfirmedLoosely(id) {
		c.Form.Fields = []field{{Label: "Your password, to be sure that it is you", Name: "password", Type: "password", Autocomplete: "current-password"}}
	}
	return c
}

// granted lets an app in.
func (p *Pages) granted(w http.ResponseWriter, r *http.Request) {
	id, ok := p.member(w, r, "/login/v2/flow")
	if !ok || !p.meant(w, r, id) {
		return
	}
	a, ok := p.asking(w, r)
	if !ok || !p.answered(w, r, id, a) {
		return
	}
	p.connect(w, r, a, id.Account.UserID)
}

// answered reports whether the page of the answer was sent by somebody who may, and answers by
// itself if not.
func (p *Pages) answered(w http.ResponseWriter, r *http.Request, id auth.Identity, a asker) bool {
	if !id.HasState(a.about, r.PostForm.Get("stateToken")) {
		p.expired(w)
		return false
	}
	if p.auth.ConfirmedLoosely(id) {
		return true
	}
	confirmed, err := p.auth.Confirm(r, id, r.PostForm.Get("password"))
	switch {
	case talk.IsKind(err, talk.Unauthenticated):
		c := p.letIn(id, a)
		c.Alert = "This is not the password of " + id.Account.UserID + "."
		p.show(w, http.StatusForbidden, c)
		return false
	case err != nil:
		p.refuseLogin(w, err)
		return false
	}
	http.SetCookie(w, confirmed.Cookie)
	return true
}

// connect lets an app in with an account.
func (p *Pages) connect(w http.ResponseWriter, r *http.Request, a asker, userID string) {
	if err := p.auth.GrantFlow(r.Context(), a.about, userID); err != nil {
		p.flowFailed(w, err)
		return
	}
	http.SetCookie(w, p.flowCookie(r, ""))
	p.show(w, http.StatusOK, content{
		Title: "The app is connected", Paragraphs: []string{"You can close this page and go back to the app."},
		Links: []link{{p.place + "/devices", "Your devices", "All apps that are connected to your account."}},
	})
}

// grantedByAppPassword lets an app in with the account of somebody who shows an app password of
// it, and need not be logged in.
func (p *Pages) grantedByAppPassword(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok || !p.own(w, r) {
		return
	}
	a, ok := p.asking(w, r)
	if !ok {
		return
	}
	if !id.HasState(a.about, r.PostForm.Get("stateToken")) {
		p.expired(w)
		return
	}
	account, err := p.auth.HolderOf(r, r.PostForm.Get("user"), r.PostForm.Get("password"))
	switch {
	case talk.IsKind(err, talk.Unauthenticated):
		p.show(w, http.StatusForbidden, content{
			Title:      "The app was not let in",
			Paragraphs: []string{"The user id or the app password is wrong."},
			Links:      []link{{p.place + "/login/v2/flow", "Back to the app that asks", ""}},
		})
	case err != nil:
		p.refuseLogin(w, err)
	default:
		p.connect(w, r, a, account.UserID)
	}
}
