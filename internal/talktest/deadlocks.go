package talktest

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// NoDeadlocks fails the test at its end if PostgreSQL has ended a transaction of the
// database because of a deadlock. Call it before the database is opened: connections
// report their numbers when they are closed. On SQLite there is nothing to count.
func NoDeadlocks(t testing.TB, url string) {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return
	}
	t.Cleanup(func() {
		n, err := deadlocks(context.WithoutCancel(t.Context()), config)
		if err != nil {
			t.Error(err)
		}
		if n > 0 {
			t.Errorf("%d deadlocks", n)
		}
	})
}

// deadlocks waits for the connections of others to end and asks for their number.
func deadlocks(ctx context.Context, config *pgx.ConnConfig) (n int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return 0, err
	}
	defer conn.Close(ctx)
	for others := 1; others > 0 && err == nil; {
		err = conn.QueryRow(ctx, `SELECT COUNT(*), (SELECT deadlocks FROM pg_stat_database WHERE datname = current_database())
			FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
			AND backend_type = 'client backend'`).
			Scan(&others, &n)
		if others > 0 && err == nil {
			time.Sleep(10 * time.Millisecond)
		}
	}
	return n, err
}
