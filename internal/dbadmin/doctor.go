// Package dbadmin works on whole databases: backups, copies into other databases, checks,
// and large loads. Those who serve do not need it.
package dbadmin

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"parley/internal/db"
	"parley/internal/store"
)

// Finding is the outcome of one check of a database.
type Finding struct {
	// Check says what should be true.
	Check string
	// Problems say where it is not, at most maxProblems of them; none when all is well.
	Problems []string
}

// maxProblems bounds the problems of one finding: who has more needs a backup and not
// a longer list.
const maxProblems = 20

// How long a server that has just ended may still seem to work on its database.
const (
	endTimeout  = 300 * time.Millisecond
	moveTimeout = time.Second
)

// deadAfter is how many seconds a running server may need to sweep a dead session.
const deadAfter = 5 * 60

// Examine checks a database without changing it, not even its schema. A server may
// work on it meanwhile. An error means that the checks could not be made.
func Examine(ctx context.Context, o db.Options) ([]Finding, error) {
	p, err := openExamined(ctx, o.URL)
	if err != nil {
		return nil, err
	}
	p.now = o.Now().Unix()
	findings, err := []Finding(nil), p.awaitEnd(ctx, endTimeout)
	if err == nil {
		findings, err = p.examine(ctx)
	}
	return findings, errors.Join(err, p.db.Close())
}

// Settings returns what an administrator has stored in a database, by name, without changing it.
func Settings(ctx context.Context, o db.Options) (map[string]string, error) {
	p, err := openExamined(ctx, o.URL)
	if err != nil {
		return nil, err
	}
	stored, err := p.settings(ctx)
	if err != nil {
		err = db.OpenError(p.name, err)
	}
	return stored, errors.Join(err, p.db.Close())
}

func (p *examined) settings(ctx context.Context) (map[string]string, error) {
	rows, err := p.db.QueryContext(ctx, "SELECT name, value FROM settings")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		out[name] = value
	}
	return out, rows.Err()
}

// examined is a database that is examined.
type examined struct {
	db      *sql.DB
	dialect db.Dialect
	name    string // without a password
	now     int64
	// running tells that a server works on it.
	running bool
}

func openExamined(ctx context.Context, address string) (*examined, error) {
	if name, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return openSQLite(name)
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The error quotes the URL, which holds a password.
		return nil, errors.New("the database URL cannot be read: use postgres://USER:PASSWORD@HOST:PORT/NAME")
	}
	config.RuntimeParams["application_name"] = "parley doctor"
	config.RuntimeParams["default_transaction_read_only"] = "on"
	p := &examined{db: stdlib.OpenDB(*config), dialect: db.DialectPostgres, name: db.Label(address)}
	if err := p.look(ctx); err != nil {
		return nil, errors.Join(db.OpenError(db.Label(address), err), p.db.Close())
	}
	return p, nil
}

// look finds out whether a server works on the PostgreSQL database.
func (p *examined) look(ctx context.Context) error {
	return p.db.QueryRowContext(ctx, `SELECT COUNT(*) > 0 FROM pg_stat_activity
		WHERE application_name = 'parley' AND datname = current_database()`).Scan(&p.running)
}

// awaitEnd gives a server that has just ended some time to be gone for PostgreSQL, too.
func (p *examined) awaitEnd(ctx context.Context, timeout time.Duration) error {
	const pause = 50 * time.Millisecond
	for range timeout / pause {
		if !p.running || p.dialect != db.DialectPostgres {
			return nil
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := p.look(ctx); err != nil {
			return err
		}
	}
	return nil
}

func openSQLite(name string) (*examined, error) {
	path := strings.TrimPrefix(name, "//")
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, db.OpenError(path, &db.SchemaError{})
	case err != nil:
		return nil, fmt.Errorf("the database cannot be read: run this as the user of the server, and name its folder (%w)", err)
	case info.IsDir():
		return nil, fmt.Errorf("database %s is a folder: name a file", path)
	}
	q := url.Values{"mode": {readingMode(path)}, "_pragma": {"busy_timeout(10000)"}}
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, db.OpenError(path, err)
	}
	return &examined{db: pool, dialect: db.DialectSQLite, name: path, running: db.IsLocked(path + ".lock")}, nil
}

// readingMode returns how to open a file of SQLite only to read it. Read-only
// leaves the files of its log behind, if it makes them; the other mode removes them.
// A log that is there stays as it is, because it is what a crash has left.
func readingMode(path string) string {
	if _, err := os.Stat(path + "-wal"); err == nil {
		return "ro"
	}
	return "rw"
}

