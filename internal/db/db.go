// Package db runs transactions on SQLite and on PostgreSQL: connections, groups of
// writes, migrations, snapshots, kinds of errors. It knows no table; what there are and
// what is locked in which order is the matter of package store.
//
// All access goes through Read and Write. A Tx is only valid inside the
// function that received it.
package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"parley/internal/talk"
)

// Errors of this package. Callers test them with errors.Is.
var (
	// ErrNotFound is returned by look-ups of a single row, and by inserts whose
	// row would belong to another one that does not exist.
	ErrNotFound = errors.New("db: not found")
	// ErrDuplicate is returned when a row with the same key exists already.
	ErrDuplicate = errors.New("db: already exists")
	// ErrNested is returned by Write inside of Write.
	ErrNested = errors.New("db: nested transaction")
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("db: closed")
	// ErrUnavailable is returned while the database cannot do its work: it is
	// not reachable, overloaded or out of disk, or lost in the middle of a
	// commit, so that nobody knows its outcome. A later attempt may succeed.
	ErrUnavailable error = &talk.Error{Kind: talk.Unavailable, Err: errors.New("db: database unavailable")}
)

// ErrReadOnly comes with ErrUnavailable while a database takes no writes, like a
// PostgreSQL that is not the primary server any more.
var ErrReadOnly = errors.New("db: database takes no writes")

// Options configure Open.
type Options struct {
	// URL is sqlite:PATH, postgres://… or postgresql://….
	URL string
	// Now returns the current time; it must not be nil.
	Now func() time.Time
	// Readers is the size of the reader pool, 0 for a default.
	Readers int
	// Exclusive makes a second exclusive opening of the same SQLite file fail.
	// Servers open exclusively, commands beside them do not. PostgreSQL is made
	// to be shared and ignores it.
	Exclusive bool
	// Rehearse runs every read and every write once in vain before it counts. Tests
	// find out by it what keeps results of an attempt that failed.
	Rehearse bool
	// Trace is called with each statement of a transaction and its values, nil for nobody.
	Trace func(text string, args []any)
	// Schema says what Open may do to the schema of the database.
	Schema Schema
	// Upgraded is called after Open changed the schema, with the numbers of the last
	// migration before and after; from is 0 for a new database. It may be nil.
	Upgraded func(from, to int64)
}

// Model is what the tables of a database are, of which this package knows nothing.
type Model struct {
	// Migrations are files that make the tables, in the order of the numbers that
	// their names begin with, see [MigrationTexts].
	Migrations fs.FS
	// Versions are expressions for texts that come with each snapshot, at most
	// MaxVersions.
	Versions []string
	// Locks makes the empty record of a transaction; see [Tx.Locks].
	Locks func() Locks
}

// Locks is the record of what a transaction has locked, and of what remains to be
// done at its end.
type Locks interface {
	// Finish is called at the end of a write that succeeded.
	Finish(tx *Tx) error
}

// DB is an open database.
type DB struct {
	now       func() time.Time
	model     Model
	dialect   Dialect
	engine    engine
	snapshots snapshots
	// rehearses runs every write twice.
	rehearses bool
	restarts  atomic.Int64
	trace     func(text string, args []any)
}

// engine runs transactions on one kind of database. run is called on a
// connection inside of a transaction and does not panic.
type engine interface {
	read(ctx context.Context, run func(querier) error) error
	// write may run writes of different keys in one transaction, see WriteKey; without
	// a key, run gets a transaction of its own.
	write(ctx context.Context, key string, run func(querier) error) error
	// look is read without a transaction around the statements.
	look(ctx context.Context, run func(querier) error) error
	// snapshot is called by one goroutine at a time. last is what it returned before.
	snapshot(ctx context.Context, last SnapshotID) (SnapshotID, error)
	close() error
}

// Open opens the database, applies the migrations that it lacks, as far as o.Schema
// lets it, and returns the database ready for use. Its errors are one line for the person who starts the program;
// they do not contain the password of the URL.
func Open(ctx context.Context, o Options, m Model) (*DB, error) {
	if o.Now == nil {
		return nil, errors.New("db: no clock")
	}
	if len(m.Versions) > MaxVersions {
		return nil, fmt.Errorf("db: more than %d versions", MaxVersions)
	}
	if o.Readers <= 0 {
		o.Readers = 8
	}
	s := &DB{now: o.Now, model: m, rehearses: o.Rehearse, trace: o.Trace}
	var err error
	switch kind, rest, _ := strings.Cut(o.URL, ":"); kind {
	case "sqlite":
		var e *sqliteEngine
		if e, err = openSQLite(ctx, rest, o, m); err == nil {
			s.engine, s.snapshots.recent = e, e.recent
		}
	case "postgres", "postgresql":
		s.dialect = DialectPostgres
		s.engine, err = openPostgres(ctx, o, m)
	default:
		err = errors.New("unknown kind of database: use sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME")
	}
	if err != nil {
		return nil, err
	}
	s.snapshots.query = s.engine.snapshot
	return s, nil
}

