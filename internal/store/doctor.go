package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
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

// deadAfter is how many seconds a running server may need to sweep a dead session.
const deadAfter = 5 * 60

// rule is a check by a query whose rows, one text each, are the problems. $1 of a
// timed query is the time before which a session is dead.
type rule struct {
	check, query string
	// running restricts the rule to databases that a server works on.
	running bool
	timed   bool
}

// rules are what holds in a database at any moment between two transactions.
var rules = []rule{
	{check: "a migration into it has ended", query: `
		SELECT 'run the same parley migrate again' FROM server_state WHERE name = 'migration'`},
	{check: "attendees belong to a conversation", query: `
		SELECT 'attendee ' || a.id FROM attendees a LEFT JOIN rooms r ON r.id = a.room_id WHERE r.id IS NULL`},
	{check: "sessions belong to an attendee of their conversation", query: `
		SELECT 'session ' || s.id FROM sessions s LEFT JOIN attendees a ON a.id = s.attendee_id AND a.room_id = s.room_id WHERE a.id IS NULL`},
	{check: "conversations with members have an owner or a moderator", query: `
		SELECT 'conversation ' || r.token FROM rooms r WHERE r.type IN (2, 3) AND r.object_type <> 'file'
		AND EXISTS (SELECT 1 FROM attendees a WHERE a.room_id = r.id AND a.actor_type = 'users' AND a.type = 3)
		AND NOT EXISTS (SELECT 1 FROM attendees a WHERE a.room_id = r.id AND a.type IN (1, 2, 6))`},
	{check: "conversations have one owner at most", query: `
		SELECT 'conversation ' || r.token FROM rooms r WHERE r.type IN (2, 3)
		AND (SELECT COUNT(*) FROM attendees a WHERE a.room_id = r.id AND a.type = 1) > 1`},
	{check: "one-to-ones name their two people", query: `
		SELECT 'conversation ' || r.token FROM rooms r WHERE r.type = 1
		AND (SELECT COUNT(*) FROM pair_members p WHERE p.room_id = r.id) <> 2`},
	{check: "nobody else is in a one-to-one", query: `
		SELECT 'attendee ' || a.id || ' in ' || r.token FROM rooms r JOIN attendees a ON a.room_id = r.id WHERE r.type = 1
		AND a.actor_id NOT IN (SELECT p.user_id FROM pair_members p WHERE p.room_id = r.id)`},
	{check: "the newest message of a conversation exists", query: `
		SELECT 'conversation ' || r.token FROM rooms r WHERE r.last_message_id <> 0
		AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = r.last_message_id AND m.room_id = r.id)`},
	{check: "invitations by mail are sent", timed: true, query: `
		SELECT 'invitation ' || q.id || CASE WHEN q.failed THEN ' was given up' ELSE ' waits' END
		|| CASE q.last_error WHEN '' THEN '' ELSE ': ' || q.last_error END FROM mail_queue q WHERE q.created_at < $1 ORDER BY q.id`},
	{check: "the running server sweeps dead sessions", running: true, timed: true, query: `
		SELECT 'session ' || s.id FROM sessions s WHERE s.last_ping < $1`},
}

// Examine checks a database without changing it, not even its schema. A server may
// work on it meanwhile. An error means that the checks could not be made.
func Examine(ctx context.Context, o Options) ([]Finding, error) {
	p, err := openPatient(ctx, o.URL)
	if err != nil {
		return nil, err
	}
	p.now = o.Now().Unix()
	findings, err := p.examine(ctx)
	return findings, errors.Join(err, p.db.Close())
}

// patient is a database that is examined.
type patient struct {
	db      *sql.DB
	dialect dialect
	name    string // without a password
	now     int64
	// running tells that a server works on it.
	running bool
}

