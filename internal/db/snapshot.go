package db

import (
	"context"
	"runtime"
	"strings"
	"sync"
)

// SnapshotID identifies a state of the database. Two equal ids of one DB mean
// that nothing was committed in between, by this process or by any other, so
// that whatever was read at the first still holds at the second. Unequal ids
// mean nothing. The zero SnapshotID equals no other.
type SnapshotID struct {
	changes int64  // on SQLite, see watcher
	text    string // on PostgreSQL
	era     int64  // on PostgreSQL, see postgresEngine

	versions [MaxVersions]string
}

// MaxVersions bounds the versions that come with a snapshot.
const MaxVersions = 4

// Version is the value of the expression with the index in [Model], at the moment of
// the snapshot or a little later.
func (s SnapshotID) Version(i int) string { return s.versions[i] }

// columns are what a snapshot is read from, besides what the engine asks for.
func (m *Model) columns() string { return strings.Join(m.Versions, ", ") }

// fields are where columns are scanned into.
func (m *Model) fields(s *SnapshotID) []any {
	fields := make([]any, len(m.Versions))
	for i := range fields {
		fields[i] = &s.versions[i]
	}
	return fields
}

// Snapshot returns the id of the database's state as it is now, or seen if that is not
// zero: what one request has asked for already is good enough for the rest of it, until it
// writes. It is much cheaper than a query, above all when many ask at the same time.
func (s *DB) Snapshot(ctx context.Context, seen SnapshotID) (SnapshotID, error) {
	if seen != (SnapshotID{}) {
		return seen, nil
	}
	return s.snapshots.take(ctx)
}

// snapshots answers everybody who asks with a snapshot that was taken after they
// asked, and lets those who wait for each other share one.
type snapshots struct {
	query func(ctx context.Context, last SnapshotID) (SnapshotID, error)
	// recent returns a snapshot that is as good as a new one; nil where there is none.
	recent func() (SnapshotID, bool)
	mu     sync.Mutex // guards what follows
	last   SnapshotID
	// next is what everybody gets who asks now, nil while nobody waits; running is
	// what is being asked for.
	next, running *snapshotQuery
}

// snapshotQuery is a question whose answer many wait for.
type snapshotQuery struct {
	done     chan struct{}
	snapshot SnapshotID
	err      error
}

func (s *snapshots) take(ctx context.Context) (SnapshotID, error) {
	if s.recent != nil {
		if snapshot, ok := s.recent(); ok {
			return snapshot, nil
		}
	}
	s.mu.Lock()
	q, before := s.next, s.running
	if q != nil {
		s.mu.Unlock()
		return q.wait(ctx)
	}
	q = &snapshotQuery{done: make(chan struct{})}
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
	return q.snapshot, q.err
}

// ask answers a question, whatever happens: others wait for it.
func (s *snapshots) ask(ctx context.Context, q *snapshotQuery, last SnapshotID) {
	defer func() {
		if p := recover(); p != nil {
			q.err = panicked(p)
		}
		s.mu.Lock()
		if s.running = nil; q.err == nil {
			s.last = q.snapshot
		}
		s.mu.Unlock()
		close(q.done)
	}()
	// The others do not go away with this caller.
	q.snapshot, q.err = s.query(context.WithoutCancel(ctx), last)
}

// wait waits for the answer to a question that somebody else asks.
func (q *snapshotQuery) wait(ctx context.Context) (SnapshotID, error) {
	select {
	case <-q.done:
		return q.snapshot, q.err
	case <-ctx.Done():
		return SnapshotID{}, ctx.Err()
	}
}
