package bus

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// channel is where the nodes of one database notify each other.
const channel = "parley"

// Times of connections that carry hints.
const (
	// coalescing is how long hints gather before they are sent together. NOTIFY takes a
	// lock of the whole server, so that one for each commit would be dear.
	coalescing     = 3 * time.Millisecond
	connectTimeout = 5 * time.Second
	// keepAlive is how long a connection may be silent before it is tried, and
	// answerTimeout how long its answer may take.
	keepAlive     = 15 * time.Second
	answerTimeout = 5 * time.Second
	// firstPause and lastPause are between attempts to connect; it doubles with each.
	firstPause = 100 * time.Millisecond
	lastPause  = 10 * time.Second
	// farewell is how long the last hints may take when the carrier closes.
	farewell = 2 * time.Second
)

// PostgresOptions are what a [Postgres] is made of.
type PostgresOptions struct {
	// URL is that of the database. Its server must not be behind a pool that hands out
	// connections by transaction: hints of others would never come.
	URL string
	Log *slog.Logger
	// SendOnly is for programs that wait for nothing, such as commands beside a server.
	SendOnly bool
	// keepAlive and answerTimeout are those of the package, or shorter in tests.
	keepAlive, answerTimeout time.Duration
}

// Postgres is a carrier by LISTEN and NOTIFY. It has one connection that listens and one
// that sends, which is opened with the first hint.
type Postgres struct {
	config   *pgx.ConnConfig
	log      *slog.Logger
	node     string
	sendOnly bool
	// keepAlive is how long to listen before the connection is tried, answerTimeout how long
	// an answer may take.
	keepAlive, answerTimeout time.Duration

	pending *pending
	stop    context.CancelFunc
	running sync.WaitGroup
}

