package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// maxBatch bounds how many writes share one commit.
const maxBatch = 128

// sqliteEngine has one writer and a pool of readers on a database in WAL mode.
// Writes that wait at the same time are committed together, each in a savepoint
// of its own, so that one flush to disk serves them all.
type sqliteEngine struct {
	db      *sql.DB
	lock    *os.File // held while the database is open exclusively, else nil
	readers chan *sqliteConn
	index   *walIndex
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

// How long to wait for another program to release the lock file: one that is
// about to end, or one that migrates the database.
const (
	patienceForServer    = time.Second
	patienceForMigration = 10 * time.Second
)

func openSQLite(ctx context.Context, name string, o Options) (*sqliteEngine, error) {
	path, err := sqlitePath(name)
	if err != nil {
		return nil, err
	}
	e := &sqliteEngine{
		readers: make(chan *sqliteConn, o.Readers), jobs: make(chan *writeJob, 4*maxBatch), stop: make(chan struct{}),
	}
	if o.Exclusive {
		if e.lock, err = lockFile(ctx, path+".lock", patienceForServer); err != nil {
			return nil, err
		}
	}
	if err := e.open(ctx, path, o.Readers); err != nil {
		return nil, errors.Join(openError(path, err), e.release())
	}
	return e, nil
}

// sqlitePath finds the file that a URL means, past symbolic links, so that one
// database has one lock. The folder is made if need be.
func sqlitePath(name string) (string, error) {
	path := strings.TrimPrefix(name, "//")
	if path == "" || strings.HasPrefix(path, ":") || strings.HasSuffix(path, "/") {
		return "", fmt.Errorf("database sqlite:%s names no file: use sqlite:PATH", name)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return "", fmt.Errorf("the folder of the database cannot be made: %w", err)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path, nil
}

// open migrates the database and fills the pool.
func (e *sqliteEngine) open(ctx context.Context, path string, readers int) error {
	if err := prepareFile(ctx, path); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", sqliteDSN(path))
	if err != nil {
		return err
	}
	e.db = db
	db.SetMaxOpenConns(readers + 1)
	db.SetMaxIdleConns(readers + 1)
	if err := migrate(ctx, db, dialectSQLite, e.migrationLock(path)); err != nil {
		return err
	}
	// The connections that migrated idle in the pool and keep the file alive.
	if e.index, err = openWALIndex(path); err != nil {
		return err
	}
	return e.start(ctx, readers)
}

// prepareFile makes the file, for its owner alone: it holds the key of all
// cookies. One that is there is looked at before anything in it changes, since
// opening it as ours would.
func prepareFile(ctx context.Context, path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return f.Close()
	}
	if !errors.Is(err, fs.ErrExist) {
		return nil //nolint:nilerr // SQLite says what is wrong in the same words as later
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=rw&_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	return errors.Join(refuseForeign(ctx, db, dialectSQLite), db.Close())
}

// migrationLock returns how to keep other programs from migrating at the same
// time. A running server keeps everybody from migrating below it.
func (e *sqliteEngine) migrationLock(path string) locker {
	if e.lock != nil {
		return func(context.Context) (io.Closer, error) { return io.NopCloser(nil), nil }
	}
	return func(ctx context.Context) (io.Closer, error) {
		return lockFile(ctx, path+".lock", patienceForMigration)
	}
}

// sqliteDSN sets the pragmas of every connection. The busy timeout comes first
// so that the others wait for a lock; synchronous=FULL makes an acknowledged
// commit survive a power loss. There is no mmap: SQLite unmaps the file whenever
// a reader notices a commit, and touching all pages anew costs more than reading
// them.
func sqliteDSN(path string) string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
		"cache_size(-8000)", "temp_store(MEMORY)", "wal_autocheckpoint(4000)",
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

// stamp is the header of the WAL index, which every commit replaces. What it
// stands for is read after it, so that it is never older.
func (e *sqliteEngine) stamp(ctx context.Context, last Stamp) (Stamp, error) {
	header, err := e.header()
	if err != nil || last != (Stamp{}) && last.header == header {
		return last, err
	}
	s := Stamp{header: header}
	err = e.look(ctx, func(q querier) error {
		return q.add(&statement{
			text: "SELECT " + versionColumns, each: func(row scanner) error { return row.Scan(s.versionFields()...) },
		})
	})
	if err != nil {
		return Stamp{}, err
	}
	return s, nil
}

func (e *sqliteEngine) header() (h [walHeaderSize]byte, err error) {
	e.closing.RLock()
	defer e.closing.RUnlock()
	if e.closed {
		return h, ErrClosed
	}
	return e.index.header(), nil
}

func (e *sqliteEngine) read(ctx context.Context, run func(querier) error) error {
	return e.look(ctx, func(q querier) error {
		c := q.(*sqliteConn)
		if err := c.command("BEGIN DEFERRED"); err != nil {
			return err
		}
		defer c.command("COMMIT") //nolint:errcheck // ends a read-only transaction; nothing can be lost
		return run(c)
	})
}

func (e *sqliteEngine) look(ctx context.Context, run func(querier) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var c *sqliteConn
	select {
	case c = <-e.readers:
	case <-e.stop:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { e.readers <- c }()
	return run(c)
}

// write takes no notice of rooms: all writes share commits here.
func (e *sqliteEngine) write(ctx context.Context, _ string, run func(querier) error) error {
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
	err := c.transaction(batch)
	for _, job := range batch {
		if err != nil && job.err == nil {
			job.err = err
		}
		close(job.done)
	}
}

// transaction commits those jobs of a batch that succeed. Its error means that
// nothing at all was committed.
func (c *sqliteConn) transaction(batch []*writeJob) error {
	if err := c.command("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	end := "ROLLBACK"
	for _, job := range batch {
		if err := c.runJob(job, len(batch) > 1); err != nil {
			c.command("ROLLBACK") //nolint:errcheck // the error before it is the one to report
			return err
		}
		if job.err == nil {
			end = "COMMIT"
		}
	}
	err := c.command(end)
	if err != nil && end == "COMMIT" {
		c.command("ROLLBACK") //nolint:errcheck // the commit's error is the one to report
	}
	return err
}

// runJob runs one write and stores its outcome in it. In a savepoint its failure
// does not touch the others; an error says that it did, because SQLite undid the
// whole transaction, as it does when the disk is full.
func (c *sqliteConn) runJob(job *writeJob, savepoint bool) error {
	if job.err = job.ctx.Err(); job.err != nil {
		return nil
	}
	if !savepoint {
		job.err = job.run(c)
		return nil
	}
	if err := c.command("SAVEPOINT job"); err != nil {
		return err
	}
	if job.err = job.run(c); job.err != nil {
		if err := c.command("ROLLBACK TO job"); err != nil {
			return fmt.Errorf("%w: undone with a write that failed: %w", ErrUnavailable, job.err)
		}
	}
	return c.command("RELEASE job")
}

// command runs a statement that steers transactions.
func (c *sqliteConn) command(text string) error {
	return c.add(&statement{text: text})
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
	return e.release()
}

// release closes the file and then lets others open it.
func (e *sqliteEngine) release() error {
	var errs []error
	if e.index != nil {
		errs = append(errs, e.index.close())
	}
	if e.db != nil {
		errs = append(errs, e.db.Close())
	}
	if e.lock != nil {
		errs = append(errs, e.lock.Close())
	}
	return errors.Join(errs...)
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

// add runs the statement at once. The caller's going away does not interrupt it:
// statements are short, and that would cost the driver a goroutine each.
func (c *sqliteConn) add(s *statement) error {
	return wrap(c.execute(s), s.text)
}

func (c *sqliteConn) execute(s *statement) error {
	st, err := c.prepare(s.text) //nolint:sqlclosecheck // statements stay prepared as long as the connection
	if err != nil {
		return err
	}
	if s.each == nil {
		result, err := st.ExecContext(context.Background(), s.args...)
		if err == nil && s.count != nil {
			*s.count, err = result.RowsAffected()
		}
		return err
	}
	rows, err := st.QueryContext(context.Background(), s.args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := s.each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// flush has nothing to do, since nothing waits.
func (c *sqliteConn) flush() error { return nil }

func (c *sqliteConn) close() {
	c.forget()
	c.conn.Close()
}
