package events_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/events"
	"parley/internal/store/eventlog"
	"parley/internal/talk"
	"parley/internal/talktest"
)

var writes = talk.Guard{Need: talk.NeedParticipant, Permission: talk.PermissionChat}

// run hands events out until the test ends.
func run(t *testing.T, nodes ...*talktest.Node) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var all sync.WaitGroup
	for _, n := range nodes {
		all.Go(func() { n.Events.Run(ctx) })
	}
	t.Cleanup(func() {
		stop()
		all.Wait()
	})
}

// each runs f on a node over a database of each kind.
func each(t *testing.T, f func(*testing.T, *talktest.Node, *talktest.Clock)) {
	t.Helper()
	talktest.EachNode(t, func(t *testing.T, n *talktest.Node, clock *talktest.Clock) {
		run(t, n)
		n.Accounts("alice", "bob")
		f(t, n, clock)
	})
}

func open(t *testing.T, n *talktest.Node, account, after string) *events.Stream {
	t.Helper()
	s, err := n.Events.Open(t.Context(), events.Request{Account: account, After: after})
	n.Must(err)
	t.Cleanup(s.Close)
	return s
}

func send(ctx context.Context, n *talktest.Node, who, token, text string) error {
	_, err := n.Chat.Send(ctx, talktest.Scope(who, token, writes), chat.Draft{Text: text})
	return err
}

// next returns what comes next.
func next(t *testing.T, s *events.Stream) []*events.Event {
	t.Helper()
	for range 20 {
		all, err := s.Next(t.Context(), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) > 0 {
			return all
		}
	}
	t.Fatal("nothing came")
	return nil
}

// TestNothingIsLost: whoever reads a stream, on any node, and comes back whenever they lost
// it, is told of each message, and in each conversation in the order of the messages.
func TestNothingIsLost(t *testing.T) {
	const writers, readers, messages = 8, 4, 40
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			url := d.URL(t)
			first := talktest.NewNode(t, talktest.Open(t, db.Options{URL: url}), time.Now)
			second := first
			if d.Name == "postgres" {
				second = talktest.NewNode(t, talktest.Open(t, db.Options{URL: url}), time.Now)
				run(t, second)
			}
			run(t, first)
			nodes := []*talktest.Node{first, second}
			first.Accounts("alice", "bob")
			tokens := []string{first.Room(talk.Group, "alice", "bob"), first.Room(talk.Group, "alice", "bob"), first.Room(talk.Group, "alice", "bob")}
			streams := make([]*events.Stream, readers)
			for i := range streams {
				streams[i] = open(t, nodes[i%2], "bob", "")
			}
			var work []func(context.Context) error
			for i := range writers {
				work = append(work, func(ctx context.Context) error {
					for k := range messages {
						if err := send(ctx, nodes[i%2], "alice", tokens[(i+k)%len(tokens)], fmt.Sprint(i, " ", k)); err != nil {
							return err
						}
					}
					return nil
				})
			}
			seen := make([]map[string][]int64, readers)
			for i, s := range streams {
				seen[i] = map[string][]int64{}
				work = append(work, func(context.Context) error { return read(t, nodes[i%2], s, seen[i], writers*messages) })
			}
			for _, err := range talktest.Together(t.Context(), work...) {
				if err != nil {
					t.Fatal(err)
				}
			}
			for i := range seen {
				for token, ids := range seen[i] {
					if !slices.IsSorted(ids) {
						t.Errorf("reader %d: the messages of %s are not in order: %v", i, token, ids)
					}
				}
			}
		})
	}
}

// read reads a stream, which it loses now and then, until it has seen a number of messages.
func read(t *testing.T, n *talktest.Node, s *events.Stream, seen map[string][]int64, want int) error {
	known := map[int64]bool{}
	deadline := time.Now().Add(time.Minute)
	for len(known) < want {
		if time.Now().After(deadline) {
			return fmt.Errorf("%d of %d messages came", len(known), want)
		}
		all, err := s.Next(t.Context(), 100*time.Millisecond)
		if err != nil {
			return err
		}
		for i, e := range all {
			if e.Kind == talk.EventMessage && !known[e.MessageID] {
				known[e.MessageID] = true
				seen[e.Token] = append(seen[e.Token], e.MessageID)
			}
			if rand.N(30) > 0 {
				continue
			}
			// What was not handed over of all is lost with the stream.
			s.Close()
			if s, err = n.Events.Open(t.Context(), events.Request{Account: "bob", After: all[i].Resume.String()}); err != nil {
				return err
			}
			if s.Missed {
				return errors.New("the stream has lost something")
			}
			break
		}
	}
	s.Close()
	return nil
}

// TestSlowReader: somebody who does not read is cut off and goes on where they were.
func TestSlowReader(t *testing.T) {
	each(t, func(t *testing.T, n *talktest.Node, _ *talktest.Clock) {
		token := n.Room(talk.Group, "alice", "bob")
		slow, quick := open(t, n, "bob", ""), open(t, n, "alice", "")
		place := slow.At().String()
		const count = 1100
		for i := range count {
			n.Must(send(t.Context(), n, "alice", token, fmt.Sprint(i)))
			if i%100 == 0 {
				next(t, quick)
			}
		}
		for all, err := []*events.Event(nil), error(nil); ; {
			if all, err = slow.Next(t.Context(), time.Second); errors.Is(err, events.ErrSlow) {
				break
			}
			if err != nil || len(all) > 0 {
				t.Fatalf("%d events, %v", len(all), err)
			}
		}
		again, got := open(t, n, "bob", place), 0
		for got < count {
			got += len(next(t, again))
		}
		if got != count {
			t.Errorf("%d events, want %d", got, count)
		}
	})
}

