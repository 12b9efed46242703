package auth_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/auth"
	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
)

// clock is a time that a test moves.
type clock struct{ seconds atomic.Int64 }

func (c *clock) Now() time.Time          { return time.Unix(c.seconds.Load(), 0) }
func (c *clock) Advance(d time.Duration) { c.seconds.Add(int64(d / time.Second)) }

// fixture is a service on a real database with the accounts alice and Bob,
// whose passwords are "alice-pw" and "bob-pw".
type fixture struct {
	*auth.Service
	t     testing.TB
	clock *clock
	store *db.DB
	key   secret.Key
	hash  *secret.Hasher
}

// testKey is the key of all fixtures.
func testKey() secret.Key {
	key, err := secret.ParseKey(strings.Repeat("5a", 32))
	if err != nil {
		panic(err)
	}
	return key
}

func newFixture(t testing.TB, change ...func(*auth.Options)) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: &clock{}, key: testKey(), hash: secret.NewHasher(secret.TestOptions())}
	f.clock.seconds.Store(1_700_000_000)
	var err error
	f.store, err = store.Open(context.Background(), db.Options{
		URL: "sqlite:" + filepath.Join(t.TempDir(), "p.db"), Now: f.clock.Now, Readers: 4,
	})
	f.must(err)
	t.Cleanup(func() { f.must(f.store.Close()) })
	o := auth.Options{Store: f.store, Hasher: f.hash, Key: f.key, Now: f.clock.Now, BruteForce: true}
	for _, c := range change {
		c(&o)
	}
	f.Service = auth.New(o)
	f.addAccount("alice", "alice@example.org", "alice-pw")
	f.addAccount("Bob", "bob@example.org", "bob-pw")
	return f
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) write(do func(*db.Tx) error) {
	f.t.Helper()
	f.must(f.store.Write(context.Background(), do))
}

func (f *fixture) addAccount(id, email, password string) {
	f.t.Helper()
	hash, err := f.hash.Hash(context.Background(), password)
	f.must(err)
	f.write(func(tx *db.Tx) error {
		return store.InsertAccount(tx, store.Account{UserID: id, DisplayName: "Name of " + id, Email: email, PasswordHash: hash, Enabled: true})
	})
}

// change edits a stored account.
func (f *fixture) change(id string, edit func(*store.Account)) {
	f.t.Helper()
	f.write(func(tx *db.Tx) error {
		a, err := store.AccountByID(tx, id)
		if err == nil {
			edit(&a)
			err = store.UpdateAccount(tx, a)
		}
		return err
	})
}

func (f *fixture) appPassword(user string) string {
	f.t.Helper()
	password, err := f.CreateAppPassword(context.Background(), user, "phone")
	f.must(err)
	return password
}

// id identifies a request that must be accepted.
func (f *fixture) id(r *http.Request) auth.Identity {
	f.t.Helper()
	id, err := f.Identify(r)
	f.must(err)
	return id
}

// attempts returns how many logins from the usual address failed.
func (f *fixture) attempts() int {
	f.t.Helper()
	return f.count(auth.ActionLogin)
}

// address is where httptest requests come from.
const address = "192.0.2.1"

func request(change ...func(*http.Request)) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/ocs/v2.php/cloud/user", nil)
	for _, c := range change {
		c(r)
	}
	return r
}

func basic(user, password string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(user, password) }
}

func bearer(token string) func(*http.Request) { return header("Authorization", "Bearer "+token) }

func header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func cookie(value string) func(*http.Request) {
	return named(auth.CookieNameOf(testKey()), value)
}

// named adds a cookie.
func named(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: name, Value: value}) }
}

func from(remote string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = remote }
}

func trusting(networks ...string) func(*auth.Options) {
	return func(o *auth.Options) { o.Trusted = prefixes(networks...) }
}

func prefixes(networks ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, n := range networks {
		out = append(out, netip.MustParsePrefix(n))
	}
	return out
}

func unprotected(o *auth.Options) { o.BruteForce = false }

func TestLoadKeyIsMadeOnce(t *testing.T) {
	f := newFixture(t)
	first, err := auth.LoadKey(t.Context(), f.store)
	f.must(err)
	again, err := auth.LoadKey(t.Context(), f.store)
	f.must(err)
	if first.Hex() != again.Hex() {
		t.Error("the key is zero or differs at the second start")
	}
	f.must(f.store.Close())
	if _, err := auth.LoadKey(t.Context(), f.store); err == nil {
		t.Error("no error from a closed database")
	}
}

func TestAppPasswords(t *testing.T) {
	f := newFixture(t)
	password, err := f.CreateAppPassword(t.Context(), "BOB", "a phone\x00 with \xff")
	f.must(err)
	id := f.id(request(basic("bob", password)))
	f.must(f.store.Read(t.Context(), func(tx *db.Tx) error {
		list, err := store.AppPasswords(tx, "Bob")
		if len(list) != 1 || list[0].ID != id.AppPassword || list[0].Name != "a phone with " {
			t.Errorf("stored app passwords: %+v", list)
		}
		return err
	}))
	if len(password) != 72 {
		t.Errorf("an app password has %d characters, want 72", len(password))
	}
	if _, err := f.CreateAppPassword(t.Context(), "nobody", "phone"); !talk.IsKind(err, talk.NotFound) {
		t.Errorf("app password for nobody: %v", err)
	}
	if err := f.RevokeAppPassword(t.Context(), "alice", id.AppPassword); !talk.IsKind(err, talk.NotFound) {
		t.Errorf("revocation by somebody else: %v", err)
	}
	f.must(f.RevokeAppPassword(t.Context(), "bob", id.AppPassword))
	if err := f.RevokeAppPassword(t.Context(), "Bob", id.AppPassword); !talk.IsKind(err, talk.NotFound) {
		t.Errorf("second revocation: %v", err)
	}
}

// A password that was verified before the clock was set back is verified again,
// rather than recognised until the clock has caught up.
func TestRememberedPasswordFromTheFuture(t *testing.T) {
	f := newFixture(t)
	auth.Remember(f.Service, "digest")
	for _, c := range []struct {
		advance time.Duration
		known   bool
	}{{0, true}, {auth.MemoryLife - time.Second, true}, {-auth.MemoryLife, false}, {-2 * time.Hour, false}, {2*time.Hour + time.Second, true}} {
		f.clock.Advance(c.advance)
		if got := auth.Recognises(f.Service, "digest"); got != c.known {
			t.Errorf("after %v: recognised %v", c.advance, got)
		}
	}
}
