package auth

import (
	"strconv"
	"testing"
	"time"
)

// However many come, few are remembered, and those whose window has ended go first.
func TestLimiterIsBounded(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	l := newLimiter(func() time.Time { return now })
	for i := range maxCounted {
		l.allow(LimitReminders, strconv.Itoa(i))
	}
	now = now.Add(LimitReminders.Window)
	busy := func() bool { return l.allow(Limit{Count: 1, Window: time.Hour}, "busy") }
	if !busy() || busy() {
		t.Fatal("one is allowed, not two")
	}
	if len(l.counts) != 1 {
		t.Errorf("%d clients are remembered after their window", len(l.counts))
	}
	for i := range 3 * maxCounted {
		l.allow(LimitReminders, strconv.Itoa(i))
	}
	if len(l.counts) > maxCounted {
		t.Errorf("%d clients are remembered", len(l.counts))
	}
	now = now.Add(-24 * time.Hour)
	if !l.allow(LimitReminders, "1") {
		t.Error("a clock that was set back refuses somebody")
	}
}
