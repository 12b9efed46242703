package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"parley/internal/auth"
	"parley/internal/talk"
)

// flowCookie keeps the token of an app's request while somebody goes through the pages of it.
const flowCookie = "parley_flow"

// flowCookieLife is for how long, in seconds.
const flowCookieLife = 1200

// base is the address that this server is reached at, without a slash at the end.
func (p *Pages) base(r *http.Request) string {
	if p.address != "" {
		return p.address
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + p.place
}

func seconds(b *auth.Blocked) string { return strconv.Itoa(b.Seconds()) }

// beginFlow answers an app that asks for a password of its own.
func (p *Pages) beginFlow(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	poll, flow, err := p.auth.BeginFlow(r)
	switch {
	case talk.IsKind(err, talk.TooOften):
		answerJSON(w, http.StatusTooManyRequests, []any{})
		return
	case talk.IsKind(err, talk.Unavailable):
		answerJSON(w, http.StatusServiceUnavailable, []any{})
		return
	case err != nil:
		p.fail(w, err)
		return
	}
	answerJSON(w, http.StatusOK, map[string]any{
		"poll":  map[string]string{"token": poll, "endpoint": p.base(r) + "/login/v2/poll"},
		"login": p.base(r) + "/login/v2/flow/" + flow,
	})
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

// openFlow is the page that an app opens in a browser.
func (p *Pages) openFlow(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	if _, err := p.auth.OpenFlow(r.Context(), token); err != nil {
		p.flowFailed(w, err)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name: flowCookie, Value: token, Path: p.place + "/", MaxAge: flowCookieLife, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: p.auth.CookieSecure(r),
	})
	query := url.Values{"user": {r.URL.Query().Get("user")}, "direct": {"0"}}
	http.Redirect(w, r, p.place+"/login/v2/flow?"+query.Encode(), http.StatusSeeOther)
}

func (p *Pages) flowFailed(w http.ResponseWriter, err error) {
	if talk.IsKind(err, talk.NotFound) {
		p.expired(w)
		return
	}
	p.fail(w, err)
}

// asking is the app whose request the browser has opened, with its token; it answers by itself
// when there is none.
func (p *Pages) asking(w http.ResponseWriter, r *http.Request) (flow auth.Flow, token string, ok bool) {
	cookie, err := r.Cookie(flowCookie)
	if err != nil {
		p.expired(w)
		return flow, "", false
	}
	if flow, err = p.auth.OpenFlow(r.Context(), cookie.Value); err != nil {
		p.flowFailed(w, err)
		return flow, "", false
	}
	return flow, cookie.Value, true
}

// flow is the page that tells which app asks.
func (p *Pages) flow(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok {
		return
	}
	flow, token, ok := p.asking(w, r)
	if !ok {
		return
	}
	query := url.Values{"stateToken": {id.StateToken(token)}, "user": {r.URL.Query().Get("user")}}
	p.show(w, http.StatusOK, content{
		Label: "An app asks", Title: flow.Client,
		Paragraphs: []string{"It wants to connect to your account on this server. Go on only if you have just begun this in the app."},
		Links:      []link{{p.place + "/login/v2/grant?" + query.Encode(), "Go on", "Log in, if you are not logged in here."}},
		Facts:      []string{"It asked from " + flow.Address + " at " + flow.Since.UTC().Format("15:04") + " (UTC)."},
	})
}

// grant is the page on which somebody lets an app in.
func (p *Pages) grant(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok {
		return
	}
	flow, token, ok := p.asking(w, r)
	if !ok {
		return
	}
	if !id.Caller.LoggedIn() {
		if r.URL.Query().Get("stateToken") != id.StateToken(token) {
			p.expired(w)
			return
		}
		// The client session is another one after the log-in, and so is the state.
		r.URL.Path, r.URL.RawQuery = "/login/v2/flow", url.Values{"user": {r.URL.Query().Get("user")}}.Encode()
		p.toLogIn(w, r, r.URL.Query().Get("user"))
		return
	}
	if r.URL.Query().Get("stateToken") != id.StateToken(token) {
		p.expired(w)
		return
	}
	p.show(w, http.StatusOK, p.letIn(id, flow.Client, p.place+"/login/v2/grant", token, []string{
		"It asked from " + flow.Address + " at " + flow.Since.UTC().Format("15:04") + " (UTC).",
	}))
}

// letIn is what the page says on which somebody lets an app in.
func (p *Pages) letIn(id auth.Identity, client, action, about string, facts []string) content {
	return content{
		Label: "Let an app in", Title: client,
		Paragraphs: []string{
			"This app will be able to do everything that " + id.Account.DisplayName + " (" + id.Account.UserID + ") can do: read and write messages, and take part in calls.",
			"You can end this at any time on the page of your devices.",
		},
		Form: &form{Action: action, Button: "Let it in", Hidden: []pair{
			{"requesttoken", id.RequestToken()}, {"stateToken", id.StateToken(about)},
		}},
		Links: []link{{p.place + "/devices", "No, show me my devices", ""}, {p.place + "/logout?requesttoken=" + id.RequestToken(), "This is not my account: log out", ""}},
		Facts: facts,
	}
}

// granted lets an app in.
func (p *Pages) granted(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok {
		return
	}
	if !id.Caller.LoggedIn() {
		p.toLogIn(w, r, "")
		return
	}
	if !p.meant(w, r, id) {
		return
	}
	cookie, err := r.Cookie(flowCookie)
	if err != nil || r.PostForm.Get("stateToken") != id.StateToken(cookie.Value) {
		p.expired(w)
		return
	}
	if err := p.auth.GrantFlow(r.Context(), cookie.Value, id.Account.UserID); err != nil {
		p.flowFailed(w, err)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: flowCookie, Path: p.place + "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	p.show(w, http.StatusOK, content{
		Title: "The app is connected", Paragraphs: []string{"You can close this page and go back to the app."},
		Links: []link{{p.place + "/devices", "Your devices", ""}},
	})
}

