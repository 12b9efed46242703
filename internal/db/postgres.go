package db

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// Attempts of a write and the pause before the second one, which doubles.
const (
	maxRaces   = 8 // lost to other transactions
	firstPause = 5 * time.Millisecond
	lastPause  = 200 * time.Millisecond
)

// Times after which PostgreSQL or its network counts as not working.
const (
	connectTimeout  = 5 * time.Second
	pingTimeout     = 2 * time.Second
	keepAlive       = 15 * time.Second
	snapshotTimeout = 5 * time.Second
	// poolTimeout is how long a transaction waits for a connection, and a write
	// for its group.
	poolTimeout = 10 * time.Second
	// statementTimeout is the server's limit. Who waits for an answer gives up
	// somewhat later.
	statementTimeout = 30 * time.Second
	answerTimeout    = statementTimeout + 5*time.Second
)

// migrationLockID is the advisory lock that programs hold while they migrate.
const migrationLockID = 7_095_184_402_265_711_733

// postgresEngine has a pool of connections for reads and one for writes, so that
// writes that wait for each other do not keep anybody from reading.
type postgresEngine struct {
	reads, writes *pgxpool.Pool
	model         Model
	groups        grouping
	// answerTimeout is how long an answer may take, 0 for ever.
	answerTimeout time.Duration
	// queueing is how long to wait for a connection or a group.
	queueing time.Duration
	// watch is the connection that asks for snapshots, nil without one, and era the
	// number of connections that did. A server that crashed gives numbers of
	// transactions again that it had not written down, but never to a connection
	// of before.
	watch *pgxpool.Conn
	era   int64
	// losses counts lost connections: after each, those that idle in a pool are
	// tried before they are used.
	losses atomic.Int64
	// commits, deadlocks and retries are what Counts returns.
	commits, deadlocks, retries atomic.Int64
	closing                     sync.Mutex // guards closed, and running against an Add after close
	closed                      bool
	running                     sync.WaitGroup
}

// openPostgres connects and migrates. Transactions that run at the same time are
// at most o.Readers reads and twice as many writes.
func openPostgres(ctx context.Context, o Options, m Model) (*postgresEngine, error) {
	config, err := pgxpool.ParseConfig(o.URL)
	if err != nil {
		// The error quotes the URL, which holds a password.
		return nil, errors.New("the database URL cannot be read: use postgres://USER:PASSWORD@HOST:PORT/NAME")
	}
	server := config.ConnConfig
	if server.ConnectTimeout == 0 {
		server.ConnectTimeout = connectTimeout
	}
	server.DialFunc = (&net.Dialer{KeepAlive: keepAlive}).DialContext
	setDefault(server.RuntimeParams, "application_name", "parley")
	if err := migratePostgres(ctx, server, o, m); err != nil {
		return nil, OpenError(net.JoinHostPort(server.Host, strconv.Itoa(int(server.Port)))+"/"+server.Database, err)
	}
	e := &postgresEngine{model: m, groups: newGrouping(), queueing: poolTimeout}
	if _, own := server.RuntimeParams["statement_timeout"]; !own {
		server.RuntimeParams["statement_timeout"] = strconv.FormatInt(statementTimeout.Milliseconds(), 10)
		e.answerTimeout = answerTimeout
	}
	setDefault(server.RuntimeParams, "lock_timeout", "10s")
	setDefault(server.RuntimeParams, "idle_in_transaction_session_timeout", "60s")
	if e.reads, err = e.pool(config, o.Readers+1); err != nil { // one of them watches
		return nil, err
	}
	e.writes, err = e.pool(config, 2*o.Readers)
	return e, err
}

// setDefault sets a parameter that the URL does not.
func setDefault(params map[string]string, name, value string) {
	if _, ok := params[name]; !ok {
		params[name] = value
	}
}

// migratePostgres uses connections of its own, because a migration may take
// longer than a statement is allowed to.
func migratePostgres(ctx context.Context, config *pgx.ConnConfig, o Options, m Model) error {
	db := stdlib.OpenDB(*config)
	err := migrate(ctx, db, DialectPostgres, o, m.Migrations, func(ctx context.Context) (io.Closer, error) {
		conn, err := db.Conn(ctx)
		if err != nil {
			return nil, err
		}
		// The lock ends with the connection, which closes with the pool.
		if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", migrationLockID); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return conn, nil
	})
	return errors.Join(err, db.Close())
}

// pool makes a pool, which connects when it has to.
func (e *postgresEngine) pool(config *pgxpool.Config, size int) (*pgxpool.Pool, error) {
	config = config.Copy()
	config.MaxConns, config.MinConns, config.MinIdleConns = int32(size), 0, 0
	config.MaxConnIdleTime = 5 * time.Minute
	config.ShouldPing, config.PingTimeout = e.shouldPing, pingTimeout
	return pgxpool.NewWithConfig(context.Background(), config)
}

// shouldPing reports whether a pooled connection must be tried before use: after
// idling, or when another one was lost since its last use.
func (e *postgresEngine) shouldPing(_ context.Context, p pgxpool.ShouldPingParams) bool {
	const key = "losses"
	data, losses := p.Conn.PgConn().CustomData(), e.losses.Load()
	if seen, _ := data[key].(int64); seen != losses {
		data[key] = losses
		return true
	}
	return p.IdleDuration > time.Second
}

