package auth

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode"

	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/store/loginflow"
	"parley/internal/talk"
)

const (
	// flowTokenChars is the length of the two tokens of a log-in flow.
	flowTokenChars = 128
	// flowLife is for how long somebody may let an app in that asks.
	flowLife = 20 * time.Minute
	// keepFlows is for how long a token is not taken for a guess.
	keepFlows = 24 * time.Hour
	// maxFlows is how many apps may ask at a time.
	maxFlows = 20_000
	// forgetFlows is how many flows are forgotten at once.
	forgetFlows = 500
	// maxClientName is the length of the name of an app, in bytes.
	maxClientName = 120
)

// LimitLoginFlows is for apps that ask for a password of their own, by network.
var LimitLoginFlows = Limit{Reason: "login-flow", Count: 60, Window: time.Hour}

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

// Flow is an app that asks for a password of its own.
type Flow struct {
	ID int64
	// Client is what the app calls itself, Address where it asked from, Since when.
	Client, Address string
	Since           time.Time
}

// ClientName is what a program calls itself, fit to be shown.
func ClientName(r *http.Request) string {
	name := strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || talk.Hidden(string(c)) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(r.UserAgent(), ""))
	if name = strings.TrimSpace(name[:min(len(name), maxClientName)]); name == "" {
		return "An app without a name"
	}
	return strings.ToValidUTF8(name, "")
}

// BeginFlow lets an app ask for a password of its own: it polls with one token, somebody opens a
// page with the other. Failures: [talk.TooOften], [talk.Unavailable].
func (s *Service) BeginFlow(r *http.Request) (poll, flow string, err error) {
	address := clientAddress(r, s.trusted)
	if err := s.protection.Allow(LimitLoginFlows, talk.Caller{Address: address}); err != nil {
		return "", "", err
	}
	poll, flow = secret.Token(flowTokenChars, secret.Alphanumeric), secret.Token(flowTokenChars, secret.Alphanumeric)
	err = s.store.Write(r.Context(), func(tx *db.Tx) error {
		if n, err := loginflow.Count(tx); err != nil || n >= maxFlows {
			return firstError(err, talk.Fail(talk.Unavailable, "login-flow"))
		}
		return loginflow.Insert(tx, s.flowDigest("poll", poll), s.flowDigest("flow", flow), loginflow.Flow{Client: ClientName(r), Address: address})
	})
	return poll, flow, err
}

// firstError is err, or fallback without one.
func firstError(err, fallback error) error {
	if err != nil {
		return err
	}
	return fallback
}

func (s *Service) flowDigest(kind, token string) string {
	return s.key.Digest("login flow "+kind, token)
}

// OpenFlow returns the app that asks by a token. Failure: NotFound, also for one that asked too
// long ago or was let in.
func (s *Service) OpenFlow(ctx context.Context, token string) (out Flow, err error) {
	err = s.store.Read(ctx, func(tx *db.Tx) error {
		f, err := loginflow.ByFlow(tx, s.flowDigest("flow", token))
		if db.IsNone(err) || err == nil && (f.UserID != "" || f.Done || expired(f, tx.Now())) {
			return talk.Fail(talk.NotFound, "")
		}
		out = Flow{f.ID, f.Client, f.Address, time.Unix(f.CreatedAt, 0)}
		return err
	})
	return out, err
}

func expired(f loginflow.Flow, now int64) bool { return now-f.CreatedAt > int64(flowLife/time.Second) }

// GrantFlow lets the app in that asks by a token, with the account of somebody. Failure:
// NotFound, also for one that was let in already.
func (s *Service) GrantFlow(ctx context.Context, token, userID string) error {
	return s.store.Write(ctx, func(tx *db.Tx) error {
		f, err := loginflow.ByFlow(tx, s.flowDigest("flow", token))
		granted := false
		if err == nil && !expired(f, tx.Now()) {
			granted, err = loginflow.Grant(tx, f.ID, userID)
		}
		if err != nil && !db.IsNone(err) {
			return err
		}
		if !granted {
			return talk.Fail(talk.NotFound, "")
		}
		return nil
	})
}

// Granted is what an app gets that was let in.
type Granted struct{ LoginName, AppPassword string }

