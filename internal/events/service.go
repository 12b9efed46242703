package events

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/outbound"
	"parley/internal/store/eventlog"
	"parley/internal/talk"
)

// Options are what a Service is made of.
type Options struct {
	Store *db.DB
	Log   *slog.Logger
	// Bus wakes those who read events.
	Bus *bus.Bus
	// Client reaches the webhooks.
	Client *outbound.Client
	// Address is where people reach the server.
	Address string
	// KeepAlive is how often a stream shows that it is alive, 0 for 15 seconds.
	KeepAlive time.Duration
}

// Service tells of what happens. It is safe for concurrent use. Run has to run beside it.
type Service struct {
	store     *db.DB
	log       *slog.Logger
	bus       *bus.Bus
	client    *outbound.Client
	address   string
	keepAlive time.Duration

	mu   sync.Mutex
	feed feed
}

// New returns a Service.
func New(o Options) *Service {
	return &Service{
		store: o.Store, log: o.Log, bus: o.Bus, client: o.Client, address: o.Address, feed: newFeed(),
		keepAlive: cmp.Or(o.KeepAlive, defaultKeepAlive),
	}
}

// defaultKeepAlive is how often a stream shows that it is alive: proxies give up connections
// that say nothing for a minute.
const defaultKeepAlive = 15 * time.Second

// KeepAlive is how often a stream shows that it is alive, and looks whether its account may
// still log in.
func (svc *Service) KeepAlive() time.Duration { return svc.keepAlive }

// Show describes an event to somebody in the form of docs/events.md. shown is false when it
// is not for them, or when what it is about is gone by now.
type Show func(ctx context.Context, reader talk.Caller, base string, e *eventlog.Event) (data json.RawMessage, shown bool, err error)

// Keep is for how long events are kept, at least.
const Keep = time.Hour

// forgetAtOnce is how many events are forgotten in one transaction.
const forgetAtOnce = 1000

// Forget removes events that are older than Keep.
func (svc *Service) Forget(ctx context.Context) error {
	for {
		var n int64
		err := svc.store.Write(ctx, func(tx *db.Tx) (err error) {
			n, err = eventlog.Forget(tx, tx.Now()-int64(Keep/time.Second), forgetAtOnce)
			return err
		})
		if err != nil || n < forgetAtOnce {
			return err
		}
	}
}

// Adopt makes a log readable that was brought here from another database. It has to run before
// any stream is opened.
func (svc *Service) Adopt(ctx context.Context) error { return svc.store.Write(ctx, eventlog.Adopt) }

// Streams is how many streams there are on this node.
func (svc *Service) Streams() int {
	svc.mu.Lock()
	defer svc.mu.Unlock()
	return len(svc.feed.all)
}

// sleep waits. It fails when ctx ends before.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
