package dbadmin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"parley/internal/db"
	"parley/internal/store"
)

// Progress tells how much of a part of some work is done. It is called from one
// goroutine at a time.
type Progress func(part string, done, total int64)

// Copied is a table of both databases after a copy.
type Copied struct {
	Table          string
	Source, Target Sum
}

// Copy moves everything from one database into another of either kind, which has
// to be empty, and reads it back to compare. No server may work on either. The
// source is only read and must have the schema of this program. Until all is
// well the target cannot be opened, except by another Copy, which starts again.
//
// The Tables() are returned also when they differ, which is an error, too. Errors
// are one line for the person at the terminal and hold no password.
func Copy(ctx context.Context, from, to db.Options, progress Progress) ([]Copied, error) {
	if err := mayCopy(ctx, from.URL, to.URL); err != nil {
		return nil, err
	}
	from.Exclusive, to.Exclusive = true, true
	from.Schema = db.SchemaRequire
	source, err := store.Open(ctx, from)
	if err != nil {
		return nil, err
	}
	target, err := store.OpenUnfinished(ctx, to)
	if err != nil {
		return nil, errors.Join(err, source.Close())
	}
	c := &copying{source: source, target: target, progress: progress}
	err = target.Write(ctx, func(tx *db.Tx) error { return claim(tx, db.Label(to.URL)) })
	if err == nil {
		if err = c.run(ctx); err != nil {
			err = fmt.Errorf("%w; database %s cannot be used until the same command succeeds", err, db.Label(to.URL))
		}
	}
	return c.copied, errors.Join(err, target.Close(), source.Close())
}

// mayCopy checks what can be known before a database is opened.
func mayCopy(ctx context.Context, from, to string) error {
	if from == to || sameFile(from, to) {
		return errors.New("source and target are the same database")
	}
	source, err := openExamined(ctx, from)
	if err != nil {
		return err
	}
	schema, err := source.schema(ctx)
	err = errors.Join(err, source.awaitEnd(ctx, moveTimeout), source.db.Close())
	switch {
	case err != nil:
		return err
	case len(schema.Problems) > 0:
		return fmt.Errorf("the schema of database %s is not that of this version: %s", db.Label(from), schema.Problems[0])
	case source.running:
		return inUse(from)
	case strings.HasPrefix(to, "sqlite:"):
		return nil // the lock of the file tells
	}
	target, err := openExamined(ctx, to)
	if err != nil {
		return err
	}
	if err = target.awaitEnd(ctx, moveTimeout); err == nil && target.running {
		err = inUse(to)
	}
	return errors.Join(err, target.db.Close())
}

// sameFile reports whether two URLs name one file.
func sameFile(from, to string) bool {
	one, isFile := strings.CutPrefix(from, "sqlite:")
	other, alsoFile := strings.CutPrefix(to, "sqlite:")
	if !isFile || !alsoFile {
		return false
	}
	a, err := os.Stat(strings.TrimPrefix(one, "//"))
	if err != nil {
		return false
	}
	b, err := os.Stat(strings.TrimPrefix(other, "//"))
	return err == nil && os.SameFile(a, b)
}

func inUse(url string) error {
	return fmt.Errorf("database %s is in use by a server: stop it first", db.Label(url))
}

// claim marks an empty database as unfinished. What an earlier copy has left is
// removed.
func claim(tx *db.Tx, name string) error {
	if err := takeTime(tx); err != nil {
		return err
	}
	again, err := store.IsUnfinished(tx)
	if err != nil {
		return err
	}
	for _, table := range slices.Backward(store.Tables()) {
		// The rows that a new schema brings along are in this one.
		if table != "server_state" && !again {
			n, err := count(tx, table)
			if err == nil && n > 0 {
				err = fmt.Errorf("database %s is not empty, there are rows in %s: migrate into a new one", name, table)
			}
			if err != nil {
				return err
			}
		}
		if err := tx.Run("DELETE FROM " + table); err != nil {
			return err
		}
	}
	return store.MarkUnfinished(tx)
}

// copying is a copy that runs.
type copying struct {
	source, target *db.DB
	progress       Progress
	copied         []Copied
}

// run copies, compares and lets the target be used.
func (c *copying) run(ctx context.Context) error {
	err := c.source.Read(ctx, func(tx *db.Tx) error {
		if err := takeTime(tx); err != nil {
			return err
		}
		for _, table := range store.Tables() {
			if err := c.table(tx, table); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := c.target.Read(ctx, c.verify); err != nil {
		return err
	}
	return c.target.Write(ctx, store.MarkFinished)
}

// table copies one table out of the snapshot of the source.
func (c *copying) table(tx *db.Tx, table string) error {
	columns, err := columns(tx, table)
	if err != nil {
		return err
	}
	total, err := count(tx, table)
	if err != nil {
		return err
	}
	l := &loader{to: c.target, table: table, columns: columnNames(columns), progress: func(done int64) {
		c.progress("copy "+table, done, total)
	}}
	var sum adder
	err = eachRow(tx, table, columns, func(row []any) error {
		sum.add(row)
		return l.add(tx.Context(), row)
	})
	if err == nil {
		err = l.flush(tx.Context())
	}
	if err != nil {
		return err
	}
	c.copied = append(c.copied, Copied{Table: table, Source: sum.sum()})
	last, numbered := int64(0), slices.Contains(l.columns, idColumn)
	if numbered {
		if last, err = lastID(tx, table); err != nil {
			return err
		}
	}
	return c.target.Write(tx.Context(), func(to *db.Tx) error {
		if numbered {
			err = setLastID(to, table, last)
		}
		return errors.Join(err, gatherStatistics(to, table))
	})
}

// verify compares what is in the target with what was read from the source.
func (c *copying) verify(tx *db.Tx) error {
	if err := takeTime(tx); err != nil {
		return err
	}
	var differ []string
	for i := range c.copied {
		t := &c.copied[i]
		sum, err := c.read(tx, t)
		if err != nil {
			return err
		}
		t.Target = sum
		if t.Source != t.Target {
			differ = append(differ, t.Table)
		}
	}
	if len(differ) > 0 {
		return fmt.Errorf("the copies differ: %s", strings.Join(differ, ", "))
	}
	return nil
}

// read adds up a table of the target.
func (c *copying) read(tx *db.Tx, t *Copied) (Sum, error) {
	columns, err := columns(tx, t.Table)
	if err != nil {
		return Sum{}, err
	}
	var sum adder
	err = eachRow(tx, t.Table, columns, func(row []any) error {
		// The mark of the copy itself.
		if store.IsUnfinishedMark(t.Table, row) {
			return nil
		}
		sum.add(row)
		if sum.rows%rowsPerCommit == 0 || sum.rows == t.Source.Rows {
			c.progress("check "+t.Table, sum.rows, t.Source.Rows)
		}
		return tx.Context().Err()
	})
	return sum.sum(), err
}
