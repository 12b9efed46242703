package db

import (
	"slices"
	"strings"
)

// Insertion is how rows of a table are inserted.
type Insertion struct {
	table   string
	Columns []string
	one     string // the statement for a single row
}

// NewInsertion returns how rows with values for the columns are inserted.
func NewInsertion(table string, columns ...string) Insertion {
	return Insertion{table, columns, insertText(table, columns, 1)}
}

// InsertRows calls run with each of the statements that insert rows, of at most
// size rows each, and their arguments. It ends early when the caller has gone.
func (tx *Tx) InsertRows(in Insertion, rows [][]any, size int, run func(text string, args []any) error) error {
	text, filled := in.one, 1
	for part := range slices.Chunk(rows, size) {
		if err := tx.ctx.Err(); err != nil {
			return err
		}
		if filled != len(part) {
			text, filled = insertText(in.table, in.Columns, len(part)), len(part)
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
		rows[i] = "(" + Placeholders(1+i*len(columns), len(columns)) + ")"
	}
	return "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES " + strings.Join(rows, ", ")
}
