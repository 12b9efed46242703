package bus_test

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/bus"
	"parley/internal/talktest"
)

// carrierKind makes carriers that reach each other.
type carrierKind struct {
	name string
	// connect returns what makes one carrier more.
	connect func(*testing.T) func() bus.Carrier
	// announces tells that everything may have changed when a carrier begins.
	announces bool
}

var carrierKinds = []carrierKind{
	{name: "process", connect: func(*testing.T) func() bus.Carrier { return bus.NewProcess().Carrier }},
	{name: "postgres", announces: true, connect: func(t *testing.T) func() bus.Carrier {
		url := talktest.Databases()[1].URL(t)
		return func() bus.Carrier { return postgres(t, bus.PostgresOptions{URL: url}) }
	}},
	{name: "nats", announces: true, connect: func(t *testing.T) func() bus.Carrier {
		url := talktest.NewNATS(t).URL
		return func() bus.Carrier { return natsCarrier(t, bus.NATSOptions{Servers: url}) }
	}},
}

func postgres(t *testing.T, o bus.PostgresOptions) *bus.Postgres {
	t.Helper()
	o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	p, err := bus.NewPostgres(o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// inbox is what a node receives.
type inbox struct {
	mu      sync.Mutex
	hints   map[bus.Hint]int
	batches int
	all     int
}

func (i *inbox) receive(b bus.Batch) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.batches++
	if b.All {
		i.all++
	}
	for _, h := range b.Hints {
		i.hints[h]++
	}
}

func (i *inbox) look(f func(*inbox) bool) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return f(i)
}

func (i *inbox) has(h bus.Hint) bool { return i.look(func(i *inbox) bool { return i.hints[h] > 0 }) }
func (i *inbox) forget() {
	i.look(func(i *inbox) bool { i.hints, i.batches, i.all = map[bus.Hint]int{}, 0, 0; return true })
}

// node is a carrier with its inbox.
type node struct {
	bus.Carrier
	inbox
}

// nodes starts carriers of a kind that have found each other.
func (k carrierKind) nodes(t *testing.T, n int) []*node {
	t.Helper()
	connect := k.connect(t)
	all := make([]*node, n)
	for i := range all {
		all[i] = startNode(t, connect())
		if k.announces {
			eventually(t, "connected", func() bool { return all[i].look(func(i *inbox) bool { return i.all > 0 }) })
		}
		all[i].forget()
	}
	return all
}

func startNode(t *testing.T, c bus.Carrier) *node {
	n := &node{Carrier: c, inbox: inbox{hints: map[bus.Hint]int{}}}
	n.Start(n.receive)
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 3000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("%s: never", what)
}

// barrier waits until all that a node published before has reached the others.
func barrier(t *testing.T, from *node, others ...*node) {
	t.Helper()
	h := bus.Hint{Topic: "barrier", Token: rand.Text()}
	from.Publish([]bus.Hint{h})
	for _, to := range others {
		eventually(t, "barrier", func() bool { return to.has(h) })
	}
}

// conformance is what every carrier does. Order is not promised.
var conformance = map[string]func(*testing.T, carrierKind){
	"reaches all others and not oneself": func(t *testing.T, k carrierKind) {
		all := k.nodes(t, 3)
		h := bus.Hint{Topic: bus.Session, Token: "a", Key: "7"}
		all[0].Publish([]bus.Hint{h, {Topic: bus.Outbox}})
		for _, n := range all[1:] {
			eventually(t, "arrived", func() bool { return n.has(h) && n.has(bus.Hint{Topic: bus.Outbox}) })
		}
		barrier(t, all[1], all[0], all[2])
		if all[0].look(func(i *inbox) bool { return i.hints[h] > 0 || i.all > 0 }) {
			t.Error("a node heard itself")
		}
		for _, n := range all[1:] {
			if !n.look(func(i *inbox) bool { return i.hints[h] == 1 && i.all == 0 }) {
				t.Errorf("received %v", n.hints)
			}
		}
	},
	"hostile texts arrive": func(t *testing.T, k carrierKind) {
		all := k.nodes(t, 2)
		for _, text := range hostile {
			h := bus.Hint{Topic: bus.Chat, Token: text, Key: text}
			all[0].Publish([]bus.Hint{h})
			eventually(t, strconv.Quote(text), func() bool { return all[1].has(h) })
		}
	},
	"too long a text wakes": func(t *testing.T, k carrierKind) {
		all := k.nodes(t, 2)
		h := bus.Hint{Topic: bus.Chat, Token: strings.Repeat("🦜", 10_000)}
		all[0].Publish([]bus.Hint{h})
		eventually(t, "arrived", func() bool { return all[1].has(h) || all[1].look(func(i *inbox) bool { return i.all > 0 }) })
	},
	"a burst loses nothing and stays bounded": func(t *testing.T, k carrierKind) {
		all := k.nodes(t, 2)
		const burst = 10_000
		for i := range burst {
			all[0].Publish([]bus.Hint{{Topic: bus.Chat, Token: strconv.Itoa(i)}, {Topic: bus.Roster, Token: "same"}})
		}
		eventually(t, "arrived", func() bool {
			return all[1].look(func(i *inbox) bool { return i.all > 0 || len(i.hints) == burst+1 })
		})
	},
	"what comes right before the end arrives": func(t *testing.T, k carrierKind) {
		all := k.nodes(t, 2)
		h := bus.Hint{Topic: bus.Chat, Token: "last"}
		all[0].Publish([]bus.Hint{h})
		if err := all[0].Close(); err != nil {
			t.Error(err)
		}
		eventually(t, "arrived", func() bool { return all[1].has(h) })
		all[0].Publish([]bus.Hint{h}) // too late, and no harm
	},
	"concurrent publishers": func(t *testing.T, k carrierKind) {
		all := k.nodes(t, 3)
		var running sync.WaitGroup
		for i := range 8 {
			running.Go(func() {
				for n := range 100 {
					all[i%2].Publish([]bus.Hint{{Topic: bus.Chat, Token: fmt.Sprint(i, n)}})
				}
			})
		}
		running.Wait()
		eventually(t, "arrived", func() bool {
			return all[2].look(func(i *inbox) bool { return i.all > 0 || len(i.hints) == 800 })
		})
	},
	"slow subscribers stop nobody": func(t *testing.T, k carrierKind) {
		connect := k.connect(t)
		from, to := bus.New(connect(), 0), bus.New(connect(), 0)
		defer closed(t, from)
		defer closed(t, to)
		hint := bus.Hint{Topic: bus.Chat, Token: "a"}
		for range 100 {
			subscribe(t, to, hint)
			subscribe(t, from, hint)
		}
		last := subscribe(t, to, bus.Hint{Topic: bus.Chat, Token: "b"})
		eventually(t, "woken", func() bool {
			from.Publish(hint, bus.Hint{Topic: bus.Chat, Token: "b"})
			return raised(last)
		})
	},
	"close ends everything": func(t *testing.T, k carrierKind) {
		connect := k.connect(t)
		before := runtime.NumGoroutine()
		for range 5 {
			b := bus.New(connect(), 0)
			b.Publish(bus.Hint{Topic: bus.Chat})
			subscribe(t, b, bus.Hint{Topic: bus.Chat})
			closed(t, b)
		}
		eventually(t, "goroutines ended", func() bool { return runtime.NumGoroutine() <= before })
	},
}

func TestCarriers(t *testing.T) {
	for _, k := range carrierKinds {
		t.Run(k.name, func(t *testing.T) {
			for name, test := range conformance {
				t.Run(name, func(t *testing.T) { test(t, k) })
			}
		})
	}
}