// examine makes all checks. Without the right schema the rules would mean nothing.
func (p *examined) examine(ctx context.Context) ([]Finding, error) {
	schema, err := p.schema(ctx)
	if err != nil || len(schema.Problems) > 0 {
		return []Finding{schema}, err
	}
	parts, usable, err := p.parts(ctx)
	if err != nil {
		return []Finding{schema}, db.OpenError(p.name, err)
	}
	findings := []Finding{schema, parts}
	if !usable {
		return findings, nil
	}
	for _, r := range p.rules() {
		found, err := p.follow(ctx, r)
		if err != nil {
			return findings, fmt.Errorf("it cannot be checked whether %s: %w", r.Check, db.OpenError(p.name, err))
		}
		findings = append(findings, found)
	}
	return findings, nil
}

// parts checks that no table, column or index is missing, and reports whether the
// other checks can be made without what is.
func (p *examined) parts(ctx context.Context) (f Finding, usable bool, err error) {
	f.Check = "its tables, columns and indexes are there"
	want, err := expectedParts(ctx)
	if err != nil {
		return f, false, err
	}
	found, err := namesOf(ctx, p.db, p.dialect.Parts())
	if err != nil {
		return f, false, err
	}
	usable = true
	for _, part := range want {
		kind, name, _ := strings.Cut(part, " ")
		table, _, _ := strings.Cut(name, ".")
		switch {
		case slices.Contains(found, part), kind == "column" && !slices.Contains(found, "table "+table):
		case kind == "index":
			f.Problems = append(f.Problems, part+" is missing: parley migrate into a new database makes it")
		default:
			usable = false
			f.Problems = append(f.Problems, part+" is missing: restore a backup")
		}
	}
	return f, usable, nil
}

// expectedParts returns what a new database consists of, which has the same names
// in both kinds.
func expectedParts(ctx context.Context) ([]string, error) {
	steps, err := db.MigrationTexts(store.Migrations(), db.DialectSQLite)
	if err != nil {
		return nil, err
	}
	pool, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1) // each connection would have a database of its own
	for _, name := range slices.Sorted(maps.Keys(steps)) {
		if _, err := pool.ExecContext(ctx, steps[name]); err != nil {
			return nil, err
		}
	}
	return namesOf(ctx, pool, db.DialectSQLite.Parts())
}

// namesOf returns the texts that a query finds.
func namesOf(ctx context.Context, db *sql.DB, query string, args ...any) (names []string, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// schema checks that the database has the schema of this program.
func (p *examined) schema(ctx context.Context) (Finding, error) {
	f := Finding{Check: "the schema is that of this version"}
	newest, err := store.NewestSchema()
	if err != nil {
		return f, err
	}
	current, err := db.SchemaVersion(ctx, p.db, p.dialect)
	switch {
	case err != nil:
		f.Problems = []string{db.OpenError(p.name, err).Error()}
	case current < newest:
		if err := db.RefuseForeign(ctx, p.db, p.dialect); err != nil {
			f.Problems = []string{err.Error()}
			break
		}
		f.Problems = []string{fmt.Sprintf("it is %d instead of %d: run parley upgrade, or start the server", current, newest)}
	case current > newest:
		f.Problems = []string{fmt.Sprintf("it is %d, newer than the %d of this version: use the newer parley", current, newest)}
	}
	return f, nil
}

// rules returns the rules that apply, those of the database's own format first.
func (p *examined) rules() []store.Rule {
	all := p.formatRules()
	for _, r := range store.Rules() {
		if p.running || !r.Running {
			all = append(all, r)
		}
	}
	return all
}

// formatRules returns the rules of the database's own format; PostgreSQL keeps
// them itself.
func (p *examined) formatRules() []store.Rule {
	if p.dialect == db.DialectPostgres {
		return nil
	}
	return []store.Rule{
		{Check: "the file is not damaged", Query: "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"},
		{Check: "rows refer to rows that exist", Query: `SELECT "table" || ' row ' || rowid FROM pragma_foreign_key_check`},
	}
}

// follow makes one check.
func (p *examined) follow(ctx context.Context, r store.Rule) (Finding, error) {
	f := Finding{Check: r.Check}
	var args []any
	if r.Timed {
		args = append(args, p.now-deadAfter)
	}
	var err error
	f.Problems, err = namesOf(ctx, p.db, r.Query+" LIMIT "+strconv.Itoa(maxProblems), args...)
	return f, err
}
