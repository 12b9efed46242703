package web

import (
	"net/http"

	"parley/internal/talk"
)

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
