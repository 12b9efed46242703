package auth

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"parley/internal/cache"
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// The actions whose failures are counted, each on its own.
const (
	// ActionLogin is a Basic login with wrong credentials.
	ActionLogin = "login"
	// ActionRoomToken is a request for a conversation that the sender cannot see.
	ActionRoomToken = "talkRoomToken"
	// ActionRoomPassword is a join with a wrong password.
	ActionRoomPassword = "talkRoomPassword"
	// ActionSIPSecret is a request with a wrong signature of the SIP bridge.
	ActionSIPSecret = "talkSipBridgeSecret"
	// ActionSignalingSecret is one with a wrong signature of the signaling server.
	ActionSignalingSecret = "talkSignalingSecret"
	// ActionRecordingSecret is one with a wrong signature of the recording server.
	ActionRecordingSecret = "talkRecordingSecret"
	// ActionFederationAccess is one of another server with unknown credentials.
	ActionFederationAccess = "talkFederationAccess"
	// ActionBot is one with a wrong signature of a bot.
	ActionBot = "bot"
	// ActionLoginFlow is a poll by an app of a log-in that nobody began.
	ActionLoginFlow = "loginFlow"
)

const (
	countedSeconds = 12 * 60 * 60 // how long a failure delays
	recentSeconds  = 30 * 60      // the time in which too many failures block
	maxRecent      = 10           // failures within recentSeconds that do not block yet
	maxTargets     = 15           // the same, where each target has a count of its own
	firstDelay     = 100          // milliseconds, doubled with each failure
	maxDelay       = 25_000       // milliseconds
	maxRunning     = 4            // guesses of one source that are evaluated at a time
	maxTurnWait    = 10 * time.Second
)

// Guess is a request that may be one of many guesses.
type Guess struct {
	Action string
	// Address is where it comes from. Failures count against its network.
	Address string
	// Account is who is logged in, empty for strangers. Such people have counts of
	// their own: nobody blocks them but themselves.
	Account string
	// Target says what is guessed at, such as a conversation token, never a secret.
	Target string
	// Snapshot is what the request has seen of the database's state already, zero if
	// nothing.
	Snapshot db.SnapshotID
}

func (g Guess) attempt() store.Attempt {
	return store.Attempt{Action: g.Action, Subnet: subnet(g.Address), Account: g.Account, Metadata: g.Target}
}

// limits returns how many recent failures do not block yet: of the source in
// all, and of those that guessed at one target. Where one guesses at the secret
// of something that has a name, who is after one thing does not keep the
// neighbours from others, but who goes from one to the next does soon.
func limits(action string) (all, target int) {
	switch action {
	case ActionLogin, ActionRoomPassword:
		return maxTargets, maxRecent
	}
	return maxRecent, maxRecent
}

// Standing is what the failures of a source come to.
type Standing struct {
	// Delay is what the next request would cost in milliseconds: 0 without any
	// failure, then 200, 400 … up to 25,000.
	Delay int
	// Blocked is how long guesses are refused from now on, 0 when they are not.
	Blocked time.Duration
	counts  store.AttemptCounts
}

// Blocked is the failure of a guess that is not looked at. It is a [talk.Error] of
// kind [talk.TooManyAttempts].
type Blocked struct {
	// Wait is the time until another one will be looked at.
	Wait time.Duration
}

// Seconds is the time to wait in whole seconds, at least 1.
func (b *Blocked) Seconds() int { return max(1, int(b.Wait/time.Second)) }

// Error names the kind of failure.
func (b *Blocked) Error() string { return b.Unwrap().Error() }

// Unwrap returns the failure in the terms of the rules.
func (b *Blocked) Unwrap() error { return &talk.Error{Kind: talk.TooManyAttempts} }

// Protection counts failures per action and source in the database, so that
// several nodes agree. A source is a network, or an account in it. It never
// waits for the sake of delay: that is for the answer's header. Switched off it
// reports nothing and leaves the database alone.
type Protection struct {
	store   *db.DB
	enabled bool
	// never are the networks that nothing is counted for.
	never []netip.Prefix
	// innocent remembers under which version of the failures there were none.
	innocent *cache.Cache[store.Attempt, string]
	turns    *keyQueues
	limits   *limiter
}

// Bounds of what is remembered of sources without failures, in bytes, roughly.
const (
	innocentBytes = 4 << 20
	innocentCost  = 250
)

func newProtection(s *db.DB, now func() time.Time, enabled bool, never []netip.Prefix) *Protection {
	return &Protection{
		store: s, enabled: enabled, never: never,
		innocent: cache.New[store.Attempt, string](innocentBytes), turns: newKeyQueues(), limits: newLimiter(now),
	}
}

// watches reports whether failures of the address are counted.
func (p *Protection) watches(address string) bool {
	if !p.enabled || len(p.never) == 0 {
		return p.enabled
	}
	a, ok := parseAddress(address)
	return !ok || !isTrusted(a, p.never)
}

