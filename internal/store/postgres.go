package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
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
	connectTimeout = 5 * time.Second
	commitTimeout  = 30 * time.Second
	keepAlive      = 15 * time.Second
)

// migrationLockID is the advisory lock that programs hold while they migrate.
const migrationLockID = 7_095_184_402_265_711_733

// postgresEngine has a pool of connections for reads and one for writes, so that
// writes that wait for each other do not keep anybody from reading.
type postgresEngine struct {
	reads, writes *sql.DB
	// losses counts lost connections: after each, those that idle in a pool are
	// tried before they are used.
	losses  atomic.Int64
	closing sync.Mutex // guards closed, and running against an Add after close
	closed  bool
	running sync.WaitGroup
}

// openPostgres connects and migrates. Transactions that run at the same time are
// at most o.Readers reads and twice as many writes.
func openPostgres(ctx context.Context, o Options) (*postgresEngine, error) {
	config, err := pgx.ParseConfig(o.URL)
	if err != nil {
		// The error quotes the URL, which holds a password.
		return nil, errors.New("the database URL cannot be read: use postgres://USER:PASSWORD@HOST:PORT/NAME")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	config.DialFunc = (&net.Dialer{KeepAlive: keepAlive}).DialContext
	setDefault(config.RuntimeParams, "application_name", "parley")
	if err := migratePostgres(ctx, config); err != nil {
		return nil, openError(net.JoinHostPort(config.Host, strconv.Itoa(int(config.Port)))+"/"+config.Database, err)
	}
	setDefault(config.RuntimeParams, "statement_timeout", "30s")
	setDefault(config.RuntimeParams, "lock_timeout", "10s")
	setDefault(config.RuntimeParams, "idle_in_transaction_session_timeout", "60s")
	e := &postgresEngine{}
	e.reads, e.writes = e.pool(config, o.Readers), e.pool(config, 2*o.Readers)
	return e, nil
}

// setDefault sets a parameter that the URL does not.
func setDefault(params map[string]string, name, value string) {
	if _, ok := params[name]; !ok {
		params[name] = value
	}
}

// migratePostgres uses connections of its own, because a migration may take
// longer than a statement is allowed to.
func migratePostgres(ctx context.Context, config *pgx.ConnConfig) error {
	db := stdlib.OpenDB(*config)
	err := migrate(ctx, db, dialectPostgres, func(ctx context.Context) (io.Closer, error) {
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

func (e *postgresEngine) pool(config *pgx.ConnConfig, size int) *sql.DB {
	db := stdlib.OpenDB(*config, stdlib.OptionShouldPing(e.shouldPing))
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db
}

// shouldPing reports whether a pooled connection must be tried before use: after
// idling, or when another one was lost since its last use.
func (e *postgresEngine) shouldPing(_ context.Context, p stdlib.ShouldPingParams) bool {
	const key = "losses"
	data, losses := p.Conn.PgConn().CustomData(), e.losses.Load()
	if seen, _ := data[key].(int64); seen != losses {
		data[key] = losses
		return true
	}
	return p.IdleDuration > time.Second
}

// enter counts a transaction that Close waits for.
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
	return errors.Join(e.reads.Close(), e.writes.Close())
}

func (e *postgresEngine) read(ctx context.Context, run func(querier) error) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.running.Done()
	c, err := e.begin(ctx, e.reads, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
	if err != nil {
		return err
	}
	defer c.end("COMMIT")
	err = run(c)
	if err != nil && isLost(err) {
		e.losses.Add(1)
	}
	return inContext(ctx, err)
}

func (e *postgresEngine) look(ctx context.Context, run func(querier) error) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.running.Done()
	for again := true; ; again = false {
		err := run(postgresPool{e.reads})
		if err == nil || !again || !isLost(err) {
			return inContext(ctx, err)
		}
		e.losses.Add(1)
	}
}

// postgresPool runs each statement by itself on any connection.
type postgresPool struct{ db *sql.DB }

func (p postgresPool) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	return p.db.ExecContext(ctx, query, args...)
}

func (p postgresPool) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	return p.db.QueryContext(ctx, query, args...)
}

