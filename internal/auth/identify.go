package auth

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/store/loginflow"
	"parley/internal/talk"
)

// Identity is what a request proved about its sender. The zero value is a
// stranger.
type Identity struct {
	// Caller is the sender in the terms of the rules.
	Caller talk.Caller
	// Account is the sender's account as it is now, zero for guests.
	Account store.Account
	// AppPassword is the id of the app password that was used, by this request or
	// when its cookie was issued; 0 for none.
	AppPassword int64
	// Basic tells that the account was proven by HTTP Basic credentials.
	Basic bool
	// Bearer tells that the request carried a bearer token, known or not.
	Bearer bool
	// Cookie has to be set on the answer; nil when the client showed a valid one.
	Cookie *http.Cookie
	// Snapshot is the state of the database in which the sender was found, zero if none.
	// The rest of the request need not ask for a newer one unless it writes.
	Snapshot db.SnapshotID

	// ticket is the client session; the request token is made of its id, with key.
	ticket ticket
	key    secret.Key
}

// login is an account whose credential was verified; the zero value is nobody.
type login struct {
	account     store.Account
	appPassword int64
	// ended are the clients of the account that logged out.
	ended []string
	// snapshot is the state of the database in which that is so, zero if it is not known.
	snapshot db.SnapshotID
}

// at is the login in a state of the database.
func (l login) at(snapshot db.SnapshotID) login {
	l.snapshot = snapshot
	return l
}

// device names the credential that stands for a client without cookies.
func (l login) device() string {
	switch {
	case l.appPassword != 0:
		return "app:" + strconv.FormatInt(l.appPassword, 10)
	case l.account.UserID != "":
		return "pw:" + l.account.UserID
	}
	return ""
}

// Again is the identity for what happens so much later that the state of the database has
// to be asked for again.
func (id Identity) Again() Identity {
	id.Snapshot = db.SnapshotID{}
	return id
}

// Identify returns who makes the request. Errors are [ErrCredentials],
// [*Blocked] for an address that guessed too often, and failures of
// the database. An unknown bearer token and an empty Basic password are no
// error: the sender is a guest then, whatever account a cookie names.
func (s *Service) Identify(r *http.Request) (Identity, error) {
	id := Identity{Caller: talk.Caller{Address: clientAddress(r, s.trusted)}}
	who, given, err := s.credentials(r, &id)
	if err != nil {
		return Identity{}, err
	}
	client, who, valid, err := s.clientOf(r, who, given)
	if err != nil {
		return Identity{}, err
	}
	id.Account, id.AppPassword, id.Snapshot = who.account, who.appPassword, who.snapshot
	id.Caller.UserID, id.Caller.DisplayName = who.account.UserID, who.account.DisplayName
	if given {
		id.Caller.Device = who.device()
	}
	if !valid {
		client = shown{ticket: s.newTicket(who)}
		id.Caller.Fresh = true
	}
	if !valid || client.renamed {
		id.Cookie = s.cookie(r, client.ticket)
	}
	id.Caller.Client = s.key.Digest(purposeClient, client.id)
	id.key, id.ticket = s.key, client.ticket
	if given {
		s.used.note(who)
		s.keepConfirmed(r, &id)
	}
	return id, nil
}

// clientOf returns the first ticket of the request that is good, and the login that
// it continues where no credential was given. valid is false when there is none.
func (s *Service) clientOf(r *http.Request, given login, isGiven bool) (client shown, who login, valid bool, err error) {
	for _, client = range s.shownTickets(r) {
		who, valid = given, client.user == given.account.UserID && !s.hasEnded(given, client.ticket)
		if !isGiven {
			who, valid, err = s.resume(r.Context(), client.ticket)
		}
		if valid || err != nil {
			return client, who, valid, err
		}
	}
	return shown{}, given, false, nil
}

// Renew gives a guest a new cookie and returns the identity under it. It is for
// guests who just proved something: nobody who knew the old cookie shares it.
func (s *Service) Renew(r *http.Request, id Identity) Identity {
	fresh := s.newTicket(login{})
	id.Cookie, id.Caller.Fresh = s.cookie(r, fresh), false
	id.Caller.Client = s.key.Digest(purposeClient, fresh.id)
	id.key, id.ticket = s.key, fresh
	return id
}

// credentials verifies the Authorization header and notes its kind in id. given
// tells that there was one, even if it names nobody.
func (s *Service) credentials(r *http.Request, id *Identity) (who login, given bool, err error) {
	if token, ok := bearer(r.Header.Get("Authorization")); ok {
		id.Bearer = true
		who, err = s.byAppPassword(r.Context(), token)
		if err == nil && who.account.UserID != "" && !who.account.Enabled {
			err = s.refuse(r.Context(), id.Caller.Address, who.account.UserID)
		}
		return who, true, err
	}
	name, password, ok := r.BasicAuth()
	if !ok || password == "" {
		return login{}, ok, nil
	}
	id.Basic = true
	who, err = s.basic(r.Context(), id.Caller.Address, name, password)
	return who, true, err
}

// bearer returns the token of a bearer Authorization header.
func bearer(header string) (token string, ok bool) {
	scheme, token, ok := strings.Cut(header, " ")
	return strings.TrimSpace(token), ok && strings.EqualFold(scheme, "Bearer")
}

// basic verifies a name and a password. App passwords come first: they cost one
// look-up, and who holds one is not stopped by the failures of neighbours.
func (s *Service) basic(ctx context.Context, address, name, password string) (login, error) {
	who, err := s.byAppPassword(ctx, password)
	if err != nil {
		return login{}, err
	}
	if !goesBy(who.account, name) {
		account, err := s.byPassword(ctx, address, name, password)
		return login{account: account}, err
	}
	if !who.account.Enabled {
		return login{}, s.refuse(ctx, address, who.account.UserID)
	}
	return who, nil
}

// goesBy reports whether name is the id or the e-mail address of the account.
func goesBy(a store.Account, name string) bool {
	name = strings.ToLower(name)
	return name != "" && (name == strings.ToLower(a.UserID) || name == strings.ToLower(a.Email))
}

// refuse counts a failed login at the target and returns what the caller is told.
func (s *Service) refuse(ctx context.Context, address, target string) error {
	if err := s.protection.Register(ctx, Guess{Action: ActionLogin, Address: address, Target: target}); err != nil {
		return err
	}
	return ErrCredentials
}

// resume returns the login that a cookie continues, and whether the cookie is
// still good. The account is read each time, so that disabling it, changing its
// password or revoking the app password ends all its cookies at once.
func (s *Service) resume(ctx context.Context, t ticket) (login, bool, error) {
	if t.user == "" {
		return login{}, true, nil
	}
	key := "cookie " + strconv.FormatInt(t.appPassword, 10) + " " + t.user
	who, err := s.cached(ctx, key, func(tx *db.Tx) (login, error) {
		account, err := store.AccountByID(tx, t.user)
		if err != nil {
			return login{}, err
		}
		ended, err := loginflow.Ended(tx, account.UserID)
		if err != nil || t.appPassword == 0 {
			return login{account: account, ended: ended}, err
		}
		alive, err := store.HasAppPassword(tx, t.appPassword)
		if err == nil && !alive {
			err = db.ErrNotFound
		}
		return login{account: account, appPassword: t.appPassword, ended: ended}, err
	})
	if err != nil || who.account.UserID == "" || !who.account.Enabled || t.proof != s.proof(who.account) || s.hasEnded(who, t) {
		return login{}, false, err
	}
	return who, true, nil
}
