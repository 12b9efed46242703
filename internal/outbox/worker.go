package outbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/store/deliveries"
)

// lookAgain is how long a worker waits for a hint before it looks by itself.
const lookAgain = 10 * time.Second

// Options are what a Worker is made of.
type Options struct {
	Store *db.DB
	Log   *slog.Logger
	Bus   *bus.Bus
	Kinds []Kind
}

// Worker delivers what waits in the database. Workers of several nodes share the work.
type Worker struct {
	queues []*queue
}

// NewWorker returns a worker that does nothing before Run.
func NewWorker(o Options) *Worker {
	w := &Worker{}
	for _, k := range o.Kinds {
		w.queues = append(w.queues, newQueue(o, k.withDefaults()))
	}
	return w
}

// Kinds returns the names of what the worker delivers.
func (w *Worker) Kinds() []string {
	names := make([]string, len(w.queues))
	for i, q := range w.queues {
		names[i] = q.kind.Name
	}
	return names
}

// Wake makes the worker look for what is due. It never waits.
func (w *Worker) Wake() {
	for _, q := range w.queues {
		select {
		case q.wake <- struct{}{}:
		default: // it will look anyway
		}
	}
}

// Run delivers what is due until ctx ends. What is on its way then is broken off and
// left to others.
func (w *Worker) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, q := range w.queues {
		running.Go(func() { q.run(ctx) })
	}
	running.Wait()
}

// queue are the deliveries of one kind.
type queue struct {
	kind  Kind
	store *db.DB
	log   *slog.Logger
	bus   *bus.Bus
	wake  chan struct{}
	// tasks are the deliveries that are being made, each of which reports its outcome.
	tasks    sync.WaitGroup
	outcomes chan outcome
	// destinations are those that are delivered to or in trouble. Only the goroutine
	// of run uses them.
	destinations destinations
}

func newQueue(o Options, k Kind) *queue {
	return &queue{
		kind: k, store: o.Store, log: o.Log.With("kind", k.Name), bus: o.Bus, wake: make(chan struct{}, 1),
		outcomes: make(chan outcome, maxRunning), destinations: newDestinations(k),
	}
}

// run delivers, or keeps everything where that cannot be, until ctx ends.
func (q *queue) run(ctx context.Context) {
	var hints <-chan struct{} // nil when there are none: the queue looks by itself
	if s, err := q.bus.Subscribe(bus.Hint{Topic: bus.Outbox, Key: q.kind.Name}); err == nil {
		defer s.Close()
		hints = s.C()
	}
	defer q.tasks.Wait()
	work := q.fill
	if q.kind.Obstacle != "" {
		work = q.holder()
	}
	timer := time.NewTicker(lookAgain)
	defer timer.Stop()
	for {
		if err := work(ctx); err != nil && ctx.Err() == nil {
			q.log.ErrorContext(ctx, "the outbox cannot be read", "err", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case _, open := <-hints:
			if !open {
				hints = nil
			}
		case <-q.wake:
		case <-timer.C:
		case o := <-q.outcomes:
			q.destinations.note(o)
		}
	}
}

// holder returns what keeps all deliveries. It notes the obstacle beside each, and says
// in the log each time when more waits.
func (q *queue) holder() func(context.Context) error {
	said := 0
	if q.kind.Wanted {
		said = -1
	}
	return func(ctx context.Context) error {
		var state deliveries.State
		err := q.store.Read(ctx, func(tx *db.Tx) (err error) {
			state, err = deliveries.StateOf(tx, q.kind.Name)
			return err
		})
		if err != nil {
			return err
		}
		if state.Waiting > said {
			q.log.WarnContext(ctx, "deliveries are kept", "cause", q.kind.Obstacle, "waiting", state.Waiting)
		}
		said = state.Waiting
		if state.Waiting == 0 {
			return nil
		}
		return q.store.Write(ctx, func(tx *db.Tx) error { return deliveries.Hold(tx, q.kind.Name, q.kind.Obstacle) })
	}
}
