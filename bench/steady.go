package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	talkclient "parley/client"
)

// steadyRate is how many messages a second are sent.
const steadyRate = 50

// as returns a client of an account.
func (b *benchmark) as(ctx context.Context, n int) (*talkclient.Client, error) {
	password, err := b.srv.Auth.CreateAppPassword(ctx, b.id(n), "bench")
	if err != nil {
		return nil, err
	}
	return talkclient.New(talkclient.Options{Address: "http://" + b.address, User: b.id(n), Password: password})
}

// steady is a conversation in which people write at a steady rate, while others wait for
// messages, read events and list their conversations.
type steady struct {
	mu sync.Mutex
	// begun is when each message was sent.
	begun map[int]time.Time
	// What follows are the times that things took.
	sent, woken, told, listed []time.Duration
	errs                      []error
}

// note adds how long something took, or why it failed.
func (s *steady) note(times *[]time.Duration, began time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*times = append(*times, time.Since(began))
	s.errs = append(s.errs, err)
}

// arrived notes that somebody has a message, whose text is its number. It reports whether
// that is the last one.
func (s *steady) arrived(times *[]time.Duration, text string, last int) bool {
	n, err := strconv.Atoi(text)
	if err != nil {
		return false // a message of the server
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	*times = append(*times, time.Since(s.begun[n]))
	return len(*times) > last
}

// steadily prints how a conversation with all accounts does in which people write at a steady
// rate for some time.
func (b *benchmark) steadily(ctx context.Context, token string, lasts time.Duration) error {
	const people = 4
	ctx, cancel := context.WithTimeout(ctx, lasts+time.Minute)
	defer cancel()
	clients := make([]*talkclient.Client, people)
	for i := range clients {
		var err error
		if clients[i], err = b.as(ctx, i); err != nil {
			return err
		}
	}
	writer, waiter, reader, lister := clients[0], clients[1], clients[2], clients[3]
	seen, err := waiter.Conversation(ctx, token)
	if err != nil {
		return err
	}
	s, count := &steady{begun: map[int]time.Time{}}, max(int(lasts.Seconds()*steadyRate), 1)
	var all sync.WaitGroup
	ready := make(chan struct{})
	all.Go(func() {
		for m, err := range waiter.Messages(ctx, token, seen.LastID()) {
			if err != nil || s.arrived(&s.woken, m.Text, count-1) {
				s.fail(err)
				return
			}
		}
	})
	all.Go(func() {
		for b.srv.Events.Streams() == 0 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		close(ready)
	})
	all.Go(func() {
		for e, err := range reader.Events(ctx, talkclient.EventOptions{Tokens: []string{token}}) {
			if err != nil || e.Message != nil && s.arrived(&s.told, e.Message.Text, count-1) {
				s.fail(err)
				return
			}
		}
	})
	<-ready
	s.write(ctx, writer, lister, token, count)
	all.Wait()
	fmt.Fprintf(b.out, "%d messages a second for %s\n", steadyRate, lasts)
	fmt.Fprintf(b.out, waveForm, "what", "number", "", "p50", "p99", "longest", "")
	for _, row := range []struct {
		name  string
		times []time.Duration
	}{{"a message is sent", s.sent}, {"who waits has it", s.woken}, {"a stream of events has it", s.told}, {"own conversations", s.listed}} {
		t := tally{times: row.times}
		fmt.Fprintf(b.out, waveForm, row.name, len(t.times), "", ms(t.quantile(0.5)), ms(t.quantile(0.99)), ms(t.quantile(1)), "")
	}
	return errors.Join(errors.Join(s.errs...), ctx.Err())
}

func (s *steady) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.errs = append(s.errs, err)
}

// write sends the messages in their time, and lists conversations now and then.
func (s *steady) write(ctx context.Context, writer, lister *talkclient.Client, token string, count int) {
	tick := time.NewTicker(time.Second / steadyRate)
	defer tick.Stop()
	var all sync.WaitGroup
	defer all.Wait()
	for i := range count {
		<-tick.C
		began := time.Now()
		s.mu.Lock()
		s.begun[i] = began
		s.mu.Unlock()
		all.Go(func() {
			_, err := writer.Send(ctx, token, talkclient.Draft{Text: strconv.Itoa(i)})
			s.note(&s.sent, began, err)
		})
		if i%10 == 0 {
			all.Go(func() {
				began := time.Now()
				_, err := lister.Conversations(ctx)
				s.note(&s.listed, began, err)
			})
		}
	}
}
