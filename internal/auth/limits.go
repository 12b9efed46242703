package auth

import (
	"sync"
	"time"

	"parley/internal/talk"
)

// Limit is how often one client may do something that is allowed, but a nuisance when it is
// done all the time. Each node counts for itself, in memory.
type Limit struct {
	// Reason is the word of the refusal, empty for none.
	Reason string
	Count  int
	Window time.Duration
}

// The limits.
var (
	// LimitGuestMentions is for messages of guests that mention somebody, by network.
	LimitGuestMentions = Limit{Reason: "mentions", Count: 50, Window: 24 * time.Hour}
	// LimitReminders is for reminders, by account.
	LimitReminders = Limit{Count: 60, Window: time.Hour}
	// LimitPushRequests is for what makes the server push at once, by account: nobody shall
	// send requests to others by way of it.
	LimitPushRequests = Limit{Reason: "push", Count: 30, Window: time.Hour}
)

// maxCounted is how many clients are counted at a time. When there are more, those go whose
// window has ended, and any others if need be.
const maxCounted = 10_000

// usage is what one client did of something since its window began.
type usage struct {
	since time.Time
	count int
}

// limiter counts what clients do.
type limiter struct {
	now    func() time.Time
	mu     sync.Mutex
	counts map[limited]usage
}

// limited is who is counted for what.
type limited struct {
	limit Limit
	who   string
}

func newLimiter(now func() time.Time) *limiter {
	return &limiter{now: now, counts: map[limited]usage{}}
}

// allow counts one more use, and reports whether it is within the limit.
func (l *limiter) allow(limit Limit, who string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now, key := l.now(), limited{limit, who}
	u, known := l.counts[key]
	if !known && len(l.counts) >= maxCounted {
		l.makeRoom(now)
	}
	// The clock may have been set back.
	if age := now.Sub(u.since); age >= limit.Window || age < 0 {
		u = usage{since: now}
	}
	if u.count >= limit.Count {
		return false
	}
	u.count++
	l.counts[key] = u
	return true
}

// makeRoom forgets a tenth of the clients, those whose window has ended first.
func (l *limiter) makeRoom(now time.Time) {
	for key, u := range l.counts {
		if now.Sub(u.since) >= key.limit.Window {
			delete(l.counts, key)
		}
	}
	for key := range l.counts {
		if len(l.counts) <= maxCounted-maxCounted/10 {
			return
		}
		delete(l.counts, key)
	}
}

// Allow counts something that the caller does now. Failure: kind [talk.TooOften] with the
// reason of the limit. Guests are told apart by their network. Nothing is counted while the
// protection is off, or for networks that are never blocked.
func (p *Protection) Allow(limit Limit, caller talk.Caller) error {
	who := caller.UserID
	if who == "" {
		who = subnet(caller.Address)
	}
	if !p.watches(caller.Address) || p.limits.allow(limit, who) {
		return nil
	}
	return talk.Fail(talk.TooOften, limit.Reason)
}
