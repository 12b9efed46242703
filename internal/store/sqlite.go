package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
)

// maxBatch bounds how many writes share one commit.
const maxBatch = 128

// sqliteEngine has one writer and a pool of readers on a database in WAL mode.
// Writes that wait at the same time are committed together, each in a savepoint
// of its own, so that one flush to disk serves them all.
type sqliteEngine struct {
	db      *sql.DB
	readers chan *sqliteConn
	jobs    chan *writeJob
	writer  sync.WaitGroup
	stop    chan struct{}
	closing sync.RWMutex // guards closed, and jobs against a send after close
	closed  bool
}

// writeJob is a write that waits for its turn.
type writeJob struct {
	ctx  context.Context
	run  func(querier) error
	err  error
	done chan struct{}
}

func openSQLite(ctx context.Context, path string, readers int) (*sqliteEngine, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	db, err := sql.Open("sqlite", sqliteDSN(path))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(readers + 1)
	db.SetMaxIdleConns(readers + 1)
	if err := migrate(ctx, db, dialectSQLite); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	e := &sqliteEngine{
		db: db, readers: make(chan *sqliteConn, readers),
		jobs: make(chan *writeJob, 4*maxBatch), stop: make(chan struct{}),
	}
	if err := e.start(ctx, readers); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return e, nil
}

// sqliteDSN sets the pragmas of every connection. The busy timeout comes first
// so that the others wait for a lock; synchronous=FULL makes an acknowledged
// commit survive a power loss.
func sqliteDSN(path string) string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
		"cache_size(-8000)", "temp_store(MEMORY)", "mmap_size(268435456)", "wal_autocheckpoint(4000)",
	}}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

func (e *sqliteEngine) start(ctx context.Context, readers int) error {
	for range readers {
		c, err := e.db.Conn(ctx)
		if err != nil {
			return err
		}
		e.readers <- &sqliteConn{conn: c}
	}
	c, err := e.db.Conn(ctx)
	if err != nil {
		return err
	}
	e.writer.Go(func() { e.writeLoop(&sqliteConn{conn: c}) })
	return nil
}

func (e *sqliteEngine) read(ctx context.Context, run func(querier) error) error {
	var c *sqliteConn
	select {
	case c = <-e.readers:
	case <-e.stop:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { e.readers <- c }()
	if _, err := c.exec(ctx, "BEGIN DEFERRED", nil); err != nil {
		return err
	}
	defer c.exec(ctx, "COMMIT", nil) //nolint:errcheck // ends a read-only transaction; nothing can be lost
	return run(c)
}

func (e *sqliteEngine) write(ctx context.Context, run func(querier) error) error {
	job := &writeJob{ctx: ctx, run: run, done: make(chan struct{})}
	if err := e.enqueue(job); err != nil {
		return err
	}
	// The writer answers every job that was queued, also during a shutdown, and
	// run may touch the caller's variables until then.
	<-job.done
	return job.err
}

func (e *sqliteEngine) enqueue(job *writeJob) error {
	e.closing.RLock()
	defer e.closing.RUnlock()
	if e.closed {
		return ErrClosed
	}
	select {
	case e.jobs <- job:
		return nil
	case <-job.ctx.Done():
		return job.ctx.Err()
	}
}

// writeLoop owns the writing connection. It ends when the queue is closed and
// empty.
func (e *sqliteEngine) writeLoop(c *sqliteConn) {
	defer c.close()
	for job := range e.jobs {
		e.commit(c, e.gather(job))
	}
}

// gather takes what else is waiting, without waiting for more.
func (e *sqliteEngine) gather(first *writeJob) []*writeJob {
	batch := []*writeJob{first}
	for len(batch) < maxBatch {
		select {
		case job, open := <-e.jobs:
			if !open {
				return batch
			}
			batch = append(batch, job)
		default:
			return batch
		}
	}
	return batch
}

// commit runs a batch in one transaction and answers every job.
func (e *sqliteEngine) commit(c *sqliteConn, batch []*writeJob) {
	ctx := context.Background()
	_, err := c.exec(ctx, "BEGIN IMMEDIATE", nil)
	if err == nil {
		for _, job := range batch {
			job.err = c.runJob(ctx, job, len(batch) > 1)
		}
		err = c.finish(ctx, batch)
	}
	for _, job := range batch {
		if err != nil && job.err == nil {
			job.err = err
		}
		close(job.done)
	}
}

// finish commits when any job succeeded and rolls back otherwise.
func (c *sqliteConn) finish(ctx context.Context, batch []*writeJob) error {
	for _, job := range batch {
		if job.err == nil {
			_, err := c.exec(ctx, "COMMIT", nil)
			if err != nil {
				c.exec(ctx, "ROLLBACK", nil) //nolint:errcheck // the commit's error is the one to report
			}
			return err
		}
	}
	_, err := c.exec(ctx, "ROLLBACK", nil)
	return err
}

// runJob runs one write; savepoint keeps its failure from touching the others.
func (c *sqliteConn) runJob(ctx context.Context, job *writeJob, savepoint bool) (err error) {
	if err := job.ctx.Err(); err != nil {
		return err
	}
	if savepoint {
		if _, err := c.exec(ctx, "SAVEPOINT job", nil); err != nil {
			return err
		}
		defer func() {
			if err != nil {
				_, e := c.exec(ctx, "ROLLBACK TO job", nil)
				err = errors.Join(err, e)
			}
			if _, e := c.exec(ctx, "RELEASE job", nil); err == nil {
				err = e
			}
		}()
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("store: panic in a transaction: %v\n%s", p, debug.Stack())
		}
	}()
	return job.run(c)
}

func (e *sqliteEngine) close() error {
	e.closing.Lock()
	if e.closed {
		e.closing.Unlock()
		return nil
	}
	e.closed = true
	close(e.stop)
	close(e.jobs)
	e.closing.Unlock()
	e.writer.Wait()
	for range cap(e.readers) {
		(<-e.readers).close()
	}
	return e.db.Close()
}

// sqliteConn is a connection with its prepared statements. One goroutine uses
// it at a time.
type sqliteConn struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

// maxStatements bounds the statements that a connection keeps prepared; the
// texts are constants but for the lengths of IN lists.
const maxStatements = 500

func (c *sqliteConn) prepare(query string) (*sql.Stmt, error) {
	if st, ok := c.stmts[query]; ok {
		return st, nil
	}
	if c.stmts == nil || len(c.stmts) >= maxStatements {
		c.forget()
	}
	st, err := c.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = st
	return st, nil
}

func (c *sqliteConn) forget() {
	for _, st := range c.stmts {
		st.Close()
	}
	c.stmts = map[string]*sql.Stmt{}
}

// exec ignores the caller's context on purpose: statements are short, and
// interrupting one costs the driver a goroutine each.
func (c *sqliteConn) exec(_ context.Context, query string, args []any) (sql.Result, error) {
	st, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(context.Background(), args...)
}

func (c *sqliteConn) query(_ context.Context, query string, args []any) (*sql.Rows, error) {
	st, err := c.prepare(query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(context.Background(), args...)
}

func (c *sqliteConn) close() {
	c.forget()
	c.conn.Close()
}
