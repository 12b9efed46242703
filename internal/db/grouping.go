package db

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Writes that change one conversation each are committed in groups on
// PostgreSQL: a commit and the round trips are the largest part of their cost,
// and a group shares them. While few write, nobody waits for anybody: a group is
// what has gathered while other groups were at work.
const (
	// maxGroups is how many groups work at the same time. Few make large groups,
	// more keep the processors of both sides busy.
	maxGroups = 2
	// maxGroup bounds the writes of a group.
	maxGroup = 64
	// longGroup is after which a group no longer counts as one of them: it waits for
	// a lock or a distant server, and nobody else should.
	longGroup = 20 * time.Millisecond
)

// grouping forms groups. The writes of one conversation are never in two groups
// at once.
type grouping struct {
	mu      sync.Mutex
	waiting []*groupedWrite
	busy    map[string]bool // conversations whose writes are in a group
	working int             // groups, without those that take long
	waits   waits
}

// groupedWrite is a write that waits for its group.
type groupedWrite struct {
	ctx context.Context
	key string
	run func(querier) error
	err error
	// apart tells that the group did nothing for it, so that it has to be run by
	// itself.
	apart bool
	// held tells that somebody else had the conversation locked.
	held bool
	lead chan group // gets the group that this write leads
	done chan struct{}
	// queued is when it began to wait.
	queued time.Time
}

// group is the writes that share a transaction.
type group struct {
	writes []*groupedWrite
	// waits: such groups have one conversation and wait until nobody else has it
	// locked; they do not count. The others leave out whatever is locked: who holds
	// one lock and waits for another would make others wait, or wait for ever.
	waits bool
}

func newGrouping() grouping { return grouping{busy: map[string]bool{}} }

// grouped runs a write in a group, which one of the writes in it leads.
func (e *postgresEngine) grouped(ctx context.Context, key string, run func(querier) error) error {
	w := &groupedWrite{ctx: ctx, key: key, run: run, lead: make(chan group, 1), done: make(chan struct{})}
	e.groups.enter(w)
	gone := ctx.Done()
	late := time.NewTimer(e.queueing)
	defer late.Stop()
	for {
		select {
		case g := <-w.lead:
			e.work(g)
		case <-w.done:
			if w.apart {
				e.retries.Add(1)
				return e.alone(ctx, run)
			}
			return w.err
		case <-gone:
			if e.groups.withdraw(w) {
				return ctx.Err()
			}
			gone = nil // it is at work already, on what belongs to the caller
		case <-late.C:
			if e.groups.withdraw(w) {
				return fmt.Errorf("%w: no turn within %v", ErrUnavailable, e.queueing)
			}
		}
	}
}

// enter adds a write to those that wait, and starts a group with it if one may
// start.
func (g *grouping) enter(w *groupedWrite) {
	g.mu.Lock()
	defer g.mu.Unlock()
	w.queued = g.waits.begin()
	g.waiting = append(g.waiting, w)
	g.start()
}

// withdraw takes back a write that still waits.
func (g *grouping) withdraw(w *groupedWrite) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, w)
	if i < 0 {
		return false
	}
	g.waiting = slices.Delete(g.waiting, i, i+1)
	return true
}

// start gives the writes that wait to a new group, which the first of them
// leads.
func (g *grouping) start() {
	if g.working == maxGroups {
		return
	}
	var taken, left []*groupedWrite
	for _, w := range g.waiting {
		if len(taken) == maxGroup || g.busy[w.key] {
			left = append(left, w)
			continue
		}
		taken = append(taken, w)
	}
	if len(taken) == 0 {
		return
	}
	for _, w := range taken {
		g.waits.end(w.queued)
		g.busy[w.key] = true
	}
	g.waiting = left
	g.working++
	taken[0].lead <- group{writes: taken}
}

// makeWay lets another group start in the place of one.
func (g *grouping) makeWay() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.working--
	g.start()
}

