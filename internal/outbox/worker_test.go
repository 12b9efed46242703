package outbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/outbox"
	"parley/internal/store/deliveries"
	"parley/internal/talktest"
)

// workbench is a database with a clock and a bus, on which workers work.
type workbench struct {
	*db.DB
	*talktest.Clock
	t   *testing.T
	bus *bus.Bus
	log bytes.Buffer
	mu  sync.Mutex // guards log
}

func newWorkbench(t *testing.T, url string) *workbench {
	clock := talktest.NewClock()
	w := &workbench{Clock: clock, t: t, DB: talktest.Open(t, db.Options{URL: url, Now: clock.Now})}
	w.bus = bus.New(bus.NewProcess().Carrier(), 0)
	t.Cleanup(func() {
		if err := w.bus.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func eachDatabase(t *testing.T, f func(*testing.T, *workbench)) {
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) { f(t, newWorkbench(t, d.URL(t))) })
	}
}

// logged returns the log so far.
func (w *workbench) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

type logWriter struct{ *workbench }

func (w logWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

// start runs a worker until stop is called, or the test ends.
func (w *workbench) start(kinds ...outbox.Kind) (worker *outbox.Worker, stop func()) {
	worker = outbox.NewWorker(outbox.Options{
		Store: w.DB, Bus: w.bus, Log: slog.New(slog.NewTextHandler(logWriter{w}, nil)), Kinds: kinds,
	})
	ctx, cancel := context.WithCancel(context.WithoutCancel(w.t.Context()))
	done := make(chan struct{})
	go func() { worker.Run(ctx); close(done) }()
	stop = func() { cancel(); <-done }
	w.t.Cleanup(stop)
	return worker, stop
}

// enqueue stores deliveries of kind "bot" in one transaction and tells the bus.
func (w *workbench) enqueue(all ...deliveries.Delivery) {
	w.t.Helper()
	err := w.DB.Write(w.t.Context(), func(tx *db.Tx) error {
		for _, d := range all {
			d.Kind = "bot"
			if err := deliveries.Enqueue(tx, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.bus.Publish(bus.Hint{Topic: bus.Outbox})
}

func (w *workbench) state() (s deliveries.State) {
	w.t.Helper()
	err := w.Read(w.t.Context(), func(tx *db.Tx) (err error) {
		s, err = deliveries.StateOf(tx, "bot")
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("%s: never", what)
}

// receiver is who gets deliveries.
type receiver struct {
	mu   sync.Mutex
	got  []string
	fail func(deliveries.Delivery) error
}

func (r *receiver) kind() outbox.Kind {
	return outbox.Kind{Name: "bot", Deliver: func(_ context.Context, d deliveries.Delivery) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.fail != nil {
			if err := r.fail(d); err != nil {
				return err
			}
		}
		r.got = append(r.got, d.Payload)
		return nil
	}}
}

func (r *receiver) has(payloads ...string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range payloads {
		if !slices.Contains(r.got, p) {
			return false
		}
	}
	return true
}

func row(destination, key, payload string) deliveries.Delivery {
	return deliveries.Delivery{Destination: destination, OrderKey: key, Payload: payload}
}

func TestOrder(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *workbench) {
		var r receiver
		failed := map[string]bool{}
		r.fail = func(d deliveries.Delivery) error {
			if strings.HasSuffix(d.Payload, "3") && !failed[d.Payload] {
				failed[d.Payload] = true
				return outbox.Refused(errors.New("not now"))
			}
			return nil
		}
		k := r.kind()
		k.Parallel, k.Timeout = 4, 24*time.Hour // so that no lease ends while the clock runs ahead
		worker, _ := w.start(k)
		var want []string
		for i := range 10 {
			for _, key := range []string{"a", "b"} {
				w.enqueue(row("x", key, fmt.Sprint(key, i)))
				want = append(want, fmt.Sprint(key, i))
			}
		}
		eventually(t, "failed once", func() bool { return r.has("a2", "b2") && w.state().LastError != "" })
		if r.has("a4") || r.has("b4") {
			t.Error("a later one went first")
		}
		eventually(t, "delivered", func() bool {
			w.Advance(time.Minute)
			worker.Wake()
			return r.has(want...)
		})
		for _, key := range []string{"a", "b"} {
			mine := slices.DeleteFunc(slices.Clone(r.got), func(p string) bool { return !strings.HasPrefix(p, key) })
			if !slices.IsSorted(mine) || len(mine) != 10 {
				t.Errorf("order %v", mine)
			}
		}
		eventually(t, "empty", func() bool { return w.state() == deliveries.State{} })
	})
}

// A destination that takes forever, and one that fails, delay no other.
func TestDestinationsDoNotDelayEachOther(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *workbench) {
		var mu sync.Mutex
		running, most, got := 0, 0, map[string]int{}
		k := outbox.Kind{Name: "bot", Parallel: 2, Timeout: time.Minute, Deliver: func(ctx context.Context, d deliveries.Delivery) error {
			mu.Lock()
			got[d.Destination]++
			mu.Unlock()
			switch d.Destination {
			case "down":
				return errors.New("connection refused")
			case "hangs":
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		}}
		var all []deliveries.Delivery
		for i := range 300 {
			all = append(all, row("hangs", "", fmt.Sprint(i)), row("down", "", fmt.Sprint(i)))
		}
		for i := range 20 {
			all = append(all, row("fine", "", fmt.Sprint(i)))
		}
		w.enqueue(all...)
		_, stop := w.start(k)
		eventually(t, "delivered", func() bool { mu.Lock(); defer mu.Unlock(); return got["fine"] == 20 })
		stop()
		if most > 2 {
			t.Errorf("%d deliveries to one destination at a time", most)
		}
		if got["down"] > 2 {
			t.Errorf("a destination in trouble was tried %d times", got["down"])
		}
		if s := w.state(); s.Waiting != 600 {
			t.Errorf("left: %+v", s)
		}
	})
}

// Two workers of two nodes never make one delivery at the same time.
func TestConcurrentWorkers(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *workbench) {
		var mu sync.Mutex
		counts, keys, left := map[string]int{}, map[string]bool{}, 60
		k := outbox.Kind{Name: "bot", Parallel: 3, Deliver: func(_ context.Context, d deliveries.Delivery) error {
			mu.Lock()
			counts[d.Payload]++
			if keys[d.OrderKey] {
				t.Errorf("two deliveries of order %s at a time", d.OrderKey)
			}
			keys[d.OrderKey] = true
			mu.Unlock()
			time.Sleep(time.Millisecond)
			mu.Lock()
			keys[d.OrderKey] = false
			left--
			mu.Unlock()
			return nil
		}}
		one, _ := w.start(k)
		two, _ := w.start(k)
		for i := range 60 {
			w.enqueue(row(fmt.Sprint(i%2), fmt.Sprint(i%6), fmt.Sprint(i)))
		}
		eventually(t, "delivered", func() bool {
			one.Wake()
			two.Wake()
			mu.Lock()
			defer mu.Unlock()
			return left <= 0
		})
		eventually(t, "empty", func() bool { return w.state().Waiting == 0 })
		for payload, n := range counts {
			if n != 1 {
				t.Errorf("%s was delivered %d times", payload, n)
			}
		}
	})
}

// What a node that was killed had leased is delivered by another when the lease ends.
func TestLeaseOfKilledWorkerEnds(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *workbench) {
		w.enqueue(row("x", "a", "1"), row("x", "a", "2"))
		err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := deliveries.Lease(tx, "bot", nil, "killed", 120)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var r receiver
		worker, _ := w.start(r.kind())
		w.enqueue(row("y", "", "other"))
		eventually(t, "others", func() bool { return r.has("other") })
		if r.has("1") || r.has("2") {
			t.Error("a leased delivery was made")
		}
		w.Advance(2 * time.Minute)
		worker.Wake()
		eventually(t, "delivered", func() bool { return r.has("1", "2") })
	})
}

