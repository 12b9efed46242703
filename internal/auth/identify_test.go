package auth_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/auth"
	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
)

func TestWhoIsAsking(t *testing.T) {
	f := newFixture(t)
	app := f.appPassword("Bob")
	appID := f.id(request(bearer(app))).AppPassword
	f.addAccount("twin1", "twin@example.org", "twin-pw")
	f.addAccount("twin2", "twin@example.org", "twin-pw")
	f.addAccount("no-mail", "", "mail-pw")
	device := fmt.Sprintf("app:%d", appID)
	for name, c := range map[string]struct {
		change func(*http.Request)
		user   string
		device string
		err    error
	}{
		"nothing":                        {change: func(*http.Request) {}},
		"account password":               {change: basic("alice", "alice-pw"), user: "alice", device: "pw:alice"},
		"other case":                     {change: basic("bOB", "bob-pw"), user: "Bob", device: "pw:Bob"},
		"e-mail":                         {change: basic("Bob@Example.org", "bob-pw"), user: "Bob", device: "pw:Bob"},
		"app password":                   {change: basic("bob", app), user: "Bob", device: device},
		"app password by e-mail":         {change: basic("BOB@example.org", app), user: "Bob", device: device},
		"bearer":                         {change: bearer(app), user: "Bob", device: device},
		"bearer in capitals":             {change: header("Authorization", "BEARER  "+app), user: "Bob", device: device},
		"app password of someone else":   {change: basic("alice", app), err: auth.ErrCredentials},
		"app password of the right size": {change: basic("bob", strings.Repeat("x", 72)), err: auth.ErrCredentials},
		"wrong password":                 {change: basic("alice", "bob-pw"), err: auth.ErrCredentials},
		"unknown user":                   {change: basic("carol", "alice-pw"), err: auth.ErrCredentials},
		"e-mail of two":                  {change: basic("twin@example.org", "twin-pw"), err: auth.ErrCredentials},
		"no name":                        {change: basic("", "mail-pw"), err: auth.ErrCredentials},
		"no text":                        {change: basic("ali\x00ce\xff", "alice-pw"), err: auth.ErrCredentials},
		"endless password":               {change: basic("alice", strings.Repeat("x", 5000)), err: auth.ErrCredentials},
		"endless password of nobody":     {change: basic("carol", strings.Repeat("x", 5000)), err: auth.ErrCredentials},
		"empty password":                 {change: basic("alice", "")},
		"unknown bearer":                 {change: bearer(strings.Repeat("x", 72))},
		"account password as bearer":     {change: bearer("alice-pw")},
		"no base64":                      {change: header("Authorization", "Basic !!!")},
		"other scheme":                   {change: header("Authorization", "Digest alice")},
		"scheme alone":                   {change: header("Authorization", "Bearer")},
	} {
		f.write(func(tx *db.Tx) error { return store.ForgetAttempts(tx, tx.Now()+1) })
		id, err := f.Identify(request(c.change))
		if !errors.Is(err, c.err) || id.Caller.UserID != c.user || id.Account.UserID != c.user || id.Caller.Device != c.device {
			t.Errorf("%s: %+v, %v", name, id.Caller, err)
		}
		want := 0
		if c.err != nil {
			want = 1
		}
		if got := f.attempts(); got != want {
			t.Errorf("%s: %d attempts counted, want %d", name, got, want)
		}
	}
}

func TestIdentityOfAnAccount(t *testing.T) {
	f := newFixture(t)
	id := f.id(request(basic("ALICE", "alice-pw")))
	want := talk.Caller{
		UserID: "alice", DisplayName: "Name of alice", Client: id.Caller.Client, Fresh: true, Device: "pw:alice", Address: address,
	}
	if diff := cmp.Diff(want, id.Caller); diff != "" {
		t.Errorf("caller (-want +got):\n%s", diff)
	}
	if !id.Basic || id.Bearer || id.AppPassword != 0 || id.Account.Email != "alice@example.org" || len(id.Caller.Client) != 64 {
		t.Errorf("identity %+v", id)
	}
	if id = f.id(request(bearer("unknown"))); !id.Bearer || id.Basic || id.Caller.LoggedIn() {
		t.Errorf("unknown bearer: %+v", id)
	}
}

func TestDisabledAccount(t *testing.T) {
	f := newFixture(t)
	app := f.appPassword("alice")
	ways := map[string]func(*http.Request){
		"password": basic("alice", "alice-pw"), "app password": basic("alice", app), "bearer": bearer(app),
	}
	for name, way := range ways {
		if id := f.id(request(way)); id.Caller.UserID != "alice" {
			t.Fatalf("%s before: %+v", name, id.Caller)
		}
	}
	kept := cookie(f.id(request(ways["password"])).Cookie.Value)
	f.change("alice", func(a *store.Account) { a.Enabled = false })
	for name, way := range ways {
		if _, err := f.Identify(request(way)); !errors.Is(err, auth.ErrCredentials) {
			t.Errorf("%s of a disabled account: %v", name, err)
		}
	}
	if got := f.attempts(); got != len(ways) {
		t.Errorf("%d attempts counted, want %d", got, len(ways))
	}
	if id := f.id(request(kept)); id.Caller.LoggedIn() || !id.Caller.Fresh {
		t.Errorf("cookie of a disabled account: %+v", id.Caller)
	}
	f.change("alice", func(a *store.Account) { a.Enabled = true })
	for name, way := range ways {
		if id := f.id(request(way)); id.Caller.UserID != "alice" {
			t.Errorf("%s of the account that is enabled again: %+v", name, id.Caller)
		}
	}
}

