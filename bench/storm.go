package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/internal/conversation"
	"parley/internal/talk"
)

// stormConnections is how many of the storm's people come at the same time;
// listTime bounds how long they list, since each list is long.
const (
	stormConnections = 64
	listTime         = 5 * time.Second
)

// storm is a conversation with very many people, of whom many come at once.
type storm struct {
	*benchmark
	path    string // of its participants
	token   string
	joiners []person
}

// storm prints how a conversation with all accounts does, quiet and when the
// given number of people join it, list it and leave it at once. It fails when a
// request fails, and when the list shows other sessions than there are.
func (b *benchmark) storm(ctx context.Context, joiners int) error {
	s := &storm{benchmark: b, joiners: make([]person, joiners)}
	begin := time.Now()
	var err error
	everybody := conversation.NewRoom{Type: talk.Public, Name: "storm", Groups: []string{b.everybody()}}
	if s.token, err = b.create(ctx, b.people-1, everybody); err != nil {
		return err
	}
	s.path = api + "/room/" + s.token + "/participants"
	founded := time.Since(begin)
	_, _, err = together(joiners, 0, func(n int) (err error) {
		s.joiners[n], err = b.person(ctx, n)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "\none conversation with %d participants, made in %s\n", b.people, ms(founded))
	if err := s.quiet(ctx); err != nil {
		return err
	}
	if err := s.steadily(ctx, s.token, 5*rounds*b.round); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "storm of %d people over %d connections, memory (RSS) %s before\n", joiners, stormConnections, rss())
	fmt.Fprintf(s.out, waveForm, "request", "number", "per second", "p50", "p99", "longest", "errors")
	failed := errors.Join(s.wave(ctx, "join", "POST", "/active", 0), s.check(ctx, joiners))
	failed = errors.Join(failed, s.wave(ctx, "list", "GET", "", listTime))
	failed = errors.Join(failed, s.wave(ctx, "leave", "DELETE", "/active", 0), s.check(ctx, 0))
	if failed == nil {
		fmt.Fprintf(s.out, "the list showed %d sessions, then none; memory (RSS) %s after\n", joiners, rss())
	}
	return failed
}

// quiet prints what the list costs while little happens.
func (s *storm) quiet(ctx context.Context) error {
	const repeats = 5
	c, err := dial(ctx, s.address)
	if err != nil {
		return err
	}
	defer c.close()
	var cold, remembered []time.Duration
	length := 0
	list := request{"GET", s.path, s.owner, ""}.bytes(s.address)
	for range repeats {
		for _, method := range []string{"POST", "DELETE"} {
			if _, _, err := c.do(request{method, s.path + "/active", s.owner, ""}.bytes(s.address), false); err != nil {
				return err
			}
		}
		for _, times := range []*[]time.Duration{&cold, &remembered} {
			begin := time.Now()
			if _, length, err = c.do(list, false); err != nil {
				return err
			}
			*times = append(*times, time.Since(begin))
		}
	}
	slices.Sort(cold)
	slices.Sort(remembered)
	fmt.Fprintf(s.out, "its list: %.1f MB, %s after a change, %s remembered (medians of %d)\n",
		float64(length)/1e6, ms(cold[repeats/2]), ms(remembered[repeats/2]), repeats)
	return nil
}

const waveForm = "%-28s  %10v  %10v  %10v  %10v  %10v  %6v\n"

// wave lets each of the people send one request, or as many of them as the time
// allows, and prints how that went.
func (s *storm) wave(ctx context.Context, name, method, path string, limit time.Duration) error {
	idle := make(chan *client, stormConnections)
	for range stormConnections {
		c, err := dial(ctx, s.address)
		if err != nil {
			return err
		}
		defer c.close()
		idle <- c
	}
	t, failures, err := together(len(s.joiners), limit, func(n int) error {
		c := <-idle
		defer func() { idle <- c }()
		_, _, err := c.do(request{method, s.path + path, s.joiners[n].auth, ""}.bytes(s.address), false)
		return err
	})
	fmt.Fprintf(s.out, waveForm, name, len(t.times), fmt.Sprintf("%.0f", t.perSecond()), ms(t.quantile(0.5)), ms(t.quantile(0.99)), ms(t.quantile(1)), failures)
	if err != nil {
		err = fmt.Errorf("%s: %d errors, one of them %w", name, failures, err)
	}
	return err
}

// together calls f for each number below n, many at a time, and begins no more
// after the limit, 0 for none. It returns the times that the calls took, how many
// failed, and one of the errors.
func together(n int, limit time.Duration, f func(int) error) (t tally, failures int, one error) {
	var next atomic.Int64
	var wg sync.WaitGroup
	times, errs := make([][]time.Duration, stormConnections), make([]error, n)
	begin := time.Now()
	for w := range stormConnections {
		wg.Go(func() {
			for limit == 0 || time.Since(begin) < limit {
				i := int(next.Add(1) - 1)
				if i >= n {
					return
				}
				start := time.Now()
				errs[i] = f(i)
				times[w] = append(times[w], time.Since(start))
			}
		})
	}
	wg.Wait()
	t.took, t.times = time.Since(begin), slices.Concat(times...)
	for _, err := range errs {
		if err != nil {
			failures++
		}
	}
	return t, failures, cmp.Or(errs...)
}

// check compares what the list shows with the number of people who are there:
// each of them has one session, nobody else has any, and nobody is missing.
func (s *storm) check(ctx context.Context, present int) error {
	list, err := s.list(ctx, s.token)
	if err != nil {
		return err
	}
	busy, sessions := 0, map[string]bool{}
	for _, p := range list {
		if len(p.SessionIDs) > 0 {
			busy++
		}
		for _, id := range p.SessionIDs {
			sessions[id] = true
		}
	}
	// The group is listed, too.
	if len(list) != s.people+1 || busy != present || len(sessions) != present {
		return fmt.Errorf("the list shows %d participants, of whom %d have %d sessions, not %d", len(list), busy, len(sessions), present)
	}
	return nil
}

// list returns the participants of a conversation.
func (b *benchmark) list(ctx context.Context, token string) ([]listed, error) {
	body, err := ask(ctx, b.address, request{"GET", api + "/room/" + token + "/participants", b.owner, ""})
	if err != nil {
		return nil, err
	}
	var answer struct {
		OCS struct {
			Data []listed `json:"data"`
		} `json:"ocs"`
	}
	err = json.Unmarshal(body, &answer)
	return answer.OCS.Data, err
}