// PollFlow returns the app password of an app that was let in, once. Failures: NotFound as long
// as it was not, and [*Blocked]; a token that nobody has counts as a guess.
func (s *Service) PollFlow(r *http.Request, token string) (out Granted, err error) {
	guess := Guess{Action: ActionLogin, Address: clientAddress(r, s.trusted), Target: "login flow"}
	done, _, err := s.protection.Begin(r.Context(), guess)
	if err != nil {
		return out, err
	}
	defer done()
	unknown := false
	err = s.store.Write(r.Context(), func(tx *db.Tx) error {
		f, err := loginflow.ByPoll(tx, s.flowDigest("poll", token))
		if unknown = db.IsNone(err); unknown {
			return talk.Fail(talk.NotFound, "")
		}
		if err != nil {
			return err
		}
		if f.UserID == "" || f.Done || expired(f, tx.Now()) {
			return talk.Fail(talk.NotFound, "")
		}
		out, err = s.collect(tx, f)
		return err
	})
	if unknown {
		if counted := s.protection.Register(r.Context(), guess); counted != nil {
			return out, counted
		}
	}
	return out, err
}

// collect makes the app password of an app that was let in.
func (s *Service) collect(tx *db.Tx, f loginflow.Flow) (out Granted, err error) {
	account, err := store.AccountByID(tx, f.UserID)
	if err != nil && !db.IsNone(err) {
		return out, err
	}
	first, failed := loginflow.Finish(tx, f.ID)
	if failed != nil {
		return out, failed
	}
	if !first || err != nil || !account.Enabled {
		return out, talk.Fail(talk.NotFound, "")
	}
	out = Granted{account.UserID, secret.Token(appPasswordChars, secret.Alphanumeric)}
	_, err = store.InsertAppPassword(tx, account.UserID, s.appPasswordHash(out.AppPassword), storable(f.Client))
	return out, err
}

// ForgetFlows removes what apps asked for long ago.
func (s *Service) ForgetFlows(ctx context.Context) error {
	for {
		var n int64
		err := s.store.Write(ctx, func(tx *db.Tx) (err error) {
			n, err = loginflow.Forget(tx, tx.Now()-int64(keepFlows/time.Second), forgetFlows)
			return err
		})
		if err != nil || n < forgetFlows {
			return err
		}
	}
}

// StateToken proves that a page of this client session leads to another: it is made of what the
// page is about. 64 characters.
func (id Identity) StateToken(about string) string {
	if id.ticket.id == "" {
		return ""
	}
	return id.key.Digest("page state", id.ticket.id, about)
}

// LimitWipe is for devices that ask whether to wipe what they have, by network.
var LimitWipe = Limit{Reason: "wipe", Count: 10, Window: 5 * time.Minute}

// Wipe has all devices of an account wipe what they have; their app passwords are good for
// nothing else any more. It returns how many there are. Failure: NotFound without the account.
func (s *Service) Wipe(ctx context.Context, userID string) (n int64, err error) {
	err = s.store.Write(ctx, func(tx *db.Tx) error {
		account, err := store.AccountByID(tx, userID)
		if db.IsNone(err) {
			return talk.Fail(talk.NotFound, "")
		}
		if err == nil {
			n, err = loginflow.MarkWipe(tx, account.UserID)
		}
		return err
	})
	return n, err
}

// Wipes reports whether the device with an app password shall wipe what it has. Failure:
// [talk.TooOften].
func (s *Service) Wipes(r *http.Request, password string) (yes bool, err error) {
	if err := s.protection.Allow(LimitWipe, talk.Caller{Address: clientAddress(r, s.trusted)}); err != nil {
		return false, err
	}
	err = s.store.Read(r.Context(), func(tx *db.Tx) error {
		yes, err = loginflow.Wipes(tx, s.appPasswordHash(password))
		return err
	})
	return yes, err
}

// Wiped notes that a device has wiped what it had, and reports whether it was to. Failure:
// [talk.TooOften].
func (s *Service) Wiped(r *http.Request, password string) (yes bool, err error) {
	if err := s.protection.Allow(LimitWipe, talk.Caller{Address: clientAddress(r, s.trusted)}); err != nil {
		return false, err
	}
	err = s.store.Write(r.Context(), func(tx *db.Tx) error {
		yes, err = loginflow.Wiped(tx, s.appPasswordHash(password))
		return err
	})
	return yes, err
}
