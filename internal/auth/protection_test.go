package auth_test

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/auth"
	"parley/internal/store"
	"parley/internal/talk"
)

const action = auth.ActionRoomToken

func (f *fixture) delay(address string) (int, bool) {
	f.t.Helper()
	ms, blocked, err := f.Protection().Delay(context.Background(), action, address)
	f.must(err)
	return ms, blocked
}

func (f *fixture) fail(n int, action, address, metadata string) {
	f.t.Helper()
	for range n {
		f.must(f.Protection().Register(context.Background(), action, address, metadata))
	}
}

func TestDelayDoubles(t *testing.T) {
	f := newFixture(t)
	for n, want := range []int{0, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_000, 25_000, 25_000, 25_000, 25_000} {
		if ms, blocked := f.delay(address); ms != want || blocked != (n > 10) {
			t.Errorf("after %d failures: %d ms, blocked %v", n, ms, blocked)
		}
		f.fail(1, action, address, "token")
	}
	f.fail(100, action, address, "token")
	if ms, blocked := f.delay(address); ms != 25_000 || !blocked {
		t.Errorf("after very many failures: %d ms, blocked %v", ms, blocked)
	}
}

func TestFailuresAge(t *testing.T) {
	f := newFixture(t)
	f.fail(11, action, address, "")
	for _, step := range []struct {
		after   time.Duration
		ms      int
		blocked bool
	}{
		{30 * time.Minute, 25_000, true}, {time.Second, 25_000, false}, {11*time.Hour + 30*time.Minute - time.Second, 25_000, false}, {time.Second, 0, false},
	} {
		f.clock.Advance(step.after)
		if ms, blocked := f.delay(address); ms != step.ms || blocked != step.blocked {
			t.Errorf("%v later: %d ms, blocked %v, want %d, %v", step.after, ms, blocked, step.ms, step.blocked)
		}
	}
}

func TestSweepForgetsWhatNoLongerCounts(t *testing.T) {
	f := newFixture(t)
	count := func() (all int) {
		f.must(f.store.Read(t.Context(), func(tx *store.Tx) error {
			var err error
			all, _, err = tx.CountAttempts(action, address, 0, 0)
			return err
		}))
		return all
	}
	f.fail(2, action, address, "")
	f.clock.Advance(12 * time.Hour)
	f.fail(1, action, address, "")
	f.must(f.Protection().Sweep(t.Context()))
	if got := count(); got != 3 {
		t.Errorf("%d attempts at 12 hours, want 3", got)
	}
	f.clock.Advance(time.Second)
	f.must(f.Protection().Sweep(t.Context()))
	if got := count(); got != 1 {
		t.Errorf("%d attempts later, want 1", got)
	}
}

func TestWhatIsCountedTogether(t *testing.T) {
	f := newFixture(t)
	f.fail(1, action, "2001:db8:0:ff01::1", "token")
	f.fail(1, action, "198.51.100.7", "token")
	f.fail(1, action, "garbage", "token")
	for of, want := range map[string]int{
		"2001:db8:0:ff01::1": 200, "2001:db8:0:ffff::2": 200, "2001:db8:0:fe00::1": 0,
		"198.51.100.7": 200, "::ffff:198.51.100.7": 200, "198.51.100.8": 0,
		"": 200, "@": 200,
	} {
		if ms, _ := f.delay(of); ms != want {
			t.Errorf("%q: %d ms, want %d", of, ms, want)
		}
	}
	if ms, _, err := f.Protection().Delay(t.Context(), auth.ActionRoomPassword, "198.51.100.7"); ms != 0 || err != nil {
		t.Errorf("another action: %d ms, %v", ms, err)
	}
}

func TestForgive(t *testing.T) {
	f := newFixture(t)
	f.fail(2, action, address, "room1")
	f.fail(1, action, address, "room2")
	f.fail(1, action, "198.51.100.7", "room1")
	f.must(f.Protection().Forgive(t.Context(), action, address, "room1"))
	if ms, _ := f.delay(address); ms != 200 {
		t.Errorf("%d ms are left, want those of the other conversation, 200", ms)
	}
	if ms, _ := f.delay("198.51.100.7"); ms != 200 {
		t.Errorf("another address has %d ms, want 200", ms)
	}
}

func TestSwitchedOffLeavesTheDatabaseAlone(t *testing.T) {
	f := newFixture(t, unprotected)
	f.must(f.store.Close())
	f.fail(1, action, address, "")
	f.must(f.Protection().Forgive(t.Context(), action, address, ""))
	if ms, blocked := f.delay(address); ms != 0 || blocked {
		t.Errorf("%d ms, blocked %v", ms, blocked)
	}
}

func TestGuessingPasswordsIsBlocked(t *testing.T) {
	f := newFixture(t)
	hungry(f)
	app := f.appPassword("alice")
	f.id(request(basic("alice", "alice-pw")))
	f.fail(11, auth.ActionLogin, address, "")
	for _, guess := range []func(*http.Request){basic("bob", "wrong"), basic("bob", "bob-pw"), basic("carol", "x"), basic("alice", "x")} {
		if _, err := f.Identify(request(guess)); !talk.IsKind(err, talk.TooManyAttempts) {
			t.Errorf("from a blocked address: %v", err)
		}
	}
	if got := f.attempts(); got != 11 {
		t.Errorf("%d attempts, want 11: refused ones do not count", got)
	}
	if n := computations(func() { _, _ = f.Identify(request(basic("alice", "x"))) }); n != 0 {
		t.Errorf("%d computations for a blocked address", n)
	}
	for name, way := range map[string]func(*http.Request){
		"remembered": basic("alice", "alice-pw"), "app password": basic("alice", app), "bearer": bearer(app), "guest": func(*http.Request) {},
	} {
		if _, err := f.Identify(request(way)); err != nil {
			t.Errorf("%s from a blocked address: %v", name, err)
		}
	}
	f.id(request(basic("bob", "bob-pw"), from("198.51.100.7:80")))
}

func TestGuessesSentAtOnceAreCounted(t *testing.T) {
	f := newFixture(t)
	var wrong, blocked atomic.Int64
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			switch _, err := f.Identify(request(basic("alice", string(rune('a'+i))))); {
			case errors.Is(err, auth.ErrCredentials):
				wrong.Add(1)
			case talk.IsKind(err, talk.TooManyAttempts):
				blocked.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if wrong.Load() != 11 || blocked.Load() != 49 {
		t.Errorf("%d guesses were verified and %d refused, want 11 and 49", wrong.Load(), blocked.Load())
	}
}

func TestSuccessForgivesTheAccountOnly(t *testing.T) {
	f := newFixture(t)
	for _, guess := range []func(*http.Request){basic("alice", "x"), basic("alice@example.org", "y"), basic("bob", "x")} {
		if _, err := f.Identify(request(guess)); !errors.Is(err, auth.ErrCredentials) {
			t.Fatal(err)
		}
	}
	f.id(request(basic("alice", "alice-pw")))
	if got := f.attempts(); got != 1 {
		t.Errorf("%d attempts are left, want the one for another account", got)
	}
}

func TestFailedLoginCountsAfterTheSenderHungUp(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := auth.Refuse(ctx, f.Service, address, "alice"); !errors.Is(err, auth.ErrCredentials) {
		t.Fatal(err)
	}
	if got := f.attempts(); got != 1 {
		t.Errorf("%d attempts, want 1", got)
	}
}
