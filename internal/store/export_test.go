package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

// Exec runs a statement that only tests need, and waits for it.
func (tx *Tx) Exec(query string, args ...any) error {
	_, err := tx.exec(query, args...)
	return err
}

// Run is Exec without waiting.
func (tx *Tx) Run(query string, args ...any) error { return tx.run(query, args...) }

// Each calls f for every row of a query that only tests need.
func (tx *Tx) Each(f func(), query string) error {
	return tx.each(func(scanner) error {
		f()
		return nil
	}, query)
}

// Numbers returns the first column of a query that only tests need.
func (tx *Tx) Numbers(query string, args ...any) ([]int64, error) {
	return collect(tx, func(row scanner, n *int64) error { return row.Scan(n) }, query, args...)
}

// Plans returns how SQLite would run each query of f, a text per step.
func (tx *Tx) Plans(f func(*Tx) error) ([]string, error) {
	seen := &recorder{querier: tx.q}
	spied := *tx
	spied.q = seen
	spied.held.ids = map[int64]bool{0: true, 1: true}
	if err := f(&spied); err != nil && !isNone(err) {
		return nil, err
	}
	var steps []string
	for i, query := range seen.queries {
		err := tx.each(func(row scanner) error {
			var id, parent, unused int
			var detail string
			err := row.Scan(&id, &parent, &unused, &detail)
			steps = append(steps, detail)
			return err
		}, "EXPLAIN QUERY PLAN "+query, seen.args[i]...)
		if err != nil {
			return nil, err
		}
	}
	return steps, nil
}

// recorder remembers the statements that it passes on.
type recorder struct {
	querier
	queries []string
	args    [][]any
}

func (r *recorder) add(s *statement) error {
	r.queries, r.args = append(r.queries, s.text), append(r.args, s.args)
	return r.querier.add(s)
}

// Tables returns the tables that are copied.
func Tables() []string { return tables }

// Texts returns the first column of a query that only tests need.
func (tx *Tx) Texts(query string) ([]string, error) { return collect(tx, scanString, query) }

// Replace puts a file in the place of a database, as the last step of a restore.
func Replace(ctx context.Context, file, path string) error { return replace(ctx, file, path) }

// SetPatience sets how long PostgreSQL may take for an answer.
func (s *Store) SetPatience(d time.Duration) { s.engine.(*postgresEngine).patience = d }

// SetQueueing sets how long to wait for a connection to PostgreSQL or for a group.
func (s *Store) SetQueueing(d time.Duration) { s.engine.(*postgresEngine).queueing = d }

// ErrUnlocked is the failure of changes of conversations that are not locked.
var ErrUnlocked = errUnlocked

// LockAll locks all conversations.
func (tx *Tx) LockAll() error {
	tokens, err := tx.Texts("SELECT token FROM rooms")
	if err != nil {
		return err
	}
	return tx.LockRooms(tokens)
}

// BeforeStamps lets f run before each question for a stamp.
func (s *Store) BeforeStamps(f func()) {
	query := s.stamps.query
	s.stamps.query = func(ctx context.Context, last Stamp) (Stamp, error) {
		f()
		return query(ctx, last)
	}
}

// MakeOlder makes a database as a parley made it that knew the migrations up to a
// version.
func MakeOlder(ctx context.Context, address string, version int64) error {
	d, driver, source := dialectPostgres, "pgx", address
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		d, driver, source = dialectSQLite, "sqlite", sqliteDSN(path)
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return err
	}
	steps, err := migrationSteps(d)
	if err == nil {
		steps = slices.DeleteFunc(steps, func(m *goose.Migration) bool { return m.Version > version })
		err = upgrade(ctx, db, d, Options{}, steps)
	}
	return errors.Join(err, db.Close())
}

// ForeignCommits is how long commits of other programs to SQLite may stay unnoticed.
const ForeignCommits = foreignCommits
