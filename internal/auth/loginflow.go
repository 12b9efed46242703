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
	flowLife    = 20 * time.Minute
	flowSeconds = int64(flowLife / time.Second)
	// keepFlows is for how long a token is not taken for a guess.
	keepFlows = 2 * time.Hour
	// maxFlows is how many apps may ask at a time.
	maxFlows = 20_000
	// forgetFlows is how many flows are forgotten at once.
	forgetFlows = 500
	// maxClientName is the length of the name of an app, in bytes.
	maxClientName = 120
)

// LimitLoginFlows is for apps that ask for a password of their own, by network.
var LimitLoginFlows = Limit{Reason: "login-flow", Count: 60, Window: flowLife}

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
		if n, err := loginflow.CountOpen(tx, tx.Now()-flowSeconds); err != nil || n >= maxFlows {
			return firstError(err, talk.Fail(talk.Unavailable, "login-flow"))
		}
		return loginflow.Insert(tx, s.key.Digest(purposeFlowPoll, poll), s.key.Digest(purposeFlowPage, flow), loginflow.Flow{Client: ClientName(r), Address: address})
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

// OpenFlow returns the app that asks by a token. Failure: NotFound, also for one that asked too
// long ago or was let in.
func (s *Service) OpenFlow(ctx context.Context, token string) (out Flow, err error) {
	err = s.store.Read(ctx, func(tx *db.Tx) error {
		f, err := loginflow.ByFlow(tx, s.key.Digest(purposeFlowPage, token))
		if err != nil || f.UserID != "" || f.Done || expired(f, tx.Now()) {
			return notFoundUnlessBroken(err)
		}
		out = Flow{f.ID, f.Client, f.Address, time.Unix(f.CreatedAt, 0)}
		return nil
	})
	return out, err
}

func expired(f loginflow.Flow, now int64) bool { return now-f.CreatedAt > flowSeconds }

// GrantFlow lets the app in that asks by a token, with the account of somebody. Failure:
// NotFound, also for one that was let in already.
func (s *Service) GrantFlow(ctx context.Context, token, userID string) error {
	return s.store.Write(ctx, func(tx *db.Tx) error {
		if err := store.KeepAccount(tx, userID); err != nil {
			return notFoundUnlessBroken(err)
		}
		f, err := loginflow.ByFlow(tx, s.key.Digest(purposeFlowPage, token))
		if err != nil || expired(f, tx.Now()) {
			return notFoundUnlessBroken(err)
		}
		if first, err := loginflow.Grant(tx, f.ID, userID); err != nil || !first {
			return notFoundUnlessBroken(err)
		}
		return nil
	})
}

// Granted is what an app gets that was let in.
type Granted struct{ LoginName, AppPassword string }

// PollFlow returns the app password of an app that was let in, once. Failures: NotFound as long
// as it was not, and [*Blocked]. A token that nobody has counts as a guess, but who has one is
// not kept waiting by the guesses of neighbours.
func (s *Service) PollFlow(r *http.Request, token string) (out Granted, err error) {
	digest := s.key.Digest(purposeFlowPoll, token)
	var waits bool
	err = s.store.Look(r.Context(), func(tx *db.Tx) error {
		f, err := loginflow.ByPoll(tx, digest)
		waits = err == nil && !collectable(f, tx.Now())
		return err
	})
	switch {
	case db.IsNone(err):
		guess := Guess{Action: ActionLoginFlow, Address: clientAddress(r, s.trusted)}
		return out, s.refuseGuess(r, guess, talk.Fail(talk.NotFound, ""))
	case err != nil:
		return out, err
	case waits: // apps ask several times a second, so that this writes nothing
		return out, talk.Fail(talk.NotFound, "")
	}
	err = s.store.Write(r.Context(), func(tx *db.Tx) error {
		f, err := loginflow.ByPoll(tx, digest)
		if err != nil || !collectable(f, tx.Now()) {
			return notFoundUnlessBroken(err)
		}
		out, err = s.collect(tx, f)
		return err
	})
	if err != nil {
		return Granted{}, err
	}
	return out, nil
}

// collectable reports whether somebody let the app in that has no password yet.
func collectable(f loginflow.Flow, now int64) bool {
	return f.UserID != "" && !f.Done && !expired(f, now)
}

// collect makes the app password of an app that was let in. The account cannot end meanwhile.
func (s *Service) collect(tx *db.Tx, f loginflow.Flow) (Granted, error) {
	if err := store.KeepAccount(tx, f.UserID); err != nil {
		return Granted{}, notFoundUnlessBroken(err)
	}
	account, err := store.AccountByID(tx, f.UserID)
	if err != nil || !account.Enabled {
		return Granted{}, notFoundUnlessBroken(err)
	}
	if first, err := loginflow.Finish(tx, f.ID); err != nil || !first {
		return Granted{}, notFoundUnlessBroken(err)
	}
	out := Granted{account.UserID, secret.Token(appPasswordChars, secret.Alphanumeric)}
	_, err = store.InsertAppPassword(tx, account.UserID, s.appPasswordHash(out.AppPassword), storable(f.Client))
	return out, err
}

// notFoundUnlessBroken is NotFound for whoever is refused, and the failure of a database that
// does not work.
func notFoundUnlessBroken(err error) error {
	if err != nil && !db.IsNone(err) {
		return err
	}
	return talk.Fail(talk.NotFound, "")
}

// ForgetFlows removes what apps asked for long ago, and log-ins that ended so long ago that their
// cookies are of no use anyway.
func (s *Service) ForgetFlows(ctx context.Context) error {
	err := s.forget(ctx, func(tx *db.Tx) (int64, error) {
		return loginflow.Forget(tx, tx.Now()-int64(keepFlows/time.Second), forgetFlows)
	})
	if err != nil {
		return err
	}
	return s.forget(ctx, func(tx *db.Tx) (int64, error) {
		return loginflow.ForgetEnded(tx, tx.Now()-int64(cookieLife/time.Second)-1, forgetFlows)
	})
}

// forget removes a part at a time until nothing is left.
func (s *Service) forget(ctx context.Context, remove func(*db.Tx) (int64, error)) error {
	for {
		var n int64
		err := s.store.Write(ctx, func(tx *db.Tx) (err error) {
			n, err = remove(tx)
			return err
		})
		if err != nil || n < forgetFlows {
			return err
		}
	}
}
