package bus

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

const (
	// subjectPrefix is before the namespace in the subject of hints.
	subjectPrefix = "parley.hints."
	// natsQueue is how many messages wait to be handed over; what comes then is dropped,
	// which means everything.
	natsQueue = 256
	// natsTimeout is how long a server may take to greet.
	natsTimeout = 2 * time.Second
	// natsDrops is how many answers may be missing before a connection is given up.
	natsDrops = 1
)

// NATSOptions are what a [NATS] is made of.
type NATSOptions struct {
	// Servers are the addresses, nats://user:password@host:port or tls://…, separated by
	// commas. Any of them will do.
	Servers string
	// Namespace tells installations apart that share a server: letters and digits that
	// all nodes of one database have in common.
	Namespace string
	Log       *slog.Logger
	// SendOnly is for programs that wait for nothing, such as commands beside a server.
	SendOnly bool
	// keepAlive and answerTimeout are those of the package, or shorter in tests.
	keepAlive, answerTimeout time.Duration
}

// NATS is a carrier by a NATS server, without anything that the server would keep. It has
// one connection. Those that only send open it with the first hint.
type NATS struct {
	servers            []string
	node, subject      string
	log                *slog.Logger
	sendOnly           bool
	keepAlive, timeout time.Duration

	pending *pending
	// connected has a value after a connection was made, lost after messages were dropped.
	connected, lost chan struct{}
	// awake ends the pause of who failed to send, since there is a connection again.
	awake chan struct{}
	// complained tells that a failure was logged since the last connection was made.
	complained atomic.Bool
	stop       context.CancelFunc
	// end cuts what Close has no more time for.
	end     context.CancelFunc
	running sync.WaitGroup
}

// NewNATS returns a carrier that does nothing before Start.
func NewNATS(o NATSOptions) (*NATS, error) {
	servers, err := natsServers(o.Servers)
	if err != nil {
		return nil, err
	}
	if o.Namespace == "" || strings.ContainsAny(o.Namespace, ".*> \t\r\n") {
		return nil, errors.New("bus: the namespace is empty or no part of a subject")
	}
	return &NATS{
		servers: servers, node: rand.Text(), subject: subjectPrefix + o.Namespace, log: o.Log, sendOnly: o.SendOnly,
		keepAlive: cmp.Or(o.keepAlive, keepAlive), timeout: cmp.Or(o.answerTimeout, answerTimeout),
		pending: newPending(), connected: make(chan struct{}, 1), lost: make(chan struct{}, 1), awake: make(chan struct{}, 1),
		stop: func() {}, end: func() {},
	}, nil
}

// natsServers takes the list apart. Its error does not quote what may be a password.
func natsServers(list string) (servers []string, err error) {
	for server := range strings.SplitSeq(list, ",") {
		server = strings.TrimSpace(server)
		u, err := url.Parse(server)
		if err != nil || u.Host == "" {
			return nil, errors.New("bus: the address of a NATS server cannot be read")
		}
		servers = append(servers, server)
	}
	return servers, nil
}

// Start implements [Carrier].
func (n *NATS) Start(receive func(Batch)) {
	ctx, stop := context.WithCancel(context.Background())
	life, end := context.WithCancel(context.Background())
	n.stop, n.end = stop, end
	n.running.Go(func() { n.run(ctx, life, receive) })
}

// Publish implements [Carrier].
func (n *NATS) Publish(hints []Hint) { n.pending.add(Batch{Hints: hints}) }

// Close implements [Carrier].
func (n *NATS) Close() error {
	n.stop()
	last := time.AfterFunc(farewell, n.end)
	n.running.Wait()
	last.Stop()
	n.end()
	return nil
}