// release lets others have the conversations of writes that are done.
func (g *grouping) release(writes []*groupedWrite) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, w := range writes {
		delete(g.busy, w.key)
	}
	g.start()
}

// work runs a group, tells its writes, and starts the next group. Writes of
// conversations that somebody else has locked form groups of their own.
func (e *postgresEngine) work(g group) {
	makeWay := sync.OnceFunc(e.groups.makeWay)
	if g.waits {
		makeWay = func() {}
	}
	long := time.AfterFunc(longGroup, makeWay)
	var done []*groupedWrite
	var held []group
	if len(g.writes) == 1 {
		done = g.writes
		done[0].err = e.alone(done[0].ctx, done[0].run)
	} else {
		done, held = e.together(g)
	}
	e.groups.release(done)
	long.Stop()
	makeWay()
	for _, h := range held {
		h.writes[0].lead <- h
	}
	for _, w := range done {
		close(w.done)
	}
}

// together runs a group in one transaction and returns the writes that it
// brought to an end, and groups of those whose conversations somebody else has
// locked.
func (e *postgresEngine) together(g group) (done []*groupedWrite, held []group) {
	r, err := e.newRound(context.Background(), e.writes, beginWrite)
	if isLate(err) {
		// Each by itself would only wait as long again.
		for _, w := range g.writes {
			w.err = err
		}
		return g.writes, nil
	}
	if err != nil {
		return setApart(g.writes), nil
	}
	defer r.release()
	r.skipLocked = !g.waits
	chains := byKey(g.writes)
	r.runChains(chains)
	for _, chain := range chains {
		end := slices.IndexFunc(chain, func(w *groupedWrite) bool { return w.held })
		if end < 0 {
			end = len(chain)
		} else {
			held = append(held, group{writes: chain[end:], waits: true})
		}
		done = append(done, chain[:end]...)
	}
	if r.err != nil || r.torn {
		return setApart(done), held
	}
	if !slices.ContainsFunc(done, func(w *groupedWrite) bool { return w.err == nil }) {
		return done, held // nothing to commit
	}
	if err = r.commit(); err == nil {
		return done, held
	}
	if !errors.Is(err, errUnknownOutcome) {
		return setApart(done), held
	}
	for _, w := range done {
		if w.err == nil {
			w.err = err
		}
	}
	return done, held
}

// setApart lets each of the writes run by itself: what failed for all may work
// for most.
func setApart(writes []*groupedWrite) []*groupedWrite {
	for _, w := range writes {
		w.apart = true
	}
	return writes
}

// byKey divides writes by their conversations, in the order of their arrival.
func byKey(writes []*groupedWrite) [][]*groupedWrite {
	var chains [][]*groupedWrite
	at := map[string]int{}
	for _, w := range writes {
		i, ok := at[w.key]
		if !ok {
			i = len(chains)
			at[w.key] = i
			chains = append(chains, nil)
		}
		chains[i] = append(chains[i], w)
	}
	return chains
}

// runChains runs the writes of different conversations side by side, and those
// of one conversation one after another.
func (r *round) runChains(chains [][]*groupedWrite) {
	members := make([]*member, len(chains))
	for i := range chains {
		members[i] = r.join()
	}
	var all sync.WaitGroup
	for i, chain := range chains {
		all.Go(func() {
			defer r.leave(members[i])
			for _, w := range chain {
				if members[i].runWrite(w); w.held {
					return // those after it would not fare better
				}
			}
		})
	}
	all.Wait()
}

// runWrite runs one write of a group. What it leaves to be sent later goes with
// the others' statements; what a failed one leaves is dropped.
func (m *member) runWrite(w *groupedWrite) {
	w.held = false
	if w.err = w.ctx.Err(); w.err != nil {
		return
	}
	if w.err = w.run(m); w.err != nil {
		w.held = errors.Is(w.err, errLocked)
		m.round.drop(m)
		return
	}
	m.round.keep(m)
}
