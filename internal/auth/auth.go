// Package auth finds out who makes a request: the holder of an account password,
// of an app password or of a session cookie, or a guest. It
// also counts failures, so that nothing can be found by guessing (§7.1).
//
// It knows no status numbers: credentials that are refused are [ErrCredentials],
// an address that guessed too often is [*Blocked], and everything else is a
// failure of the server.
package auth

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"time"

	"parley/internal/cache"
	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
)

// ErrCredentials is returned for credentials that are wrong or whose account is
// disabled. Such a request is refused even where strangers are welcome.
var ErrCredentials = talk.Fail(talk.Unauthenticated, "credentials")

// Purposes keep the digests of the server key apart.
const (
	purposeAppPassword  = "app-password"
	purposeBasic        = "basic"
	purposeClient       = "client"
	purposeCookieName   = "cookie-name"
	purposeCookieProof  = "cookie-proof"
	purposeFlowPage     = "login-flow-page"
	purposeFlowPoll     = "login-flow-poll"
	purposePageState    = "page-state"
	purposeRequestToken = "request-token"
	purposeUnknownName  = "unknown-name"
)

// Options configure New. Store, Hasher, Key and Now are required.
type Options struct {
	Store  *db.DB
	Hasher *secret.Hasher
	// Key is the key of the installation; see LoadKey.
	Key secret.Key
	// Now returns the current time.
	Now func() time.Time
	// Trusted are the networks of reverse proxies whose X-Forwarded-For counts.
	Trusted []netip.Prefix
	// BruteForce switches the counting of failures on.
	BruteForce bool
	// NeverBlock are networks for which nothing is counted.
	NeverBlock []netip.Prefix
	// CookieSecure reports whether a request came by https, so that its cookie
	// must not travel otherwise; nil looks at the connection alone.
	CookieSecure func(*http.Request) bool
	// CookiePath is the path below which clients show the cookie, "" for "/".
	CookiePath string
}

// Service identifies callers. It is safe for concurrent use; make one with New.
type Service struct {
	store      *db.DB
	hasher     *secret.Hasher
	key        secret.Key
	now        func() time.Time
	trusted    []netip.Prefix
	secure     func(*http.Request) bool
	cookieName string
	cookiePath string
	protection *Protection
	memory     *passwordCache
	recent     *cache.Cache[string, cachedLogin]
	turns      *keyQueues
	used       *used
}

// New returns a Service.
func New(o Options) *Service {
	if o.CookieSecure == nil {
		o.CookieSecure = func(r *http.Request) bool { return r.TLS != nil }
	}
	return &Service{
		store: o.Store, hasher: o.Hasher, key: o.Key, now: o.Now, trusted: o.Trusted, secure: o.CookieSecure,
		cookieName: cookieName(o.Key), cookiePath: cmp.Or(o.CookiePath, "/"),
		protection: newProtection(o.Store, o.Now, o.BruteForce, o.NeverBlock),
		memory:     newPasswordCache(o.Now),
		recent:     cache.New[string, cachedLogin](loginBytes),
		turns:      newKeyQueues(),
		used:       newUsed(o.Now),
	}
}

// CookieName is the name of the one cookie that this installation sets.
func (s *Service) CookieName() string { return s.cookieName }

// Protection returns the counter of failures that this service uses itself.
func (s *Service) Protection() *Protection { return s.protection }

// LoadKey returns the key of the installation, and makes it at the first start.
// Several nodes that start at once agree on one key.
func LoadKey(ctx context.Context, st *db.DB) (secret.Key, error) {
	fresh := secret.NewKey().Hex()
	var kept string
	err := st.Write(ctx, func(tx *db.Tx) error {
		var err error
		kept, err = store.InitServerState(tx, "key", fresh)
		return err
	})
	if err != nil {
		return secret.Key{}, err
	}
	return secret.ParseKey(kept)
}
