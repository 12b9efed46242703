package auth_test

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/auth"
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

const action = auth.ActionRoomToken

func guess(action, address, target string) auth.Guess {
	return auth.Guess{Action: action, Address: address, Target: target}
}

func (f *fixture) delay(address string) (int, bool) {
	f.t.Helper()
	s, err := f.Protection().Standing(context.Background(), guess(action, address, ""))
	f.must(err)
	return s.Delay, s.Blocked > 0
}

func (f *fixture) fail(n int, action, address, target string) {
	f.t.Helper()
	for range n {
		f.must(f.Protection().Register(context.Background(), guess(action, address, target)))
	}
}

// count returns how many failures of strangers at the usual address are stored.
func (f *fixture) count(action string) int {
	f.t.Helper()
	var n store.AttemptCounts
	f.must(f.store.Read(context.Background(), func(tx *db.Tx) (err error) {
		n, err = store.CountAttempts(tx, store.Attempt{Action: action, Subnet: auth.Subnet(address)}, 0, 0)
		return err
	}))
	return n.All
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
	f.fail(2, action, address, "")
	f.clock.Advance(12 * time.Hour)
	f.fail(1, action, address, "")
	f.must(f.Protection().Sweep(t.Context()))
	if got := f.count(action); got != 3 {
		t.Errorf("%d attempts at 12 hours, want 3", got)
	}
	f.clock.Advance(time.Second)
	f.must(f.Protection().Sweep(t.Context()))
	if got := f.count(action); got != 1 {
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
	for name, other := range map[string]auth.Guess{
		"action": guess(auth.ActionRoomPassword, "198.51.100.7", "token"), "account": {Action: action, Address: "198.51.100.7", Account: "alice"},
	} {
		if s, err := f.Protection().Standing(t.Context(), other); s.Delay != 0 || err != nil {
			t.Errorf("another %s: %+v, %v", name, s, err)
		}
	}
}

func TestForgive(t *testing.T) {
	f := newFixture(t)
	f.fail(2, action, address, "room1")
	f.fail(1, action, address, "room2")
	f.fail(1, action, "198.51.100.7", "room1")
	f.must(f.Protection().Forgive(t.Context(), guess(action, address, "room1")))
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
	f.must(f.Protection().Forgive(t.Context(), guess(action, address, "")))
	if ms, blocked := f.delay(address); ms != 0 || blocked {
		t.Errorf("%d ms, blocked %v", ms, blocked)
	}
}

func TestGuessingPasswordsIsBlocked(t *testing.T) {
	f := newFixture(t)
	hungry(f)
	app := f.appPassword("alice")
	kept := f.id(request(basic("alice", "alice-pw"))).Cookie
	f.fail(11, auth.ActionLogin, address, "alice")
	for _, guess := range []func(*http.Request){basic("alice", "x"), basic("alice@example.org", "y")} {
		_, err := f.Identify(request(guess))
		if blocked, ok := errors.AsType[*auth.Blocked](err); !ok || !talk.IsKind(err, talk.TooManyAttempts) || blocked.Seconds() != 1801 {
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
		"remembered": basic("alice", "alice-pw"), "app password": basic("alice", app), "bearer": bearer(app),
		"cookie": cookie(kept.Value), "another account": basic("bob", "bob-pw"), "guest": func(*http.Request) {},
	} {
		if _, err := f.Identify(request(way)); err != nil {
			t.Errorf("%s from a blocked address: %v", name, err)
		}
	}
	f.clock.Advance(auth.MemoryLife)
	if _, err := f.Identify(request(basic("alice", "alice-pw"))); !talk.IsKind(err, talk.TooManyAttempts) {
		t.Errorf("the right password from where it was guessed at: %v", err)
	}
	f.id(request(basic("alice", "alice-pw"), from("198.51.100.7:80")))
}

// Whoever goes from account to account blocks the whole network soon.
func TestGuessingAtManyAccounts(t *testing.T) {
	f := newFixture(t)
	var verified int
	for i := range 40 {
		_, err := f.Identify(request(basic("somebody"+strconv.Itoa(i), "x")))
		if errors.Is(err, auth.ErrCredentials) {
			verified++
		}
	}
	if verified != 16 {
		t.Errorf("%d guesses at 40 accounts were verified, want 16", verified)
	}
	if _, err := f.Identify(request(basic("bob", "bob-pw"))); !talk.IsKind(err, talk.TooManyAttempts) {
		t.Errorf("another account: %v", err)
	}
}

// A name that belongs to nobody is blocked like one that does, and is not stored.
func TestBlocksDoNotTellWhichAccountsExist(t *testing.T) {
	f := newFixture(t)
	for _, name := range []string{"alice", "nobody-of-that-name"} {
		for i := range 13 {
			_, err := f.Identify(request(basic(name, strconv.Itoa(i)), from("198.51.100.7:"+strconv.Itoa(80+len(name)))))
			if want := i > 10; talk.IsKind(err, talk.TooManyAttempts) != want {
				t.Errorf("%s, guess %d: %v", name, i+1, err)
			}
		}
		_, err := f.Protection().Clear(t.Context(), netip.Prefix{}, "")
		f.must(err)
	}
	_, _ = f.Identify(request(basic("a-Password-typed-as-name", "x")))
	f.must(f.store.Read(t.Context(), func(tx *db.Tx) error {
		stored, err := store.Attempts(tx, 0, 10)
		if len(stored) != 1 || strings.Contains(strings.ToLower(stored[0].Metadata), "typed") {
			t.Errorf("stored: %+v", stored)
		}
		return err
	}))
}

// Each request looks at the database before it waits, as those of a server do.
func TestGuessesSentAtOnceAreCounted(t *testing.T) {
	for name, seen := range map[string]bool{"alone": false, "requests": true} {
		f := newFixture(t)
		var wrong, blocked atomic.Int64
		var wg, looked sync.WaitGroup
		looked.Add(60)
		for i := range 60 {
			wg.Go(func() {
				g := guess(auth.ActionLogin, address, "alice")
				if seen {
					var err error
					g.Snapshot, err = f.store.Snapshot(t.Context(), db.SnapshotID{})
					f.must(err)
				}
				_, err := f.Protection().Standing(t.Context(), g)
				f.must(err)
				looked.Done()
				looked.Wait()
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
			t.Errorf("%s: %d guesses were verified and %d refused, want 11 and 49", name, wrong.Load(), blocked.Load())
		}
		if n := auth.Turns(f.Service); n != 0 {
			t.Errorf("%s: %d turns are still taken", name, n)
		}
	}
}

// The right one among many guesses counts for nothing.
func TestRightGuessesSentAtOnceDoNotCount(t *testing.T) {
	f := newFixture(t)
	var wg sync.WaitGroup
	for i := range 60 {
		wg.Go(func() {
			g := guess(auth.ActionSIPSecret, address, strconv.Itoa(i))
			done, _, err := f.Protection().Begin(t.Context(), g)
			if err != nil {
				t.Errorf("a right one: %v", err)
				return
			}
			done()
		})
	}
	wg.Wait()
	if n := f.count(auth.ActionSIPSecret); n != 0 {
		t.Errorf("%d failures", n)
	}
}

func TestQueuesOfGuessesAreBounded(t *testing.T) {
	f := newFixture(t)
	g := guess(action, address, "")
	for range 4 {
		done, _, err := f.Protection().Begin(t.Context(), g)
		f.must(err)
		defer done()
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var crowded atomic.Int64
	for range auth.MaxQueue {
		wg.Go(func() {
			if _, _, err := f.Protection().Begin(ctx, g); talk.IsKind(err, talk.TooManyAttempts) {
				if crowded.Add(1); crowded.Load() == 4 {
					cancel()
				}
			}
		})
	}
	wg.Wait()
	cancel()
	if crowded.Load() != 4 {
		t.Errorf("%d found no place to wait, want 4", crowded.Load())
	}
}

func TestWaitingForATurnEnds(t *testing.T) {
	f := newFixture(t)
	g := guess(action, address, "")
	for range 4 {
		done, _, err := f.Protection().Begin(t.Context(), g)
		f.must(err)
		defer done()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, _, err := f.Protection().Begin(ctx, g); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the request ended: %v", err)
	}
}

func TestNeverBlock(t *testing.T) {
	f := newFixture(t, func(o *auth.Options) { o.NeverBlock = prefixes("192.0.2.0/24", "2001:db8:1::/48") })
	for _, friend := range []string{address, "2001:db8:1:ff::5"} {
		f.fail(20, action, friend, "")
		if ms, blocked := f.delay(friend); ms != 0 || blocked {
			t.Errorf("%s: %d ms, blocked %v", friend, ms, blocked)
		}
	}
	for _, stranger := range []string{"198.51.100.7", "2001:db8:2::5", ""} {
		f.fail(11, action, stranger, "")
		if _, blocked := f.delay(stranger); !blocked {
			t.Errorf("%s is not blocked", stranger)
		}
	}
}

func TestBlocksEndWhenTheySay(t *testing.T) {
	f := newFixture(t)
	for range 14 {
		f.fail(1, action, address, "")
		f.clock.Advance(10 * time.Second)
	}
	s, err := f.Protection().Standing(t.Context(), guess(action, address, ""))
	f.must(err)
	// The fourth of the failures has to become old, which was 110 seconds ago.
	if want := 1801*time.Second - 110*time.Second; s.Blocked != want {
		t.Errorf("blocked for %v, want %v", s.Blocked, want)
	}
	f.clock.Advance(s.Blocked - time.Second)
	if _, blocked := f.delay(address); !blocked {
		t.Error("the block ended too early")
	}
	f.clock.Advance(time.Second)
	if _, blocked := f.delay(address); blocked {
		t.Error("the block did not end")
	}
}

func TestSourcesAndClear(t *testing.T) {
	f := newFixture(t)
	f.fail(11, action, address, "room")
	f.fail(12, auth.ActionLogin, "198.51.100.7", "alice")
	f.clock.Advance(time.Hour)
	f.fail(11, auth.ActionLogin, "198.51.100.7", "alice")
	f.fail(1, action, "2001:db8:0:ff01::1", "room")
	list, err := f.Protection().Sources(t.Context())
	f.must(err)
	if len(list) != 3 {
		t.Fatalf("%+v", list)
	}
	office := list[0]
	if office.Network != "198.51.100.7" || office.Failures != 23 || office.Recent != 11 || !office.Blocked.IsZero() ||
		len(office.Targets) != 1 || office.Targets[0].Target != "alice" || !office.Targets[0].Blocked.Equal(f.clock.Now().Add(1801*time.Second)) {
		t.Errorf("the office: %+v", office)
	}
	if old := list[1]; old.Network != address || old.Failures != 11 || old.Recent != 0 || !old.Blocked.IsZero() {
		t.Errorf("an old one: %+v", old)
	}
	for _, step := range []struct {
		network, action string
		want            int64
	}{
		{"203.0.113.0/24", "", 0}, {"198.51.100.0/24", action, 0}, {"198.51.100.0/24", auth.ActionLogin, 23},
		{"2001:db8::/48", "", 1}, {"192.0.2.1/32", "", 11},
	} {
		if n, err := f.Protection().Clear(t.Context(), netip.MustParsePrefix(step.network), step.action); n != step.want || err != nil {
			t.Errorf("%s %s: %d, %v, want %d", step.network, step.action, n, err, step.want)
		}
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
