package db_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // drivers for the bare commits
	_ "modernc.org/sqlite"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// BenchmarkCommit measures durable writes, alone and from many callers, beside
// bare commits of the same row through the driver.
func BenchmarkCommit(b *testing.B) {
	urls := map[string]string{
		"sqlite":   talktest.Databases()[0].URL(b),
		"postgres": talktest.NewCluster(b).URL(), // its commits wait for the disk
	}
	for name, url := range urls {
		s, pool := talktest.Open(b, db.Options{URL: url}), bare(b, url)
		for how, commit := range map[string]func(context.Context, string) error{
			"store": func(ctx context.Context, token string) error {
				return s.Write(ctx, func(tx *db.Tx) error {
					return store.InsertRoom(tx, &talk.Room{Token: token, Type: talk.Group, Name: "n"})
				})
			},
			"bare": func(ctx context.Context, token string) error {
				_, err := pool.ExecContext(ctx, "INSERT INTO rooms (token, type, name, created_at) VALUES ($1, 2, 'n', 1)", token)
				return err
			},
		} {
			for _, callers := range []int{1, 16} {
				b.Run(fmt.Sprint(name, "/", callers, "/", how), func(b *testing.B) { commits(b, callers, commit) })
			}
		}
	}
}

// BenchmarkStamp measures what every request asks while nobody writes.
func BenchmarkStamp(b *testing.B) {
	s := talktest.Open(b, db.Options{URL: talktest.Databases()[0].URL(b)})
	take := func() {
		if _, err := s.Snapshot(b.Context(), db.SnapshotID{}); err != nil {
			b.Error(err)
		}
	}
	b.Run("1", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			take()
		}
	})
	b.Run("16", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(max(1, 16/runtime.GOMAXPROCS(0)))
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				take()
			}
		})
	})
}

// bare opens a database with nothing but the driver.
func bare(b *testing.B, url string) *sql.DB {
	b.Helper()
	driver, size := "pgx", 16
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, size = "sqlite", 1
		url = "file:" + path + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"
	}
	db, err := sql.Open(driver, url)
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	b.Cleanup(func() {
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	return db
}

// commits reports how many commits per second a number of callers get done.
func commits(b *testing.B, callers int, commit func(context.Context, string) error) {
	b.Helper()
	var n atomic.Int64
	prefix := rand.Text()
	work := func() {
		if err := commit(b.Context(), fmt.Sprint(prefix, n.Add(1))); err != nil {
			b.Error(err)
		}
	}
	b.ResetTimer()
	if callers == 1 {
		for range b.N {
			work()
		}
	} else {
		b.SetParallelism(max(1, callers/runtime.GOMAXPROCS(0)))
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				work()
			}
		})
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}
