package outbox

import (
	"cmp"
	"context"
	"errors"
	"time"

	"parley/internal/store/deliveries"
)

// Kind is how deliveries of one kind are made.
type Kind struct {
	// Name is that of the rows.
	Name string
	// Deliver makes one delivery. It ends with its context. An error says in one line
	// without secrets why it failed; it concerns the destination and all that waits
	// for it, unless it is [Refused].
	Deliver func(context.Context, deliveries.Delivery) error
	// Parallel is how many deliveries to one destination are made at a time by one
	// node, 0 for one.
	Parallel int
	// Timeout is how long one may take, 0 for half a minute.
	Timeout time.Duration
	// FirstPause and LongestPause are between two attempts of one delivery; the pause
	// doubles with each. 0 for a minute and for six hours.
	FirstPause, LongestPause time.Duration
	// Rest is how long nothing is delivered to a destination in trouble, 0 for a minute.
	Rest time.Duration
	// MaxAttempts is after how many it is given up, 0 for 20: three days with the
	// usual pauses.
	MaxAttempts int
	// Obstacle says what the administrator has to set before anything can be
	// delivered, "" if nothing. All is kept meanwhile.
	Obstacle string
	// Wanted makes an obstacle known also while nothing waits.
	Wanted bool
}

// withDefaults returns the kind with all that was left out.
func (k Kind) withDefaults() Kind {
	k.Parallel = cmp.Or(k.Parallel, 1)
	k.Timeout = cmp.Or(k.Timeout, 30*time.Second)
	k.FirstPause = cmp.Or(k.FirstPause, time.Minute)
	k.LongestPause = cmp.Or(k.LongestPause, 6*time.Hour)
	k.Rest = cmp.Or(k.Rest, time.Minute)
	k.MaxAttempts = cmp.Or(k.MaxAttempts, 20)
	return k
}

// lease is for how many seconds a delivery belongs to the worker that took it, longer
// than it may take.
func (k Kind) lease() int64 { return int64((2*k.Timeout + time.Minute) / time.Second) }

// pause returns the seconds to wait after a number of failed attempts.
func (k Kind) pause(attempts int) int64 {
	doublings := min(max(attempts-1, 0), 16)
	return int64(min(k.FirstPause<<doublings, k.LongestPause) / time.Second)
}

// refused is a failure that concerns one delivery.
type refused struct{ error }

// Refused marks the failure of a delivery that the destination does not want, while it
// does its work.
func Refused(err error) error { return refused{err} }

// isRefused reports whether the failure concerns one delivery alone.
func isRefused(err error) bool {
	_, ok := errors.AsType[refused](err)
	return ok
}
