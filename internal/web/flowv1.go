package web

import (
	"net/http"
	"net/url"

	"parley/internal/auth"
)

// askingV1 is the app whose window shows the pages of the old log-in flow. The server knows
// nothing of its request, but what it calls itself now.
func (p *Pages) askingV1(r *http.Request) asker {
	return asker{
		Client: auth.ClientName(r), about: "log-in flow v1", leaves: true,
		grant: p.place + "/login/flow/grant", send: p.place + "/login/flow",
	}
}

// flowV1 is the first page of the old log-in flow, which apps show in a window of their own. A
// header tells that it is one: other pages cannot lead here.
func (p *Pages) flowV1(w http.ResponseWriter, r *http.Request) {
	id, ok := p.who(w, r)
	if !ok {
		return
	}
	if !id.Proven(r, "") {
		p.show(w, http.StatusForbidden, content{
			Title:      "This page is for apps",
			Paragraphs: []string{"Talk’s apps open it by themselves when you give them the address of this server. Please begin in the app."},
			Links:      []link{{p.place + "/devices", "Your devices", "All apps that are connected to your account."}, p.home()},
		})
		return
	}
	p.introduce(w, r, id, p.askingV1(r))
}

// grantV1 is the page on which somebody lets an app in, in its own window.
func (p *Pages) grantV1(w http.ResponseWriter, r *http.Request) {
	if id, ok := p.member(w, r, "/login/flow/grant?"+r.URL.RawQuery); ok {
		p.ask(w, r, id, p.askingV1(r))
	}
}

// grantedV1 lets an app in: it reads its password from the address that it is sent to.
func (p *Pages) grantedV1(w http.ResponseWriter, r *http.Request) {
	id, ok := p.member(w, r, "/login/flow")
	if !ok || !p.meant(w, r, id) || !p.answered(w, r, id, p.askingV1(r)) {
		return
	}
	password, err := p.auth.CreateAppPassword(r.Context(), id.Account.UserID, auth.ClientName(r))
	if err != nil {
		p.fail(w, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	// Apps look for these parts in this order, so that it is no query.
	w.Header().Set("Location", "nc://login/server:"+p.base(r)+"&user:"+url.QueryEscape(id.Account.UserID)+"&password:"+url.QueryEscape(password))
	w.WriteHeader(http.StatusSeeOther)
}
