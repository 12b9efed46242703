package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"parley/internal/avatar"
	"parley/internal/talk"
)

// How long clients keep the pictures of accounts and of guests.
const (
	keepAccount = "private, max-age=86400, immutable"
	keepGuest   = "private, max-age=1800, immutable"
)

// avatar answers the address of a picture: {account}/{size}, guest/{name}/{size}, and both with
// /dark behind them for dark surroundings.
func (p *Pages) avatar(w http.ResponseWriter, r *http.Request) {
	parts := strings.Split(r.PathValue("rest"), "/")
	dark := len(parts) > 2 && parts[len(parts)-1] == "dark"
	if dark {
		parts = parts[:len(parts)-1]
	}
	switch {
	case len(parts) == 2:
		p.accountAvatar(w, r, parts[0], sideOf(parts[1]), dark)
	case len(parts) == 3 && parts[0] == "guest":
		a, err := p.avatars.OfName(parts[1], sideOf(parts[2]), dark)
		p.picture(w, r, a, err, http.StatusCreated, keepGuest)
	default:
		noPicture(w)
	}
}

// sideOf is the side of a picture that somebody asks for in words.
func sideOf(text string) int {
	n, err := strconv.ParseInt(text, 10, 64)
	if errors.Is(err, strconv.ErrRange) && !strings.HasPrefix(text, "-") {
		n = avatar.Large
	}
	return avatar.SideOf(n)
}

func (p *Pages) accountAvatar(w http.ResponseWriter, r *http.Request, id string, side int, dark bool) {
	a, err := p.avatars.OfAccount(r.Context(), id, side, dark)
	if talk.IsKind(err, talk.NotFound) && r.URL.Query().Get("guestFallback") == "true" {
		a, err = p.avatars.OfName(id, side, dark)
		p.picture(w, r, a, err, http.StatusCreated, keepGuest)
		return
	}
	p.picture(w, r, a, err, http.StatusOK, keepAccount)
}

// picture answers with a picture.
func (p *Pages) picture(w http.ResponseWriter, r *http.Request, a *avatar.Avatar, err error, status int, keep string) {
	switch {
	case talk.IsKind(err, talk.NotFound):
		noPicture(w)
		return
	case err != nil:
		p.fail(w, err)
		return
	}
	custom := "0"
	if a.Custom {
		custom = "1"
	}
	tag := strconv.Quote(a.Version)
	h := w.Header()
	h.Set("X-NC-IsCustomAvatar", custom)
	h.Set("Cache-Control", keep)
	h.Set("ETag", tag)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", a.Type)
	h.Set("Content-Length", strconv.Itoa(len(a.Content)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.Content) // a client that is gone needs no answer
	}
}

// noPicture is the answer where there is none.
func noPicture(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	_, _ = w.Write([]byte("[]")) // a client that is gone needs no answer
}
