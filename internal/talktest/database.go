package talktest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/store"
)

// requireVariable names what must not be skipped, separated by commas.
const requireVariable = "PARLEY_TEST_REQUIRE"

// Database is a kind of database that tests run on.
type Database struct {
	// Name is "sqlite" or "postgres".
	Name string
	// URL makes a new, empty database and returns its URL for [store.Open]. It
	// is gone when the test ends. Where there is no PostgreSQL it skips the
	// test, or fails it when PARLEY_TEST_REQUIRE contains "postgres".
	URL func(testing.TB) string
}

// Databases returns the kinds of databases that parley runs on.
func Databases() []Database {
	return []Database{{Name: "sqlite", URL: freshSQLite}, {Name: "postgres", URL: freshPostgres}}
}

// EachDatabase runs f as a subtest on a new database of each kind.
func EachDatabase(t *testing.T, f func(*testing.T, *db.DB)) {
	t.Helper()
	for _, d := range Databases() {
		t.Run(d.Name, func(t *testing.T) { f(t, Open(t, db.Options{URL: d.URL(t)})) })
	}
}

// Open opens a database until the test ends. Without a clock it takes the
// machine's.
func Open(t testing.TB, o db.Options) *db.DB {
	t.Helper()
	if o.Now == nil {
		o.Now = time.Now
	}
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// emptySQLite is a database with the tables and nothing in them. Making it takes
// a migration, so that a test binary does it once.
var emptySQLite = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "parley-empty-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "parley.db")
	s, err := store.Open(context.Background(), db.Options{URL: "sqlite:" + path, Now: time.Now})
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// PlaceEmpty puts an SQLite database with the tables and nothing in them at path.
func PlaceEmpty(t testing.TB, path string) {
	t.Helper()
	data, err := emptySQLite()
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func freshSQLite(t testing.TB) string {
	return "sqlite:" + filepath.Join(t.TempDir(), "parley.db")
}

func freshPostgres(t testing.TB) string {
	t.Helper()
	server, err := postgres()
	if err != nil {
		t.Fatal(err)
	}
	if server == nil {
		Missing(t, "postgres", "PostgreSQL")
	}
	return server.database(t)
}

// Missing skips a test because the machine lacks something, or fails it when
// that must not happen.
func Missing(t testing.TB, key, name string) {
	t.Helper()
	if slices.Contains(strings.Split(os.Getenv(requireVariable), ","), key) {
		t.Fatalf("no %s found, but %s asks for it", name, requireVariable)
	}
	t.Skipf("skipped: no %s found", name)
}
