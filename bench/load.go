package main

import (
	"cmp"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"
)

// rounds is how often parley and its floor take turns. The disk and the other
// work of a machine change within seconds; what changes meets both of them.
const rounds = 8

// operation is one step of a load; worker tells the clients apart.
type operation func(worker int) error

// tally adds up what the rounds of an operation measured.
type tally struct {
	times  []time.Duration
	took   time.Duration
	allocs uint64
}

// takeTurns measures parley and its floor in turns of the length d.
func takeTurns(workers int, d time.Duration, parley, floor operation) (p, f tally, err error) {
	for round := range 1 + rounds {
		if round == 1 {
			p, f = tally{}, tally{} // round 0 was for warming up
		}
		if err := f.round(workers, d, floor); err != nil {
			return p, f, err
		}
		if err := p.round(workers, d, parley); err != nil {
			return p, f, err
		}
	}
	if len(p.times) == 0 || len(f.times) == 0 {
		err = errors.New("nothing was done in the time")
	}
	return p, f, err
}

// round lets the workers repeat the operation until the time is over.
func (t *tally) round(workers int, d time.Duration, op operation) error {
	var before, after runtime.MemStats
	times, errs := make([][]time.Duration, workers), make([]error, workers)
	runtime.ReadMemStats(&before)
	begin := time.Now()
	end := begin.Add(d)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for time.Now().Before(end) {
				start := time.Now()
				if errs[w] = op(w); errs[w] != nil {
					return
				}
				times[w] = append(times[w], time.Since(start))
			}
		})
	}
	wg.Wait()
	t.took += time.Since(begin)
	runtime.ReadMemStats(&after)
	t.allocs += after.Mallocs - before.Mallocs
	t.times = append(t.times, slices.Concat(times...)...)
	return cmp.Or(errs...)
}

func (t *tally) perSecond() float64 { return float64(len(t.times)) / t.took.Seconds() }

// allocations are those of one operation, the client's among them.
func (t *tally) allocations() float64 { return float64(t.allocs) / float64(len(t.times)) }

// quantile returns the time that the given part of the operations did not exceed.
func (t *tally) quantile(part float64) time.Duration {
	slices.Sort(t.times)
	return t.times[int(part*float64(len(t.times)-1))]
}
