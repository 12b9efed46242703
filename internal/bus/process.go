package bus

import "sync"

// Process connects the buses of one process. SQLite needs no more, since only one
// server works on it: its bus has nobody else to tell.
type Process struct {
	mu    sync.Mutex // guards nodes, and is held while they receive
	nodes map[*processCarrier]func(Batch)
}

// NewProcess returns a process without any bus.
func NewProcess() *Process { return &Process{nodes: map[*processCarrier]func(Batch){}} }

// Carrier returns a carrier for one more bus.
func (p *Process) Carrier() Carrier { return &processCarrier{process: p} }

type processCarrier struct{ process *Process }

// Start implements [Carrier].
func (c *processCarrier) Start(receive func(Batch)) {
	c.process.mu.Lock()
	defer c.process.mu.Unlock()
	c.process.nodes[c] = receive
}

// Publish implements [Carrier].
func (c *processCarrier) Publish(hints []Hint) {
	c.process.mu.Lock()
	defer c.process.mu.Unlock()
	for node, receive := range c.process.nodes {
		if node != c {
			receive(Batch{Hints: hints})
		}
	}
}

// Close implements [Carrier].
func (c *processCarrier) Close() error {
	c.process.mu.Lock()
	defer c.process.mu.Unlock()
	delete(c.process.nodes, c)
	return nil
}
