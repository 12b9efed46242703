package bus

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Errors of this package. Callers test them with errors.Is.
var (
	// ErrClosed is returned after the bus or the subscription was closed.
	ErrClosed = errors.New("bus: closed")
	// ErrFull is returned by Subscribe while there are too many subscriptions.
	ErrFull = errors.New("bus: too many subscriptions")
)

// DefaultSubjects bounds what is subscribed to at a time on one node.
const DefaultSubjects = 1 << 20

// Carrier brings hints to other nodes and theirs to this one. Its methods may be
// called by several goroutines.
type Carrier interface {
	// Start begins to carry. receive gets what other nodes publish, never what this
	// one does, and everything whenever hints may have been lost; it does not block.
	// Start is called once.
	Start(receive func(Batch))
	// Publish takes hints for the other nodes. It never waits for them or for a
	// network: what does not fit in a bounded memory becomes everything.
	Publish(hints []Hint)
	// Close sends what was taken, in bounded time, and ends all that Start began.
	// Receive is not called after it.
	Close() error
}

// Bus tells subscribers of one node about changes.
type Bus struct {
	carrier Carrier
	limit   int

	mu sync.Mutex // guards what follows and all flags
	// subjects has the subscriptions by topic and conversation, then by key.
	subjects map[Hint]map[string]set
	all      set
	count    int // of entries in subjects
	// observers are told of everything.
	observers map[*func(Batch)]struct{}
	// stopped tells that nobody waits any more, closed that nothing is published either.
	stopped, closed bool
	counts          Counts
}

// Counts are what happened on a bus since it was made.
type Counts struct {
	// Published are hints of this node, Received those of others.
	Published, Received int64
	// Lost is how often hints of other nodes may have been lost, so that everybody was woken.
	Lost int64
	// Woken are the flags that were raised: many hints raise one once.
	Woken int64
	// Subscriptions are those that there are now.
	Subscriptions int
}

// Counts returns the numbers as they are now.
func (b *Bus) Counts() Counts {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.counts
	c.Subscriptions = len(b.all)
	return c
}

type set map[*Subscription]struct{}

// New returns a bus over a carrier, which it starts and closes. At most limit
// subjects are subscribed to at a time, 0 for [DefaultSubjects].
func New(carrier Carrier, limit int) *Bus {
	if limit <= 0 {
		limit = DefaultSubjects
	}
	b := &Bus{carrier: carrier, limit: limit, subjects: map[Hint]map[string]set{}, all: set{}, observers: map[*func(Batch)]struct{}{}}
	carrier.Start(b.receive)
	return b
}

// Subscription is a flag that is raised when something may have changed. Many changes
// raise it once. Whoever subscribed closes it.
type Subscription struct {
	bus      *Bus
	subjects []Hint
	flag     chan struct{}
	closed   bool // guarded by the mutex of bus
}

// Subscribe returns a flag for hints about any of the subjects. A subject without a
// key stands for all of its keys. Failures: ErrFull, ErrClosed.
func (b *Bus) Subscribe(subjects ...Hint) (*Subscription, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.stopped:
		return nil, ErrClosed
	case b.count+len(subjects) > b.limit:
		return nil, ErrFull
	}
	s := &Subscription{bus: b, subjects: append([]Hint(nil), subjects...), flag: make(chan struct{}, 1)}
	for _, subject := range s.subjects {
		place := subject.withoutKey()
		if b.subjects[place] == nil {
			b.subjects[place] = map[string]set{}
		}
		if b.subjects[place][subject.Key] == nil {
			b.subjects[place][subject.Key] = set{}
		}
		b.subjects[place][subject.Key][s] = struct{}{}
	}
	b.count += len(s.subjects)
	b.all[s] = struct{}{}
	return s, nil
}

// Observe calls f with all hints, of this node and of others, until stop is called: for whoever
// knows better than the bus what concerns them. F must neither wait nor use the bus.
func (b *Bus) Observe(f func(Batch)) (stop func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.observers[&f] = struct{}{}
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.observers, &f)
	}
}

