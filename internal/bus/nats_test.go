package bus_test

import (
	"bytes"
	"cmp"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"parley/internal/bus"
	"parley/internal/talktest"
)

// natsCarrier makes a carrier of the namespace "test", unless the options have another.
func natsCarrier(t testing.TB, o bus.NATSOptions) *bus.NATS {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	o.Namespace = cmp.Or(o.Namespace, "test")
	n, err := bus.NewNATS(o)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// natsKind makes carriers of one server.
func natsKind(s *talktest.NATSServer) carrierKind {
	return carrierKind{name: "nats", announces: true, connect: func(t *testing.T) func() bus.Carrier {
		return func() bus.Carrier { return natsCarrier(t, bus.NATSOptions{Servers: s.URL}) }
	}}
}

func (n *node) everything() bool { return n.look(func(i *inbox) bool { return i.all > 0 }) }

// stranger is somebody else on the server, with what he can hear.
func stranger(t *testing.T, s *talktest.NATSServer) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

// Hints that come while the server is away are few and sent when it is back, and then
// everything is looked at.
func TestNATSServerThatWasAway(t *testing.T) {
	s := talktest.NewNATS(t)
	all := natsKind(s).nodes(t, 2)
	for range 2 {
		if err := s.Kill(); err != nil {
			t.Fatal(err)
		}
		for range 3 * bus.MaxPending {
			all[0].Publish([]bus.Hint{{Topic: bus.Chat, Token: "a"}})
		}
		all[0].forget()
		all[1].forget()
		if err := s.Start(); err != nil {
			t.Fatal(err)
		}
		for _, n := range all {
			eventually(t, "everything", n.everything)
		}
		barrier(t, all[0], all[1])
		barrier(t, all[1], all[0])
	}
}

// A server starts before the NATS server does.
func TestNATSServerThatComesLater(t *testing.T) {
	s := talktest.NewNATS(t)
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	one, two := startNode(t, natsCarrier(t, bus.NATSOptions{Servers: s.URL})), startNode(t, natsCarrier(t, bus.NATSOptions{Servers: s.URL}))
	early := bus.Hint{Topic: bus.Call, Token: "early"}
	one.Publish([]bus.Hint{early})
	if took := time.Since(began); took > time.Second {
		t.Errorf("starting took %v", took)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "everything", two.everything)
	barrier(t, one, two)
	barrier(t, two, one)
}

func TestCloseWhileNATSIsAway(t *testing.T) {
	for name, sendOnly := range map[string]bool{"server": false, "command": true} {
		t.Run(name, func(t *testing.T) {
			b := bus.New(natsCarrier(t, bus.NATSOptions{Servers: "nats://127.0.0.1:1", SendOnly: sendOnly}), 0)
			b.Publish(bus.Hint{Topic: bus.Chat})
			began := time.Now()
			closed(t, b)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("closing took %v", took)
			}
		})
	}
}

// A server of which nobody knows whether it lives is given up, and one that takes nothing
// holds up nobody.
func TestSilentNATSServer(t *testing.T) {
	s := talktest.NewNATS(t)
	relay := newTCPRelay(t, s)
	o := bus.NATSOptions{Servers: relay.url}.WithKeepAlive(100*time.Millisecond, 300*time.Millisecond)
	n, other := startNode(t, natsCarrier(t, o)), startNode(t, natsCarrier(t, bus.NATSOptions{Servers: s.URL}))
	eventually(t, "connected", n.everything)
	eventually(t, "connected", other.everything)
	barrier(t, n, other)
	barrier(t, other, n)
	n.forget()
	other.forget()
	relay.silent.Store(true)
	unsent := bus.Hint{Topic: bus.Call, Token: "unsent"}
	began := time.Now()
	for range 1000 {
		n.Publish([]bus.Hint{unsent})
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("publishing waits for the server: %v", took)
	}
	time.Sleep(time.Second)
	if n.everything() || other.has(unsent) {
		t.Error("the relay is not silent")
	}
	relay.silent.Store(false) // for new connections; what was swallowed stays so
	eventually(t, "everything", n.everything)
	barrier(t, other, n)
	eventually(t, "what could not be sent", func() bool { return other.has(unsent) })
}

func TestCloseWithSilentNATSServer(t *testing.T) {
	relay := newTCPRelay(t, talktest.NewNATS(t))
	n := startNode(t, natsCarrier(t, bus.NATSOptions{Servers: relay.url}))
	eventually(t, "connected", n.everything)
	relay.silent.Store(true)
	n.Publish([]bus.Hint{{Topic: bus.Chat}})
	began := time.Now()
	if err := n.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("closing took %v", took)
	}
}