// beside holds a change open that has begun, and returns what ends it.
func beside(t *testing.T, n *talktest.Node) (end func()) {
	t.Helper()
	began, finish, done := make(chan bool), make(chan bool), make(chan error, 1)
	go func() {
		done <- n.Store.Write(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec("UPDATE accounts SET email = email"); err != nil {
				return err
			}
			began <- true
			<-finish
			return nil
		})
	}()
	<-began
	return func() {
		t.Helper()
		finish <- true
		n.Must(<-done)
	}
}

// onPostgres runs f on a node with the accounts alice and bob. SQLite has one change at a time.
func onPostgres(t *testing.T, f func(n *talktest.Node)) {
	t.Helper()
	each(t, func(t *testing.T, n *talktest.Node, _ *talktest.Clock) {
		if strings.HasSuffix(t.Name(), "/postgres") {
			f(n)
		}
	})
}

// TestFirstStream: a change that began before events were kept, and ends after that, is not
// lost to the first reader, who waits for it.
func TestFirstStream(t *testing.T) {
	onPostgres(t, func(n *talktest.Node) {
		end, opened := beside(t, n), make(chan error, 1)
		go func() {
			s, err := n.Events.Open(t.Context(), events.Request{Account: "bob"})
			if err == nil {
				s.Close()
			}
			opened <- err
		}()
		select {
		case err := <-opened:
			t.Errorf("the stream did not wait: %v", err)
		case <-time.After(300 * time.Millisecond):
		}
		end()
		n.Must(<-opened)
	})
}

// TestHiddenEvents: what another transaction hides comes soon after that is over, though
// nobody tells of its end.
func TestHiddenEvents(t *testing.T) {
	onPostgres(t, func(n *talktest.Node) {
		token := n.Room(talk.Group, "alice", "bob")
		s := open(t, n, "bob", "")
		end := beside(t, n)
		n.Must(send(t.Context(), n, "alice", token, "hidden"))
		if all, err := s.Next(t.Context(), 200*time.Millisecond); err != nil || len(all) > 0 {
			t.Errorf("%v, %v came too early", all, err)
		}
		end()
		if e := next(t, s)[0]; e.Kind != talk.EventMessage {
			t.Errorf("%v came", e)
		}
	})
}

// TestLostHint: what another node or a command did comes, though nobody told this node.
func TestLostHint(t *testing.T) {
	each(t, func(t *testing.T, n *talktest.Node, clock *talktest.Clock) {
		token := n.Room(talk.Group, "alice", "bob")
		s := open(t, n, "bob", "")
		n.Must(send(t.Context(), talktest.NewNode(t, n.Store, clock.Now), "alice", token, "from elsewhere"))
		if e := next(t, s)[0]; e.Kind != talk.EventMessage {
			t.Errorf("%v came", e)
		}
	})
}

// TestForget: events are kept for an hour, the newest one for ever, and none is read twice.
func TestForget(t *testing.T) {
	each(t, func(t *testing.T, n *talktest.Node, clock *talktest.Clock) {
		n.Must(n.Events.Forget(t.Context())) // there are none
		s := open(t, n, "bob", "")
		token := n.Room(talk.Group, "alice", "bob")
		next(t, s)
		count := func() (count int) {
			n.Must(n.Store.Read(t.Context(), func(tx *db.Tx) error {
				all, _, err := eventlog.After(tx, eventlog.Cursor{}, 10_000)
				count = len(all)
				return err
			}))
			return count
		}
		clock.Advance(events.Keep - time.Minute)
		n.Must(send(t.Context(), n, "alice", token, "x"))
		before := count()
		n.Must(n.Events.Forget(t.Context()))
		if count() != before {
			t.Errorf("%d events of %d are left", count(), before)
		}
		clock.Advance(2 * time.Minute)
		n.Must(n.Events.Forget(t.Context()))
		if count() != 1 {
			t.Errorf("%d events are left, want that of the message", count())
		}
		clock.Advance(2 * events.Keep)
		n.Must(n.Events.Forget(t.Context()))
		if count() != 1 {
			t.Error("the newest event is gone")
		}
	})
}

// TestNothingIsKeptForNobody: as long as nobody reads events they cost nothing.
func TestNothingIsKeptForNobody(t *testing.T) {
	each(t, func(t *testing.T, n *talktest.Node, _ *talktest.Clock) {
		token := n.Room(talk.Group, "alice", "bob")
		n.Must(n.Conversations.Rename(t.Context(), talktest.Scope("alice", token, talk.Guard{Need: talk.NeedModerator}), "x"))
		_, err := n.Conversations.Join(t.Context(), talktest.Scope("bob", token, talk.Guard{}), conversation.JoinOptions{})
		n.Must(err)
		n.Must(n.Store.Read(t.Context(), func(tx *db.Tx) error {
			if _, err := eventlog.Newest(tx); !db.IsNone(err) {
				t.Errorf("there are events: %v", err)
			}
			return nil
		}))
	})
}