// aboutV1 is what the pages of the old log-in flow are about: they know no request of an app.
const aboutV1 = "log-in flow v1"

// flowV1 is the first page of the old log-in flow, which apps show in a window of their own.
func (p *Pages) flowV1(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok {
		return
	}
	query := url.Values{"stateToken": {id.StateToken(aboutV1)}, "user": {r.URL.Query().Get("user")}}
	p.show(w, http.StatusOK, content{
		Label: "An app asks", Title: auth.ClientName(r),
		Paragraphs: []string{"It wants to connect to your account on this server."},
		Links:      []link{{p.place + "/login/flow/grant?" + query.Encode(), "Go on", "Log in, if you are not logged in here."}},
	})
}

// grantV1 is the page on which somebody lets an app in, in its own window.
func (p *Pages) grantV1(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok {
		return
	}
	if !id.Caller.LoggedIn() {
		r.URL.Path, r.URL.RawQuery = "/login/flow", ""
		p.toLogIn(w, r, r.URL.Query().Get("user"))
		return
	}
	if r.URL.Query().Get("stateToken") != id.StateToken(aboutV1) {
		p.expired(w)
		return
	}
	p.show(w, http.StatusOK, p.letIn(id, auth.ClientName(r), p.place+"/login/flow", aboutV1, nil))
}

// grantedV1 lets an app in: it reads its password from the address that it is sent to.
func (p *Pages) grantedV1(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok {
		return
	}
	if !id.Caller.LoggedIn() {
		p.toLogIn(w, r, "")
		return
	}
	if !p.meant(w, r, id) {
		return
	}
	if r.PostForm.Get("stateToken") != id.StateToken(aboutV1) {
		p.expired(w)
		return
	}
	password, err := p.auth.CreateAppPassword(r.Context(), id.Account.UserID, auth.ClientName(r))
	if err != nil {
		p.fail(w, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", "nc://login/server:"+p.base(r)+"&user:"+url.QueryEscape(id.Account.UserID)+"&password:"+url.QueryEscape(password))
	w.WriteHeader(http.StatusSeeOther)
}

// devices is the page of the app passwords of somebody.
func (p *Pages) devices(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok {
		return
	}
	if !id.Caller.LoggedIn() {
		p.toLogIn(w, r, "")
		return
	}
	all, err := p.auth.AppPasswords(r.Context(), id.Account.UserID)
	if err != nil {
		p.fail(w, err)
		return
	}
	c := content{
		Label: id.Account.DisplayName, Title: "Your devices",
		Paragraphs: []string{"Each app has a password of its own. Take it away from those that you do not know or do not use any more: they are logged out at once."},
		Links:      []link{{p.place + "/logout?requesttoken=" + id.RequestToken(), "Log out", ""}, p.home()},
	}
	if len(all) == 0 {
		c.Paragraphs = []string{"No app is connected to your account. Talk’s apps ask for it when you give them the address of this server."}
	}
	for _, one := range all {
		c.Items = append(c.Items, item{Name: one.Name, Note: usedOn(one), Form: &form{
			Action: p.place + "/devices", Button: "Remove", Label: "Remove " + one.Name,
			Hidden: []pair{{"requesttoken", id.RequestToken()}, {"id", strconv.FormatInt(one.ID, 10)}},
		}})
	}
	p.show(w, http.StatusOK, c)
}

// usedOn tells since when an app has its password, and when it was used.
func usedOn(one auth.AppPassword) string {
	day := func(unix int64) string { return time.Unix(unix, 0).UTC().Format("2 January 2006") }
	if one.LastUsedAt == 0 {
		return "since " + day(one.CreatedAt) + ", never used"
	}
	return "since " + day(one.CreatedAt) + ", used on " + day(one.LastUsedAt)
}

// revoke takes the password of an app away.
func (p *Pages) revoke(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok {
		return
	}
	if !id.Caller.LoggedIn() {
		p.toLogIn(w, r, "")
		return
	}
	if !p.meant(w, r, id) {
		return
	}
	which, err := strconv.ParseInt(r.PostForm.Get("id"), 10, 64)
	if err == nil {
		err = p.auth.RevokeAppPassword(r.Context(), id.Account.UserID, which)
	}
	if err != nil && !talk.IsKind(err, talk.NotFound) && which != 0 {
		p.fail(w, err)
		return
	}
	http.Redirect(w, r, p.place+"/devices", http.StatusSeeOther)
}

// wipeCheck tells a device whether to wipe what it has of an account.
func (p *Pages) wipeCheck(w http.ResponseWriter, r *http.Request) {
	p.wipe(w, r, p.auth.Wipes, map[string]bool{"wipe": true})
}

// wipeSuccess notes that a device did so.
func (p *Pages) wipeSuccess(w http.ResponseWriter, r *http.Request) {
	p.wipe(w, r, p.auth.Wiped, []any{})
}

func (p *Pages) wipe(w http.ResponseWriter, r *http.Request, f func(*http.Request, string) (bool, error), data any) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	yes, err := f(r, parameter(r, "token"))
	switch {
	case talk.IsKind(err, talk.TooOften):
		answerJSON(w, http.StatusTooManyRequests, []any{})
	case err != nil:
		p.fail(w, err)
	case !yes:
		answerJSON(w, http.StatusNotFound, []any{})
	default:
		answerJSON(w, http.StatusOK, data)
	}
}
