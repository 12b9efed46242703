package auth

import (
	"net/http"
	"time"

	"parley/internal/talk"
)

const (
	// confirmedLife is how long a client counts as having shown the password of
	// its account.
	confirmedLife = 30*time.Minute + 15*time.Second
	// confirmedGrain is how exactly cookies tell when that was. Otherwise each
	// request with a password would need a new one.
	confirmedGrain = 15 * time.Second
)

// Confirmed reports whether the client showed the password of its account, with
// this request or in the last 30 minutes. An app password is none, and a cookie
// alone is no password.
func (s *Service) Confirmed(id Identity) bool {
	return id.Account.UserID != "" && (showsPassword(&id) || s.confirmedWithin(&id, confirmedLife))
}

// ConfirmedLoosely is Confirmed for what credentials of any kind may do if they
// come with the request: only a cookie alone has to be confirmed.
func (s *Service) ConfirmedLoosely(id Identity) bool { return id.Basic || id.Bearer || s.Confirmed(id) }

// showsPassword reports whether the request itself has the account's password.
func showsPassword(id *Identity) bool {
	return id.Basic && id.Account.UserID != "" && id.AppPassword == 0
}

// confirmedWithin reports whether the cookie tells that the account's present
// password was shown not longer ago.
func (s *Service) confirmedWithin(id *Identity, age time.Duration) bool {
	t := id.ticket
	return t.user == id.Account.UserID && t.proof == s.proof(id.Account) && s.now().Sub(time.Unix(t.confirmed, 0)) <= age
}

// keepConfirmed lets the cookie tell that the request showed the password.
func (s *Service) keepConfirmed(r *http.Request, id *Identity) {
	if showsPassword(id) && !s.confirmedWithin(id, confirmedGrain) {
		s.confirm(r, id)
	}
}

func (s *Service) confirm(r *http.Request, id *Identity) {
	id.ticket.confirmed, id.ticket.proof = s.now().Unix(), s.proof(id.Account)
	id.Cookie = s.cookie(r, id.ticket)
}

// Confirm returns the identity after the client has shown the password of its
// account; its new cookie has to be set. Errors are [ErrCredentials],
// [talk.TooManyAttempts] and failures of the database.
func (s *Service) Confirm(r *http.Request, id Identity, password string) (Identity, error) {
	if id.Account.UserID == "" || password == "" {
		return id, talk.Fail(talk.Unauthenticated, "credentials")
	}
	if _, err := s.byPassword(r.Context(), id.Caller.Address, id.Account.UserID, password); err != nil {
		return id, err
	}
	s.confirm(r, &id)
	return id, nil
}
