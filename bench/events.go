package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// eventsPath is where the events of an account are.
const eventsPath = "/ocs/v2.php/apps/parley/api/v1/events"

// await reads lines until one begins with a text.
func (c *client) await(begin string) error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if strings.HasPrefix(string(line), begin) {
			return nil
		}
	}
}

// listen opens a stream of events on each connection.
func (w *waiting) listen(all []*client) error {
	q := w.server.Waiters
	return atOnce(all,
		func(i int, c *client) error {
			return c.write(request{"GET", eventsPath, q.Auths[i%len(q.Auths)], ""}.bytes(w.address))
		},
		func(c *client) error { return c.await("retry:") })
}

// streams prints what those take who read events while nothing happens, and how long it takes
// until a message has reached many.
func (w *waiting) streams(ctx context.Context, idle, watchers int) error {
	const watched = 10 * time.Second
	before := memoryOf(w.server.process.Process.Pid)
	all, err := w.connect(ctx, idle)
	if err != nil {
		return err
	}
	defer closeAll(all)
	if err := w.listen(all); err != nil {
		return err
	}
	busy, after := w.server.processorTime(), memoryOf(w.server.process.Process.Pid)
	time.Sleep(watched)
	busy = w.server.processorTime() - busy
	fmt.Fprintf(w.out, "%d streams of events: %.1f KiB each, %.1f %% of a core\n", idle, float64(after-before)/1024/float64(idle), 100*busy.Seconds()/watched.Seconds())
	closeAll(all)
	if all, err = w.connect(ctx, watchers); err != nil {
		return err
	}
	defer closeAll(all)
	if err := w.listen(all); err != nil {
		return err
	}
	const repeats = 5
	var times []time.Duration
	for range repeats {
		sent, err := w.send(ctx)
		if err != nil {
			return err
		}
		if err := atOnce(all, func(int, *client) error { return nil }, func(c *client) error { return c.await("event: message") }); err != nil {
			return err
		}
		times = append(times, time.Since(sent))
	}
	fmt.Fprintf(w.out, "a message to %d streams of events: all have it after %s\n", watchers, ms(median(times)))
	return nil
}
