// Package store holds every SQL statement, once, by table, in the dialect that SQLite and
// PostgreSQL share, as functions of a transaction; the files that make the tables; and
// the order in which rows are locked. It knows no rules: what may change is decided by
// package talk and the use cases.
package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"parley/internal/db"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the files that make the tables.
func Migrations() fs.FS {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the name is a constant
	}
	return files
}

// model is what the tables are.
func model() db.Model {
	return db.Model{Migrations: Migrations(), Versions: snapshotVersions(), Locks: func() db.Locks { return &locks{} }}
}

// Open opens the database, see [db.Open], unless a copy has not filled it
// completely.
func Open(ctx context.Context, o db.Options) (*db.DB, error) {
	s, err := OpenUnfinished(ctx, o)
	if err != nil {
		return nil, err
	}
	err = s.Read(ctx, func(tx *db.Tx) error {
		marked, err := IsUnfinished(tx)
		if err == nil && marked {
			err = fmt.Errorf("database %s holds an unfinished migration: run the same parley migrate again", db.Label(o.URL))
		}
		return err
	})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// OpenUnfinished is Open also for what a copy has not filled completely.
func OpenUnfinished(ctx context.Context, o db.Options) (*db.DB, error) {
	return db.Open(ctx, o, model())
}

// NewestSchema returns the number of the last migration that this program knows.
func NewestSchema() (int64, error) {
	m := model()
	return m.NewestSchema()
}

// unfinished is the row of server_state of a database that is being copied into.
const unfinished = "migration"

// IsUnfinished reports whether a copy has not filled the database completely.
func IsUnfinished(tx *db.Tx) (bool, error) {
	var n int
	err := tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM server_state WHERE name = $1", unfinished)
	return n > 0, err
}

// MarkUnfinished notes that a copy fills the database.
func MarkUnfinished(tx *db.Tx) error {
	return tx.Run("INSERT INTO server_state (name, value) VALUES ($1, 'running')", unfinished)
}

// MarkFinished notes that a copy has filled the database completely.
func MarkFinished(tx *db.Tx) error {
	return tx.Run("DELETE FROM server_state WHERE name = $1", unfinished)
}

// IsUnfinishedMark reports whether a row of a table, values in the order of the
// columns, is the one of MarkUnfinished.
func IsUnfinishedMark(table string, row []any) bool {
	return table == "server_state" && row[0] == unfinished
}