// tcpRelay is between a bus and a NATS server.
type tcpRelay struct {
	relay
	address string
}

func newTCPRelay(t *testing.T, s *talktest.NATSServer) *tcpRelay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = l.Addr().String()
	r := &tcpRelay{relay: relay{url: u.String()}, address: s.Address()}
	var running sync.WaitGroup
	var open sync.Map
	running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			open.Store(client, true)
			running.Go(func() { r.connect(client) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		open.Range(func(c, _ any) bool { c.(io.Closer).Close(); return true })
		running.Wait()
	})
	return r
}

func (r *tcpRelay) connect(client net.Conn) {
	defer client.Close()
	if r.silent.Load() {
		return
	}
	server, err := net.Dial("tcp", r.address)
	if err != nil {
		return
	}
	var running sync.WaitGroup
	running.Go(func() { r.pass(client, server) })
	r.pass(server, client)
	server.Close()
	running.Wait()
}

// Strangers and newer versions may write to the subject, too.
func TestUnreadableNATSMessage(t *testing.T) {
	s := talktest.NewNATS(t)
	all := natsKind(s).nodes(t, 2)
	conn := stranger(t, s)
	for name, payload := range map[string]string{
		"text": "hello", "escape": "n;%zz", "fields": "n;a&b", "node": "%;a&b&c", "nothing": "", "zeros": strings.Repeat("\x00", 100),
		"long": "n;" + strings.Repeat("chat&a&;", 100_000), "long field": "n;chat&" + strings.Repeat("a", 300) + "&",
	} {
		for _, n := range all {
			n.forget()
		}
		if err := conn.Publish("parley.hints.test", []byte(payload)); err != nil {
			t.Fatal(err)
		}
		for _, n := range all {
			eventually(t, name, n.everything)
		}
	}
	barrier(t, all[0], all[1])
}

func TestTwoInstallationsOnOneNATSServer(t *testing.T) {
	s := talktest.NewNATS(t)
	mine := natsKind(s).nodes(t, 2)
	other := startNode(t, natsCarrier(t, bus.NATSOptions{Servers: s.URL, Namespace: "other"}))
	eventually(t, "connected", other.everything)
	other.forget()
	h := bus.Hint{Topic: bus.Chat, Token: "a"}
	mine[0].Publish([]bus.Hint{h})
	eventually(t, "arrived", func() bool { return mine[1].has(h) })
	other.Publish([]bus.Hint{{Topic: bus.Chat, Token: "b"}})
	barrier(t, mine[0], mine[1])
	time.Sleep(50 * time.Millisecond)
	if n := other.look(func(i *inbox) bool { return i.batches > 0 }); n {
		t.Error("an installation hears another")
	}
	if mine[1].has(bus.Hint{Topic: bus.Chat, Token: "b"}) {
		t.Error("an installation hears another")
	}
}

