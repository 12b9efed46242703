package auth

import (
	"net/http"
	"slices"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/store/loginflow"
	"parley/internal/talk"
)

// LogIn returns the identity of somebody who logs in by a page, with a client session of its
// own: nobody who knew the old cookie shares it. Errors are those of a wrong Basic header.
func (s *Service) LogIn(r *http.Request, name, password string) (Identity, error) {
	id := Identity{Caller: talk.Caller{Address: clientAddress(r, s.trusted)}}
	if name == "" || password == "" {
		return id, ErrCredentials
	}
	who, err := s.basic(r.Context(), id.Caller.Address, name, password)
	if err != nil {
		return id, err
	}
	fresh := s.newTicket(who)
	id.Account, id.AppPassword, id.key, id.ticket = who.account, who.appPassword, s.key, fresh
	id.Caller.UserID, id.Caller.DisplayName = who.account.UserID, who.account.DisplayName
	id.Caller.Client, id.Cookie = s.key.Digest(purposeClient, fresh.id), s.cookie(r, fresh)
	s.used.note(who)
	return id, nil
}

// LogOut ends the log-in of a client on the server, so that a copy of its cookie is good for
// nothing either, and returns the identity under a new cookie.
func (s *Service) LogOut(r *http.Request, id Identity) (Identity, error) {
	if id.ticket.user != "" {
		err := s.store.Write(r.Context(), func(tx *db.Tx) error { return loginflow.End(tx, id.ticket.user, id.Caller.Client) })
		if err != nil {
			return id, err
		}
	}
	return s.Renew(r, id), nil
}

// hasEnded reports whether a client has logged out of the account of a login.
func (s *Service) hasEnded(who login, t ticket) bool {
	return len(who.ended) > 0 && slices.Contains(who.ended, s.key.Digest(purposeClient, t.id))
}

// HolderOf returns the account of somebody who shows an app password of it, and nothing else.
// Errors are those of a wrong Basic header.
func (s *Service) HolderOf(r *http.Request, name, appPassword string) (store.Account, error) {
	who, err := s.byAppPassword(r.Context(), appPassword)
	if err != nil {
		return store.Account{}, err
	}
	if !goesBy(who.account, name) || !who.account.Enabled {
		guess := Guess{Action: ActionLogin, Address: clientAddress(r, s.trusted), Target: s.target(name, who.account)}
		return store.Account{}, s.refuseGuess(r, guess, ErrCredentials)
	}
	s.used.note(who)
	return who.account, nil
}

// refuseGuess counts a guess that is wrong without anybody having looked, and returns what the
// sender is told: failure, or [*Blocked] after too many.
func (s *Service) refuseGuess(r *http.Request, guess Guess, failure error) error {
	done, _, err := s.protection.Begin(r.Context(), guess)
	if err != nil {
		return err
	}
	defer done()
	if err := s.protection.Register(r.Context(), guess); err != nil {
		return err
	}
	return failure
}
