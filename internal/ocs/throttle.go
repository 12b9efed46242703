package ocs

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"parley/internal/auth"
	"parley/internal/talk"
)

// protects returns the actions whose failures count on a row. Wherever a stranger
// could try tokens, those that lead nowhere count. The SIP bridge alone has to
// show a signature of the token first, whose failures count instead.
func (r *route) protects() []string {
	tries := r.access == public && strings.Contains(r.path, "{token}")
	if !tries || slices.Contains(r.protect, tokenAction) || slices.Contains(r.protect, sipAction) {
		return r.protect
	}
	return append(slices.Clone(r.protect), tokenAction)
}

// guess is the request as one of many guesses.
func (c *call) guess(action string) auth.Guess {
	return auth.Guess{Action: action, Address: c.caller().Address, Account: c.caller().UserID, Target: c.token()}
}

// throttle refuses clients that failed too often, and tells the others how long
// they would have to wait.
func (c *call) throttle() error {
	sum := 0
	for _, action := range c.row.protect {
		if action == tokenAction && c.row.guard.Need != talk.NeedNothing && c.app.Expects(c.scope()) {
			continue // the guard counts it if they are not in the conversation any more
		}
		s, err := c.auth.Protection().Standing(c.r.Context(), c.guess(action))
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
func (c *call) excuse(action string, blocked error) error {
	if c.proof().Given() || !slices.Contains(c.row.protect, tokenAction) {
		return blocked
	}
	if action == sipAction {
		return nil
	}
	in, err := c.app.TakesPart(c.r.Context(), c.scope())
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
func (c *call) takeTurns() error {
	for _, action := range c.row.protect {
		switch {
		case action == passwordAction: // its handler knows whether one is given
		case c.proof().Given() || action == sipAction && !slices.Contains(c.row.protect, tokenAction),
			action != sipAction && !c.app.Expects(c.scope()):
			if err := c.begin(action); err != nil {
				return err
			}
		}
	}
	return nil
}

// begin waits until the request may guess at what the action protects. The turn
// lasts until the request is settled.
func (c *call) begin(action string) error {
	done, _, err := c.auth.Protection().Begin(c.r.Context(), c.guess(action))
	if _, blocked := errors.AsType[*auth.Blocked](err); blocked {
		return c.excuse(action, err)
	}
	if err == nil {
		c.turns = append(c.turns, done)
	}
	return err
}

func (c *call) endTurns() {
	for _, done := range c.turns {
		done()
	}
	c.turns = nil
}

const throttledHeader = "X-Nextcloud-Bruteforce-Throttled"

func (c *call) throttled(ms int) {
	if before, err := strconv.Atoi(strings.TrimSuffix(c.header.Get(throttledHeader), "ms")); err == nil {
		ms += before
	}
	if ms > 0 {
		c.header.Set(throttledHeader, strconv.Itoa(ms)+"ms")
	}
}

// settle counts what turned out to be a wrong guess, and forgives after a right
// one.
func (c *call) settle(outcome error) error {
	ctx, protection := c.r.Context(), c.auth.Protection()
	if c.forgive && c.failures {
		for _, action := range c.row.protect {
			if err := protection.Forgive(ctx, c.guess(action)); err != nil {
				return err
			}
		}
	}
	if err := c.missed(outcome); err != nil || c.attempt == "" {
		return err
	}
	if err := protection.Register(ctx, c.guess(c.attempt)); err != nil {
		return err
	}
	s, err := protection.Standing(ctx, c.guess(c.attempt))
	c.throttled(s.Delay)
	return err
}

// missed notes that a guard found no conversation for the caller. Guests who were
// in it once are not guessing.
func (c *call) missed(outcome error) error {
	e, ok := errors.AsType[*talk.Error](outcome)
	guarded := ok && e.Kind == talk.NotFound && e.Guard && slices.Contains(c.row.protect, tokenAction)
	if guarded && c.attempt == "" {
		c.attempt = tokenAction
	}
	if c.attempt != tokenAction {
		return nil
	}
	c.app.Expect(c.scope(), false)
	knew, err := c.app.Knew(c.r.Context(), c.scope())
	if knew {
		c.attempt = ""
	}
	return err
}
