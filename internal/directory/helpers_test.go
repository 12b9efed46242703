package directory_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/directory"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/server"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

func eachFixture(t *testing.T, f func(*testing.T, *fixture)) {
	t.Helper()
	talktest.EachDatabase(t, func(t *testing.T, st *db.DB) {
		f(t, newFixture(t, st))
	})
}

// world is the use cases on a database with a few accounts.
type fixture struct {
	api.Services
	t  *testing.T
	st *db.DB
}

// as returns a caller with a client session of their own.
func as(id string) talk.Caller {
	return talk.Caller{UserID: id, DisplayName: id, Client: "browser of " + id}
}

// guarded scopes a request as the route table does.
func guarded(c talk.Caller, token string, need talk.Need) room.Scope {
	return room.Scope{Caller: c, Token: token, Guard: talk.Guard{Need: need}}
}

const rounds = 25

// together runs all functions at the same time and returns their errors.
func together(ctx context.Context, fs ...func(context.Context) error) []error {
	errs := make([]error, len(fs))
	var start, done sync.WaitGroup
	start.Add(1)
	for i, f := range fs {
		done.Go(func() {
			start.Wait()
			errs[i] = f(ctx)
		})
	}
	start.Done()
	done.Wait()
	return errs
}

func (w *fixture) account(id string) {
	w.t.Helper()
	w.must(w.Directory.CreateAccount(w.t.Context(), talk.Caller{System: talk.GuestCLI}, directory.NewAccount{UserID: id, Password: "secret"}))
}

func (w *fixture) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// room creates a conversation of alice with the given members.
func (w *fixture) room(kind talk.RoomType, members ...string) string {
	w.t.Helper()
	created, err := w.Conversations.CreateRoom(w.t.Context(), as("alice"), conversation.NewRoom{Type: kind, Name: "race", Users: members})
	w.must(err)
	return created.Token
}

// guest returns a caller without an account.
func guest(client string) talk.Caller { return talk.Caller{Client: client} }

func (w *fixture) attendees(token string) map[talk.Actor]talk.Attendee {
	w.t.Helper()
	out := map[talk.Actor]talk.Attendee{}
	w.must(w.st.Read(w.t.Context(), func(tx *db.Tx) error {
		room, err := store.Room(tx, token)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		rows, err := store.Attendees(tx, room.ID)
		for _, a := range rows {
			out[a.Actor] = a
		}
		return err
	}))
	return out
}

func (w *fixture) sessions(token string) (n int) {
	w.t.Helper()
	w.must(w.st.Read(w.t.Context(), func(tx *db.Tx) error {
		room, err := store.Room(tx, token)
		if err != nil {
			return err
		}
		all, err := store.Sessions(tx, room.ID)
		for _, s := range all {
			n += len(s)
		}
		return err
	}))
	return n
}

func newFixture(t *testing.T, st *db.DB) *fixture {
	w := nodeOn(t, st)
	for _, id := range []string{"alice", "bob", "carol", "dave"} {
		w.account(id)
	}
	return w
}

// nodeOn is the use cases on a database as it is.
func nodeOn(t *testing.T, st *db.DB) *fixture {
	return &fixture{t: t, st: st, Services: server.NewUseCases(server.UseCaseOptions{
		Store: st, Hasher: secret.NewHasher(secret.TestOptions()), Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})}
}