// place is the hint without its key.
func (h Hint) withoutKey() Hint { return Hint{Topic: h.Topic, Token: h.Token} }

// Publish tells subscribers of this node at once and those of other nodes soon. It
// never waits for anybody, and does nothing after Close.
func (b *Bus) Publish(hints ...Hint) {
	if len(hints) == 0 || !b.wake(Batch{Hints: hints}, &b.counts.Published) {
		return
	}
	b.carrier.Publish(hints)
}

// receive wakes those whom a batch of another node concerns.
func (b *Bus) receive(batch Batch) { b.wake(batch, &b.counts.Received) }

// wake raises the flags of those whom the batch concerns, counts its hints, and reports
// whether the bus is open.
func (b *Bus) wake(batch Batch, counter *int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	*counter += int64(len(batch.Hints))
	for f := range b.observers {
		(*f)(batch)
	}
	if batch.All {
		b.counts.Lost++
		b.counts.Woken += b.all.raise()
		return true
	}
	for _, h := range batch.Hints {
		keys := b.subjects[h.withoutKey()]
		if h.Key != "" {
			b.counts.Woken += keys[h.Key].raise() + keys[""].raise()
			continue
		}
		for _, subscribers := range keys {
			b.counts.Woken += subscribers.raise()
		}
	}
	return true
}

// raise raises all flags of a set that are not up yet, and returns how many these were.
func (all set) raise() (raised int64) {
	for s := range all {
		select {
		case s.flag <- struct{}{}:
			raised++
		default: // it is up, and its owner will look
		}
	}
	return raised
}

// C returns the flag: it gets a value when something may have changed, and is closed
// with the subscription or the bus. Whoever selects on it needs a timer beside it, as
// [Subscription.Wait] has.
func (s *Subscription) C() <-chan struct{} { return s.flag }

// Wait returns nil when something may have changed, and after the timeout in any
// case: hints can be lost. Failures: ErrClosed, and why ctx ended.
func (s *Subscription) Wait(ctx context.Context, timeout time.Duration) error {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case _, open := <-s.flag:
		if !open {
			return ErrClosed
		}
		return nil
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close ends the subscription. It may be called several times.
func (s *Subscription) Close() {
	b := s.bus
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.closed {
		return
	}
	s.end()
	delete(b.all, s)
	b.count -= len(s.subjects)
	for _, subject := range s.subjects {
		place := subject.withoutKey()
		delete(b.subjects[place][subject.Key], s)
		if len(b.subjects[place][subject.Key]) == 0 {
			delete(b.subjects[place], subject.Key)
		}
		if len(b.subjects[place]) == 0 {
			delete(b.subjects, place)
		}
	}
}

// end closes the flag. The caller holds the mutex of the bus.
func (s *Subscription) end() {
	s.closed = true
	close(s.flag)
}

// Tokens returns the conversations that somebody on this node waits for, on a topic.
func (b *Bus) Tokens(topic Topic) (tokens []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for subject := range b.subjects {
		if subject.Topic == topic && subject.Token != "" {
			tokens = append(tokens, subject.Token)
		}
	}
	return tokens
}

// Waiting is how many subjects of a topic somebody on this node waits for.
func (b *Bus) Waiting(topic Topic) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for subject, keys := range b.subjects {
		if subject.Topic == topic {
			n += len(keys)
		}
	}
	return n
}

// Wake tells subscribers of this node alone.
func (b *Bus) Wake(hints ...Hint) { b.wake(Batch{Hints: hints}, new(int64)) }

// StopWaiting ends all subscriptions and lets nobody subscribe any more. What is
// published still goes to other nodes. It may be called several times.
func (b *Bus) StopWaiting() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopWaiting()
}

func (b *Bus) stopWaiting() {
	for s := range b.all {
		s.end()
	}
	b.all, b.subjects, b.count, b.stopped = nil, nil, 0, true
}

// Close ends all subscriptions and the carrier. It may be called several times.
func (b *Bus) Close() error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil
	}
	b.closed = true
	b.stopWaiting()
	b.mu.Unlock()
	return b.carrier.Close()
}