// Close waits for running transactions and closes the database.
func (s *DB) Close() error { return s.engine.close() }

// Read runs f on a consistent snapshot. f must not write, and may run more than
// once.
func (s *DB) Read(ctx context.Context, f func(*Tx) error) error {
	run := s.calmly(ctx, f)
	if s.rehearses {
		if err := s.engine.read(ctx, run); ctx.Err() != nil {
			return err
		}
	}
	return s.engine.read(ctx, run)
}

// Look is Read for a single statement, which needs no transaction around it to
// be consistent.
func (s *DB) Look(ctx context.Context, f func(*Tx) error) error {
	return s.engine.look(ctx, s.calmly(ctx, f))
}

// Write runs f in a transaction and commits what it did, durably, when f
// returns nil. Everything is undone when f returns an error. f may run more
// than once and must not keep results of an attempt that failed.
func (s *DB) Write(ctx context.Context, f func(*Tx) error) error {
	return s.WriteKey(ctx, "", f)
}

// calmly returns a function that runs f and turns a panic into an error, so that
// what f did is undone like after any other error, and whoever runs it lives on.
func (s *DB) calmly(ctx context.Context, f func(*Tx) error) func(querier) error {
	return func(q querier) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = panicked(p)
			}
		}()
		return f(s.tx(ctx, q))
	}
}

// panicked makes an error of a panic, with the stack for the log. It is called
// where the panic is recovered.
func panicked(p any) error {
	return fmt.Errorf("db: panic: %v\n%s", p, debug.Stack())
}

// inWrite marks the context of a running Write so that nesting is an error
// instead of a deadlock.
type inWrite struct{}

func (s *DB) tx(ctx context.Context, q querier) *Tx {
	tx := &Tx{ctx: ctx, q: q, Dialect: s.dialect, now: s.now().Unix(), trace: s.trace}
	if s.model.Locks != nil {
		tx.locks = s.model.Locks()
	}
	return tx
}

// Statement is a statement of SQL and what becomes of its outcome.
type Statement struct {
	Text string
	Args []any
	// Each gets every row; nil for statements without any.
	Each func(Row) error
	// count gets the number of changed rows; nil if nobody asks.
	Count *int64
	// free is the text for those who do not wait for locks: it changes no row that
	// somebody else has locked, as count tells. A statement with such a text is a
	// lock, which need not be undone when what made it fails.
	Free string
	// lifts marks the statement that lifts the limits on the time of its
	// transaction.
	Lifts bool
}

// changes reports whether the statement does something that has to be undone
// when what runs it fails.
func (s *Statement) changes() bool { return s.Free == "" && !strings.HasPrefix(s.Text, "SELECT") }

// querier runs the statements of a transaction, in their order. Its errors are
// those of wrap.
type querier interface {
	// add runs a statement now or with the next flush.
	add(s *Statement) error
	// flush runs what was added and has not run yet. After an error the
	// transaction is lost.
	flush() error
}

// Tx is a running transaction. After a statement failed, all later ones fail
// with the same error and nothing is committed: PostgreSQL demands it, and
// SQLite may have undone the transaction on its own.
//
// A statement whose outcome nobody waits for may travel to the database together
// with the next one that somebody waits for, or with the commit. It fails then,
// too, so that its error is never lost but may come later.
type Tx struct {
	ctx     context.Context
	q       querier
	Dialect Dialect
	now     int64
	trace   func(text string, args []any)
	failed  error
	key     string
	locks   Locks
	// before and after are what BeforeCommit and AfterCommit were given.
	before []func() error
	after  []func()
}

// Now is the time of the transaction in Unix seconds; all rows it writes share it.
func (tx *Tx) Now() int64 { return tx.now }

// Context is the context of the transaction.
func (tx *Tx) Context() context.Context { return tx.ctx }

// Key is what the write shares its transaction under, see WriteKey; those who run
// alone, and reads, have none.
func (tx *Tx) Key() string { return tx.key }

// Locks is the record that the model made for the transaction, nil without a model.
func (tx *Tx) Locks() Locks { return tx.locks }

// Err returns why the transaction has failed, nil while it has not.
func (tx *Tx) Err() error { return tx.failed }