func TestPasswordChangeCountsAtOnce(t *testing.T) {
	f := newFixture(t)
	f.id(request(basic("alice", "alice-pw")))
	hash, err := f.hash.Hash(t.Context(), "new-pw")
	f.must(err)
	f.change("alice", func(a *store.Account) { a.PasswordHash = hash })
	if _, err := f.Identify(request(basic("alice", "alice-pw"))); !errors.Is(err, auth.ErrCredentials) {
		t.Errorf("old password: %v", err)
	}
	f.id(request(basic("alice", "new-pw")))
	f.change("alice", func(a *store.Account) { a.PasswordHash = "" })
	if _, err := f.Identify(request(basic("alice", "new-pw"))); !errors.Is(err, auth.ErrCredentials) {
		t.Errorf("account without a password: %v", err)
	}
	f.change("alice", func(a *store.Account) { a.PasswordHash = "plain" })
	if _, err := f.Identify(request(basic("alice", "plain"))); !errors.Is(err, secret.ErrMalformedHash) {
		t.Errorf("account with a broken hash: %v", err)
	}
}

func TestRevokedAppPassword(t *testing.T) {
	f := newFixture(t)
	app := f.appPassword("alice")
	id := f.id(request(basic("alice", app)))
	kept := cookie(id.Cookie.Value)
	if again := f.id(request(kept)); again.Caller.UserID != "alice" || again.AppPassword != id.AppPassword {
		t.Fatalf("cookie alone: %+v", again.Caller)
	}
	f.must(f.RevokeAppPassword(t.Context(), "alice", id.AppPassword))
	if _, err := f.Identify(request(basic("alice", app))); !errors.Is(err, auth.ErrCredentials) {
		t.Errorf("revoked app password: %v", err)
	}
	for name, way := range map[string]func(*http.Request){"bearer": bearer(app), "cookie": kept} {
		if id := f.id(request(way)); id.Caller.LoggedIn() {
			t.Errorf("revoked app password as %s: %+v", name, id.Caller)
		}
	}
}

func TestBrokenDatabaseIsNoGuest(t *testing.T) {
	f := newFixture(t)
	app := f.appPassword("alice")
	kept := cookie(f.id(request(basic("alice", app))).Cookie.Value)
	f.must(f.store.Close())
	for name, way := range map[string]func(*http.Request){
		"password": basic("alice", "alice-pw"), "app password": basic("alice", app), "bearer": bearer(app), "cookie": kept,
	} {
		if _, err := f.Identify(request(way)); !errors.Is(err, db.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f.id(request())
}

// computations returns how often do computed an argon2id hash, told by the
// memory that each of them takes.
func computations(do func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return int((after.TotalAlloc - before.TotalAlloc) / (hashKiB * 1024))
}

// hashKiB is the memory of a computation in TestRememberedPassword, far more than
// everything else there allocates.
const hashKiB = 32 * 1024

// hungry makes alice's password one that computations can count.
func hungry(f *fixture) {
	f.t.Helper()
	hash, err := secret.NewHasher(secret.Options{Memory: hashKiB, Passes: 1}).Hash(context.Background(), "alice-pw")
	f.must(err)
	f.change("alice", func(a *store.Account) { a.PasswordHash = hash })
}

func TestRememberedPassword(t *testing.T) {
	f := newFixture(t)
	hungry(f)
	log := func() { f.id(request(basic("alice", "alice-pw"))) }
	for _, step := range []struct {
		name  string
		after time.Duration
		want  int
	}{
		{"first", 0, 1}, {"second", 0, 0}, {"last moment", auth.MemoryLife - time.Second, 0}, {"expired", time.Second, 1}, {"renewed", 0, 0},
	} {
		f.clock.Advance(step.after)
		if got := computations(log); got != step.want {
			t.Errorf("%s: %d computations, want %d", step.name, got, step.want)
		}
	}
}

func TestManyRequestsComputeOnce(t *testing.T) {
	for name, o := range map[string]func(*auth.Options){"protected": trusting(), "unprotected": unprotected} {
		f := newFixture(t, o)
		hungry(f)
		got := computations(func() {
			var wg sync.WaitGroup
			for range 30 {
				wg.Go(func() {
					if id, err := f.Identify(request(basic("alice", "alice-pw"))); err != nil || id.Caller.UserID != "alice" {
						t.Errorf("%+v, %v", id.Caller, err)
					}
				})
			}
			wg.Wait()
		})
		if got != 1 {
			t.Errorf("%s: %d computations, want 1", name, got)
		}
		if n := auth.Turns(f.Service); n != 0 {
			t.Errorf("%s: %d turns are still taken", name, n)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	f := newFixture(t)
	for i := range auth.MemorySize + 5 {
		auth.Remember(f.Service, strconv.Itoa(i))
	}
	if got := auth.Remembered(f.Service); got != auth.MemorySize {
		t.Errorf("%d remembered, want %d", got, auth.MemorySize)
	}
	f.clock.Advance(auth.MemoryLife)
	auth.Remember(f.Service, "late")
	if got := auth.Remembered(f.Service); got != 1 {
		t.Errorf("%d remembered after the others expired, want 1", got)
	}
}

func TestTurnsEndWithTheRequest(t *testing.T) {
	f := newFixture(t)
	done, err := auth.Take(t.Context(), f.Service, "key")
	f.must(err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := auth.Take(ctx, f.Service, "key"); !errors.Is(err, context.Canceled) {
		t.Errorf("a turn for a request that ended: %v", err)
	}
	if other, err := auth.Take(t.Context(), f.Service, "other"); err != nil {
		t.Error(err)
	} else {
		other()
	}
	done()
	if n := auth.Turns(f.Service); n != 0 {
		t.Errorf("%d turns are still taken", n)
	}
}
