package ocs

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// bodyBudget is how many bytes of bodies are kept at once, of all requests
	// together; uploadBudget is the same for those that bring a file, whose
	// memory grows by copying: one of the largest.
	bodyBudget   = 32 << 20
	uploadBudget = uploadWeight*maxUpload + shareStep
	uploadWeight = 2
	// bigBodies is how many requests may work with a large body at once.
	bigBodies = 6
	// bodyPatience is how long a request waits for others to be done.
	bodyPatience = 2 * time.Second
	// freeShare is what every body may take without asking, in bytes, so that the
	// small ones get through while large ones queue. The number of connections
	// bounds the sum of these.
	freeShare = 8 << 10
	// shareStep is how much is asked for at once, in bytes.
	shareStep = 32 << 10
	// nodeWeight is what a value or a key of JSON takes besides its text, in
	// bytes; branchWeight is the same for forms, where each may be a map.
	nodeWeight   = 64
	branchWeight = 256
)

// budget is the memory that the bodies of all requests share. A request first
// takes the bytes that it reads, then, with all of them there, the right to make
// values of them: who has that waits for no other request.
type budget struct {
	bytes   *semaphore.Weighted
	big     *semaphore.Weighted
	timeout time.Duration
}

func newBudget(bytes, big int64, timeout time.Duration) *budget {
	return &budget{bytes: semaphore.NewWeighted(bytes), big: semaphore.NewWeighted(big), timeout: timeout}
}

// share is what one request has of a budget. It belongs to the goroutine of the
// request.
type share struct {
	of *budget
	// read are the bytes that were counted, held those that were taken.
	read, held int64
	// made is the weight of the values, big whether the right to them was taken.
	made int64
	big  bool
}

// grow counts n bytes that were read and waits until the budget has them. The
// error is errBusy when it did not in time.
func (s *share) grow(ctx context.Context, n int64) error {
	s.read += n
	missing := s.read - freeShare - s.held
	if missing <= 0 {
		return nil
	}
	missing = (missing + shareStep - 1) / shareStep * shareStep
	if err := s.take(ctx, s.of.bytes, missing); err != nil {
		return err
	}
	s.held += missing
	return nil
}

// reserve takes n bytes ahead of their being counted, so that requests which
// have begun do not wait for each other.
func (s *share) reserve(ctx context.Context, n int64) error {
	err := s.grow(ctx, n)
	s.read -= n
	return err
}

// make counts the weight of values that are about to be made. The error is
// errBusy when too many requests have large ones.
func (s *share) make(ctx context.Context, weight int64) error {
	s.made += weight
	if s.big || s.made <= freeShare {
		return nil
	}
	if err := s.take(ctx, s.of.big, 1); err != nil {
		return err
	}
	s.big = true
	return nil
}

func (s *share) take(ctx context.Context, from *semaphore.Weighted, n int64) error {
	if from.TryAcquire(n) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.of.timeout)
	defer cancel()
	if from.Acquire(ctx, n) != nil {
		return errBusy
	}
	return nil
}

// release gives everything back.
func (s *share) release() {
	if s.held > 0 {
		s.of.bytes.Release(s.held)
	}
	if s.big {
		s.of.big.Release(1)
	}
	*s = share{of: s.of}
}
