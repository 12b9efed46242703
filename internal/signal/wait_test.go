package signal_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/signal"
	"parley/internal/store/signals"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// fixture is a group of alice and bob, with a session of each, on a node.
type fixture struct {
	*talktest.Node
	t     *testing.T
	clock *talktest.Clock
	token string
	// sessions are the session ids by account.
	sessions map[string]string
}

func each(t *testing.T, f func(*testing.T, *fixture)) {
	t.Helper()
	talktest.EachNode(t, func(t *testing.T, n *talktest.Node, clock *talktest.Clock) {
		n.Accounts("alice", "bob")
		x := &fixture{Node: n, t: t, clock: clock, token: n.Room(talk.Group, "alice", "bob"), sessions: map[string]string{}}
		for _, id := range []string{"alice", "bob"} {
			x.join(id)
		}
		x.Must(x.pull(t.Context(), "bob").err) // he knows who is there from now on
		f(t, x)
	})
}

func (x *fixture) as(id string) room.Scope {
	return talktest.Scope(id, x.token, talk.Guard{Need: talk.NeedParticipant})
}

func (x *fixture) join(id string) {
	x.t.Helper()
	_, err := x.Conversations.Join(x.t.Context(), talktest.Scope(id, x.token, talk.Guard{}), conversation.JoinOptions{Force: true})
	x.Must(err)
	x.sessions[id] = x.enter(x.Node, id).Me.Session.SessionID
}

func (x *fixture) enter(n *talktest.Node, id string) *room.Access {
	x.t.Helper()
	v, err := n.Rooms.Enter(x.t.Context(), x.as(id))
	x.Must(err)
	return v
}

// send sends messages of one account to another, by the node n.
func (x *fixture) send(n *talktest.Node, from, to string, texts ...string) {
	x.t.Helper()
	var items []map[string]string
	for _, text := range texts {
		fn, err := json.Marshal(map[string]string{"to": x.sessions[to], "type": "candidate", "text": text})
		x.Must(err)
		items = append(items, map[string]string{"ev": "message", "fn": string(fn), "sessionId": x.sessions[from]})
	}
	all, err := json.Marshal(items)
	x.Must(err)
	x.Must(n.Signal.Send(x.t.Context(), x.enter(n, from), string(all)))
}

// outcome is what came of waiting.
type outcome struct {
	told *signal.Pulled
	err  error
}

func (x *fixture) pull(ctx context.Context, id string) outcome {
	v, err := x.Rooms.Enter(ctx, x.as(id))
	if err != nil {
		return outcome{nil, err}
	}
	p, err := x.Signal.Pull(ctx, x.as(id), v)
	return outcome{p, err}
}

// waits starts to wait as bob.
func (x *fixture) waits(ctx context.Context) <-chan outcome {
	x.t.Helper()
	came := make(chan outcome, 1)
	before := x.Bus.Counts().Subscriptions
	go func() { came <- x.pull(ctx, "bob") }()
	for deadline := time.Now().Add(10 * time.Second); x.Bus.Counts().Subscriptions == before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			x.t.Fatal("nobody waits")
		}
	}
	return came
}

// soon is an outcome that must not take long.
func (x *fixture) soon(what string, came <-chan outcome) outcome {
	x.t.Helper()
	select {
	case o := <-came:
		return o
	case <-time.After(20 * time.Second):
		x.t.Fatalf("%s: nothing came", what)
		return outcome{}
	}
}

// TestLostHint: whoever waits hears of what nobody has told this node, with the next look, and is
// woken by nothing else.
func TestLostHint(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		other := talktest.NewNode(t, x.Store, x.clock.Now) // its hints come to nobody
		look := func() int64 {
			t.Helper()
			before := x.Bus.Counts().Woken
			x.Must(x.Signal.LookForNews(t.Context()))
			return x.Bus.Counts().Woken - before
		}
		for what, change := range map[string]func(){
			"message": func() { x.send(other, "alice", "bob", "here") },
			"call": func() {
				x.Must(other.Conversations.SetDescription(t.Context(), talktest.Scope("alice", x.token, talk.Guard{Need: talk.NeedModerator}), "new"))
			},
		} {
			came := x.waits(t.Context())
			look()                             // somebody new waits
			time.Sleep(200 * time.Millisecond) // until he has looked again
			for range 3 {
				if n := look(); n != 0 {
					t.Errorf("%s: %d were woken by nothing", what, n)
				}
			}
			x.send(other, "bob", "alice", "to somebody who does not wait")
			if n := look(); n != 0 {
				t.Errorf("%s: %d were woken by what is for others", what, n)
			}
			change()
			select {
			case <-came:
				t.Fatalf("%s: the hint was not lost", what)
			case <-time.After(50 * time.Millisecond):
			}
			if n := look(); n != 1 {
				t.Errorf("%s: %d were woken, want 1", what, n)
			}
			o := x.soon(what, came)
			x.Must(o.err)
			if got := len(o.told.Messages); got != map[string]int{"message": 1}[what] {
				t.Errorf("%s: told %d messages", what, got)
			}
		}
	})
}

