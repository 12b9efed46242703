package db

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// WriteKey is Write for an f that locks the row which the key stands for before all
// that it does. Such writes are committed in groups, also those of one key, which then
// do not wait for each other's commit. An f that has to lock more calls [Tx.Restart]:
// it is undone at that point and run once more, alone, with all of this locked in
// order before it begins.
func (s *DB) WriteKey(ctx context.Context, key string, f func(*Tx) error) error {
	if ctx.Value(inWrite{}) != nil {
		return ErrNested
	}
	if s.rehearses {
		if err := s.rehearse(ctx, key, f); err != nil {
			return err
		}
	}
	var again *restart
	for range maxAttempts {
		err := s.attempt(ctx, key, again, f)
		next, ok := errors.AsType[*restart](err)
		if !ok {
			return err
		}
		s.restarts.Add(1)
		again, key = next, ""
	}
	return fmt.Errorf("%w: what a write has to lock changed %d times: %s", ErrUnavailable, maxAttempts, again.reason)
}

// maxAttempts is how often a write may begin.
const maxAttempts = 16

// restart is the failure of a write that has to begin again.
type restart struct {
	reason string
	first  func(*Tx) error
}

func (r *restart) Error() string { return "db: a write has to begin again: " + r.reason }

// attempt runs f once, after what a restart asks for. Only a write with a key shares
// its transaction.
func (s *DB) attempt(ctx context.Context, key string, again *restart, f func(*Tx) error) error {
	var last *Tx // an engine may run several, of which the last one is committed
	err := s.engine.write(ctx, key, s.calmly(context.WithValue(ctx, inWrite{}, true), func(tx *Tx) error {
		tx.key, last = key, tx
		var err error
		if again != nil {
			err = again.first(tx)
		}
		if err == nil {
			err = f(tx)
		}
		if next, ok := errors.AsType[*restart](tx.failed); ok {
			return next // whatever f made of it
		}
		if err != nil {
			return err
		}
		return tx.finish()
	}))
	if err == nil {
		for _, f := range last.after {
			f()
		}
	}
	return err
}

// BeforeCommit has f called at the end of the write if it succeeds, while it can still
// change rows. What it returns fails the write. f may call BeforeCommit.
func (tx *Tx) BeforeCommit(f func() error) { tx.before = append(tx.before, f) }

// AfterCommit has f called once the write is durable, and never when it was undone or its
// outcome is unknown. f must not wait for anything.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

// rehearse runs f and undoes what it did, as happens to writes that have to run
// twice. Whatever comes of it, f is run again.
func (s *DB) rehearse(ctx context.Context, key string, f func(*Tx) error) error {
	err := s.engine.write(ctx, "", s.calmly(context.WithValue(ctx, inWrite{}, true), func(tx *Tx) error {
		tx.key = key
		err := f(tx)
		if err == nil {
			err = tx.finish()
		}
		return errors.Join(errRehearsed, err)
	}))
	if ctx.Err() != nil {
		return err
	}
	return nil
}

// finish does what the end of a write is for.
func (tx *Tx) finish() error {
	for i := 0; i < len(tx.before); i++ {
		if err := tx.before[i](); err != nil {
			return err
		}
	}
	if tx.locks != nil {
		if err := tx.locks.Finish(tx); err != nil {
			return err
		}
	}
	return tx.failed
}

// errRehearsed undoes a rehearsal.
var errRehearsed = errors.New("db: only a rehearsal")

// Counts are what became of writes, since the database was opened.
type Counts struct {
	// Commits are those of writes, which share them when they wait at the same time.
	Commits int64
	// Deadlocks are transactions that the database ended because they waited for
	// each other.
	Deadlocks int64
	// Retries are repetitions for any reason, deadlocks included.
	Retries int64
	// Waited is how long writes waited for their turn, and on PostgreSQL all
	// transactions for a free connection, added up.
	Waited time.Duration
}

// Counts returns the numbers as they are now.
func (s *DB) Counts() Counts {
	c := Counts{Retries: s.restarts.Load()}
	switch e := s.engine.(type) {
	case *sqliteEngine:
		c.Commits, c.Waited = e.committed.Load(), time.Duration(e.waits.total.Load())
	case *postgresEngine:
		c.Commits, c.Deadlocks, c.Retries = e.commits.Load(), e.deadlocks.Load(), c.Retries+e.retries.Load()
		c.Waited = time.Duration(e.groups.waits.total.Load()) +
			e.reads.Stat().EmptyAcquireWaitTime() + e.writes.Stat().EmptyAcquireWaitTime()
	}
	return c
}
