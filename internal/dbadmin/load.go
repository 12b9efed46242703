package dbadmin

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"parley/internal/db"
	"parley/internal/store"
)

// rowsPerCommit is how much a loader does at once. A row in memory takes about a
// kilobyte.
const rowsPerCommit = 20_000

// Load stores the rows of one table, values in the order of the columns, in
// large transactions. It is for filling a database and not for serving: there
// are no checks but those of the schema, and what was committed before a failure
// stays. After each transaction it calls progress with the rows so far, unless
// that is nil.
func Load(ctx context.Context, s *db.DB, table string, columns []string, rows iter.Seq[[]any], progress func(done int64)) error {
	if !slices.Contains(store.Tables(), table) {
		return fmt.Errorf("store: no table %q", table)
	}
	l := &loader{to: s, table: table, columns: columns, progress: progress}
	for row := range rows {
		if err := l.add(ctx, row); err != nil {
			return err
		}
	}
	if err := l.flush(ctx); err != nil {
		return err
	}
	return s.Write(ctx, func(tx *db.Tx) error {
		if !slices.Contains(columns, idColumn) {
			return gatherStatistics(tx, table)
		}
		var last int64
		if err := tx.QueryRow([]any{&last}, "SELECT COALESCE(MAX(id), 0) FROM "+table); err != nil {
			return err
		}
		return errors.Join(setLastID(tx, table, last), gatherStatistics(tx, table))
	})
}

// gatherStatistics lets queries of a table be planned for what was loaded.
func gatherStatistics(tx *db.Tx, table string) error {
	for _, text := range tx.Dialect.Statistics(table) {
		if err := tx.Run(text); err != nil {
			return err
		}
	}
	return nil
}

// loader gathers rows and inserts many with one commit.
type loader struct {
	to       *db.DB
	table    string
	columns  []string
	progress func(done int64)
	done     int64
	rows     [][]any
}

// add inserts the row now or later.
func (l *loader) add(ctx context.Context, row []any) error {
	l.rows = append(l.rows, row)
	if len(l.rows) < rowsPerCommit {
		return nil
	}
	return l.flush(ctx)
}

// flush inserts the rows that wait.
func (l *loader) flush(ctx context.Context) error {
	if len(l.rows) == 0 {
		return nil
	}
	err := l.to.Write(ctx, func(tx *db.Tx) error {
		size := tx.Dialect.ValuesPerStatement() / len(l.columns)
		return tx.InsertRows(db.NewInsertion(l.table, l.columns...), l.rows, size, func(text string, args []any) error { return tx.Run(text, args...) })
	})
	if err != nil {
		return err
	}
	l.done += int64(len(l.rows))
	clear(l.rows)
	l.rows = l.rows[:0]
	if l.progress != nil {
		l.progress(l.done)
	}
	return nil
}

// lastID returns the highest id that a table ever had, whose rows may be gone.
func lastID(tx *db.Tx, table string) (id int64, err error) {
	err = tx.QueryRow([]any{&id}, tx.Dialect.LastID(table))
	return id, err
}

// setLastID makes the next id of a table the one after id.
func setLastID(tx *db.Tx, table string, id int64) error {
	for _, statement := range tx.Dialect.SetLastID(table, id) {
		if err := tx.Run(statement); err != nil {
			return err
		}
	}
	return nil
}

// takeTime lets the statements of the transaction take as long as they need.
func takeTime(tx *db.Tx) error {
	for _, text := range tx.Dialect.TakeTime() {
		if err := tx.Later(&db.Statement{Text: text, Lifts: true}); err != nil {
			return err
		}
	}
	return nil
}