// Fail lets the transaction fail, unless it has already, and returns why it did.
func (tx *Tx) Fail(err error) error {
	if tx.failed == nil {
		tx.failed = err
	}
	return tx.failed
}

// Restart ends this attempt of a write. The next one runs alone and begins with first,
// which locks what the reason says.
func (tx *Tx) Restart(reason string, first func(*Tx) error) error {
	return tx.Fail(&restart{reason, first})
}

// Later runs a statement now or later.
func (tx *Tx) Later(s *Statement) error {
	if tx.failed == nil {
		if tx.trace != nil {
			tx.trace(s.Text, s.Args)
		}
		tx.failed = tx.q.add(s)
	}
	return tx.failed
}

// await runs a statement, after all that were left for later.
func (tx *Tx) await(s *Statement) error {
	if err := tx.Later(s); err != nil {
		return err
	}
	return tx.Flush()
}

// Flush runs what was left for later, so that what it asks for is there.
func (tx *Tx) Flush() error {
	if tx.failed == nil {
		tx.failed = tx.q.flush()
	}
	return tx.failed
}

// Run is a statement that nobody waits for.
func (tx *Tx) Run(query string, args ...any) error {
	return tx.Later(&Statement{Text: query, Args: args})
}

// Exec runs a statement and returns the number of rows it changed.
func (tx *Tx) Exec(query string, args ...any) (count int64, err error) {
	err = tx.await(&Statement{Text: query, Args: args, Count: &count})
	return count, err
}

// Row is a row that can be read.
type Row interface{ Scan(dest ...any) error }

// Each calls f for every row of the result.
func (tx *Tx) Each(f func(Row) error, query string, args ...any) error {
	return tx.await(&Statement{Text: query, Args: args, Each: f})
}

// first returns a function that scans the first row into dest and notes that
// there is one.
func first(dest []any, found *bool) func(Row) error {
	return func(row Row) error {
		if *found {
			return nil
		}
		*found = true
		return row.Scan(dest...)
	}
}

// QueryRow scans the first row into dest, or returns ErrNotFound.
func (tx *Tx) QueryRow(dest []any, query string, args ...any) error {
	found := false
	err := tx.Each(first(dest, &found), query, args...)
	if err == nil && !found {
		return ErrNotFound
	}
	return err
}

// Insert runs an INSERT … ON CONFLICT DO NOTHING RETURNING id. ErrDuplicate when
// nothing was inserted; the transaction goes on.
func (tx *Tx) Insert(id *int64, query string, args ...any) error {
	found := false
	err := tx.Each(first([]any{id}, &found), query, args...)
	if err == nil && !found {
		return ErrDuplicate
	}
	return err
}

// Collect returns all rows of a query.
func Collect[T any](tx *Tx, scan func(Row, *T) error, query string, args ...any) ([]T, error) {
	var out []T
	err := tx.Each(func(row Row) error {
		var v T
		if err := scan(row, &v); err != nil {
			return err
		}
		out = append(out, v)
		return nil
	}, query, args...)
	return out, err
}

// ScanString scans a row of one text.
func ScanString(row Row, s *string) error { return row.Scan(s) }

// ScanNumber scans a row of one number.
func ScanNumber(row Row, n *int64) error { return row.Scan(n) }

// IsNone reports whether err only says that a row is not there.
func IsNone(err error) bool { return errors.Is(err, ErrNotFound) }

// wrap adds the statement to an unexpected error and translates the expected
// ones.
func wrap(err error, query string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return err
	case isDuplicate(err):
		return fmt.Errorf("%w: %w", ErrDuplicate, err)
	case isOrphan(err):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case isReadOnly(err):
		return fmt.Errorf("%w: %w: %w", ErrUnavailable, ErrReadOnly, err)
	case isRace(err), isLost(err), isBusy(err):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return fmt.Errorf("%w (in %.60q)", err, strings.Join(strings.Fields(query), " "))
}

// Placeholders returns n placeholders starting at $first, for IN (…). Nothing is in an
// empty list.
func Placeholders(first, n int) string {
	if n == 0 {
		return "NULL"
	}
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "$%d", first+i)
	}
	return b.String()
}

// Chunks calls f with parts of values, each small enough for one statement.
func Chunks[T any](values []T, f func([]T) error) error {
	const most = 400
	for len(values) > 0 {
		n := min(most, len(values))
		if err := f(values[:n]); err != nil {
			return err
		}
		values = values[n:]
	}
	return nil
}

// Args converts a typed slice to statement arguments behind the given ones.
func Args[T any](first []any, values []T) []any {
	out := append([]any(nil), first...)
	for _, v := range values {
		out = append(out, v)
	}
	return out
}
