package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"parley/internal/auth"
	"parley/internal/conversation"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/talk"
)

// call answers the address of a conversation: /call/{token}, or with ?email=…
// and access=… the personal link of an e-mail guest.
func (p *Pages) call(w http.ResponseWriter, r *http.Request) {
	if strings.Trim(r.PathValue("token"), secret.Alphanumeric) != "" {
		p.show(w, http.StatusNotFound, notFound()) // nobody guesses like that
		return
	}
	id, err := p.auth.Identify(r)
	blocked, refused := errors.AsType[*auth.Blocked](err)
	switch {
	case talk.IsKind(err, talk.Unauthenticated):
		p.show(w, http.StatusUnauthorized, content{Title: "You could not be logged in", Paragraphs: []string{"The name or the password is wrong."}})
		return
	case refused:
		p.tooMany(w, blocked)
		return
	case err != nil:
		p.fail(w, err)
		return
	}
	p.guess(w, r, id)
}

// guess shows the page in the turn of the visitor, who may be guessing. A block
// does not concern who is in the conversation.
func (p *Pages) guess(w http.ResponseWriter, r *http.Request, id auth.Identity) {
	done, _, err := p.auth.Protection().Begin(r.Context(), guessOf(r, id))
	if blocked, ok := errors.AsType[*auth.Blocked](err); ok {
		done = func() {}
		var in bool
		if in, err = p.rooms.TakesPart(r.Context(), room.Scope{Caller: id.Caller, Token: r.PathValue("token")}); err == nil && !in {
			p.tooMany(w, blocked)
			return
		}
	}
	if err != nil {
		p.fail(w, err)
		return
	}
	defer done()
	p.showCall(w, r, id)
}

func guessOf(r *http.Request, id auth.Identity) auth.Guess {
	return auth.Guess{
		Action: auth.ActionRoomToken, Address: id.Caller.Address, Account: id.Caller.UserID, Target: r.PathValue("token"),
	}
}

// showCall shows the page to a visitor who may look.
func (p *Pages) showCall(w http.ResponseWriter, r *http.Request, id auth.Identity) {
	token, query := r.PathValue("token"), r.URL.Query()
	linked := query.Has("email") && query.Has("access")
	if linked && !id.Caller.LoggedIn() {
		renewed := p.auth.Renew(r, id)
		err := p.conversations.OpenPersonalLink(r.Context(), id.Caller, renewed.Caller.Client, token, query.Get("email"), query.Get("access"))
		if err != nil {
			p.refuse(w, r, id, err)
			return
		}
		id = renewed
	}
	page, err := p.conversations.CallPage(r.Context(), id.Caller, token)
	if err != nil {
		p.refuse(w, r, id, err)
		return
	}
	if id.Cookie != nil {
		http.SetCookie(w, id.Cookie)
	}
	p.show(w, http.StatusOK, describe(page))
}

// refuse answers a link that leads nowhere, and counts it. A wrong personal link
// leads to the login page, as Talk has it.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, id auth.Identity, err error) {
	if !talk.IsKind(err, talk.NotFound) {
		p.fail(w, err)
		return
	}
	token := r.PathValue("token")
	if err := p.auth.Protection().Register(r.Context(), guessOf(r, id)); err != nil {
		p.fail(w, err)
		return
	}
	status := http.StatusNotFound
	if r.URL.Query().Has("access") && !id.Caller.LoggedIn() {
		status = http.StatusSeeOther
		w.Header().Set("Location", p.place+"/login?"+url.Values{"redirect_url": {p.place + "/call/" + url.PathEscape(token)}}.Encode())
	}
	p.show(w, status, notFound())
}

func notFound() content {
	return content{
		Title:      "This conversation was not found",
		Paragraphs: []string{"The link may be incomplete, or the invitation was withdrawn. Ask the person who sent it for a new one."},
	}
}

func (p *Pages) tooMany(w http.ResponseWriter, b *auth.Blocked) {
	w.Header().Set("Retry-After", strconv.Itoa(b.Seconds()))
	p.show(w, http.StatusTooManyRequests, content{
		Title:      "Too many wrong links",
		Paragraphs: []string{"Too many links that lead nowhere were opened from your network. Please try again in half an hour."},
	})
}

// describe words what a visitor sees of a conversation.
func describe(page conversation.CallPage) content {
	switch {
	case page.Address != "":
		return content{
			Label: "You are invited to", Title: page.Name,
			Paragraphs: []string{"From this browser you take part as a guest now, without an account and without a password."},
			Facts:      []string{"Invited: " + page.Address, "The link in your mail is meant for you alone. Please do not pass it on."},
		}
	case page.Member:
		return content{
			Label: "Conversation", Title: page.Name,
			Paragraphs: []string{"You take part in this conversation. Open it in your Talk app."},
		}
	}
	c := content{
		Label: "Conversation", Title: page.Name,
		Paragraphs: []string{"Everybody who has this link may join. Open it in your Talk app."},
	}
	if c.Title == "" {
		c.Label, c.Title = "", "A public conversation"
	}
	if page.HasPassword {
		c.Facts = []string{"A password is needed. Ask the person who sent you the link for it."}
	}
	return c
}
