package room_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/server"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// clockedWorld is a world whose clock a test sets.
func clockedFixture(t *testing.T, url string) (*fixture, *talktest.Clock) {
	t.Helper()
	clock := talktest.NewClock()
	st := talktest.Open(t, db.Options{URL: url, Now: clock.Now})
	w := &fixture{t: t, st: st, Services: server.NewUseCases(server.UseCaseOptions{
		Store: st, Hasher: secret.NewHasher(secret.TestOptions()), Log: slog.New(slog.DiscardHandler), Now: clock.Now,
	})}
	w.account("alice")
	w.account("bob")
	return w, clock
}

func (w *fixture) joined(token string, c talk.Caller) talk.Session {
	w.t.Helper()
	v, err := w.Conversations.Join(w.t.Context(), room.Scope{Caller: c, Token: token}, conversation.JoinOptions{Force: true})
	w.must(err)
	return *v.Me.Session
}

// lastPing returns the ping of a session as it is stored.
func (w *fixture) lastPing(s talk.Session) (at int64) {
	w.t.Helper()
	w.must(w.st.Read(w.t.Context(), func(tx *db.Tx) error {
		all, err := store.Sessions(tx, s.RoomID)
		for _, own := range all[s.AttendeeID] {
			if own.ID == s.ID {
				at = own.LastPing
			}
		}
		return err
	}))
	return at
}

