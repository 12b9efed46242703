package store

import (
	"context"
	"errors"
	"fmt"
)

// WriteRoom is Write for an f that locks the conversation with the token before
// all that it does, by RaiseVersion. Such writes are committed in groups, also
// those of one conversation, which then do not wait for each other's commit. An f
// that locks another conversation, groups and teams or an account that ends is
// undone at that point and run once more, alone, with all of this locked in order
// before it begins.
func (s *Store) WriteRoom(ctx context.Context, token string, f func(*Tx) error) error {
	if ctx.Value(inWrite{}) != nil {
		return ErrNested
	}
	defer renew(ctx)
	if s.rehearses {
		if err := s.rehearse(ctx, token, f); err != nil {
			return err
		}
	}
	var p plan
	for range maxPlans {
		err := s.attempt(ctx, token, p, f)
		again, ok := errors.AsType[*needs](err)
		if !ok {
			return err
		}
		s.replans.Add(1)
		p, token = again.plan, ""
	}
	return fmt.Errorf("%w: what a write has to lock changed %d times: %+v", ErrUnavailable, maxPlans, p)
}

// attempt runs f once, with the locks of a plan. Only a write of one conversation
// without a plan shares its transaction.
func (s *Store) attempt(ctx context.Context, token string, p plan, f func(*Tx) error) error {
	return s.engine.write(ctx, token, s.calmly(context.WithValue(ctx, inWrite{}, true), func(tx *Tx) error {
		tx.held.only = token
		err := tx.follow(p)
		if err == nil {
			err = f(tx)
		}
		if again, ok := errors.AsType[*needs](tx.failed); ok {
			return again // whatever f made of it
		}
		if err != nil {
			return err
		}
		return tx.finish()
	}))
}

// rehearse runs f and undoes what it did, as happens to writes that have to run
// twice. Whatever comes of it, f is run again.
func (s *Store) rehearse(ctx context.Context, token string, f func(*Tx) error) error {
	err := s.engine.write(ctx, "", s.calmly(context.WithValue(ctx, inWrite{}, true), func(tx *Tx) error {
		tx.held.only = token
		return errors.Join(errRehearsed, f(tx), tx.finish())
	}))
	if ctx.Err() != nil {
		return err
	}
	return nil
}

// errRehearsed undoes a rehearsal.
var errRehearsed = errors.New("store: only a rehearsal")

// Counts are how often the database made writes begin again, since the store was
// opened.
type Counts struct {
	// Deadlocks are transactions that the database ended because they waited for
	// each other.
	Deadlocks int64
	// Retries are repetitions for any reason, deadlocks included.
	Retries int64
}

// Counts returns the numbers as they are now.
func (s *Store) Counts() Counts {
	c := Counts{Retries: s.replans.Load()}
	if e, ok := s.engine.(*postgresEngine); ok {
		c.Deadlocks, c.Retries = e.deadlocks.Load(), c.Retries+e.retries.Load()
	}
	return c
}
