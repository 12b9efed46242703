package dbadmin

import (
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"strings"

	"parley/internal/db"
)

// idColumn is the column that numbers the rows of a table, if one does.
const idColumn = "id"

// column is a column of a table and a place to scan it into, which is one of the
// nullable types of package sql.
type column struct {
	name string
	cell driver.Valuer
}

// columns returns the columns of a table in their order.
func columns(tx *db.Tx, table string) (out []column, err error) {
	err = tx.Each(func(row db.Row) error {
		var name, kind string
		if err := row.Scan(&name, &kind); err != nil {
			return err
		}
		cell, err := newCell(strings.ToUpper(kind))
		if err != nil {
			return fmt.Errorf("%s.%s: %w", table, name, err)
		}
		out = append(out, column{name, cell})
		return nil
	}, tx.Dialect.ColumnTypes(), table)
	return out, err
}

// newCell returns a place for values of a type, which either database names in
// its own way.
func newCell(typeName string) (driver.Valuer, error) {
	switch typeName {
	case "TEXT":
		return &sql.NullString{}, nil
	case "BIGINT", "INTEGER":
		return &sql.NullInt64{}, nil
	case "BOOLEAN":
		return &sql.NullBool{}, nil
	}
	return nil, fmt.Errorf("type %s is not known", typeName)
}

func columnNames(columns []column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.name
	}
	return names
}

// eachRow calls f with the values of every row of a table: nil, string, int64 or
// bool. The slice is f's to keep.
func eachRow(tx *db.Tx, table string, columns []column, f func([]any) error) error {
	cells := make([]any, len(columns))
	for i, c := range columns {
		cells[i] = c.cell
	}
	return tx.Each(func(row db.Row) error {
		if err := row.Scan(cells...); err != nil {
			return err
		}
		values := make([]any, len(columns))
		for i, c := range columns {
			var err error
			if values[i], err = c.cell.Value(); err != nil {
				return err
			}
		}
		return f(values)
	}, "SELECT "+strings.Join(columnNames(columns), ", ")+" FROM "+table)
}

// count returns the number of rows of a table.
func count(tx *db.Tx, table string) (n int64, err error) {
	err = tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM "+table)
	return n, err
}

// Sum is what a table holds, whatever database it is in.
type Sum struct {
	// Rows is the number of rows.
	Rows int64
	// Checksum is the same for the same rows in any order, 32 hexadecimal digits.
	Checksum string
}

// adder adds up digests of rows.
type adder struct {
	rows      int64
	low, high uint64
	buffer    []byte
}

// add takes a row into account. Every value is written with its kind and, for a
// text, its length, so that different rows have different bytes.
func (a *adder) add(values []any) {
	b := a.buffer[:0]
	for _, value := range values {
		switch v := value.(type) {
		case string:
			b = append(binary.BigEndian.AppendUint64(append(b, 't'), uint64(len(v))), v...)
		case int64:
			b = binary.BigEndian.AppendUint64(append(b, 'n'), uint64(v))
		case bool:
			b = fmt.Appendf(b, "b%t", v)
		default:
			b = append(b, 'z')
		}
	}
	digest := sha256.Sum256(b)
	a.low += binary.BigEndian.Uint64(digest[:8])
	a.high += binary.BigEndian.Uint64(digest[8:16])
	a.rows++
	a.buffer = b
}

func (a *adder) sum() Sum { return Sum{a.rows, fmt.Sprintf("%016x%016x", a.high, a.low)} }
