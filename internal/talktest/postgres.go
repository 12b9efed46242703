package talktest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/internal/db"
	"parley/internal/store"
)

// postgresVariable holds the URL of a database that a superuser may create
// others from.
const postgresVariable = "PARLEY_TEST_POSTGRES"

// Databases of tests are called databasePrefix, the Unix time, a random text.
const (
	databasePrefix = "parley_test_"
	databaseLife   = int64(time.Hour / time.Second)
)

// postgres returns the server that all tests of this process share, nil when
// there is none on the machine. It is found or started once.
var postgres = sync.OnceValues(func() (*postgresServer, error) {
	if base := os.Getenv(postgresVariable); base != "" {
		s := &postgresServer{base: base}
		return s, errors.Join(s.sweep(), s.makeTemplate())
	}
	cluster, err := StartCluster("fsync=off", "synchronous_commit=off", "full_page_writes=off")
	if err != nil || cluster == nil {
		return nil, err
	}
	s := &postgresServer{base: cluster.URL(), cluster: cluster}
	return s, s.makeTemplate()
})

// postgresServer makes databases, each a copy of a migrated template.
type postgresServer struct {
	base     string   // URL of a database to connect to
	template string   // name of the database to copy
	strategy string   // how to copy it fast
	cluster  *Cluster // keeps an own server alive, nil for one that runs anyway
}

// database makes a database for one test and returns its URL.
func (s *postgresServer) database(t testing.TB) string {
	t.Helper()
	name := freshName()
	if err := s.run("CREATE DATABASE " + name + " TEMPLATE " + s.template + s.strategy); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.run("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	return s.url(name)
}

func freshName() string {
	return databasePrefix + strconv.FormatInt(time.Now().Unix(), 10) + "_" + strings.ToLower(rand.Text())
}

// url returns the URL of another database of the same server.
func (s *postgresServer) url(name string) string {
	u, err := url.Parse(s.base)
	if err != nil {
		return s.base
	}
	u.Path = "/" + name
	return u.String()
}

// makeTemplate makes a database that has all migrations.
func (s *postgresServer) makeTemplate() error {
	s.template = freshName() + "_template"
	err := s.with(func(ctx context.Context, conn *pgx.Conn) error {
		// Before 15 there was no other way and no word for it.
		return conn.QueryRow(ctx, `SELECT CASE WHEN current_setting('server_version_num')::int >= 150000
			THEN ' STRATEGY FILE_COPY' ELSE '' END`).Scan(&s.strategy)
	})
	if err != nil {
		return err
	}
	if err := s.run("CREATE DATABASE " + s.template + " TEMPLATE template0 ENCODING 'UTF8'"); err != nil {
		return err
	}
	pool, err := store.Open(context.Background(), db.Options{URL: s.url(s.template), Now: time.Now})
	if err != nil {
		return err
	}
	return pool.Close()
}

// sweep drops what tests that did not end by themselves have left behind.
func (s *postgresServer) sweep() error {
	return s.with(func(ctx context.Context, conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, "SELECT datname FROM pg_database WHERE starts_with(datname, $1)", databasePrefix)
		if err != nil {
			return err
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, name := range names {
			made, _, _ := strings.Cut(strings.TrimPrefix(name, databasePrefix), "_")
			if at, err := strconv.ParseInt(made, 10, 64); err != nil || at > time.Now().Unix()-databaseLife {
				continue
			}
			if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize()); err != nil {
				return err
			}
		}
		return nil
	})
}

// run runs one statement of an administrator.
func (s *postgresServer) run(statement string) error {
	return s.with(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, statement)
		return err
	})
}

func (s *postgresServer) with(f func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.base)
	if err != nil {
		return fmt.Errorf("the PostgreSQL server of the tests: %w", err)
	}
	return errors.Join(f(ctx, conn), conn.Close(ctx))
}
