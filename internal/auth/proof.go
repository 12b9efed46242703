package auth

import (
	"crypto/subtle"
	"net/http"
)

// RequestToken returns the token by which pages of this client session prove
// that a request is theirs. It stays the same as long as the
// cookie does.
func (id Identity) RequestToken() string {
	if id.ticket.id == "" {
		return ""
	}
	return id.key.Digest(purposeRequestToken, id.ticket.id)
}

// Proven reports whether the request was made on purpose and not by a foreign
// page in the sender's browser: by a header that such a page
// cannot send, or by the request token, in its header or as token from the query
// or the form ("" for none).
func (id Identity) Proven(r *http.Request, token string) bool {
	// Requests arrive with canonical header names, so two look-ups cover both
	// spellings.
	if id.Bearer || r.Header.Get("Ocs-Apirequest") != "" || r.Header.Get("Ocs_apirequest") != "" {
		return true
	}
	return id.accepts(token) || id.accepts(r.Header.Get("Requesttoken"))
}

// accepts compares in constant time; an identity without a token accepts none.
func (id Identity) accepts(token string) bool {
	return id.ticket.id != "" && token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(id.RequestToken())) == 1
}

// StateToken proves that a page of this client session leads to another: it is made of what the
// page is about. 64 characters.
func (id Identity) StateToken(about string) string {
	if id.ticket.id == "" {
		return ""
	}
	return id.key.Digest(purposePageState, id.ticket.id, about)
}

// HasState reports whether a page of this client session about the same leads here.
func (id Identity) HasState(about, token string) bool {
	return token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(id.StateToken(about))) == 1
}