// Standing tells what the failures like this guess come to. Reading is all it
// does.
func (p *Protection) Standing(ctx context.Context, g Guess) (s Standing, err error) {
	if !p.watches(g.Address) {
		return s, nil
	}
	snapshot, err := p.store.Snapshot(ctx, g.Snapshot)
	if err != nil {
		return s, err
	}
	all, who := g.attempt(), g.attempt()
	who.Metadata = ""
	if version, ok := p.innocent.Get(who); ok && version == store.AttemptsAt(snapshot) {
		return s, nil
	}
	err = p.store.Look(ctx, func(tx *db.Tx) error {
		s.counts, err = store.CountAttempts(tx, all, tx.Now()-countedSeconds, tx.Now()-recentSeconds)
		return err
	})
	if err == nil && s.counts.All == 0 {
		p.innocent.Put(who, store.AttemptsAt(snapshot), innocentCost)
	}
	if most, target := limits(g.Action); err == nil && (s.counts.Recent > most || s.counts.Target > target) {
		err = p.store.Read(ctx, func(tx *db.Tx) error {
			s, err = standing(tx, all)
			return err
		})
	}
	s.Delay = delay(s.counts.All)
	return s, err
}

// standing counts the failures of a source that may be blocked, and tells for how
// long it is.
func standing(tx *db.Tx, a store.Attempt) (s Standing, err error) {
	s.counts, err = store.CountAttempts(tx, a, tx.Now()-countedSeconds, tx.Now()-recentSeconds)
	if err != nil {
		return s, err
	}
	all, target := limits(a.Action)
	for _, limit := range []struct {
		same       bool
		count, max int
	}{{false, s.counts.Recent, all}, {true, s.counts.Target, target}} {
		if limit.count <= limit.max {
			continue
		}
		times, err := store.LatestAttempts(tx, a, limit.same, limit.max+1)
		if err != nil {
			return s, err
		}
		s.Blocked = max(s.Blocked, blockedFor(times, limit.max, tx.Now()))
	}
	return s, nil
}

// blockedFor returns how long it takes until no more failures than allowed are
// recent, given the times of the last ones, the latest first.
func blockedFor(times []int64, allowed int, now int64) time.Duration {
	if len(times) <= allowed {
		return 0
	}
	return time.Duration(max(0, times[allowed]+recentSeconds+1-now)) * time.Second
}

// delay returns the milliseconds for n failures.
func delay(n int) int {
	if n <= 0 {
		return 0
	}
	return min(firstDelay<<min(n, 10), maxDelay)
}

// Begin waits for the turn of a guess, reads its standing then, and returns it
// with a function that ends the turn. The turn has to last until a failure is
// registered: so many guesses are in turn at a time as could all fail without
// more than the allowed number being evaluated, however many arrive at once.
// The error is [*Blocked] when the source is blocked, or has too many waiting.
func (p *Protection) Begin(ctx context.Context, g Guess) (done func(), s Standing, err error) {
	if !p.watches(g.Address) {
		return func() {}, s, nil
	}
	waiting, cancel := context.WithTimeout(ctx, maxTurnWait)
	defer cancel()
	a := g.attempt()
	maxAll, maxTarget := limits(g.Action)
	done, err = p.turns.take(waiting, a.Action+"\n"+a.Subnet+"\n"+a.Account, func(running int) (bool, error) {
		g.Snapshot = db.SnapshotID{} // what the request saw before it waited does not count
		if s, err = p.Standing(waiting, g); err != nil {
			return false, err
		}
		if s.Blocked > 0 {
			return false, &Blocked{s.Blocked}
		}
		return running < maxRunning && s.counts.Recent+running <= maxAll && s.counts.Target+running <= maxTarget, nil
	})
	return done, s, crowded(ctx, err)
}

// crowded turns a wait that was given up into the failure that callers get.
func crowded(ctx context.Context, err error) error {
	if errors.Is(err, errQueueFull) || ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return &Blocked{time.Second}
	}
	return err
}

// Register counts a guess that failed. It counts also when the sender hung up:
// nobody gets more guesses by not waiting for the answer.
func (p *Protection) Register(ctx context.Context, g Guess) error {
	if !p.watches(g.Address) {
		return nil
	}
	return p.store.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return store.InsertAttempt(tx, g.attempt()) })
}

// Forgive forgets the failures of the source at the same target, after a success
// has shown that they were mistakes.
func (p *Protection) Forgive(ctx context.Context, g Guess) error {
	if !p.watches(g.Address) {
		return nil
	}
	return p.store.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return store.ForgiveAttempts(tx, g.attempt()) })
}

// Sweep deletes failures that no longer count, also when they are not counted
// any more at all.
func (p *Protection) Sweep(ctx context.Context) error {
	return p.store.Write(ctx, func(tx *db.Tx) error {
		return store.ForgetAttempts(tx, tx.Now()-countedSeconds)
	})
}