// run has the connection until ctx ends, and a little longer for the last hints. What
// takes too long then is cut by the end of life.
func (n *NATS) run(ctx, life context.Context, receive func(Batch)) {
	if n.sendOnly {
		select {
		case <-ctx.Done():
		case <-n.pending.wake:
			signal(n.pending.wake) // for who sends
		}
		if n.pending.empty() {
			return
		}
	}
	conn, err := n.connect(ctx, life)
	if err != nil {
		n.log.ErrorContext(ctx, "hints are not carried: the NATS server cannot be used", "err", err.Error())
		return
	}
	defer conn.Close()
	defer context.AfterFunc(life, conn.Close)()
	var parts sync.WaitGroup
	if !n.sendOnly {
		parts.Go(func() { n.listen(ctx, conn, receive) })
	}
	n.send(ctx, conn)
	parts.Wait()
}

// connect makes the connection, which looks for a server again and again until it is closed.
func (n *NATS) connect(ctx, life context.Context) (*nats.Conn, error) {
	conn, err := nats.Connect(strings.Join(n.servers, ","),
		nats.Name("parley bus"), nats.NoEcho(), nats.Timeout(natsTimeout), nats.SetCustomDialer(natsDialer{life}),
		nats.IgnoreDiscoveredServers(), nats.IgnoreAuthErrorAbort(),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
		nats.CustomReconnectDelay(func(attempts int) time.Duration { return (&backoff{failures: max(attempts-1, 0)}).next() }),
		nats.ReconnectBufSize(-1), // what cannot be sent waits here, where it is bounded
		nats.PingInterval(n.keepAlive), nats.MaxPingsOutstanding(natsDrops), nats.FlusherTimeout(n.timeout),
		nats.ConnectHandler(func(*nats.Conn) { n.arrived(ctx) }),
		nats.ReconnectHandler(func(*nats.Conn) { n.arrived(ctx) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { n.departed(ctx, err) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { n.failed(ctx, err) }),
	)
	if err != nil {
		return nil, err
	}
	if !conn.IsConnected() {
		n.departed(ctx, cmp.Or(conn.LastError(), nats.ErrNoServers))
	}
	return conn, nil
}

// arrived notes that there is a connection.
func (n *NATS) arrived(ctx context.Context) {
	n.complained.Store(false)
	n.log.InfoContext(ctx, "connected with NATS: hints of other nodes come")
	signal(n.connected)
	signal(n.awake)
}

// departed notes that there is no connection.
func (n *NATS) departed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	reason := "it closed the connection"
	if err != nil {
		reason = err.Error()
	}
	n.log.WarnContext(ctx, "no connection with NATS: nodes see each other's changes later", "err", reason)
}

// failed notes what the server or the connection complains of: once, since a password
// that is wrong remains so with each attempt.
func (n *NATS) failed(ctx context.Context, err error) {
	if errors.Is(err, nats.ErrSlowConsumer) {
		signal(n.lost)
		return
	}
	if n.complained.Swap(true) {
		n.log.DebugContext(ctx, "NATS reports a failure again", "err", err.Error())
		return
	}
	n.log.WarnContext(ctx, "NATS reports a failure: nodes may see each other's changes later", "err", err.Error())
}

// signal puts a value into a channel of one unless there is one already.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default: // somebody will look anyway
	}
}

// listen hands over what others send until ctx ends.
func (n *NATS) listen(ctx context.Context, conn *nats.Conn, receive func(Batch)) {
	messages := make(chan *nats.Msg, natsQueue)
	subscription, err := conn.ChanSubscribe(n.subject, messages)
	if err != nil {
		n.log.ErrorContext(ctx, "hints of other nodes do not come", "err", err.Error())
		return
	}
	dropped := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.lost:
			receive(Batch{All: true})
		case <-n.connected:
			n.subscribed(ctx, conn, receive)
		case m := <-messages:
			// A queue that stays full reports only the first message that it drops.
			if now, err := subscription.Dropped(); err == nil && now != dropped {
				dropped = now
				receive(Batch{All: true})
			}
			n.read(ctx, m.Data, receive)
		}
	}
}

