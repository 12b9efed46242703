package bus_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/bus"
)

// alone returns a bus without other nodes.
func alone(t *testing.T, limit int) *bus.Bus {
	b := bus.New(bus.NewProcess().Carrier(), limit)
	t.Cleanup(func() { closed(t, b) })
	return b
}

func closed(t *testing.T, b *bus.Bus) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func subscribe(t *testing.T, b *bus.Bus, subjects ...bus.Hint) *bus.Subscription {
	t.Helper()
	s, err := b.Subscribe(subjects...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// raised reports whether the flag is up, and takes it down.
func raised(s *bus.Subscription) bool {
	select {
	case _, open := <-s.C():
		return open
	default:
		return false
	}
}

func TestWhoIsWoken(t *testing.T) {
	chat, keyed := bus.Hint{Topic: bus.Chat, Token: "a"}, bus.Hint{Topic: bus.Session, Token: "a", Key: "1"}
	for name, test := range map[string]struct {
		subject, hint bus.Hint
		want          bool
	}{
		"same":                 {chat, chat, true},
		"other topic":          {chat, bus.Hint{Topic: bus.Call, Token: "a"}, false},
		"other conversation":   {chat, bus.Hint{Topic: bus.Chat, Token: "b"}, false},
		"none for all":         {bus.Hint{Topic: bus.Chat}, chat, false},
		"without conversation": {bus.Hint{Topic: bus.Outbox}, bus.Hint{Topic: bus.Outbox}, true},
		"same key":             {keyed, keyed, true},
		"other key":            {keyed, bus.Hint{Topic: bus.Session, Token: "a", Key: "2"}, false},
		"hint for all keys":    {keyed, bus.Hint{Topic: bus.Session, Token: "a"}, true},
		"waits for all keys":   {bus.Hint{Topic: bus.Session, Token: "a"}, keyed, true},
	} {
		t.Run(name, func(t *testing.T) {
			b := alone(t, 0)
			s := subscribe(t, b, bus.Hint{Topic: bus.Call, Token: "elsewhere"}, test.subject)
			b.Publish(bus.Hint{Topic: bus.Roster, Token: "elsewhere"}, test.hint)
			if got := raised(s); got != test.want {
				t.Errorf("woken: %v", got)
			}
		})
	}
}

func TestManyHintsWakeOnce(t *testing.T) {
	b := alone(t, 0)
	s := subscribe(t, b, bus.Hint{Topic: bus.Chat, Token: "a"})
	for range 1000 {
		b.Publish(bus.Hint{Topic: bus.Chat, Token: "a"}) // nobody takes the flag down meanwhile
	}
	if !raised(s) || raised(s) {
		t.Error("woken not once")
	}
}

func TestSubscriptionsAreBounded(t *testing.T) {
	b := alone(t, 3)
	two := subscribe(t, b, bus.Hint{Topic: bus.Chat, Token: "a"}, bus.Hint{Topic: bus.Chat, Token: "b"})
	if _, err := b.Subscribe(bus.Hint{Topic: bus.Chat}, bus.Hint{Topic: bus.Call}); !errors.Is(err, bus.ErrFull) {
		t.Errorf("error %v", err)
	}
	subscribe(t, b, bus.Hint{Topic: bus.Chat})
	two.Close()
	two.Close()
	twice := subscribe(t, b, bus.Hint{Topic: bus.Chat, Key: "k"}, bus.Hint{Topic: bus.Chat, Key: "k"})
	if count, entries := b.Subjects(); count != 3 || entries != 2 {
		t.Errorf("%d subjects, %d entries", count, entries)
	}
	twice.Close()
	if count, entries := b.Subjects(); count != 1 || entries != 1 {
		t.Errorf("%d subjects, %d entries", count, entries)
	}
}

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := bus.New(bus.NewProcess().Carrier(), 0)
		s := subscribe(t, b, bus.Hint{Topic: bus.Chat})
		begin := time.Now()
		if err := s.Wait(t.Context(), 5*time.Second); err != nil || time.Since(begin) != 5*time.Second {
			t.Errorf("a lost hint: %v after %v", err, time.Since(begin))
		}
		time.AfterFunc(time.Second, func() { b.Publish(bus.Hint{Topic: bus.Chat}) })
		begin = time.Now()
		if err := s.Wait(t.Context(), 5*time.Second); err != nil || time.Since(begin) != time.Second {
			t.Errorf("a hint: %v after %v", err, time.Since(begin))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Wait(ctx, time.Second); !errors.Is(err, context.Canceled) {
			t.Errorf("a waiter who is gone: %v", err)
		}
		time.AfterFunc(time.Second, func() { closed(t, b) })
		if err := s.Wait(t.Context(), time.Minute); !errors.Is(err, bus.ErrClosed) {
			t.Errorf("shutdown: %v", err)
		}
		b.Publish(bus.Hint{Topic: bus.Chat})
		if _, err := b.Subscribe(); !errors.Is(err, bus.ErrClosed) {
			t.Errorf("a closed bus: %v", err)
		}
		closed(t, b)
		s.Close()
	})
}

// All of it at once is for the race detector; nothing may panic or hang.
func TestConcurrentUse(t *testing.T) {
	process := bus.NewProcess()
	nodes := []*bus.Bus{bus.New(process.Carrier(), 100), bus.New(process.Carrier(), 100)}
	var running sync.WaitGroup
	for i := range 16 {
		running.Go(func() {
			b := nodes[i%2]
			for n := range 300 {
				subject := bus.Hint{Topic: bus.Chat, Token: strconv.Itoa(n % 7), Key: strconv.Itoa(n % 3)}
				b.Publish(subject)
				s, err := b.Subscribe(subject, bus.Hint{Topic: bus.Chat, Token: "x"})
				if err != nil {
					continue // full, or closed already
				}
				b.Publish(subject)
				if i == 0 && n == 200 {
					closed(t, b)
				}
				s.Close()
			}
		})
	}
	running.Wait()
	for _, b := range nodes {
		closed(t, b)
		if count, entries := b.Subjects(); count != 0 || entries != 0 {
			t.Errorf("%d subjects, %d entries remain", count, entries)
		}
	}
}