// enter counts a transaction that close waits for.
func (e *postgresEngine) enter() error {
	e.closing.Lock()
	defer e.closing.Unlock()
	if e.closed {
		return ErrClosed
	}
	e.running.Add(1)
	return nil
}

func (e *postgresEngine) close() error {
	e.closing.Lock()
	closed := e.closed
	e.closed = true
	e.closing.Unlock()
	if closed {
		return nil
	}
	e.running.Wait()
	e.unwatch()
	e.reads.Close()
	e.writes.Close()
	return nil
}

// Statements that begin transactions.
const (
	beginRead  = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	beginWrite = "BEGIN ISOLATION LEVEL READ COMMITTED"
)

func (e *postgresEngine) read(ctx context.Context, run func(querier) error) error {
	return e.reading(ctx, beginRead, run)
}

func (e *postgresEngine) look(ctx context.Context, run func(querier) error) error {
	return e.reading(ctx, "", run)
}

// reading runs what only reads. When the connection turns out to be lost before
// it answered anything it is replaced once.
func (e *postgresEngine) reading(ctx context.Context, begin string, run func(querier) error) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.running.Done()
	for again := true; ; again = false {
		answered, err := e.readOnce(ctx, begin, run)
		if err == nil || ctx.Err() != nil || answered || !again || !isLost(err) || isLate(err) {
			return inContext(ctx, err)
		}
	}
}

func (e *postgresEngine) readOnce(ctx context.Context, begin string, run func(querier) error) (answered bool, err error) {
	r, err := e.newRound(ctx, e.reads, begin)
	if err != nil {
		return false, err
	}
	defer r.release()
	m := r.join()
	if err = run(m); err == nil {
		err = m.flush()
	}
	return r.answered, err
}

func (e *postgresEngine) write(ctx context.Context, key string, run func(querier) error) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.running.Done()
	if key == "" {
		return e.alone(ctx, run)
	}
	return e.grouped(ctx, key, run)
}

// alone runs a write in a transaction of its own, again if there is reason to
// hope.
func (e *postgresEngine) alone(ctx context.Context, run func(querier) error) error {
	left := budget{races: maxRaces, duplicates: 1, losses: 1}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := e.attempt(ctx, run)
		if err == nil || !left.spend(err) {
			return err
		}
		e.retries.Add(1)
		if err := sleep(ctx, pause/2+rand.N(pause)); err != nil {
			return err
		}
	}
}

// budget is how often a write may still be repeated, by reason.
type budget struct{ races, duplicates, losses int }

// spend reports whether a write that failed may be tried once more. A key that
// somebody else took in the meantime is a race that the next attempt sees; a key
// that is taken again is not.
func (b *budget) spend(err error) bool {
	var n *int
	switch {
	case errors.Is(err, errUnknownOutcome), isLate(err):
		return false
	case isRace(err):
		n = &b.races
	case isDuplicate(err):
		n = &b.duplicates
	case isLost(err):
		n = &b.losses
	default:
		return false
	}
	*n--
	return *n >= 0
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

// attempt runs a write once.
func (e *postgresEngine) attempt(ctx context.Context, run func(querier) error) error {
	r, err := e.newRound(ctx, e.writes, beginWrite)
	if err != nil {
		return inContext(ctx, err)
	}
	defer r.release()
	m := r.join()
	if err = run(m); err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return inContext(ctx, err)
	}
	r.leave(m)
	return r.commit()
}

// inContext returns why ctx ended, when that is why err came about: the driver
// closes a connection whose statement is cancelled.
func inContext(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// note counts what went wrong.
func (e *postgresEngine) note(err error) {
	if isLost(err) {
		e.losses.Add(1)
	}
	if pgCode(err) == pgDeadlock {
		e.deadlocks.Add(1)
	}
}

// isLate reports whether the server gave no answer in time. It may hang, and
// asking again would only take as long again.
func isLate(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
}

// snapshot asks for the snapshot that a transaction would see now. It names every
// transaction that is still running, so that each commit makes another one. The
// connection is kept, since nothing is asked for as often.
func (e *postgresEngine) snapshot(ctx context.Context, _ SnapshotID) (SnapshotID, error) {
	if err := e.enter(); err != nil {
		return SnapshotID{}, err
	}
	defer e.running.Done()
	for again := true; ; again = false {
		s, err := e.querySnapshot(ctx)
		if err == nil {
			return s, nil
		}
		e.unwatch()
		if !again || !isLost(err) || isLate(err) {
			return s, err
		}
		e.losses.Add(1)
	}
}

func (e *postgresEngine) querySnapshot(ctx context.Context) (s SnapshotID, err error) {
	if e.watch == nil {
		ctx, cancel := context.WithTimeout(ctx, snapshotTimeout)
		defer cancel()
		if e.watch, err = e.acquire(ctx, e.reads); err != nil {
			return s, err
		}
		e.era++
	}
	s.era = e.era
	limit(e.watch, snapshotTimeout)
	query := strings.Join(append([]string{"SELECT pg_current_snapshot()::text"}, e.model.Versions...), ", ")
	err = e.watch.QueryRow(context.Background(), query).Scan(append([]any{&s.text}, e.model.fields(&s)...)...)
	return s, wrap(err, query)
}

// unwatch gives up the connection that asks for snapshots.
func (e *postgresEngine) unwatch() {
	if e.watch == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	e.watch.Conn().Close(ctx) // it is of no use any more
	e.watch.Release()
	e.watch = nil
}
