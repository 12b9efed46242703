package dbadmin_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/dbadmin"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

func backup(t *testing.T, url, file string) error {
	return dbadmin.Backup(t.Context(), db.Options{URL: url, Now: time.Now}, file, silent)
}

func restore(t *testing.T, url, file string, force bool) error {
	return dbadmin.Restore(t.Context(), db.Options{URL: url, Now: time.Now}, file, force, silent)
}

// countRooms opens a database and counts.
func countRooms(t *testing.T, url string) int64 {
	t.Helper()
	d := open(t, url)
	defer d.closed()
	return look(d, func(tx *db.Tx) ([]int64, error) { return numbers(tx, "SELECT COUNT(*) FROM rooms") })[0]
}

// The backup of a server that writes holds what was acknowledged before, and
// whole transactions: a room and its owner.
func TestBackupWhileWritesRun(t *testing.T) {
	t.Parallel()
	d := open(t, talktest.Databases()[0].URL(t))
	var stop atomic.Bool
	began, ended := make(chan bool), make(chan error, 1)
	go func() { ended <- d.foundRooms(&stop, 50, began) }()
	select {
	case <-began:
	case err := <-ended:
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "backup.db")
	err := backup(t, d.url, file)
	stop.Store(true)
	if err := errors.Join(err, <-ended); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	there := talktest.Databases()[0].URL(t)
	if err := restore(t, there, file, false); err != nil {
		t.Fatal(err)
	}
	equal(t, "problems", problemsOf(t, there, time.Now()), map[string][]string{})
	restored := open(t, there)
	counts := look(restored, func(tx *db.Tx) ([]int64, error) {
		return numbers(tx, "SELECT COUNT(*) FROM rooms UNION ALL SELECT COUNT(*) FROM attendees")
	})
	if counts[0] < 50 || counts[0] != counts[1] {
		t.Errorf("rooms and owners: %d", counts)
	}
}

// foundRooms makes rooms with an owner, each in one transaction, and closes
// began after some.
func (d database) foundRooms(stop *atomic.Bool, some int, began chan bool) error {
	for n := 1; !stop.Load(); n++ {
		err := d.Write(d.t.Context(), func(tx *db.Tx) error {
			r := talk.Room{Token: fmt.Sprint("r", n), Type: talk.Group, Name: "n"}
			if err := store.InsertRoom(tx, &r); err != nil {
				return err
			}
			return store.InsertAttendee(tx, &talk.Attendee{RoomID: r.ID, Actor: talk.User("alice"), Type: talk.Owner})
		})
		if err != nil {
			return err
		}
		if n == some {
			close(began)
		}
	}
	return nil
}

// Restoring replaces all of a database, also what only its log holds.
func TestRestoreReplaces(t *testing.T) {
	t.Parallel()
	source := open(t, talktest.Databases()[0].URL(t))
	source.room("one")
	file := filepath.Join(t.TempDir(), "backup.db")
	if err := backup(t, source.url, file); err != nil {
		t.Fatal(err)
	}
	url := killed(t)
	if _, err := os.Stat(strings.TrimPrefix(url, "sqlite:") + "-wal"); err != nil {
		t.Fatalf("there is no log to lose: %v", err)
	}
	plainly(t, restore(t, url, file, false), "exists already", "--force replaces it")
	if err := restore(t, url, file, true); err != nil {
		t.Fatal(err)
	}
	equal(t, "rooms", countRooms(t, url), 1)
	left, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*.partial"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A restore that ends at the worst moment, when the log of the old database is
// gone and the new one not yet there, has lost nothing of the old one.
func TestRestoreThatEndsInBetween(t *testing.T) {
	t.Parallel()
	url := killed(t)
	before := countAside(t, url)
	if before == 0 {
		t.Fatal("nothing to lose")
	}
	path := strings.TrimPrefix(url, "sqlite:")
	if err := dbadmin.Replace(t.Context(), path+".partial", path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
	equal(t, "rooms", countRooms(t, url), before)
}

// countAside counts rooms in a copy of the files of a database.
func countAside(t *testing.T, url string) int64 {
	t.Helper()
	path, aside := strings.TrimPrefix(url, "sqlite:"), filepath.Join(t.TempDir(), "aside.db")
	for _, end := range []string{"", "-wal"} {
		text, err := os.ReadFile(path + end)
		if err == nil {
			err = os.WriteFile(aside+end, text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return countRooms(t, "sqlite:"+aside)
}

// killed returns a database whose writer was killed.
func killed(t *testing.T) (url string) {
	url = talktest.Databases()[0].URL(t)
	writeAndKill(t, url, 20)
	return url
}

func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	source := open(t, talktest.Databases()[0].URL(t))
	source.room("one")
	good, newer, garbage := filepath.Join(folder, "good"), filepath.Join(folder, "newer"), filepath.Join(folder, "garbage")
	for _, file := range []string{good, newer} {
		if err := backup(t, source.url, file); err != nil {
			t.Fatal(err)
		}
	}
	execute(t, "sqlite:"+newer, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, TRUE)")
	empty := filepath.Join(folder, "empty")
	execute(t, "sqlite:"+empty, "CREATE TABLE t (x)")
	if err := os.WriteFile(garbage, []byte(strings.Repeat("garbage ", 4000)), 0o600); err != nil {
		t.Fatal(err)
	}
	orphan := filepath.Join(folder, "orphan")
	if err := backup(t, source.url, orphan); err != nil {
		t.Fatal(err)
	}
	execute(t, "sqlite:"+orphan, "INSERT INTO messages (room_id, actor_type, actor_id, created_at) VALUES (99, '', '', 0)")
	target := talktest.Databases()[0].URL(t)
	for file, text := range map[string]string{
		newer: "schema is 999", garbage: garbage + " is not a database of SQLite", empty: empty + ": this is no database of parley", orphan: "messages row 1",
		filepath.Join(folder, "missing"): "missing: no such file",
	} {
		plainly(t, restore(t, target, file, true), text)
	}
	if _, err := os.Stat(strings.TrimPrefix(target, "sqlite:")); !os.IsNotExist(err) {
		t.Errorf("something was restored: %v", err)
	}
	server := talktest.Open(t, db.Options{URL: target, Exclusive: true})
	plainly(t, restore(t, target, good, true), "in use by process")
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	plainly(t, restore(t, "postgres://u:s3cret@h/x", good, true), "pg_restore")
	plainly(t, backup(t, "postgres://u:s3cret@h/x", filepath.Join(folder, "new")), "pg_dump")
	plainly(t, backup(t, source.url, good), "exists already")
	entries, err := fs.Glob(os.DirFS(folder), "*.partial")
	if err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
