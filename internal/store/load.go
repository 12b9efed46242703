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
	// texts are the INSERT statements, by their number of rows.
	texts map[int]string
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
		for part := range slices.Chunk(l.rows, tx.dialect.valuesPerStatement()/len(l.columns)) {
			if err := tx.run(l.text(len(part)), slices.Concat(part...)...); err != nil {
				return err
			}
		}
		return nil
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

// text returns the statement that inserts n rows.
func (l *loader) text(n int) string {
	if text, ok := l.texts[n]; ok {
		return text
	}
	rows := make([]string, n)
	for i := range rows {
		rows[i] = "(" + list(1+i*len(l.columns), len(l.columns)) + ")"
	}
	text := "INSERT INTO " + l.table + " (" + strings.Join(l.columns, ", ") + ") VALUES " + strings.Join(rows, ", ")
	if l.texts == nil {
		l.texts = map[int]string{}
	}
	l.texts[n] = text
	return text
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
