package db

import (
	"context"
	"database/sql"
	"time"

	"modernc.org/sqlite"
)

// watcher notices every commit to an SQLite database, whoever makes it, on a
// connection of its own that never writes. One goroutine uses it at a time.
type watcher struct {
	conn sqliteConn
	seen dataVersion
	// changes counts how often something was new.
	changes int64
}

// dataVersion tells states of a database apart that one connection sees. It
// means nothing to another one.
type dataVersion struct {
	conn   *sql.Conn
	number uint32
}

// look returns another number than before if something was committed since,
// also if that cannot be ruled out.
func (w *watcher) look() (changes int64, err error) {
	if err := w.conn.ready(); err != nil {
		return 0, err
	}
	now := dataVersion{conn: w.conn.conn}
	if now.number, err = w.conn.dataVersion(); err != nil {
		return 0, err
	}
	if now != w.seen {
		w.seen = now
		w.changes++
	}
	return w.changes, nil
}

// dataVersion returns another number whenever another connection has committed.
// The statement begins a transaction and so takes notice; its number is then
// asked of the driver, because a statement that returns a row takes half as long
// again and many allocations.
func (c *sqliteConn) dataVersion() (number uint32, err error) {
	if err := c.command("PRAGMA data_version"); err != nil {
		return 0, err
	}
	err = c.conn.Raw(func(raw any) error {
		number, err = raw.(sqlite.FileControl).FileControlDataVersion("main")
		return err
	})
	return number, wrap(err, "data version")
}

// foreignCommits is how long a commit of another program may stay unnoticed. Nobody
// can tell that from a commit a moment later, and a thousand looks a second cost
// less than one for each request. Commits of this process are always noticed.
const foreignCommits = time.Millisecond

// lastSnapshot is a snapshot id with the moment at which it was taken.
type lastSnapshot struct {
	snapshot SnapshotID
	// own counts the commits of this process that came before.
	own int64
	at  time.Duration // since the start of the program
}

// recent returns the last snapshot if this process has committed nothing since and
// others had no time to.
func (e *sqliteEngine) recent() (SnapshotID, bool) {
	last := e.last.Load()
	if last == nil || last.own != e.commits.Load() || sinceStart()-last.at >= foreignCommits {
		return SnapshotID{}, false
	}
	return last.snapshot, true
}

// snapshot takes notice of commits first. What the snapshot stands for is read after
// that, so that it is never older.
func (e *sqliteEngine) snapshot(_ context.Context, last SnapshotID) (s SnapshotID, err error) {
	now := lastSnapshot{own: e.commits.Load(), at: sinceStart()}
	if s, err = e.newSnapshot(last); err == nil {
		now.snapshot = s
		e.last.Store(&now)
	}
	return s, err
}

func (e *sqliteEngine) newSnapshot(last SnapshotID) (SnapshotID, error) {
	e.closing.RLock() // the watcher's connection ends with the last snapshot
	defer e.closing.RUnlock()
	if e.closed {
		return SnapshotID{}, ErrClosed
	}
	defer e.watcher.conn.done()
	changes, err := e.watcher.look()
	if err != nil || last.changes == changes {
		return last, err
	}
	s := SnapshotID{changes: changes}
	if len(e.model.Versions) == 0 {
		return s, nil
	}
	err = e.watcher.conn.add(&Statement{
		Text: "SELECT " + e.model.columns(), Each: func(row Row) error { return row.Scan(e.model.fields(&s)...) },
	})
	if err != nil {
		return SnapshotID{}, err
	}
	return s, nil
}
