package main

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of bare commits on PostgreSQL
	_ "modernc.org/sqlite"             // the driver of bare commits on SQLite
)

// serveFloor answers every request with body from a bare net/http handler: the
// fastest answer that Go's own server can give. The caller closes the server.
func serveFloor(ctx context.Context, body []byte) (*http.Server, string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body) //nolint:errcheck // a client that went away ends its own measurement
	})}
	go server.Serve(listener) //nolint:errcheck // it ends when the caller closes it
	return server, listener.Addr().String(), nil
}

// bareDatabase does durable commits of one row without parley, each worker its
// own row: the floor of writing.
type bareDatabase struct {
	db     *sql.DB
	update *sql.Stmt
	// file is what SQLite has for this, "" on PostgreSQL.
	file string
}

// Queries that say what the database is.
const (
	describeSQLite   = `SELECT 'SQLite ' || sqlite_version() || ', WAL, synchronous FULL'`
	describePostgres = `SELECT 'PostgreSQL ' || current_setting('server_version') || ', '
		|| COALESCE('TCP to ' || host(inet_server_addr()) || ':' || inet_server_port(), 'Unix socket')
		|| ', fsync ' || current_setting('fsync') || ', synchronous_commit ' || current_setting('synchronous_commit')`
)

// openFloor makes the bare database: a table on the same PostgreSQL server, or
// another SQLite file in the same folder, which has the settings that the server
// gives its own. It finds out what the database is, too.
func (b *benchmark) openFloor(ctx context.Context, database string) error {
	driver, dsn, describe, connections := "pgx", database, describePostgres, b.workers
	floor := &bareDatabase{}
	if path, ok := strings.CutPrefix(database, "sqlite:"); ok {
		floor.file = path + "-floor"
		// SQLite has one writer at a time. Those who wait for it in other
		// connections sleep longer than it takes, so that there is one for all.
		driver, describe, connections = "sqlite", describeSQLite, 1
		dsn = "file:" + floor.file + "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)" +
			"&_pragma=synchronous(FULL)&_pragma=wal_autocheckpoint(4000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return err
	}
	floor.db, b.bare = db, floor
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if err := floor.fill(ctx, b.workers); err != nil {
		return errors.Join(err, floor.close())
	}
	return db.QueryRowContext(ctx, describe).Scan(&b.what)
}

func (f *bareDatabase) fill(ctx context.Context, workers int) (err error) {
	statements := []string{"DROP TABLE IF EXISTS bare_commits", "CREATE TABLE bare_commits (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)"}
	if f.file != "" {
		// SQLite's log grows until the first checkpoint and is overwritten from
		// then on, which is twice as fast. That of parley has grown already.
		statements = append(statements, "CREATE TABLE filler AS SELECT zeroblob(20000000) AS bytes", "DROP TABLE filler")
	}
	for _, statement := range statements {
		if _, err := f.db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	for w := range workers {
		if _, err := f.db.ExecContext(ctx, "INSERT INTO bare_commits (id, n) VALUES ($1, 0)", w); err != nil {
			return err
		}
	}
	f.update, err = f.db.PrepareContext(ctx, "UPDATE bare_commits SET n = n + 1 WHERE id = $1")
	return err
}

// commit is one commit of a worker.
func (f *bareDatabase) commit(worker int) error {
	_, err := f.update.ExecContext(context.Background(), worker)
	return err
}

// close removes what was made.
func (f *bareDatabase) close() error {
	_, err := f.db.ExecContext(context.Background(), "DROP TABLE IF EXISTS bare_commits")
	err = errors.Join(err, f.db.Close())
	if f.file != "" {
		err = errors.Join(err, os.Remove(f.file))
	}
	return err
}