func TestGivingUp(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *workbench) {
		var r receiver
		r.fail = func(d deliveries.Delivery) error {
			if d.Payload == "bad" {
				return outbox.Refused(errors.New("550\r\nno\x00 such \xff" + strings.Repeat("x", 1000)))
			}
			return nil
		}
		k := r.kind()
		k.MaxAttempts = 3
		worker, _ := w.start(k)
		w.enqueue(row("x", "a", "bad"), row("x", "a", "good"))
		attempts := 0
		for w.state().Failed == 0 {
			w.Advance(time.Hour)
			worker.Wake()
			time.Sleep(5 * time.Millisecond)
			if attempts++; attempts > 2000 {
				t.Fatal("never given up")
			}
		}
		eventually(t, "the next one", func() bool { return r.has("good") && w.state().Waiting == 0 })
		if s := w.state(); !strings.HasPrefix(s.LastError, "550 no such ?x") || len(s.LastError) > 300 {
			t.Errorf("state %+v", s)
		}
		if !strings.Contains(w.logged(), "given up") || !strings.Contains(w.logged(), "attempts=3") {
			t.Errorf("log: %s", w.logged())
		}
	})
}

// What is on its way when the server stops is given back at once and not counted.
func TestShutdownReleases(t *testing.T) {
	eachDatabase(t, func(t *testing.T, w *workbench) {
		begun := make(chan struct{}, 10)
		_, stop := w.start(outbox.Kind{Name: "bot", Deliver: func(ctx context.Context, _ deliveries.Delivery) error {
			begun <- struct{}{}
			<-ctx.Done()
			return ctx.Err()
		}})
		w.enqueue(row("x", "", "1"))
		<-begun
		stop()
		if s := w.state(); s.Waiting != 1 || s.LastError != "" {
			t.Errorf("state %+v", s)
		}
		err := w.DB.Write(t.Context(), func(tx *db.Tx) error {
			d, err := deliveries.Lease(tx, "bot", nil, "l", 60)
			if d.Attempts != 1 {
				t.Errorf("attempts %d", d.Attempts)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestPanicFailsOneDelivery(t *testing.T) {
	w := newWorkbench(t, talktest.Databases()[0].URL(t))
	var r receiver
	r.fail = func(d deliveries.Delivery) error {
		if d.Payload == "bad" {
			panic("aargh")
		}
		return nil
	}
	w.start(r.kind())
	w.enqueue(row("x", "", "bad"), row("x", "", "good"))
	eventually(t, "the other one", func() bool { return r.has("good") })
	eventually(t, "noted", func() bool { s := w.state(); return s.LastError != "" && s.Waiting == 1 })
	if text := w.logged(); !strings.Contains(text, "aargh") || !strings.Contains(text, "worker_test.go") {
		t.Errorf("log: %s", text)
	}
	if s := w.state(); s.Waiting != 1 || strings.Contains(s.LastError, "goroutine") {
		t.Errorf("state %+v", s)
	}
}

// Where something has to be set first everything is kept, and delivered afterwards.
func TestObstacle(t *testing.T) {
	w := newWorkbench(t, talktest.Databases()[0].URL(t))
	w.enqueue(row("x", "", "1"))
	var r receiver
	k := r.kind()
	k.Obstacle = "set --something"
	_, stop := w.start(k)
	eventually(t, "noted", func() bool { return w.state().LastError == "set --something" })
	eventually(t, "said", func() bool { return strings.Contains(w.logged(), "waiting=1") })
	if r.has("1") {
		t.Error("it was delivered")
	}
	stop()
	w.start(r.kind())
	eventually(t, "delivered", func() bool { return r.has("1") })
}

func TestRecovery(t *testing.T) {
	w := newWorkbench(t, talktest.Databases()[0].URL(t))
	var r receiver
	down := true
	r.fail = func(deliveries.Delivery) error {
		if down {
			return errors.New("down")
		}
		return nil
	}
	worker, _ := w.start(r.kind())
	w.enqueue(row("x", "", "1"), row("x", "", "2"), row("x", "", "3"))
	eventually(t, "trouble", func() bool { return w.state().LastError != "" })
	r.mu.Lock()
	down = false
	r.mu.Unlock()
	w.Advance(-time.Hour) // the clock was wrong
	eventually(t, "delivered", func() bool {
		w.Advance(61 * time.Second)
		worker.Wake()
		return r.has("2", "3")
	})
	w.Advance(2 * time.Hour)
	worker.Wake()
	eventually(t, "all", func() bool { return r.has("1") && w.state() == deliveries.State{} })
}
