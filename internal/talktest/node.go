package talktest

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/bus"
	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/directory"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/server"
	"parley/internal/talk"
)

// Node is the use cases of a server over a database, without its network face.
type Node struct {
	api.Services
	Store *db.DB
	Bus   *bus.Bus
	t     testing.TB
}

// NewNode makes a node over a database. Others over the same one learn of its changes
// only by looking.
func NewNode(t testing.TB, st *db.DB, now func() time.Time) *Node {
	t.Helper()
	hints := bus.New(noCarrier{}, 0)
	t.Cleanup(func() { _ = hints.Close() }) // it carries nothing
	return &Node{t: t, Store: st, Bus: hints, Services: server.NewUseCases(server.UseCaseOptions{
		Store: st, Hasher: secret.NewHasher(secret.TestOptions()), Log: slog.New(slog.DiscardHandler), Now: now, Bus: hints,
	})}
}

// EachNode runs f as a subtest on a node over a new database of each kind, with a clock of
// its own.
func EachNode(t *testing.T, f func(*testing.T, *Node, *Clock)) {
	t.Helper()
	for _, d := range Databases() {
		t.Run(d.Name, func(t *testing.T) {
			clock := NewClock()
			f(t, NewNode(t, Open(t, db.Options{URL: d.URL(t), Now: clock.Now}), clock.Now), clock)
		})
	}
}

// noCarrier carries hints to nobody.
type noCarrier struct{}

// Start begins to carry nothing.
func (noCarrier) Start(func(bus.Batch)) {}

// Publish drops the hints.
func (noCarrier) Publish([]bus.Hint) {}

// Close ends nothing.
func (noCarrier) Close() error { return nil }

// Must ends the test when there is an error.
func (n *Node) Must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

// Accounts makes accounts whose names are their ids.
func (n *Node) Accounts(ids ...string) {
	n.t.Helper()
	for _, id := range ids {
		n.Must(n.Directory.CreateAccount(n.t.Context(), talk.Caller{System: talk.GuestCLI}, directory.NewAccount{UserID: id, Password: "secret"}))
	}
}

// Caller returns an account with a client session of its own.
func Caller(id string) talk.Caller {
	return talk.Caller{UserID: id, DisplayName: id, Client: "browser of " + id}
}

// Room makes a conversation of an account with others in it, and returns its token.
func (n *Node) Room(kind talk.RoomType, owner string, others ...string) string {
	n.t.Helper()
	created, err := n.Conversations.CreateRoom(n.t.Context(), Caller(owner), conversation.NewRoom{Type: kind, Name: "Room", Users: others})
	n.Must(err)
	return created.Token
}

// Scope is a request of an account about a conversation, under a guard.
func Scope(id, token string, g talk.Guard) room.Scope {
	return room.Scope{Caller: Caller(id), Token: token, Guard: g}
}

// Together runs all functions at the same time and returns their errors.
func Together(ctx context.Context, fs ...func(context.Context) error) []error {
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
