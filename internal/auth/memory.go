package auth

import (
	"context"
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
type memory struct {
	now   func() time.Time
	mu    sync.Mutex
	until map[string]time.Time // by digest
}

func newMemory(now func() time.Time) *memory {
	return &memory{now: now, until: map[string]time.Time{}}
}

// knows reports whether the digest was added less than memoryLife ago.
func (m *memory) knows(digest string) bool {
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	return now.Before(m.until[digest])
}

// add remembers the digest. When the memory is full it loses what is out of
// date, or else any entry: that costs one computation and no more.
func (m *memory) add(digest string) {
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.until) >= memorySize {
		m.shrink(now)
	}
	m.until[digest] = now.Add(memoryLife)
}

func (m *memory) shrink(now time.Time) {
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

// turns lets one at a time do something, per key.
type turns struct {
	mu   sync.Mutex
	keys map[string]*turn
}

// turn is a key that somebody has or waits for.
type turn struct {
	taken chan struct{} // full while somebody has it
	users int           // who has it and who waits
}

func newTurns() *turns { return &turns{keys: map[string]*turn{}} }

// take waits for the key, and returns how to give it back, or the error of ctx.
func (t *turns) take(ctx context.Context, key string) (done func(), err error) {
	k := t.join(key)
	select {
	case k.taken <- struct{}{}:
		return func() { <-k.taken; t.leave(key, k) }, nil
	case <-ctx.Done():
		t.leave(key, k)
		return nil, ctx.Err()
	}
}

func (t *turns) join(key string) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	k, ok := t.keys[key]
	if !ok {
		k = &turn{taken: make(chan struct{}, 1)}
		t.keys[key] = k
	}
	k.users++
	return k
}

func (t *turns) leave(key string, k *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if k.users--; k.users == 0 {
		delete(t.keys, key)
	}
}