// subscribed says that everything may have changed once a new connection is known to
// listen, since what came before was lost.
func (n *NATS) subscribed(ctx context.Context, conn *nats.Conn, receive func(Batch)) {
	if err := n.flush(ctx, conn); err == nil {
		receive(Batch{All: true})
		return
	}
	if sleep(ctx, firstPause) == nil && conn.IsConnected() {
		signal(n.connected) // try again; a connection that is lost comes here by itself
	}
}

// read hands over one message.
func (n *NATS) read(ctx context.Context, payload []byte, receive func(Batch)) {
	if len(payload) == 0 || len(payload) > maxPayload {
		n.log.DebugContext(ctx, "a message was not understood", "bytes", len(payload))
		receive(Batch{All: true})
		return
	}
	node, batch, err := decode(string(payload))
	if err != nil {
		n.log.DebugContext(ctx, "a message was not understood", "err", err.Error())
	}
	if node != n.node {
		receive(batch)
	}
}

// send sends what waits until ctx ends, and then what is left.
func (n *NATS) send(ctx context.Context, conn *nats.Conn) {
	var pause backoff
	for {
		select {
		case <-ctx.Done():
			n.sendLast(conn)
			return
		case <-n.pending.wake:
		}
		if sleep(ctx, coalescing) != nil {
			continue
		}
		batch := n.pending.take()
		if err := n.publish(ctx, conn, batch); err == nil {
			pause.failures = 0
			continue
		}
		n.pending.add(batch) // together with what comes meanwhile
		select {
		case <-time.After(pause.next()):
			pause.failures++
		case <-n.awake:
		case <-ctx.Done():
		}
	}
}

// sendLast sends what is left when the carrier closes. What cannot be sent is lost,
// which others find out by looking.
func (n *NATS) sendLast(conn *nats.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if err := n.publish(ctx, conn, n.pending.take()); err != nil {
		n.log.DebugContext(ctx, "the last hints were lost", "err", err.Error())
	}
}

// publish sends a batch and waits until the server has it: what is only written is lost
// with the connection.
func (n *NATS) publish(ctx context.Context, conn *nats.Conn, b Batch) error {
	payloads := encode(n.node, b)
	if len(payloads) == 0 {
		return nil
	}
	if !conn.IsConnected() {
		return nats.ErrDisconnected
	}
	for _, payload := range payloads {
		err := conn.Publish(n.subject, []byte(payload))
		if errors.Is(err, nats.ErrMaxPayload) { // the server was told to take little
			payload = encode(n.node, Batch{All: true})[0]
			err = conn.Publish(n.subject, []byte(payload))
		}
		if err != nil {
			return err
		}
	}
	return n.flush(ctx, conn)
}

// flush waits until the server has taken all that was written to it.
func (n *NATS) flush(ctx context.Context, conn *nats.Conn) error {
	if !conn.IsConnected() {
		return nats.ErrDisconnected
	}
	ctx, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	return conn.FlushWithContext(ctx)
}

// natsDialer connects until its context ends.
type natsDialer struct{ life context.Context }

// Dial implements [nats.CustomDialer].
func (d natsDialer) Dial(network, address string) (net.Conn, error) {
	return (&net.Dialer{Timeout: natsTimeout, KeepAlive: keepAlive}).DialContext(d.life, network, address)
}

// TryNATS returns for each server of a list that does not answer, by its host alone, why.
func TryNATS(ctx context.Context, list string) (problems []string, err error) {
	servers, err := natsServers(list)
	if err != nil {
		return nil, err
	}
	for _, server := range servers {
		conn, err := nats.Connect(server, nats.Name("parley doctor"), nats.NoEcho(), nats.Timeout(natsTimeout),
			nats.SetCustomDialer(natsDialer{ctx}), nats.NoReconnect(), nats.IgnoreDiscoveredServers())
		if err == nil {
			err = conn.FlushTimeout(natsTimeout)
			conn.Close()
		}
		if err != nil {
			problems = append(problems, natsHost(server)+": "+err.Error())
		}
	}
	return problems, nil
}

// natsHost is the address of a server without its user.
func natsHost(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		return "a server"
	}
	return u.Host
}
