package db_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"parley/internal/db"
	"parley/internal/store"
)

// folder returns what is in a folder, names and contents, to compare it later.
func folder(t *testing.T, path string) map[string]string {
	t.Helper()
	found := map[string]string{}
	entries, err := os.ReadDir(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(path, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		found[e.Name()] = string(text)
	}
	return found
}

// Whoever may not make a database leaves no trace where there is none.
func TestMissingDatabaseIsNotMade(t *testing.T) {
	t.Parallel()
	for _, schema := range []db.Schema{db.SchemaRequire, db.SchemaUpgrade} {
		dir := t.TempDir()
		empty := filepath.Join(dir, "empty.db")
		if err := os.WriteFile(empty, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		before := folder(t, dir)
		for _, path := range []string{empty, filepath.Join(dir, "parley.db"), filepath.Join(dir, "nowhere", "parley.db")} {
			for _, exclusive := range []bool{false, true} {
				if exclusive && path == empty {
					continue // a server locks the file before it looks into it
				}
				err := opening(db.Options{URL: "sqlite:" + path, Schema: schema, Exclusive: exclusive})
				plainly(t, err, "there is no database at "+path+":", "parley serve", "--data")
			}
		}
		equal(t, "folder", folder(t, dir), before)
	}
}

func TestEmptyPostgresIsLeftAlone(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		d.empty()
		for _, schema := range []db.Schema{db.SchemaRequire, db.SchemaUpgrade} {
			plainly(t, opening(db.Options{URL: d.url, Schema: schema}), "there is no database at ", "parley serve")
		}
		execute(t, d.url, "CREATE TABLE wp_posts (id BIGINT)")
		plainly(t, opening(db.Options{URL: d.url, Schema: db.SchemaRequire}), "tables of another program", "wp_posts")
		execute(t, d.url, "DROP TABLE wp_posts")
		// Nothing is there that a new database could stumble over.
		for _, table := range []string{"goose_db_version", "accounts"} {
			execute(t, d.url, "CREATE TABLE "+table+" (id BIGINT)")
			execute(t, d.url, "DROP TABLE "+table)
		}
	})
}

// An older database is upgraded by those who may, who report it once, and refused by
// all others.
func TestOlderSchema(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.empty()
		if err := makeOlder(t, d.url, "00003"); err != nil {
			t.Fatal(err)
		}
		newest, err := store.NewestSchema()
		if err != nil {
			t.Fatal(err)
		}
		before := contents(t, d.url)
		plainly(t, opening(db.Options{URL: d.url, Schema: db.SchemaRequire}), "schema of an older parley (3,", "run parley upgrade")
		if contents(t, d.url) != before {
			t.Error("the file was changed")
		}
		var steps [][2]int64
		report := func(from, to int64) { steps = append(steps, [2]int64{from, to}) }
		for _, schema := range []db.Schema{db.SchemaUpgrade, db.SchemaUpgrade, db.SchemaCreate, db.SchemaRequire} {
			if err := opening(db.Options{URL: d.url, Schema: schema, Upgraded: report}); err != nil {
				t.Error(err)
			}
		}
		equal(t, "reports", steps, [][2]int64{{3, newest}})
		open(t, d.url).room("r")
	})
}

// makeOlder makes a database as a parley made it that knew the migrations up to one
// whose name begins so.
func makeOlder(t *testing.T, url, last string) error {
	t.Helper()
	older := fstest.MapFS{}
	names, err := fs.Glob(store.Migrations(), "*.sql")
	for _, name := range names {
		if name[:len(last)] > last {
			continue
		}
		text, readErr := fs.ReadFile(store.Migrations(), name)
		err = errors.Join(err, readErr)
		older[name] = &fstest.MapFile{Data: text}
	}
	if err != nil {
		return err
	}
	s, err := db.Open(t.Context(), db.Options{URL: url, Now: time.Now}, db.Model{Migrations: older})
	if err != nil {
		return err
	}
	return s.Close()
}

func TestNewDatabaseIsReported(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.empty()
		newest, err := store.NewestSchema()
		if err != nil {
			t.Fatal(err)
		}
		var steps [][2]int64
		report := func(from, to int64) { steps = append(steps, [2]int64{from, to}) }
		for range 2 {
			if err := opening(db.Options{URL: d.url, Upgraded: report}); err != nil {
				t.Error(err)
			}
		}
		equal(t, "reports", steps, [][2]int64{{0, newest}})
	})
}