// TestWaitingAsksNothing: nothing is committed and nobody woken while somebody waits, and a hint about
// others does not end it.
func TestWaitingAsksNothing(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		ctx, hangUp := context.WithCancel(t.Context())
		came := x.waits(ctx)
		commits, woken := x.Store.Counts().Commits, x.Bus.Counts().Woken
		time.Sleep(100 * time.Millisecond)
		if c, w := x.Store.Counts().Commits, x.Bus.Counts().Woken; c != commits || w != woken {
			t.Errorf("%d commits and %d flags while nothing happens", c-commits, w-woken)
		}
		x.send(x.Node, "bob", "alice", "hello")
		if w := x.Bus.Counts().Woken; w != woken {
			t.Errorf("%d were woken by a message to somebody else", w-woken)
		}
		hangUp()
		if o := x.soon("the client hung up", came); !errors.Is(o.err, context.Canceled) {
			t.Errorf("the client hung up: %v", o.err)
		}
		if n := x.Bus.Counts().Subscriptions; n != 0 {
			t.Errorf("%d subscriptions are left", n)
		}
		x.send(x.Node, "alice", "bob", "after that")
		if o := x.pull(t.Context(), "bob"); o.err != nil || len(o.told.Messages) != 1 {
			t.Errorf("what came after that: %+v", o)
		}
	})
}

// TestMessagesGoOld: what nobody takes in time is not told, and is gone after that; what is for a
// session that is over is not for the next one.
func TestMessagesGoOld(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		rows := func() (n int) {
			x.Must(x.Store.Read(t.Context(), func(tx *db.Tx) error {
				return tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM signals")
			}))
			return n
		}
		x.send(x.Node, "alice", "bob", "old")
		x.clock.Advance((talk.SignalLife + 1) * time.Second)
		x.send(x.Node, "alice", "bob", "new")
		o := x.pull(t.Context(), "bob")
		x.Must(o.err)
		if len(o.told.Messages) != 1 || rows() != 0 {
			t.Errorf("told %v, %d rows are left", o.told.Messages, rows())
		}
		x.send(x.Node, "alice", "bob", "for the first window")
		x.join("bob")
		o = x.pull(t.Context(), "bob")
		x.Must(o.err)
		if len(o.told.Messages) != 0 {
			t.Errorf("another window is told %v", o.told.Messages)
		}
		x.Must(x.Signal.Forget(t.Context()))
		if rows() != 1 {
			t.Error("what waits is forgotten")
		}
		x.clock.Advance((talk.SignalLife + 1) * time.Second)
		x.Must(x.Signal.Forget(t.Context()))
		if rows() != 0 {
			t.Errorf("%d rows are left", rows())
		}
	})
}

// TestTwoTakeAtOnce: when two requests of one session wait, each message comes to one of them.
func TestTwoTakeAtOnce(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		const rounds, each = 20, 30
		session := x.enter(x.Node, "bob").Me.Session.ID
		for range rounds {
			texts := make([]string, each)
			x.send(x.Node, "alice", "bob", texts...)
			var takes [4][]string
			take := func(i int) func(context.Context) error {
				return func(ctx context.Context) error {
					return x.Store.Write(ctx, func(tx *db.Tx) (err error) {
						takes[i], err = signals.Take(tx, session, each/3)
						return err
					})
				}
			}
			for _, err := range talktest.Together(t.Context(), take(0), take(1), take(2), take(3)) {
				x.Must(err)
			}
			all := slices.Concat(takes[:]...)
			for rest := []string{""}; len(rest) > 0; {
				x.Must(x.Store.Write(t.Context(), func(tx *db.Tx) (err error) {
					rest, err = signals.Take(tx, session, each)
					return err
				}))
				all = append(all, rest...)
			}
			if len(all) != each {
				t.Fatalf("%d of %d messages were taken", len(all), each)
			}
		}
	})
}
