package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// rowsPerCommit is how much a loader does at once. A row in memory takes about a
// kilobyte.
const rowsPerCommit = 20_000

// Load stores the rows of one table, values in the order of the columns, in
// large transactions. It is for filling a database and not for serving: there
// are no checks but those of the schema, and what was committed before a failure
// stays. After each transaction it calls progress with the rows so far, unless
// that is nil.
func (s *Store) Load(ctx context.Context, table string, columns []string, rows iter.Seq[[]any], progress func(done int64)) error {
	if !slices.Contains(tables, table) {
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
	return s.Write(ctx, func(tx *Tx) error {
		if !slices.Contains(columns, idColumn) {
			return tx.gatherStatistics(table)
		}
		var last int64
		if err := tx.one([]any{&last}, "SELECT COALESCE(MAX(id), 0) FROM "+table); err != nil {
			return err
		}
		return errors.Join(tx.setLastID(table, last), tx.gatherStatistics(table))
	})
}

// gatherStatistics lets queries of a table be planned for what was loaded.
func (tx *Tx) gatherStatistics(table string) error {
	for _, text := range tx.dialect.statistics(table) {
		if err := tx.run(text); err != nil {
			return err
		}
	}
	return nil
}

// loader gathers rows and inserts many with one commit.
type loader struct {
	to       *Store
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
	err := l.to.Write(ctx, func(tx *Tx) error {
		size := tx.dialect.valuesPerStatement() / len(l.columns)
		return tx.insertRows(newInsertion(l.table, l.columns...), l.rows, size, func(text string, args []any) error { return tx.run(text, args...) })
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

// insertion is how rows of a table are inserted.
type insertion struct {
	table   string
	columns []string
	one     string // the statement for a single row
}

func newInsertion(table string, columns ...string) insertion {
	return insertion{table, columns, insertText(table, columns, 1)}
}

// insertRows calls run with each of the statements that insert rows, of at most
// size rows each, and their arguments. It ends early when the caller has gone.
func (tx *Tx) insertRows(in insertion, rows [][]any, size int, run func(text string, args []any) error) error {
	text, filled := in.one, 1
	for part := range slices.Chunk(rows, size) {
		if err := tx.ctx.Err(); err != nil {
			return err
		}
		if filled != len(part) {
			text, filled = insertText(in.table, in.columns, len(part)), len(part)
		}
		if err := run(text, slices.Concat(part...)); err != nil {
			return err
		}
	}
	return nil
}

// insertText returns the statement that inserts n rows.
func insertText(table string, columns []string, n int) string {
	rows := make([]string, n)
	for i := range rows {
		rows[i] = "(" + list(1+i*len(columns), len(columns)) + ")"
	}
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES " + strings.Join(rows, ", ")
}

// lastID returns the highest id that a table ever had, whose rows may be gone.
func (tx *Tx) lastID(table string) (id int64, err error) {
	err = tx.one([]any{&id}, tx.dialect.lastID(table))
	return id, err
}

// setLastID makes the next id of a table the one after id.
func (tx *Tx) setLastID(table string, id int64) error {
	for _, statement := range tx.dialect.setLastID(table, id) {
		if err := tx.run(statement); err != nil {
			return err
		}
	}
	return nil
}

// takeTime lets the statements of the transaction take as long as they need.
func (tx *Tx) takeTime() error {
	for _, text := range tx.dialect.takeTime() {
		if err := tx.later(&statement{text: text, lifts: true}); err != nil {
			return err
		}
	}
	return nil
}
