package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
)

// sqliteConn is a connection with its prepared statements. One goroutine uses it
// at a time, between ready and done. Once it has failed in a way that leaves its
// state open it does nothing more and is replaced.
type sqliteConn struct {
	db    *sql.DB
	conn  *sql.Conn // nil before the first use
	stmts map[string]*sql.Stmt
	raw   driver.Conn // what conn stands for
	// fault is why it has to be replaced, nil while all is well.
	fault error
	// panicked tells that the fault is a panic inside of the driver.
	panicked bool
}

// ready opens the connection if need be.
func (c *sqliteConn) ready() error {
	if c.conn != nil {
		return nil
	}
	conn, err := c.db.Conn(context.Background())
	if err == nil {
		err = conn.Raw(func(raw any) error {
			c.conn, c.raw = conn, raw.(driver.Conn)
			return nil
		})
	}
	return wrap(err, "connect")
}

// fail gives the connection up.
func (c *sqliteConn) fail(err error) {
	if c.fault == nil {
		c.fault = err
	}
}

// done closes the connection if it has failed, so that it keeps no lock.
func (c *sqliteConn) done() {
	if c.fault != nil {
		c.close()
	}
}

// close ends the connection and whatever transaction is open on it.
func (c *sqliteConn) close() {
	switch {
	case c.conn == nil:
	case c.panicked:
		// A panic leaves a lock of package sql taken, for which its Close would wait.
		// What panics again is given up.
		attempt(c.forget)
		attempt(func() { c.raw.Close() })
	default:
		c.forget()
		// Closed like this it does not go back to the pool.
		_ = c.conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	*c = sqliteConn{db: c.db}
}

// attempt runs f, which may panic.
func attempt(f func()) {
	defer func() { _ = recover() }()
	f()
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
func (c *sqliteConn) add(s *Statement) error {
	if c.fault != nil {
		return fmt.Errorf("%w: the connection has failed: %w", ErrUnavailable, c.fault)
	}
	return wrap(c.execute(s), s.Text)
}

// execute turns a panic of the driver into an error. After one the connection is
// given up, and after damage, which may be in its memory alone.
func (c *sqliteConn) execute(s *Statement) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
			c.panicked = true
		}
		if c.panicked || isDamage(err) {
			c.fail(err)
		}
	}()
	st, err := c.prepare(s.Text) //nolint:sqlclosecheck // statements stay prepared as long as the connection
	if err != nil {
		return err
	}
	if s.Each == nil {
		result, err := st.ExecContext(context.Background(), s.Args...)
		if err == nil && s.Count != nil {
			*s.Count, err = result.RowsAffected()
		}
		return err
	}
	rows, err := st.QueryContext(context.Background(), s.Args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := s.hand(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// hand gives a row to who asked for it. A panic there says nothing about the
// connection.
func (s *Statement) hand(row Row) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	return s.Each(row)
}

// flush has nothing to do, since nothing waits.
func (c *sqliteConn) flush() error { return nil }

// command runs a statement that steers transactions.
func (c *sqliteConn) command(text string) error {
	return c.add(&Statement{Text: text})
}
