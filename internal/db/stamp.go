package db

import (
	"context"
	"runtime"
	"strings"
	"sync"
)

// Stamp identifies a state of the database. Two equal stamps of one DB mean
// that nothing was committed in between, by this process or by any other, so
// that whatever was read at the first still holds at the second. Unequal stamps
// mean nothing. The zero Stamp equals no other.
type Stamp struct {
	changes int64  // on SQLite, see watcher
	text    string // on PostgreSQL
	era     int64  // on PostgreSQL, see postgresEngine

	versions [MaxVersions]string
}

// MaxVersions bounds the versions that come with a stamp.
const MaxVersions = 4

// Version is the value of the expression with the index in [Model], at the moment of
// the stamp or a little later.
func (s Stamp) Version(i int) string { return s.versions[i] }

// columns are what a stamp is read from, besides what the engine asks for.
func (m *Model) columns() string { return strings.Join(m.Versions, ", ") }

// fields are where columns are scanned into.
func (m *Model) fields(s *Stamp) []any {
	fields := make([]any, len(m.Versions))
	for i := range fields {
		fields[i] = &s.versions[i]
	}
	return fields
}

// Stamp returns the stamp of the database as it is now, or as it was when it was
// first asked for under the context that Request returned. It is much cheaper
// than a query, above all when many ask at the same time.
func (s *DB) Stamp(ctx context.Context) (Stamp, error) {
	shared, ok := ctx.Value(sharedStamp{}).(*Stamp)
	if !ok {
		return s.stamps.take(ctx)
	}
	if *shared == (Stamp{}) {
		var err error
		if *shared, err = s.stamps.take(ctx); err != nil {
			return Stamp{}, err
		}
	}
	return *shared, nil
}

// sharedStamp is the key of the stamp that one request shares.
type sharedStamp struct{}

// Request returns a context for all that one goroutine does for one request: it
// sees the database as of the moment when it first looked, and as of each of its
// own writes.
func Request(ctx context.Context) context.Context {
	return context.WithValue(ctx, sharedStamp{}, new(Stamp))
}

// renew lets a request see what it has written itself.
func renew(ctx context.Context) {
	if shared, ok := ctx.Value(sharedStamp{}).(*Stamp); ok {
		*shared = Stamp{}
	}
}

// stamps answers everybody who asks with a stamp that was taken after they
// asked, and lets those who wait for each other share one.
type stamps struct {
	query func(ctx context.Context, last Stamp) (Stamp, error)
	// recent returns a stamp that is as good as a new one; nil where there is none.
	recent func() (Stamp, bool)
	mu     sync.Mutex // guards what follows
	last   Stamp
	// next is what everybody gets who asks now, nil while nobody waits; running is
	// what is being asked for.
	next, running *stampQuestion
}

// stampQuestion is a question whose answer many wait for.
type stampQuestion struct {
	done  chan struct{}
	stamp Stamp
	err   error
}

func (s *stamps) take(ctx context.Context) (Stamp, error) {
	if s.recent != nil {
		if stamp, ok := s.recent(); ok {
			return stamp, nil
		}
	}
	s.mu.Lock()
	q, before := s.next, s.running
	if q != nil {
		s.mu.Unlock()
		return q.wait(ctx)
	}
	q = &stampQuestion{done: make(chan struct{})}
	s.next = q
	s.mu.Unlock()
	if before != nil {
		<-before.done
	}
	runtime.Gosched() // whoever is about to ask can share this one
	s.mu.Lock()
	s.next, s.running = nil, q
	last := s.last
	s.mu.Unlock()
	s.ask(ctx, q, last)
	return q.stamp, q.err
}

// ask answers a question, whatever happens: others wait for it.
func (s *stamps) ask(ctx context.Context, q *stampQuestion, last Stamp) {
	defer func() {
		if p := recover(); p != nil {
			q.err = panicked(p)
		}
		s.mu.Lock()
		if s.running = nil; q.err == nil {
			s.last = q.stamp
		}
		s.mu.Unlock()
		close(q.done)
	}()
	// The others do not go away with this caller.
	q.stamp, q.err = s.query(context.WithoutCancel(ctx), last)
}

// wait waits for the answer to a question that somebody else asks.
func (q *stampQuestion) wait(ctx context.Context) (Stamp, error) {
	select {
	case <-q.done:
		return q.stamp, q.err
	case <-ctx.Done():
		return Stamp{}, ctx.Err()
	}
}
