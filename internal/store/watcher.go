package store

import (
	"context"
	"database/sql"

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

// stamp takes notice of commits first. What the stamp stands for is read after
// that, so that it is never older.
func (e *sqliteEngine) stamp(_ context.Context, last Stamp) (Stamp, error) {
	e.closing.RLock() // the watcher's connection ends with the last stamp
	defer e.closing.RUnlock()
	if e.closed {
		return Stamp{}, ErrClosed
	}
	defer e.watcher.conn.done()
	changes, err := e.watcher.look()
	if err != nil || last.changes == changes {
		return last, err
	}
	s := Stamp{changes: changes}
	err = e.watcher.conn.add(&statement{
		text: "SELECT " + versionColumns, each: func(row scanner) error { return row.Scan(s.versionFields()...) },
	})
	if err != nil {
		return Stamp{}, err
	}
	return s, nil
}
