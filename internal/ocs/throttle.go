package ocs

import (
	"errors"
	"strconv"
	"strings"

	"parley/internal/auth"
	"parley/internal/talk"
)

// guess is the request as one of many guesses.
func (c *Call) guess(action string) auth.Guess {
	return auth.Guess{Action: action, Address: c.Caller().Address, Account: c.Caller().UserID, Target: c.Token(), Snapshot: c.Identity.Snapshot}
}

// throttle refuses clients that failed too often, and tells the others how long
// they would have to wait.
func (c *Call) throttle() error {
	sum := 0
	for _, action := range c.row.protect {
		if action == auth.ActionRoomToken && c.row.Guard.Need != talk.NeedNothing && c.api.cases.Expects(c.Scope()) {
			continue // the guard counts it if they are not in the conversation any more
		}
		s, err := c.api.auth.Protection().Standing(c.Context(), c.guess(action))
		if err != nil {
			return err
		}
		if s.Blocked > 0 {
			if err := c.excuse(action, &auth.Blocked{Wait: s.Blocked}); err != nil {
				return err
			}
		}
		sum += s.Delay
	}
	c.failures = sum > 0
	c.throttled(sum)
	return nil
}

// excuse returns nil instead of a block for those who do not guess: who is in the
// conversation, and, about signatures, who shows none where none is needed.
func (c *Call) excuse(action string, blocked error) error {
	if c.BridgeProof().Given() || !c.row.counts(auth.ActionRoomToken) {
		return blocked
	}
	if action == auth.ActionSIPSecret {
		return nil
	}
	in, err := c.api.cases.TakesPart(c.Context(), c.Scope())
	switch {
	case err != nil:
		return err
	case in:
		return nil
	}
	return blocked
}

// takeTurns waits until the request may guess. Callers who are expected to know
// the conversation do not wait.
func (c *Call) takeTurns() error {
	for _, action := range c.row.protect {
		switch {
		case action == auth.ActionRoomPassword: // its handler knows whether one is given
		case c.BridgeProof().Given() || action == auth.ActionSIPSecret && !c.row.counts(auth.ActionRoomToken),
			action != auth.ActionSIPSecret && !c.api.cases.Expects(c.Scope()):
			if err := c.Begin(action); err != nil {
				return err
			}
		}
	}
	return nil
}

// Begin waits until the request may guess at what the action protects. The turn
// lasts until the request is settled.
func (c *Call) Begin(action string) error {
	done, _, err := c.api.auth.Protection().Begin(c.Context(), c.guess(action))
	if _, blocked := errors.AsType[*auth.Blocked](err); blocked {
		return c.excuse(action, err)
	}
	if err == nil {
		c.releases = append(c.releases, done)
	}
	return err
}

func (c *Call) endTurns() {
	for _, done := range c.releases {
		done()
	}
	c.releases = nil
}

const throttledHeader = "X-Nextcloud-Bruteforce-Throttled"

func (c *Call) throttled(ms int) {
	if before, err := strconv.Atoi(strings.TrimSuffix(c.Header.Get(throttledHeader), "ms")); err == nil {
		ms += before
	}
	if ms > 0 {
		c.Header.Set(throttledHeader, strconv.Itoa(ms)+"ms")
	}
}

// settle counts what turned out to be a wrong guess, and forgives after a right
// one.
func (c *Call) recordOutcome(outcome error) error {
	ctx, protection := c.Context(), c.api.auth.Protection()
	if c.Forgive && c.failures {
		for _, action := range c.row.protect {
			if err := protection.Forgive(ctx, c.guess(action)); err != nil {
				return err
			}
		}
	}
	if err := c.missed(outcome); err != nil || c.Attempt == "" {
		return err
	}
	if err := protection.Register(ctx, c.guess(c.Attempt)); err != nil {
		return err
	}
	s, err := protection.Standing(ctx, c.guess(c.Attempt))
	c.throttled(s.Delay)
	return err
}

// missed notes that a guard found no conversation for the caller. Guests who were
// in it once are not guessing.
func (c *Call) missed(outcome error) error {
	e, ok := errors.AsType[*talk.Error](outcome)
	guarded := ok && e.Kind == talk.NotFound && e.Guard && c.row.counts(auth.ActionRoomToken)
	if guarded && c.Attempt == "" {
		c.Attempt = auth.ActionRoomToken
	}
	if c.Attempt != auth.ActionRoomToken {
		return nil
	}
	c.api.cases.Expect(c.Scope(), false)
	knew, err := c.api.cases.Knew(c.Context(), c.Scope())
	if knew {
		c.Attempt = ""
	}
	return err
}
