package auth

import (
	"context"

	"parley/internal/memo"
	"parley/internal/store"
)

// The actions whose failures are counted (common.md §7.1), each on its own.
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
)

const (
	countedSeconds = 12 * 60 * 60 // how long a failure delays
	recentSeconds  = 30 * 60      // the time in which too many failures block
	maxRecent      = 10           // failures within recentSeconds that do not block yet
	firstDelay     = 100          // milliseconds, doubled with each failure
	maxDelay       = 25_000       // milliseconds
)

// Protection counts failures per action and network in the database, so that
// several nodes agree. It never waits itself: the delay is for the answer's
// header. Switched off it reports nothing and leaves the database alone.
type Protection struct {
	store   *store.Store
	enabled bool
	// innocent remembers under which version of the failures there were none.
	innocent *memo.Cache[innocence, string]
}

// innocence is an action and a network that did not fail at it.
type innocence struct{ action, subnet string }

// Bounds of what is remembered of networks without failures, in bytes, roughly.
const (
	innocentBytes = 4 << 20
	innocentCost  = 200
)

func newProtection(s *store.Store, enabled bool) *Protection {
	return &Protection{store: s, enabled: enabled, innocent: memo.New[innocence, string](innocentBytes)}
}

// Delay returns what the failures of the address cost: 0 without any, then 200,
// 400 … up to 25,000 milliseconds, and whether it failed so often lately that
// the request must be refused. Reading is all it does.
func (p *Protection) Delay(ctx context.Context, action, address string) (milliseconds int, blocked bool, err error) {
	if !p.enabled {
		return 0, false, nil
	}
	stamp, err := p.store.Stamp(ctx)
	if err != nil {
		return 0, false, err
	}
	who := innocence{action, subnet(address)}
	if version, ok := p.innocent.Get(who); ok && version == stamp.Attempts() {
		return 0, false, nil
	}
	var all, recent int
	err = p.store.Look(ctx, func(tx *store.Tx) error {
		all, recent, err = tx.CountAttempts(action, who.subnet, tx.Now()-countedSeconds, tx.Now()-recentSeconds)
		return err
	})
	if err == nil && all == 0 {
		p.innocent.Put(who, stamp.Attempts(), innocentCost)
	}
	return delay(all), recent > maxRecent, err
}

// delay returns the milliseconds for n failures.
func delay(n int) int {
	if n <= 0 {
		return 0
	}
	return min(firstDelay<<min(n, 10), maxDelay)
}

// Register counts a failure of the address. Metadata says what was guessed at,
// such as a conversation token, for Forgive; never store a secret in it.
func (p *Protection) Register(ctx context.Context, action, address, metadata string) error {
	if !p.enabled {
		return nil
	}
	return p.store.Write(ctx, func(tx *store.Tx) error {
		return tx.InsertAttempt(attempt(action, address, metadata))
	})
}

// Forgive forgets the failures of the address with the same metadata, after a
// success has shown that they were mistakes.
func (p *Protection) Forgive(ctx context.Context, action, address, metadata string) error {
	if !p.enabled {
		return nil
	}
	return p.store.Write(ctx, func(tx *store.Tx) error {
		return tx.ForgiveAttempts(attempt(action, address, metadata))
	})
}

// Sweep deletes failures that no longer count, also when they are not counted
// any more at all.
func (p *Protection) Sweep(ctx context.Context) error {
	return p.store.Write(ctx, func(tx *store.Tx) error {
		return tx.ForgetAttempts(tx.Now() - countedSeconds)
	})
}

func attempt(action, address, metadata string) store.Attempt {
	return store.Attempt{Action: action, Subnet: subnet(address), Metadata: metadata}
}