// Who does not keep up with a flood learns that everything may have changed, and is
// reached again afterwards.
func TestNATSFlood(t *testing.T) {
	s := talktest.NewNATS(t)
	from := natsKind(s).nodes(t, 1)[0]
	to := &node{Carrier: natsCarrier(t, bus.NATSOptions{Servers: s.URL}), inbox: inbox{hints: map[bus.Hint]int{}}}
	var busy atomic.Bool
	var after atomic.Int64
	to.Start(func(b bus.Batch) {
		for busy.Load() {
			time.Sleep(time.Millisecond)
		}
		if b.All {
			after.Add(1)
		}
		to.receive(b)
	})
	t.Cleanup(func() { busy.Store(false); closeNode(t, to) })
	eventually(t, "connected", to.everything)
	busy.Store(true)
	after.Store(0)
	conn := stranger(t, s)
	for range 100_000 {
		if err := conn.Publish("parley.hints.test", []byte("stranger;chat&a&")); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	barrier(t, from) // the server has the flood behind it
	time.Sleep(200 * time.Millisecond)
	busy.Store(false)
	eventually(t, "everything", func() bool { return after.Load() > 0 })
	eventually(t, "the last hint", func() bool {
		from.Publish([]bus.Hint{{Topic: bus.Call, Token: "after the flood"}})
		return to.has(bus.Hint{Topic: bus.Call, Token: "after the flood"})
	})
}

func closeNode(t *testing.T, n *node) {
	if err := n.Close(); err != nil {
		t.Error(err)
	}
}

// A server that takes little is told that everything may have changed.
func TestNATSServerWithSmallMessages(t *testing.T) {
	s := talktest.NewNATS(t, "-c", smallMessages(t))
	all := natsKind(s).nodes(t, 2)
	for i := range 400 {
		all[0].Publish([]bus.Hint{{Topic: bus.Chat, Token: strings.Repeat("x", i%200)}})
	}
	eventually(t, "everything", all[1].everything)
	barrier(t, all[0], all[1])
}

// smallMessages returns the settings of a server that takes messages of 1 KiB.
func smallMessages(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(path, []byte("max_payload: 1024\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Hints that come together travel together.
func TestNATSHintsTravelTogether(t *testing.T) {
	all := natsKind(talktest.NewNATS(t)).nodes(t, 2)
	for range 1000 {
		all[0].Publish([]bus.Hint{{Topic: bus.Chat, Token: "a"}})
	}
	barrier(t, all[0], all[1])
	if n := all[1].batches; n > 500 {
		t.Errorf("%d messages for 1000 hints", n)
	}
}

// Commands send what they have to tell, and connect with nobody when they have nothing.
func TestCommandsOnlySendByNATS(t *testing.T) {
	s := talktest.NewNATS(t)
	server := natsKind(s).nodes(t, 1)[0]
	h := bus.Hint{Topic: bus.Roster, Token: "a"}
	command := bus.New(natsCarrier(t, bus.NATSOptions{Servers: s.URL, SendOnly: true}), 0)
	command.Publish(h)
	closed(t, command)
	eventually(t, "arrived", func() bool { return server.has(h) })

	var log bytes.Buffer
	quiet := bus.New(natsCarrier(t, bus.NATSOptions{Servers: s.URL, SendOnly: true, Log: slog.New(slog.NewTextHandler(&log, nil))}), 0)
	closed(t, quiet)
	if log.Len() > 0 {
		t.Errorf("a command with nothing to tell: %s", &log)
	}
}

// Who is refused tries again, since somebody may correct the password at the server.
func TestNATSServerThatRefuses(t *testing.T) {
	s := talktest.NewNATS(t)
	restart := func(options ...string) {
		t.Helper()
		if err := s.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := s.Start(options...); err != nil {
			t.Fatal(err)
		}
	}
	var log lockedBuffer
	n := startNode(t, natsCarrier(t, bus.NATSOptions{
		Servers: s.URL, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}))
	eventually(t, "connected", n.everything)
	restart("--user", "other")
	n.forget()
	eventually(t, "refused again and again", func() bool { return strings.Count(log.String(), "a failure again") > 2 })
	restart()
	eventually(t, "everything", n.everything)
}

// Nothing repeats a password.
func TestNATSPasswordIsNotRepeated(t *testing.T) {
	for _, address := range []string{"nats://a:geheim@[::1", "geheim", "nats://a:geheim%zz@b"} {
		_, err := bus.NewNATS(bus.NATSOptions{Servers: address, Namespace: "test"})
		if err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("error %v", err)
		}
	}
	s := talktest.NewNATS(t)
	wrong := "nats://a:geheim@" + s.Address()
	var log lockedBuffer
	n := startNode(t, natsCarrier(t, bus.NATSOptions{Servers: wrong, Log: slog.New(slog.NewTextHandler(&log, nil))}))
	eventually(t, "refused", func() bool { return strings.Contains(log.String(), "level=WARN") })
	time.Sleep(500 * time.Millisecond) // some attempts more
	closeNode(t, n)
	if warnings := strings.Count(log.String(), "level=WARN"); warnings > 2 {
		t.Errorf("%d warnings: %s", warnings, log.String())
	}
	problems, err := bus.TryNATS(t.Context(), wrong+", "+s.URL+", nats://a:geheim@127.0.0.1:1")
	if err != nil || len(problems) != 2 || !strings.HasPrefix(problems[0], s.Address()+": ") || !strings.HasPrefix(problems[1], "127.0.0.1:1: ") {
		t.Errorf("problems %q, error %v", problems, err)
	}
	if text := log.String() + strings.Join(problems, ""); strings.Contains(text, "geheim") {
		t.Errorf("a password is repeated: %s", text)
	}
}

// lockedBuffer keeps what several goroutines log.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements [io.Writer].
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

// String returns what was logged.
func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