func (e *postgresEngine) write(ctx context.Context, run func(querier) error) error {
	if err := e.enter(); err != nil {
		return err
	}
	defer e.running.Done()
	left := budget{races: maxRaces, duplicates: 1, losses: 1}
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := e.attempt(ctx, run)
		if err == nil || !left.spend(err) {
			return err
		}
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
	case errors.Is(err, errUnknownOutcome):
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
	c, err := e.begin(ctx, e.writes, "BEGIN ISOLATION LEVEL READ COMMITTED")
	if err != nil {
		return err
	}
	if err := run(c); err != nil {
		if isLost(err) {
			e.losses.Add(1)
		}
		c.end("ROLLBACK")
		return inContext(ctx, err)
	}
	if err := ctx.Err(); err != nil {
		c.end("ROLLBACK")
		return err
	}
	return c.commit(ctx)
}

// inContext returns why ctx ended, when that is why err came about: the driver
// closes a connection whose statement is cancelled.
func inContext(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// begin starts a transaction. A connection that turns out to be lost is replaced
// once.
func (e *postgresEngine) begin(ctx context.Context, db *sql.DB, how string) (*postgresConn, error) {
	for again := true; ; again = false {
		c, err := open(ctx, db, how)
		if err == nil {
			return c, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !isLost(err) || !again {
			return nil, wrap(err, how)
		}
		e.losses.Add(1)
	}
}

func open(ctx context.Context, db *sql.DB, how string) (*postgresConn, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	c := &postgresConn{conn: conn}
	if _, err := conn.ExecContext(ctx, how); err != nil {
		c.discard()
		return nil, err
	}
	return c, nil
}

// postgresConn is a connection inside of a transaction.
type postgresConn struct{ conn *sql.Conn }

func (c *postgresConn) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	return c.conn.ExecContext(ctx, query, args...)
}

func (c *postgresConn) query(ctx context.Context, query string, args []any) (*sql.Rows, error) {
	return c.conn.QueryContext(ctx, query, args...)
}

// errUnknownOutcome is wrapped by errors after which nobody knows whether a
// transaction was committed.
var errUnknownOutcome = errors.New("the outcome of a commit is unknown")

// commit ends the transaction. The caller's going away no longer stops it, so
// that only a lost connection leaves the outcome open.
func (c *postgresConn) commit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	_, err := c.conn.ExecContext(ctx, "COMMIT")
	switch {
	case err == nil:
		c.conn.Close()
		return nil
	case pgCode(err) != "" && !isLost(err):
		c.end("ROLLBACK")
		return wrap(err, "COMMIT")
	}
	c.discard()
	return fmt.Errorf("%w: %w: %w", ErrUnavailable, errUnknownOutcome, err)
}

// end ends a transaction in which nothing can be lost any more, and gives the
// connection back.
func (c *postgresConn) end(how string) {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	if _, err := c.conn.ExecContext(ctx, how); err != nil {
		c.discard()
		return
	}
	c.conn.Close()
}

// discard closes the connection instead of giving it back to the pool.
func (c *postgresConn) discard() {
	// The answer of Raw is the bad news that it is given.
	c.conn.Raw(func(any) error { return driver.ErrBadConn }) //nolint:errcheck // see above
	c.conn.Close()
}

// stamp asks for the snapshot that a transaction would see now. It names every
// transaction that is still running, so that each commit makes another one.
func (e *postgresEngine) stamp(ctx context.Context) (s Stamp, err error) {
	const query = "SELECT pg_current_snapshot()::text"
	if err := e.enter(); err != nil {
		return s, err
	}
	defer e.running.Done()
	for again := true; ; again = false {
		err = e.reads.QueryRowContext(ctx, query).Scan(&s.text)
		if err == nil || !again || !isLost(err) {
			return s, inContext(ctx, wrap(err, query))
		}
		e.losses.Add(1)
	}
}
