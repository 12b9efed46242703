package notify

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"parley/internal/db"
	"parley/internal/outbound"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/webpush"
)

// Limits of subscriptions.
const (
	// maxSubscriptions is how many an account has; a new one ends the oldest.
	maxSubscriptions = 20
	// maxEndpoint and maxAppTypes are the lengths in bytes of what an app says.
	maxEndpoint = 1000
	maxAppTypes = 256
	// activationLength is the number of characters that an app shows that it can read.
	activationLength = 36
)

// The reasons for refusing a subscription, by the names that apps know.
const (
	ReasonKey        = "INVALID_P256DH"
	ReasonSecret     = "INVALID_AUTH"
	ReasonEndpoint   = "INVALID_ENDPOINT"
	ReasonAppTypes   = "TOO_MANY_APP_TYPES"
	ReasonSession    = "INVALID_SESSION_TOKEN"
	ReasonActivation = "INVALID_ACTIVATION_TOKEN"
)

// App is an app that asks to be told of notifications by a push service.
type App struct {
	UserID string
	// AppPassword is the id of its credential, 0 for none.
	AppPassword int64
}

// ServerKey returns the public key that apps give to their push service. It is made when it
// is first needed.
func (svc *Service) ServerKey(ctx context.Context) (string, error) {
	key, err := svc.serverKey(ctx)
	if err != nil {
		return "", err
	}
	return key.Public()
}

func (svc *Service) serverKey(ctx context.Context) (*webpush.ServerKey, error) {
	if key := svc.key.Load(); key != nil {
		return key, nil
	}
	fresh, err := webpush.NewServerKey()
	if err != nil {
		return nil, err
	}
	kept, err := fresh.Secret()
	if err != nil {
		return nil, err
	}
	err = svc.store.Write(ctx, func(tx *db.Tx) error {
		kept, err = store.InitServerState(tx, "push-key", kept)
		return err
	})
	if err != nil {
		return nil, err
	}
	key, err := webpush.ParseServerKey(kept)
	if err != nil {
		return nil, err
	}
	svc.key.Store(&key)
	return &key, nil
}

// Subscription is what an app says of where and how it is told.
type Subscription struct {
	// Endpoint is where its push service takes messages.
	Endpoint string
	// Key and Secret are what only the app reads messages with, in base64url.
	Key, Secret string
	// AppTypes are the apps of the platform that it is for, separated by commas: "all",
	// "talk", and with "-" before it what it does not want.
	AppTypes string
}

// wantsTalk reports whether it is for conversations.
func (s Subscription) wantsTalk() bool {
	types := strings.Split(s.AppTypes, ",")
	has := func(names ...string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(types, n) })
	}
	return has("talk", "spreed") || has("all") && !has("-talk", "-spreed")
}

// Subscribe has an app told of notifications, once it has shown that it can read what is
// pushed to it. It reports whether the subscription is new. Failures, in this order:
// Invalid with one of the reasons above.
func (svc *Service) Subscribe(ctx context.Context, app App, s Subscription) (created bool, err error) {
	service, err := svc.check(s)
	if err != nil {
		return false, err
	}
	if app.AppPassword == 0 {
		return false, talk.Fail(talk.Invalid, ReasonSession)
	}
	row := store.PushSubscription{
		UserID: app.UserID, AppPasswordID: app.AppPassword, Endpoint: s.Endpoint, Service: service, Key: s.Key, Secret: s.Secret,
		AppTypes: s.AppTypes, Wanted: s.wantsTalk(), ActivationToken: secret.Token(activationLength, secret.Alphanumeric),
	}
	err = svc.store.Write(ctx, func(tx *db.Tx) error {
		if err := store.LockAccount(tx, app.UserID); err != nil {
			return err
		}
		old, err := store.PushSubscriptionOf(tx, app.AppPassword)
		if err != nil && !db.IsNone(err) {
			return err
		}
		same := err == nil && old.Endpoint == row.Endpoint && old.Key == row.Key && old.Secret == row.Secret && old.AppTypes == row.AppTypes
		if created = !same; same {
			if old.Active {
				return nil
			}
			return svc.pusher.Push(tx, store.PushActivate, old.ID)
		}
		if err := store.ReplacePushSubscription(tx, &row, maxSubscriptions); err != nil {
			return err
		}
		return svc.pusher.Push(tx, store.PushActivate, row.ID)
	})
	return created, err
}

