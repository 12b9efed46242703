package ocs

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// bodyBudget is how many bytes the bodies of all requests may take together.
	bodyBudget = 48 << 20
	// bodyPatience is how long a body waits for others to be done with.
	bodyPatience = 2 * time.Second
	// freeShare is what every body may take without asking, in bytes, so that the
	// small ones get through while large ones queue. The number of connections
	// bounds the sum of these.
	freeShare = 8 << 10
	// shareStep is how much is asked for at once, in bytes.
	shareStep = 32 << 10
	// byteWeight is what a byte of a body takes: itself, and what is made of it.
	byteWeight = 2
	// nodeWeight is what a value or a key takes besides its text, in bytes.
	nodeWeight = 64
	// branchWeight is the same for forms, where each may be a map.
	branchWeight = 256
)

// budget is the memory that the bodies of all requests share.
type budget struct {
	room     *semaphore.Weighted
	patience time.Duration
}

func newBudget(bytes int64, patience time.Duration) *budget {
	return &budget{room: semaphore.NewWeighted(bytes), patience: patience}
}

// share is what one request has of a budget. It belongs to the goroutine of the
// request.
type share struct {
	of         *budget
	used, held int64
}

// grow counts n more bytes and waits until the budget has them. The error is
// errBusy when it did not in time.
func (s *share) grow(ctx context.Context, n int64) error {
	s.used += n
	missing := s.used - freeShare - s.held
	if missing <= 0 {
		return nil
	}
	missing = (missing + shareStep - 1) / shareStep * shareStep
	if !s.of.room.TryAcquire(missing) {
		ctx, cancel := context.WithTimeout(ctx, s.of.patience)
		defer cancel()
		if s.of.room.Acquire(ctx, missing) != nil {
			return errBusy
		}
	}
	s.held += missing
	return nil
}

// release gives everything back.
func (s *share) release() {
	if s.held > 0 {
		s.of.room.Release(s.held)
	}
	s.used, s.held = 0, 0
}
