package db

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
	"sync/atomic"
	"time"
)

// sqliteEngine has one writer and a pool of readers on a database in WAL mode.
// Writes that wait at the same time are committed together, each in a savepoint
// of its own, so that one flush to disk serves them all.
type sqliteEngine struct {
	db      *sql.DB
	model   Model
	lock    *os.File // held while the database is open exclusively, else nil
	readers chan *sqliteConn
	watcher watcher
	// commits counts those of this process, last is the newest snapshot id.
	commits atomic.Int64
	last    atomic.Pointer[lastSnapshot]
	jobs    chan *writeJob
	writer  sync.WaitGroup
	stop    chan struct{}
	closing sync.RWMutex // guards closed, and jobs against a send after close
	closed  bool
	// committed, which has no batch that was undone, and waits are what Counts returns.
	committed atomic.Int64
	waits     waits
}

// How long to wait for another program to release the lock file: one that is
// about to end, or one that migrates the database.
const (
	LockTimeout          = time.Second
	migrationLockTimeout = 10 * time.Second
)

func openSQLite(ctx context.Context, name string, o Options, m Model) (*sqliteEngine, error) {
	path, err := SQLitePath(name, o.Schema)
	if err != nil {
		return nil, err
	}
	e := &sqliteEngine{
		model:   m,
		readers: make(chan *sqliteConn, o.Readers), jobs: make(chan *writeJob, 4*maxBatch), stop: make(chan struct{}),
	}
	if o.Exclusive {
		if e.lock, err = LockFile(ctx, path+".lock", LockTimeout); err != nil {
			return nil, err
		}
	}
	if err := e.open(ctx, path, o); err != nil {
		return nil, errors.Join(OpenError(path, err), e.release())
	}
	return e, nil
}

// SQLitePath finds the file that a URL means, past symbolic links, so that one
// database has one lock. The folder is made if the database may be; else both have to
// be there.
func SQLitePath(name string, s Schema) (string, error) {
	path := strings.TrimPrefix(name, "//")
	if path == "" || strings.HasPrefix(path, ":") || strings.HasSuffix(path, "/") {
		return "", fmt.Errorf("database sqlite:%s names no file: use sqlite:PATH", name)
	}
	if s != SchemaCreate {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return "", OpenError(path, &SchemaError{})
		}
	} else if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return "", fmt.Errorf("the folder of the database cannot be made: %w", err)
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path, nil
}

// open migrates the database and fills the pool.
func (e *sqliteEngine) open(ctx context.Context, path string, o Options) error {
	if err := e.prepareFile(ctx, path, o.Schema); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", sqliteDSN(path))
	if err != nil {
		return err
	}
	e.db = db
	if err := migrate(ctx, db, DialectSQLite, o, e.model.Migrations, e.migrationLock(path)); err != nil {
		return err
	}
	return e.start(o.Readers)
}

// prepareFile makes the file if it may, for its owner alone: it holds the key of all
// cookies. One that is there is looked at before anything in it changes, since
// opening it as ours would.
func (e *sqliteEngine) prepareFile(ctx context.Context, path string, s Schema) error {
	if s == SchemaCreate {
		f, err := NewFile(path)
		if err == nil {
			return f.Close()
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil //nolint:nilerr // SQLite says what is wrong in the same words as later
		}
	}
	newest, err := e.model.NewestSchema()
	if err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=rw&_pragma=busy_timeout(10000)")
	if err != nil {
		return err
	}
	_, err = usableSchema(ctx, db, DialectSQLite, s, newest)
	return errors.Join(err, db.Close())
}

// migrationLock returns how to keep other programs from migrating at the same
// time. A running server keeps everybody from migrating below it.
func (e *sqliteEngine) migrationLock(path string) locker {
	if e.lock != nil {
		return func(context.Context) (io.Closer, error) { return io.NopCloser(nil), nil }
	}
	return func(ctx context.Context) (io.Closer, error) {
		return LockFile(ctx, path+".lock", migrationLockTimeout)
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

// start opens all connections, so that what is wrong shows at once, and starts
// the writer.
func (e *sqliteEngine) start(readers int) error {
	writer := &sqliteConn{db: e.db}
	e.watcher.conn.db = e.db
	opened := []*sqliteConn{writer, &e.watcher.conn}
	for range readers {
		c := &sqliteConn{db: e.db}
		e.readers <- c
		opened = append(opened, c)
	}
	for _, c := range opened {
		if err := c.ready(); err != nil {
			for _, c := range opened {
				c.close()
			}
			return err
		}
	}
	e.writer.Go(func() { e.writeLoop(writer) })
	return nil
}

func (e *sqliteEngine) read(ctx context.Context, run func(querier) error) error {
	return e.look(ctx, func(q querier) error {
		c := q.(*sqliteConn)
		if err := c.command("BEGIN DEFERRED"); err != nil {
			c.fail(err)
			return err
		}
		defer c.endRead()
		return run(c)
	})
}

// endRead ends a transaction that has only read, in which nothing can be lost. A
// connection that stayed in it would show what is old to whoever gets it next.
func (c *sqliteConn) endRead() {
	if err := c.command("COMMIT"); err != nil {
		c.fail(err)
	}
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
	defer func() {
		c.done()
		e.readers <- c
	}()
	if err := c.ready(); err != nil {
		return err
	}
	return run(c)
}

func (e *sqliteEngine) close() error {
	e.closing.Lock()
	if e.closed {
		e.closing.Unlock()
		return nil
	}
	e.closed = true
	e.last.Store(nil)
	close(e.stop)
	close(e.jobs)
	e.closing.Unlock()
	e.writer.Wait()
	for range cap(e.readers) {
		(<-e.readers).close()
	}
	e.watcher.conn.close()
	return e.release()
}

// release closes the file and then lets others open it.
func (e *sqliteEngine) release() error {
	var errs []error
	if e.db != nil {
		errs = append(errs, e.db.Close())
	}
	if e.lock != nil {
		errs = append(errs, e.lock.Close())
	}
	return errors.Join(errs...)
}
