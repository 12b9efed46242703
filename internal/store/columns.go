package store

import (
	"fmt"
	"reflect"
	"strings"

	"parley/internal/db"
)

// columns are the columns of a table and where their values are in a row of type T.
// All statements for whole rows are made from them.
type columns[T any] struct {
	table string
	// alias is the name that queries give the table.
	alias string
	all   []column[T]
}

// column is a column of a table. A row that has none of the uses is only read.
type column[T any] struct {
	name string
	// field returns a pointer to the value.
	field func(*T) any
	use   use
}

// use says which statements set a column.
type use int

const (
	// inserted columns are set when a row is made.
	inserted use = 1 << iota
	// updated columns are set when a row is changed.
	updated
	// nullable columns hold NULL in place of an empty text.
	nullable

	stored = inserted | updated
)

// selected returns what a SELECT names to read rows into fields.
func (c *columns[T]) selected() string {
	names := make([]string, len(c.all))
	for i, column := range c.all {
		names[i] = c.alias + "." + column.name
		if column.use&nullable != 0 {
			names[i] = "COALESCE(" + names[i] + ", '')"
		}
	}
	return strings.Join(names, ", ")
}

// fields returns where a row is read into.
func (c *columns[T]) fields(row *T) []any {
	fields := make([]any, len(c.all))
	for i, column := range c.all {
		fields[i] = column.field(row)
	}
	return fields
}

// scan reads a row.
func (c *columns[T]) scan(from db.Row, row *T) error { return from.Scan(c.fields(row)...) }

// names returns the columns that have a use.
func (c *columns[T]) names(u use) (names []string) {
	for _, column := range c.all {
		if column.use&u != 0 {
			names = append(names, column.name)
		}
	}
	return names
}

// values returns the values of a row for the columns that have a use.
func (c *columns[T]) values(u use, row *T) (values []any) {
	for _, column := range c.all {
		if column.use&u != 0 {
			values = append(values, reflect.ValueOf(column.field(row)).Elem().Interface())
		}
	}
	return values
}

// places returns a placeholder, from $first on, for each column that has a use.
func (c *columns[T]) places(u use, first int) (places []string) {
	for _, column := range c.all {
		if column.use&u == 0 {
			continue
		}
		place := fmt.Sprintf("$%d", first+len(places))
		if column.use&nullable != 0 {
			place = "NULLIF(" + place + ", '')"
		}
		places = append(places, place)
	}
	return places
}

// insert returns an INSERT of one row, whose arguments are the values of the inserted
// columns.
func (c *columns[T]) insert() string {
	return "INSERT INTO " + c.table + " (" + strings.Join(c.names(inserted), ", ") + ") VALUES (" +
		strings.Join(c.places(inserted, 1), ", ") + ")"
}

// update returns an UPDATE of the row with the id $1, whose further arguments are the
// values of the updated columns.
func (c *columns[T]) update() string { return c.updateBy("id") }

// updateBy is update for the row whose column key is $1.
func (c *columns[T]) updateBy(key string) string {
	places := c.places(updated, 2)
	for i, name := range c.names(updated) {
		places[i] = name + " = " + places[i]
	}
	return "UPDATE " + c.table + " SET " + strings.Join(places, ", ") + " WHERE " + key + " = $1"
}