func openPatient(ctx context.Context, address string) (*patient, error) {
	if name, ok := strings.CutPrefix(address, "sqlite:"); ok {
		return openSQLitePatient(name)
	}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The error quotes the URL, which holds a password.
		return nil, errors.New("the database URL cannot be read: use postgres://USER:PASSWORD@HOST:PORT/NAME")
	}
	config.RuntimeParams["application_name"] = "parley doctor"
	config.RuntimeParams["default_transaction_read_only"] = "on"
	p := &patient{db: stdlib.OpenDB(*config), dialect: dialectPostgres, name: label(address)}
	err = p.db.QueryRowContext(ctx, `SELECT COUNT(*) > 0 FROM pg_stat_activity
		WHERE application_name = 'parley' AND datname = current_database()`).Scan(&p.running)
	if err != nil {
		return nil, errors.Join(openError(label(address), err), p.db.Close())
	}
	return p, nil
}

func openSQLitePatient(name string) (*patient, error) {
	path := strings.TrimPrefix(name, "//")
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, openError(path, &schemaError{})
	case err != nil:
		return nil, fmt.Errorf("the database cannot be read: run this as the user of the server, and name its folder (%w)", err)
	case info.IsDir():
		return nil, fmt.Errorf("database %s is a folder: name a file", path)
	}
	q := url.Values{"mode": {readingMode(path)}, "_pragma": {"busy_timeout(10000)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, openError(path, err)
	}
	return &patient{db: db, dialect: dialectSQLite, name: path, running: isLocked(path + ".lock")}, nil
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
func (p *patient) examine(ctx context.Context) ([]Finding, error) {
	schema, err := p.schema(ctx)
	if err != nil || len(schema.Problems) > 0 {
		return []Finding{schema}, err
	}
	parts, usable, err := p.parts(ctx)
	if err != nil {
		return []Finding{schema}, openError(p.name, err)
	}
	findings := []Finding{schema, parts}
	if !usable {
		return findings, nil
	}
	for _, r := range p.rules() {
		found, err := p.follow(ctx, r)
		if err != nil {
			return findings, fmt.Errorf("it cannot be checked whether %s: %w", r.check, openError(p.name, err))
		}
		findings = append(findings, found)
	}
	return findings, nil
}

// parts checks that no table, column or index is missing, and reports whether the
// other checks can be made without what is.
func (p *patient) parts(ctx context.Context) (f Finding, usable bool, err error) {
	f.Check = "its tables, columns and indexes are there"
	want, err := expectedParts(ctx)
	if err != nil {
		return f, false, err
	}
	found, err := namesOf(ctx, p.db, p.dialect.parts())
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
	steps, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // each connection would have a database of its own
	for _, name := range steps {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if _, err := db.ExecContext(ctx, dialectSQLite.ddl(string(text))); err != nil {
			return nil, err
		}
	}
	return namesOf(ctx, db, dialectSQLite.parts())
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
func (p *patient) schema(ctx context.Context) (Finding, error) {
	f := Finding{Check: "the schema is that of this version"}
	steps, err := migrationSteps(p.dialect)
	if err != nil {
		return f, err
	}
	newest := steps[len(steps)-1].Version
	current, err := schemaVersion(ctx, p.db, p.dialect)
	switch {
	case err != nil:
		f.Problems = []string{openError(p.name, err).Error()}
	case current < newest:
		if err := refuseForeign(ctx, p.db, p.dialect); err != nil {
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
func (p *patient) rules() []rule {
	all := p.formatRules()
	for _, r := range rules {
		if p.running || !r.running {
			all = append(all, r)
		}
	}
	return all
}

// formatRules returns the rules of the database's own format; PostgreSQL keeps
// them itself.
func (p *patient) formatRules() []rule {
	if p.dialect == dialectPostgres {
		return nil
	}
	return []rule{
		{check: "the file is not damaged", query: "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'"},
		{check: "rows refer to rows that exist", query: `SELECT "table" || ' row ' || rowid FROM pragma_foreign_key_check`},
	}
}

// follow makes one check.
func (p *patient) follow(ctx context.Context, r rule) (Finding, error) {
	f := Finding{Check: r.check}
	var args []any
	if r.timed {
		args = append(args, p.now-deadAfter)
	}
	var err error
	f.Problems, err = namesOf(ctx, p.db, r.query+" LIMIT "+strconv.Itoa(maxProblems), args...)
	return f, err
}
