package auth_test

import (
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/store"
)

func (f *fixture) stored(user string) (a store.Account, apps []store.AppPassword) {
	f.t.Helper()
	f.must(f.store.Read(f.t.Context(), func(tx *db.Tx) (err error) {
		if a, err = store.AccountByID(tx, user); err == nil {
			apps, err = store.AppPasswords(tx, user)
		}
		return err
	}))
	return a, apps
}

func TestLoginsAreWrittenNowAndThen(t *testing.T) {
	f := newFixture(t)
	app := f.appPassword("alice")
	start := f.clock.Now().Unix()
	use := func(after time.Duration, last int64) {
		t.Helper()
		f.clock.Advance(after)
		f.id(request(basic("alice", app)))
		f.id(request(basic("alice", app)))
		f.must(f.WriteLogins(t.Context()))
		a, apps := f.stored("alice")
		if a.FirstLoginAt != start || a.LastLoginAt != last || apps[0].LastUsedAt != last {
			t.Errorf("first %d, last %d, of the app password %d, want %d and %d", a.FirstLoginAt, a.LastLoginAt, apps[0].LastUsedAt, start, last)
		}
	}
	use(0, start)
	use(9*time.Minute, start)
	use(time.Minute, start+600)
	use(24*time.Hour, start+600+86400)
	if bob, _ := f.stored("Bob"); bob.LastLoginAt != 0 {
		t.Error("Bob never logged in")
	}
	// Those who fail do not log in, and what waits is seen at once.
	_, _ = f.Identify(request(basic("Bob", "wrong")))
	if f.LastLogin("Bob", 7) != 7 {
		t.Error("a failure counts as a log-in")
	}
	f.id(request(basic("bob", "bob-pw")))
	if f.LastLogin("Bob", 7) != f.clock.Now().Unix() {
		t.Error("the log-in of Bob is not known")
	}
}

func TestHashesAreRenewed(t *testing.T) {
	f := newFixture(t)
	costly, err := secret.NewHasher(secret.Options{Memory: 16, Passes: 1, Lanes: 1}).Hash(t.Context(), "alice-pw")
	f.must(err)
	f.change("alice", func(a *store.Account) { a.SetPassword(costly) })
	first := f.id(request(basic("alice", "alice-pw")))
	f.must(f.WriteLogins(t.Context()))
	a, _ := f.stored("alice")
	if a.PasswordHash == costly || f.hash.NeedsRehash(a.PasswordHash) {
		t.Fatal("the hash is the old one")
	}
	// Nobody is logged out, and once is enough.
	if !f.id(request(cookie(first.Cookie.Value))).Caller.LoggedIn() {
		t.Error("the cookie ended")
	}
	f.clock.Advance(time.Hour)
	f.id(request(basic("alice", "alice-pw")))
	f.must(f.WriteLogins(t.Context()))
	if again, _ := f.stored("alice"); again.PasswordHash != a.PasswordHash {
		t.Error("the hash was renewed twice")
	}
	f.change("alice", func(a *store.Account) { a.SetPassword(costly) })
	if _, err := f.Identify(request(basic("alice", "wrong"))); err == nil {
		t.Error("a wrong password is let in")
	}
	f.must(f.WriteLogins(t.Context()))
	if again, _ := f.stored("alice"); again.PasswordHash != costly {
		t.Error("a wrong password renewed the hash")
	}
}

func TestALoginWithoutADatabaseToWrite(t *testing.T) {
	f := newFixture(t)
	costly, err := secret.NewHasher(secret.Options{Memory: 16, Passes: 1, Lanes: 1}).Hash(t.Context(), "alice-pw")
	f.must(err)
	f.change("alice", func(a *store.Account) { a.SetPassword(costly) })
	release, held := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- f.store.Write(t.Context(), func(*db.Tx) error { close(held); <-release; return nil })
	}()
	<-held
	if !f.id(request(basic("alice", "alice-pw"))).Caller.LoggedIn() {
		t.Error("alice is kept out while nobody can write")
	}
	close(release)
	f.must(<-done)
}
