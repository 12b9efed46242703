package bus

import "sync"

// maxPending is how many different hints wait to be sent; more are everything.
const maxPending = 4096

// pending is what waits to be sent, each hint once.
type pending struct {
	mu    sync.Mutex // guards what follows
	hints map[Hint]struct{}
	all   bool
	// wake has a value while something waits.
	wake chan struct{}
}

func newPending() *pending {
	return &pending{hints: map[Hint]struct{}{}, wake: make(chan struct{}, 1)}
}

// add puts a batch to what waits.
func (p *pending) add(b Batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = p.all || b.All
	for _, h := range b.Hints {
		p.hints[h] = struct{}{}
		if p.all = p.all || !h.fits() || len(p.hints) > maxPending; p.all {
			clear(p.hints)
			break
		}
	}
	select {
	case p.wake <- struct{}{}:
	default: // somebody will look anyway
	}
}

// take returns what waits, nothing of which waits any longer.
func (p *pending) take() Batch {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := Batch{All: p.all}
	if !b.All {
		for h := range p.hints {
			b.Hints = append(b.Hints, h)
		}
	}
	p.all = false
	clear(p.hints)
	return b
}

// empty reports whether nothing waits.
func (p *pending) empty() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.all && len(p.hints) == 0
}
