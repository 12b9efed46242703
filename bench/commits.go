package main

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of bare commits on PostgreSQL
	_ "modernc.org/sqlite"             // the driver of bare commits on SQLite
)

// bareCommits measures how many durable one-row commits the database does by
// itself with as many workers: the floor of writing.
func bareCommits(ctx context.Context, database, folder string, workers int, d time.Duration) (result, error) {
	driver, dsn := "pgx", database
	if strings.HasPrefix(database, "sqlite:") {
		driver = "sqlite"
		dsn = "file:" + filepath.Join(folder, "bare.db") + "?_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return result{}, err
	}
	defer db.Close()
	db.SetMaxOpenConns(workers)
	db.SetMaxIdleConns(workers)
	for _, statement := range []string{
		"CREATE TABLE IF NOT EXISTS bare_commits (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)", "DELETE FROM bare_commits",
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return result{}, err
		}
	}
	for w := range workers {
		if _, err := db.ExecContext(ctx, "INSERT INTO bare_commits (id, n) VALUES ($1, 0)", w); err != nil {
			return result{}, err
		}
	}
	r, err := measure(workers, d, func(w int) error {
		_, err := db.ExecContext(ctx, "UPDATE bare_commits SET n = n + 1 WHERE id = $1", w)
		return err
	})
	if err != nil {
		return r, fmt.Errorf("bare commits: %w", err)
	}
	_, err = db.ExecContext(ctx, "DROP TABLE bare_commits")
	return r, err
}
