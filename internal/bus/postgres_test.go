package bus_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/internal/bus"
	"parley/internal/talktest"
)

// connect opens a connection of an administrator.
func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.WithoutCancel(t.Context())) })
	return conn
}

// terminate ends the connections of the bus whose last statement is like that.
func terminate(t *testing.T, conn *pgx.Conn, statement string) {
	t.Helper()
	eventually(t, statement+" runs", func() bool {
		var n int
		err := conn.QueryRow(t.Context(), `SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE application_name = 'parley bus' AND datname = current_database() AND query LIKE $1`, statement+"%").Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n > 0
	})
}

func onPostgres(t *testing.T) (carrierKind, string) {
	url := talktest.Databases()[1].URL(t)
	k := carrierKinds[1]
	k.connect = func(t *testing.T) func() bus.Carrier {
		return func() bus.Carrier { return postgres(t, bus.PostgresOptions{URL: url}) }
	}
	return k, url
}

func TestLostListenerIsMadeUpFor(t *testing.T) {
	k, url := onPostgres(t)
	all := k.nodes(t, 2)
	terminate(t, connect(t, url), "LISTEN")
	for _, n := range all {
		eventually(t, "everything", func() bool { return n.look(func(i *inbox) bool { return i.all > 0 }) })
	}
	barrier(t, all[0], all[1])
	barrier(t, all[1], all[0])
}

func TestLostSenderLosesNothing(t *testing.T) {
	k, url := onPostgres(t)
	all := k.nodes(t, 2)
	admin := connect(t, url)
	for range 3 {
		barrier(t, all[0], all[1])
		terminate(t, admin, "SELECT pg_notify")
	}
	barrier(t, all[0], all[1])
}

// Hints that come while the server is away become few, and everything is looked at
// when it is back.
func TestServerThatWasAway(t *testing.T) {
	cluster := talktest.NewCluster(t)
	k := carrierKinds[1]
	k.connect = func(t *testing.T) func() bus.Carrier {
		return func() bus.Carrier { return postgres(t, bus.PostgresOptions{URL: cluster.URL()}) }
	}
	all := k.nodes(t, 2)
	if err := cluster.Crash(); err != nil {
		t.Fatal(err)
	}
	for range 3 * bus.MaxPending {
		all[0].Publish([]bus.Hint{{Topic: bus.Chat, Token: "a"}})
	}
	if err := cluster.Start(); err != nil {
		t.Fatal(err)
	}
	for _, n := range all {
		eventually(t, "everything", func() bool { return n.look(func(i *inbox) bool { return i.all > 0 }) })
	}
	barrier(t, all[0], all[1])
}

func TestCloseWhileTheServerIsAway(t *testing.T) {
	p := postgres(t, bus.PostgresOptions{URL: "postgres://nobody@127.0.0.1:1/none"})
	b := bus.New(p, 0)
	b.Publish(bus.Hint{Topic: bus.Chat})
	done := make(chan struct{})
	go func() { closed(t, b); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Error("it does not end")
	}
}

// A peer that vanished without a word is noticed, since it does not answer.
func TestSilentPeer(t *testing.T) {
	_, address := onPostgres(t)
	relay := newRelay(t, address)
	n := startNode(t, postgres(t, bus.PostgresOptions{URL: relay.url}.WithKeepAlive(50*time.Millisecond, 300*time.Millisecond)))
	other := startNode(t, postgres(t, bus.PostgresOptions{URL: address}))
	everything := func() bool { return n.look(func(i *inbox) bool { return i.all > 0 }) }
	eventually(t, "connected", everything)
	eventually(t, "connected", func() bool { return other.look(func(i *inbox) bool { return i.all > 0 }) })
	barrier(t, n, other) // both of its connections are open
	barrier(t, other, n)
	n.forget()
	other.forget()
	relay.silent.Store(true)
	unsent := bus.Hint{Topic: bus.Call, Token: "unsent"}
	n.Publish([]bus.Hint{unsent})
	time.Sleep(time.Second) // the connections are asked and do not answer, and there are no others
	if everything() {
		t.Error("everything changed too early")
	}
	relay.silent.Store(false) // for new connections; what was swallowed stays so
	eventually(t, "everything", everything)
	barrier(t, other, n)
	eventually(t, "what could not be sent", func() bool { return other.has(unsent) })
}