// check refuses what cannot be pushed to, and returns scheme and host of the push service.
func (svc *Service) check(s Subscription) (service string, err error) {
	if _, err := webpush.ParseReceiver(s.Key, s.Secret); err != nil {
		if errors.Is(err, webpush.ErrAuth) {
			return "", talk.Fail(talk.Invalid, ReasonSecret)
		}
		return "", talk.Fail(talk.Invalid, ReasonKey)
	}
	to, err := url.Parse(s.Endpoint)
	if err != nil || len(s.Endpoint) > maxEndpoint || to.Hostname() == "" || to.User != nil || to.Fragment != "" || !svc.reaches(to) ||
		strings.ContainsFunc(s.Endpoint, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", talk.Fail(talk.Invalid, ReasonEndpoint)
	}
	if len(s.AppTypes) > maxAppTypes || strings.ContainsFunc(s.AppTypes, func(r rune) bool { return r < ' ' || r > '~' }) {
		return "", talk.Fail(talk.Invalid, ReasonAppTypes)
	}
	return to.Scheme + "://" + strings.ToLower(to.Host), nil
}

// reaches reports whether the server sends anything to an address. Only a push service in a
// network that the administrator allowed may do without encryption. What a name stands for
// shows when something is sent.
func (svc *Service) reaches(to *url.URL) bool {
	at, err := netip.ParseAddr(to.Hostname())
	switch {
	case err == nil && svc.client.Allowed(at):
		return to.Scheme == "http" || to.Scheme == "https"
	case err == nil && !outbound.Public(at):
		return false
	}
	return to.Scheme == "https"
}

// Activate has notifications pushed to the app, which shows what it read. It reports
// whether they were not before. Failures: Invalid with ReasonSession or ReasonActivation,
// NotFound without a subscription.
func (svc *Service) Activate(ctx context.Context, app App, token string) (activated bool, err error) {
	err = svc.ofApp(ctx, app, func(tx *db.Tx, p *store.PushSubscription) error {
		if p == nil {
			return talk.Fail(talk.NotFound, "")
		}
		if subtle.ConstantTimeCompare([]byte(token), []byte(p.ActivationToken)) == 0 {
			return talk.Fail(talk.Invalid, ReasonActivation)
		}
		activated = !p.Active
		return store.ActivatePush(tx, p.ID)
	})
	return activated, err
}

// Unsubscribe ends the subscription of the app and reports whether there was one. Failure:
// Invalid with ReasonSession.
func (svc *Service) Unsubscribe(ctx context.Context, app App) (found bool, err error) {
	err = svc.ofApp(ctx, app, func(tx *db.Tx, p *store.PushSubscription) error {
		if found = p != nil; !found {
			return nil
		}
		return store.DeletePushSubscription(tx, p.ID)
	})
	return found, err
}

// ofApp calls f with the subscription of the app, nil without one.
func (svc *Service) ofApp(ctx context.Context, app App, f func(*db.Tx, *store.PushSubscription) error) error {
	if app.AppPassword == 0 {
		return talk.Fail(talk.Invalid, ReasonSession)
	}
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		p, err := store.PushSubscriptionOf(tx, app.AppPassword)
		if db.IsNone(err) {
			return f(tx, nil)
		}
		if err != nil {
			return err
		}
		return f(tx, &p)
	})
}

// TestPush pushes something to all apps of an account and returns how many there are.
func (svc *Service) TestPush(ctx context.Context, caller talk.Caller) (n int, err error) {
	err = svc.store.Write(ctx, func(tx *db.Tx) error {
		n = 0
		all, err := store.PushSubscriptionsOf(tx, caller.UserID)
		for i := range all {
			if !all[i].Active {
				continue
			}
			n++
			if err := svc.pusher.Push(tx, store.PushTest, all[i].ID); err != nil {
				return err
			}
		}
		return err
	})
	return n, err
}