// Signs of life are written for many sessions at once, while the same sessions
// change their state. Whoever waits for a lock must not hold one that others want.
func TestPingsWithoutDeadlockRace(t *testing.T) {
	url := talktest.Databases()[1].URL(t)
	w, clock := clockedFixture(t, url)
	ctx, alice := t.Context(), as("alice")
	scope := func(token string) room.Scope {
		return room.Scope{Caller: alice, Token: token, Guard: talk.Guard{Need: talk.NeedParticipant}}
	}
	var tokens []string
	var sessions []talk.Session
	for range 60 {
		token := w.room(talk.Group)
		tokens, sessions = append(tokens, token), append(sessions, w.joined(token, alice))
	}
	var ended atomic.Bool
	var writers sync.WaitGroup
	for i := range 4 {
		writers.Go(func() {
			for n := i; !ended.Load(); n += 7 {
				if err := w.Conversations.SetSessionState(ctx, scope(tokens[n%len(tokens)]), n%2); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 40 {
		clock.Advance(6 * time.Second)
		for i := len(sessions) - 1; i >= 0; i-- {
			w.Rooms.NotePing(sessions[i].ID, clock.Now().Unix())
		}
		w.must(w.Rooms.FlushPings(ctx))
	}
	ended.Store(true)
	writers.Wait()
	// What somebody held meanwhile is written now.
	w.must(w.Rooms.FlushPings(ctx))
	for _, s := range sessions {
		if at := w.lastPing(s); at != clock.Now().Unix() {
			t.Errorf("session %d: its last ping is %d s old", s.ID, clock.Now().Unix()-at)
		}
	}
	conn, err := pgx.Connect(ctx, url)
	w.must(err)
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, "SELECT pg_sleep(1.2)") // connections report what they counted about a second later
	w.must(err)
	var deadlocks int
	w.must(conn.QueryRow(ctx, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").Scan(&deadlocks))
	if deadlocks != 0 {
		t.Errorf("%d deadlocks", deadlocks)
	}
}

// What could not be written is written the next time, unless it is older than what
// came since, or says nothing any more.
func TestFailedFlushKeepsPings(t *testing.T) {
	w, clock := clockedFixture(t, talktest.Databases()[0].URL(t))
	token := w.room(talk.Group, "bob")
	a, b := w.joined(token, as("alice")), w.joined(token, as("bob"))
	broken, end := context.WithCancel(t.Context())
	end()
	clock.Advance(10 * time.Second)
	first := clock.Now().Unix()
	w.Rooms.NotePing(a.ID, first)
	w.Rooms.NotePing(b.ID, first)
	if err := w.Rooms.FlushPings(broken); !errors.Is(err, context.Canceled) {
		t.Fatalf("the flush did not fail: %v", err)
	}
	clock.Advance(10 * time.Second)
	w.Rooms.NotePing(b.ID, clock.Now().Unix())
	w.must(w.Rooms.FlushPings(t.Context()))
	if at := w.lastPing(a); at != first {
		t.Errorf("the ping that failed is %d s off", at-first)
	}
	if at := w.lastPing(b); at != clock.Now().Unix() {
		t.Errorf("the newer ping is %d s off", at-clock.Now().Unix())
	}
	w.Rooms.NotePing(a.ID, clock.Now().Unix())
	if err := w.Rooms.FlushPings(broken); err == nil {
		t.Fatal("the flush did not fail")
	}
	clock.Advance(talk.DeadAfter * time.Second)
	if err := w.Rooms.FlushPings(broken); err == nil {
		t.Fatal("nothing was kept")
	}
	if err := w.Rooms.FlushPings(broken); err != nil {
		t.Errorf("what says nothing any more was kept: %v", err)
	}
}

// While very many pings are written others get their turn.
func TestManyPingsLetOthersWrite(t *testing.T) {
	w, clock := clockedFixture(t, talktest.Databases()[0].URL(t))
	token := w.room(talk.Group)
	s := w.joined(token, as("alice"))
	const many = 4000
	ids := make([]int64, many)
	w.must(w.st.Write(t.Context(), func(tx *db.Tx) error {
		if _, err := store.LockRoom(tx, token); err != nil {
			return err
		}
		for i := range ids {
			own := talk.Session{SessionID: fmt.Sprintf("%016d", i), RoomID: s.RoomID, AttendeeID: s.AttendeeID, Client: fmt.Sprint(i), LastPing: clock.Now().Unix()}
			if err := store.InsertSession(tx, &own); err != nil {
				return err
			}
			ids[i] = own.ID
		}
		return nil
	}))
	clock.Advance(10 * time.Second)
	for _, id := range ids {
		w.Rooms.NotePing(id, clock.Now().Unix())
	}
	flushed := make(chan error, 1)
	go func() { flushed <- w.Rooms.FlushPings(t.Context()) }()
	for writes := 0; ; writes++ {
		select {
		case err := <-flushed:
			w.must(err)
			if writes < 5 {
				t.Errorf("%d other writes while %d pings were written", writes, many)
			}
			return
		default:
		}
		w.must(w.Conversations.SetSessionState(t.Context(), room.Scope{Caller: as("alice"), Token: token, Guard: talk.Guard{Need: talk.NeedParticipant}}, writes%2))
	}
}

// Conversations that have to be kept do not hide those that do not.
func TestRetentionBehindManyThatAreKept(t *testing.T) {
	w, clock := clockedFixture(t, talktest.Databases()[0].URL(t))
	insert := func(n int, objectID string) (token string) {
		w.must(w.st.Write(t.Context(), func(tx *db.Tx) error {
			for i := range n {
				token = fmt.Sprintf("%s%d", objectID, i)
				r := talk.Room{Token: token, Type: talk.Group, Name: "Event", ObjectType: talk.ObjectEvent, ObjectID: objectID}
				if err := store.InsertRoom(tx, &r); err != nil {
					return err
				}
			}
			return nil
		}))
		return token
	}
	kept, gone := insert(450, "without end"), insert(1, "1#2")
	clock.Advance(40 * 24 * time.Hour)
	w.must(w.Conversations.DeleteOutlived(t.Context()))
	exists := func(token string) bool {
		err := w.st.Read(t.Context(), func(tx *db.Tx) error { return second(store.Room(tx, token)) })
		return !errors.Is(err, db.ErrNotFound)
	}
	if !exists(kept) || exists(gone) {
		t.Errorf("the one without an end exists: %v, the one with an end: %v", exists(kept), exists(gone))
	}
}

func second[T any](_ T, err error) error { return err }
