package auth

import (
	"net/http"

	"parley/internal/store"
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