// relay is between a bus and the socket of a server.
type relay struct {
	url    string
	silent atomic.Bool
}

func newRelay(t *testing.T, address string) *relay {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	const socket = ".s.PGSQL.5432"
	real := filepath.Join(u.Query().Get("host"), socket)
	if _, err := os.Stat(real); err != nil {
		t.Skip("the server has no socket at the usual place")
	}
	dir, err := os.MkdirTemp("", "relay")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, socket))
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = url.Values{"host": {dir}}.Encode()
	r := &relay{url: u.String()}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			context.AfterFunc(t.Context(), func() { client.Close() })
			running.Go(func() { r.connect(client, real) })
		}
	})
	t.Cleanup(func() { l.Close(); running.Wait(); os.RemoveAll(dir) })
	return r
}

// connect passes on what a client and the server say until the client hangs up.
func (r *relay) connect(client net.Conn, address string) {
	defer client.Close()
	if r.silent.Load() {
		return
	}
	server, err := net.Dial("unix", address)
	if err != nil {
		return
	}
	var running sync.WaitGroup
	running.Go(func() { r.pass(client, server) })
	r.pass(server, client)
	server.Close()
	running.Wait()
}

// pass swallows what comes while the relay is silent, and all after it.
func (r *relay) pass(to io.Writer, from io.Reader) {
	buffer := make([]byte, 4096)
	for swallows := false; ; {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		swallows = swallows || r.silent.Load()
		if !swallows {
			_, _ = to.Write(buffer[:n]) // who hung up needs nothing
		}
	}
}

// Strangers and newer versions may write to the channel, too.
func TestUnreadableNotification(t *testing.T) {
	k, url := onPostgres(t)
	all := k.nodes(t, 2)
	admin := connect(t, url)
	for _, payload := range []string{"hello", "n;%zz", "n;a&b", "%;a&b&c"} {
		for _, n := range all {
			n.forget()
		}
		if _, err := admin.Exec(t.Context(), "SELECT pg_notify('parley', $1)", payload); err != nil {
			t.Fatal(err)
		}
		for _, n := range all {
			eventually(t, payload, func() bool { return n.look(func(i *inbox) bool { return i.all > 0 }) })
		}
	}
	if _, err := admin.Exec(t.Context(), "NOTIFY parley"); err != nil {
		t.Fatal(err)
	}
	barrier(t, all[0], all[1])
}

// Hints that come together travel together.
func TestHintsTravelTogether(t *testing.T) {
	k, _ := onPostgres(t)
	all := k.nodes(t, 2)
	for range 1000 {
		all[0].Publish([]bus.Hint{{Topic: bus.Chat, Token: "a"}})
	}
	barrier(t, all[0], all[1])
	if n := all[1].batches; n > 500 {
		t.Errorf("%d notifications for 1000 hints", n)
	}
}

func TestCommandsOnlySend(t *testing.T) {
	k, url := onPostgres(t)
	server := k.nodes(t, 1)[0]
	command := bus.New(postgres(t, bus.PostgresOptions{URL: url, SendOnly: true}), 0)
	h := bus.Hint{Topic: bus.Roster, Token: "a"}
	command.Publish(h)
	closed(t, command)
	eventually(t, "arrived", func() bool { return server.has(h) })
}

func TestURLIsNotRepeated(t *testing.T) {
	_, err := bus.NewPostgres(bus.PostgresOptions{URL: "postgres://a:geheim@[::1/x"})
	if err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("error %v", err)
	}
}
