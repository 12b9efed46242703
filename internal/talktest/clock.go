package talktest

import (
	"sync/atomic"
	"time"
)

// Clock is a clock that stands still until a test moves it. It is safe for concurrent use.
type Clock struct{ nanoseconds atomic.Int64 }

// NewClock returns a clock that shows 14 November 2023, 22:13:20 UTC, which is
// 1,700,000,000 Unix seconds.
func NewClock() *Clock {
	c := new(Clock)
	c.Advance(1_700_000_000 * time.Second)
	return c
}

// Now returns the time that the clock shows.
func (c *Clock) Now() time.Time { return time.Unix(0, c.nanoseconds.Load()) }

// Advance moves the clock forward.
func (c *Clock) Advance(d time.Duration) { c.nanoseconds.Add(int64(d)) }
