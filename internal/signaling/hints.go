package signaling

import (
	"context"
	"sync"
	"sync/atomic"

	"parley/internal/bus"
)

// maxHints is how many conversations wait to be looked at; more are all.
const maxHints = 10_000

// hints are where something may have changed.
type hints struct {
	mu   sync.Mutex // guards what follows
	want map[string]want
	// nodes are those that were told something by others.
	nodes map[string]bool
	all   bool
	// flag has a value when something waits.
	flag chan struct{}
	// used tells that there are clients whom anything concerns.
	used atomic.Bool
}

func newHints() *hints {
	return &hints{want: map[string]want{}, nodes: map[string]bool{}, flag: make(chan struct{}, 1)}
}

// add notes where a batch leads. It does not wait.
func (n *hints) add(b bus.Batch) {
	if !n.used.Load() {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	news := b.All
	n.all = n.all || b.All
	for _, h := range b.Hints {
		switch w := concerns(h.Topic); {
		case h.Topic == bus.Websockets && h.Token == "":
			n.nodes[h.Key], news = true, true
		case w != 0:
			n.want[h.Token] |= w
			news = true
		}
	}
	if len(n.want) > maxHints {
		clear(n.want)
		n.all = true
	}
	if !news {
		return
	}
	select {
	case n.flag <- struct{}{}:
	default: // somebody will look
	}
}

// take returns what waits.
func (n *hints) take() (places map[string]want, nodes map[string]bool, all bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	places, nodes, all = n.want, n.nodes, n.all
	n.want, n.nodes, n.all = map[string]want{}, map[string]bool{}, false
	return places, nodes, all
}

// follow has the conversations looked at that have clients of this node in them.
func (h *Hub) follow(ctx context.Context) {
	wanted, nodes, all := h.hints.take()
	if all || nodes[h.node] {
		h.unpack(ctx)
	}
	found := map[*place]want{}
	h.mu.Lock()
	if all {
		for _, p := range h.places {
			found[p] = wantRoster | wantChat
		}
	}
	for token, w := range wanted {
		if p := h.places[token]; p != nil {
			found[p] |= w
		}
	}
	h.mu.Unlock()
	for p, w := range found {
		p.poke(w)
	}
}