// NewPostgres returns a carrier that does nothing before Start.
func NewPostgres(o PostgresOptions) (*Postgres, error) {
	config, err := pgx.ParseConfig(o.URL)
	if err != nil {
		// The error quotes the URL, which holds a password.
		return nil, errors.New("bus: the database URL cannot be read")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	config.DialFunc = (&net.Dialer{KeepAlive: keepAlive}).DialContext
	config.RuntimeParams["application_name"] = "parley bus"
	// A hint needs no flush to disk, which the commit of a NOTIFY would wait for.
	config.RuntimeParams["synchronous_commit"] = "off"
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // works without prepared statements
	return &Postgres{
		config: config, log: o.Log, node: rand.Text(), sendOnly: o.SendOnly, pending: newPending(), stop: func() {},
		keepAlive: cmp.Or(o.keepAlive, keepAlive), answerTimeout: cmp.Or(o.answerTimeout, answerTimeout),
	}, nil
}

// Start implements [Carrier].
func (p *Postgres) Start(receive func(Batch)) {
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	if !p.sendOnly {
		p.running.Go(func() { p.listen(ctx, receive) })
	}
	p.running.Go(func() { p.send(ctx) })
}

// Publish implements [Carrier].
func (p *Postgres) Publish(hints []Hint) { p.pending.add(Batch{Hints: hints}) }

// Close implements [Carrier].
func (p *Postgres) Close() error {
	p.stop()
	p.running.Wait()
	return nil
}

// listen hands over what others send, connecting again and again until ctx ends.
func (p *Postgres) listen(ctx context.Context, receive func(Batch)) {
	var pause backoff
	for {
		err := p.listenOnce(ctx, receive, &pause)
		if ctx.Err() != nil {
			return
		}
		if pause.failures == 0 {
			p.log.WarnContext(ctx, "hints of other nodes do not come: changes are seen later", "err", err.Error())
		}
		if pause.sleep(ctx) != nil {
			return
		}
	}
}

// listenOnce listens on one connection until it is lost.
func (p *Postgres) listenOnce(ctx context.Context, receive func(Batch), pause *backoff) error {
	conn, err := pgx.ConnectConfig(ctx, p.config)
	if err != nil {
		return err
	}
	defer hangUp(conn)
	if err := p.execute(ctx, conn, "LISTEN "+channel); err != nil {
		return err
	}
	receive(Batch{All: true}) // hints before this moment were lost
	for {
		payload, err := p.next(ctx, conn)
		if err != nil {
			return err
		}
		if pause.failures > 0 {
			p.log.InfoContext(ctx, "hints of other nodes come again")
			pause.failures = 0
		}
		if payload == "" {
			continue
		}
		node, batch, err := decode(payload)
		if err != nil {
			p.log.DebugContext(ctx, "a notification was not understood", "err", err.Error())
		}
		if node != p.node {
			receive(batch)
		}
	}
}

// next waits for a notification. A connection that is silent for long is tried; the
// payload is empty when it answers.
func (p *Postgres) next(ctx context.Context, conn *pgx.Conn) (payload string, err error) {
	waiting, cancel := context.WithTimeout(ctx, p.keepAlive)
	defer cancel()
	n, err := conn.WaitForNotification(waiting)
	if err == nil {
		return n.Payload, nil
	}
	if ctx.Err() != nil || !pgconn.Timeout(err) {
		return "", err
	}
	return "", p.execute(ctx, conn, "SELECT 1")
}

// send sends what waits until ctx ends, and then what is left.
func (p *Postgres) send(ctx context.Context) {
	s := sender{carrier: p}
	defer s.hangUp()
	var pause backoff
	for {
		select {
		case <-ctx.Done():
			p.sendLast(&s)
			return
		case <-p.pending.wake:
		}
		if sleep(ctx, coalescing) != nil {
			continue
		}
		batch := p.pending.take()
		err := s.send(ctx, batch)
		if err == nil {
			pause.failures = 0
			continue
		}
		p.pending.add(batch) // together with what comes meanwhile
		if ctx.Err() != nil {
			continue
		}
		if pause.failures == 0 {
			p.log.WarnContext(ctx, "hints for other nodes cannot be sent: they see changes later", "err", err.Error())
		}
		_ = pause.sleep(ctx) // the loop looks at ctx itself
	}
}

// sendLast sends what is left when the carrier closes. What cannot be sent is lost,
// which others find out by looking.
func (p *Postgres) sendLast(s *sender) {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if err := s.send(ctx, p.pending.take()); err != nil {
		p.log.DebugContext(ctx, "the last hints were lost", "err", err.Error())
	}
}

// sender has the connection that sends.
type sender struct {
	carrier *Postgres
	conn    *pgx.Conn // nil while there is none
}

// send sends a batch. A connection that was lost since it was last used is replaced.
func (s *sender) send(ctx context.Context, b Batch) error {
	payloads := encode(s.carrier.node, b)
	if len(payloads) == 0 {
		return nil
	}
	used := s.conn != nil
	err := s.notify(ctx, payloads)
	if err != nil && used && ctx.Err() == nil {
		err = s.notify(ctx, payloads)
	}
	return err
}

func (s *sender) notify(ctx context.Context, payloads []string) (err error) {
	if s.conn == nil {
		if s.conn, err = pgx.ConnectConfig(ctx, s.carrier.config); err != nil {
			s.conn = nil
			return err
		}
	}
	err = s.carrier.execute(ctx, s.conn, "SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload", channel, payloads)
	if err != nil {
		s.hangUp()
	}
	return err
}

func (s *sender) hangUp() {
	if s.conn != nil {
		hangUp(s.conn)
		s.conn = nil
	}
}

// execute runs a statement that should be answered at once.
func (p *Postgres) execute(ctx context.Context, conn *pgx.Conn, query string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, p.answerTimeout)
	defer cancel()
	_, err := conn.Exec(ctx, query, args...)
	return err
}

// hangUp closes a connection that may be lost already, so that its error tells nothing.
func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

// backoff are the pauses between attempts that failed.
type backoff struct{ failures int }

// sleep waits longer with each failure, and by chance, so that nodes that lost the same
// server do not all come back at once.
func (b *backoff) sleep(ctx context.Context) error {
	pause := b.next()
	b.failures++
	return sleep(ctx, pause)
}

// next is how long the next pause is.
func (b *backoff) next() time.Duration {
	pause := min(firstPause<<min(b.failures, 16), lastPause)
	return pause/2 + mathrand.N(pause)
}

// sleep waits, or returns the reason why ctx ended before.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
