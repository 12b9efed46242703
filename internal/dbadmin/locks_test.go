package dbadmin_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/dbadmin"
	"parley/internal/store"
	"parley/internal/talktest"
)

// Nothing that the package does beside an open database opens and closes a file of
// it: with any such close the process would lose all locks that SQLite has on that
// file, and another program would take the database for one that nobody uses.
func TestLocksAreKept(t *testing.T) {
	only(t, "sqlite", func(t *testing.T, d database) {
		path := strings.TrimPrefix(d.url, "sqlite:")
		if talktest.HoldsLock(t, os.Getpid(), path+"-shm", talktest.WALIndexLock) == talktest.LockUnknown {
			t.Skip("this system does not show the locks of files")
		}
		now := func() time.Time { return time.Unix(start, 0) }
		o := db.Options{URL: d.url, Now: now}
		folder, quiet := t.TempDir(), func(string, int64, int64) {}
		for _, step := range []struct {
			name string
			do   func(context.Context) error
		}{
			{"open", func(context.Context) error { return nil }},
			{"write", func(ctx context.Context) error {
				return d.Write(ctx, func(tx *db.Tx) error { return store.InsertGroup(tx, store.Group{ID: "g", DisplayName: "g"}) })
			}},
			{"snapshot", func(ctx context.Context) error { return second(d.Snapshot(ctx, db.SnapshotID{})) }},
			{"panics", func(ctx context.Context) error {
				for range 20 {
					_ = d.Read(ctx, func(tx *db.Tx) error { return execTx(tx, "SELECT panics()") })
					_ = d.Write(ctx, func(tx *db.Tx) error { return execTx(tx, "SELECT panics()") })
				}
				return nil
			}},
			{"examine", func(ctx context.Context) error { return second(dbadmin.Examine(ctx, o)) }},
			{"backup", func(ctx context.Context) error { return dbadmin.Backup(ctx, o, filepath.Join(folder, "backup"), quiet) }},
			{"second opening", func(ctx context.Context) error {
				other, err := store.Open(ctx, o)
				if err == nil {
					_, err = other.Snapshot(ctx, db.SnapshotID{})
				}
				if err != nil {
					return err
				}
				return other.Close()
			}},
			{"copy", func(ctx context.Context) error {
				_, err := dbadmin.Copy(ctx, o, db.Options{URL: "sqlite:" + filepath.Join(folder, "copy"), Now: now}, quiet)
				return err
			}},
		} {
			if err := step.do(t.Context()); err != nil {
				t.Errorf("%s: %v", step.name, err)
			}
			for file, offset := range map[string]int64{path: talktest.DatabaseLock, path + "-shm": talktest.WALIndexLock} {
				if talktest.HoldsLock(t, os.Getpid(), file, offset) != talktest.LockHeld {
					t.Fatalf("%s: the lock of %s is lost", step.name, filepath.Base(file))
				}
			}
		}
	})
}
