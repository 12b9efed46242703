package auth

import (
	"sync"
	"time"
)

const (
	// memoryLife is how long a verified password is recognised.
	memoryLife = 5 * time.Minute
	// memorySize is how many verified passwords are remembered.
	memorySize = 10_000
)

// memory remembers verified passwords by their keyed digests.
type passwordCache struct {
	now   func() time.Time
	mu    sync.Mutex
	until map[string]time.Time // by digest
}

func newPasswordCache(now func() time.Time) *passwordCache {
	return &passwordCache{now: now, until: map[string]time.Time{}}
}

// knows reports whether the digest was added less than memoryLife ago, and not in
// the future, before the clock was set back.
func (m *passwordCache) knows(digest string) bool {
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	until := m.until[digest]
	return now.Before(until) && !until.After(now.Add(memoryLife))
}

// add remembers the digest. When the memory is full it loses what is out of
// date, or else any entry: that costs one computation and no more.
func (m *passwordCache) add(digest string) {
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.until) >= memorySize {
		m.shrink(now)
	}
	m.until[digest] = now.Add(memoryLife)
}

func (m *passwordCache) shrink(now time.Time) {
	var last string
	for digest, until := range m.until {
		last = digest
		if !now.Before(until) {
			delete(m.until, digest)
		}
	}
	if len(m.until) >= memorySize {
		delete(m.until, last)
	}
}
