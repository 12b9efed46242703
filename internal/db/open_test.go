package db_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talktest"
)

// opening opens and closes a database.
func opening(o db.Options) error {
	o.Now = time.Now
	s, err := store.Open(context.Background(), o)
	if err != nil {
		return err
	}
	return s.Close()
}

// plainly checks that an error is one line for a person, says each of the given
// texts, and no password.
func plainly(t *testing.T, err error, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("it opened")
	}
	if strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("not for everybody's eyes, or more than a line: %v", err)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("got %q, want it to say %q", err, text)
		}
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "notes.txt")
	text := strings.Repeat("This is no database. ", 300)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for url, texts := range map[string][]string{
		"mysql://root:s3cret@localhost/x":         {"unknown kind", "sqlite:PATH", "postgres://"},
		"":                                        {"unknown kind"},
		"sqlite:":                                 {"no file"},
		"sqlite::memory:":                         {"no file"},
		"sqlite:" + dir + "/":                     {"no file"},
		"sqlite:" + file:                          {file, "is not a database", "another file"},
		"sqlite:" + file + "/parley.db":           {"folder", "notes.txt"},
		"sqlite:" + dir:                           {dir, "let this user write"},
		"sqlite:/proc/self/parley.db":             {"/proc/self/parley.db", "let this user write"},
		"postgres://user:s3cret@127.0.0.1:1/x":    {"127.0.0.1:1/x", "cannot be reached", "running"},
		"postgres://user:s3cret@127.0.0.1:port/x": {"cannot be read", "postgres://USER"},
		"postgresql://user:s3cret@127.0.0.1:1/x?sslmode=what": {"cannot be read"},
	} {
		t.Run(url, func(t *testing.T) { plainly(t, opening(db.Options{URL: url}), texts...) })
	}
	if now, err := os.ReadFile(file); err != nil || string(now) != text {
		t.Errorf("the file that is no database was changed: %v", err)
	}
}

func TestNewerSchemaIsLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.write(func(tx *db.Tx) error {
			return execTx(tx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, TRUE)")
		})
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		before := contents(t, d.url)
		for _, schema := range []db.Schema{db.SchemaCreate, db.SchemaUpgrade, db.SchemaRequire} {
			plainly(t, opening(db.Options{URL: d.url, Schema: schema}), "schema is 999", "newer version")
		}
		if after := contents(t, d.url); after != before {
			t.Error("the file was changed")
		}
	})
}

// contents returns what is in the file of an SQLite database, and nothing for
// another one.
func contents(t *testing.T, url string) string {
	t.Helper()
	path, ok := strings.CutPrefix(url, "sqlite:")
	if !ok {
		return ""
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// empty removes what a new database of the test kit has already.
func (d database) empty() {
	d.t.Helper()
	if strings.HasPrefix(d.url, "postgres") {
		d.write(func(tx *db.Tx) error {
			return execTx(tx, "DROP SCHEMA public CASCADE")
		})
		d.write(func(tx *db.Tx) error { return execTx(tx, "CREATE SCHEMA public") })
	}
	if err := d.Close(); err != nil {
		d.t.Fatal(err)
	}
	if path, ok := strings.CutPrefix(d.url, "sqlite:"); ok {
		if err := os.Remove(path); err != nil {
			d.t.Fatal(err)
		}
	}
}

// Programs that start at the same time migrate a new database once.
func TestConcurrentMigrations(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.empty()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := opening(db.Options{URL: d.url}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		again := open(t, d.url)
		again.room("r")
		equal(t, "applied", look(again, func(tx *db.Tx) ([]int64, error) {
			return numbers(tx, "SELECT version_id FROM goose_db_version WHERE version_id > 0 GROUP BY version_id HAVING COUNT(*) > 1")
		}), nil)
	})
}

func TestOneServerPerFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "parley.db")
	server := talktest.Open(t, db.Options{URL: "sqlite:" + path, Exclusive: true})
	other := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, other); err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"sqlite:" + path, "sqlite:" + other} {
		err := opening(db.Options{URL: url, Exclusive: true})
		plainly(t, err, path, fmt.Sprintf("in use by process %d (db.test)", os.Getpid()), "stop it")
	}
	if err := opening(db.Options{URL: "sqlite:" + path}); err != nil {
		t.Errorf("a command beside the server: %v", err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := opening(db.Options{URL: "sqlite:" + path, Exclusive: true}); err != nil {
		t.Errorf("the next server: %v", err)
	}
}

// A server that migrates keeps others from using what is not finished.
func TestMigrationWaitsForTheServer(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "parley.db")
	server := talktest.Open(t, db.Options{URL: "sqlite:" + path + ".other", Exclusive: true})
	if err := os.Rename(path+".other.lock", path+".lock"); err != nil {
		t.Fatal(err)
	}
	opened := make(chan error)
	go func() { opened <- opening(db.Options{URL: "sqlite:" + path}) }()
	select {
	case err := <-opened:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

func TestDataFolderIsMade(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b c?#%")
	if err := opening(db.Options{URL: "sqlite://" + filepath.Join(dir, "parley.db")}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "mode", info.Mode()&fs.ModePerm&0o007, 0)
	if _, err := os.Stat(filepath.Join(dir, "parley.db")); err != nil {
		t.Error(err)
	}
}

// Tables of another program are neither mixed with ours nor changed.
func TestForeignTablesAreLeftAlone(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		for _, table := range []string{"accounts", "wp_posts"} {
			d.empty()
			if strings.HasPrefix(d.url, "sqlite:") { // as other programs have it
				execute(t, d.url, "PRAGMA journal_mode = DELETE")
			}
			execute(t, d.url, "CREATE TABLE "+table+" (id BIGINT)")
			before := contents(t, d.url)
			plainly(t, opening(db.Options{URL: d.url}), "tables of another program", table, "name an empty database")
			if contents(t, d.url) != before {
				t.Errorf("%s: the file was changed", table)
			}
			execute(t, d.url, "CREATE TABLE goose_db_version (id BIGINT)") // fails when it is there
			execute(t, d.url, "DROP TABLE goose_db_version")
			execute(t, d.url, "DROP TABLE "+table)
			d.DB = open(t, d.url).DB
		}
	})
}

func TestLockFileOfSomebodyElse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "parley.db")
	if err := os.Mkdir(path+".lock", 0o700); err != nil {
		t.Fatal(err)
	}
	plainly(t, opening(db.Options{URL: "sqlite:" + path, Exclusive: true}), path+".lock", "let this user write it")
}

// A server that is not there is named once, however many attempts were made.
func TestUnreachableIsSaidOnce(t *testing.T) {
	t.Parallel()
	err := opening(db.Options{URL: "postgres://user:s3cret@127.0.0.1:1/x"})
	plainly(t, err, "connection refused")
	if n := strings.Count(err.Error(), "connection refused"); n != 1 {
		t.Errorf("said %d times: %v", n, err)
	}
}

// The file holds the key of all cookies.
func TestFileIsForItsOwner(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "parley.db")
	open(t, "sqlite:"+path).room("r")
	for _, end := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + end)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s%s has mode %v", path, end, info.Mode())
		}
	}
}
