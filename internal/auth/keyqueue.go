package auth

import (
	"context"
	"errors"
	"sync"
)

// maxQueue is how many may wait for one key.
const maxQueue = 500

// errCrowd is returned to those for whom there is no place to wait.
var errQueueFull = errors.New("auth: too many wait for the same turn")

// turns lets a few at a time do something, per key, in the order in which they
// came.
type keyQueues struct {
	mu   sync.Mutex
	keys map[string]*keyQueue
}

// turn is a key that somebody has or waits for.
type keyQueue struct {
	first   chan struct{} // full while somebody is the next
	ended   chan struct{} // tells the next that somebody is done
	running int           // who has it
	users   int           // who has it and who waits
}

func newKeyQueues() *keyQueues { return &keyQueues{keys: map[string]*keyQueue{}} }

// take waits until fits finds room beside those who have the key already, and
// returns how to give it back. It returns the error of fits, that of ctx, or
// errCrowd. fits is called by one goroutine at a time for each key, anew whenever
// somebody gave it back.
func (t *keyQueues) take(ctx context.Context, key string, fits func(running int) (bool, error)) (done func(), err error) {
	k, ok := t.join(key)
	if !ok {
		return nil, errQueueFull
	}
	select {
	case k.first <- struct{}{}:
	case <-ctx.Done():
		t.leave(key, k)
		return nil, ctx.Err()
	}
	defer func() { <-k.first }()
	for {
		ok, err := fits(t.running(k))
		if err == nil && !ok {
			select {
			case <-k.ended:
				continue
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		if err != nil {
			t.leave(key, k)
			return nil, err
		}
		t.add(k, 1)
		return func() { t.end(key, k) }, nil
	}
}

// alone lets one at a time have a key.
func alone(running int) (bool, error) { return running == 0, nil }

func (t *keyQueues) running(k *keyQueue) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return k.running
}

func (t *keyQueues) add(k *keyQueue, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k.running += n
}

func (t *keyQueues) end(key string, k *keyQueue) {
	t.add(k, -1)
	select {
	case k.ended <- struct{}{}:
	default: // the next one knows already
	}
	t.leave(key, k)
}

// join counts somebody among the users of a key, unless they are too many.
func (t *keyQueues) join(key string) (*keyQueue, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k, ok := t.keys[key]
	if !ok {
		k = &keyQueue{first: make(chan struct{}, 1), ended: make(chan struct{}, 1)}
		t.keys[key] = k
	}
	if k.users >= maxQueue {
		return nil, false
	}
	k.users++
	return k, true
}

func (t *keyQueues) leave(key string, k *keyQueue) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if k.users--; k.users == 0 {
		delete(t.keys, key)
	}
}
