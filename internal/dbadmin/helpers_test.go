package dbadmin_test

import (
	"bufio"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"modernc.org/sqlite"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// database is a new database with a clock of its own.
type database struct {
	*db.DB
	t     *testing.T
	clock *atomic.Int64
	url   string
}

func TestMain(m *testing.M) {
	url := os.Getenv(crashVariable)
	if url == "" {
		prepareDriver()
		os.Exit(m.Run())
	}
	s, err := store.Open(context.Background(), db.Options{URL: url, Now: time.Now, Exclusive: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	err = scribble(s, fmt.Sprint(os.Getpid()), func(token string) { fmt.Println(token) })
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// equal compares what was read with what was expected.
func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// look reads one value on a snapshot; reading must succeed.
func look[T any](d database, f func(*db.Tx) (T, error)) T {
	d.t.Helper()
	var got T
	d.read(func(tx *db.Tx) (err error) {
		got, err = f(tx)
		return err
	})
	return got
}

// numbers returns the first column of a query that only tests need.
func numbers(tx *db.Tx, query string, args ...any) ([]int64, error) {
	return db.Collect(tx, db.ScanNumber, query, args...)
}

func open(t *testing.T, url string) database {
	t.Helper()
	clock := new(atomic.Int64)
	clock.Store(start)
	now := func() time.Time { return time.Unix(clock.Load(), 0) }
	return database{DB: talktest.Open(t, db.Options{URL: url, Now: now}), t: t, clock: clock, url: url}
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

// account stores accounts that have their id as name.
func (d database) account(ids ...string) {
	d.t.Helper()
	d.write(func(tx *db.Tx) error {
		for _, id := range ids {
			a := store.Account{UserID: id, DisplayName: id, Email: id + "@example.org", PasswordHash: "h", Enabled: true}
			if err := store.InsertAccount(tx, a); err != nil {
				return err
			}
		}
		return nil
	})
}

// room makes a group conversation with people in the given roles.
func (d database) room(token string, people ...talk.Attendee) (talk.Room, []talk.Attendee) {
	d.t.Helper()
	r := talk.Room{Token: token, Type: talk.Group, Name: "Room " + token}
	d.write(func(tx *db.Tx) error {
		if err := store.InsertRoom(tx, &r); err != nil {
			return err
		}
		for i := range people {
			people[i].RoomID = r.ID
			if err := store.InsertAttendee(tx, &people[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return r, people
}

// write runs f, which must succeed, in a transaction.
func (d database) write(f func(*db.Tx) error) {
	d.t.Helper()
	if err := d.Write(d.t.Context(), f); err != nil {
		d.t.Fatal(err)
	}
}

// each runs f on a new database of each kind.
func each(t *testing.T, f func(*testing.T, database)) {
	t.Helper()
	t.Parallel()
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			f(t, open(t, kind.URL(t)))
		})
	}
}

// execTx runs a statement that only tests need, and waits for it.
func execTx(tx *db.Tx, query string, args ...any) error {
	_, err := tx.Exec(query, args...)
	return err
}

// texts returns the first column of a query that only tests need.
func texts(tx *db.Tx, query string) ([]string, error) {
	return db.Collect(tx, db.ScanString, query)
}

// writeAndKill runs a process that writes, kills it after some acknowledged
// writes and returns all that it acknowledged.
func writeAndKill(t *testing.T, url string, after int) (tokens []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashVariable+"="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, line[:len(line)-1])
		if len(tokens) == after {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(tokens) < after {
		t.Fatalf("it ended by itself after %d writes: %v", len(tokens), err)
	}
	return tokens
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

// crashVariable tells the test program to write until it is killed, into the
// database with that URL.
const crashVariable = "PARLEY_TEST_CRASH"

// read runs f, which must succeed, on a snapshot.
func (d database) read(f func(*db.Tx) error) {
	d.t.Helper()
	if err := d.Read(d.t.Context(), f); err != nil {
		d.t.Fatal(err)
	}
}

// opening opens and closes a database.
func opening(o db.Options) error {
	o.Now = time.Now
	s, err := store.Open(context.Background(), o)
	if err != nil {
		return err
	}
	return s.Close()
}

// prepareDriver gives SQLite a function panics() that does what it says, and calls
// what is connected.
func prepareDriver() {
	sqlite.MustRegisterScalarFunction("panics", 0, func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
		panic("aargh in the driver")
	})
	sqlite.RegisterConnectionHook(func(conn sqlite.ExecQuerierContext, dsn string) (err error) {
		connected.Range(func(path, do any) bool {
			if strings.Contains(dsn, path.(string)) {
				err = do.(func(sqlite.ExecQuerierContext) error)(conn)
			}
			return err == nil
		})
		return err
	})
}

// scribble makes rooms in parallel until a write fails, calls done for each that
// was acknowledged, and returns the first error.
func scribble(s *db.DB, prefix string, done func(token string)) error {
	var wg sync.WaitGroup
	var stop atomic.Bool
	errs := make(chan error, 8)
	for writer := range cap(errs) {
		wg.Go(func() {
			for n := 0; !stop.Load(); n++ {
				token := fmt.Sprint(prefix, "-", writer, "-", n)
				err := s.Write(context.Background(), func(tx *db.Tx) error {
					return store.InsertRoom(tx, &talk.Room{Token: token, Type: talk.Group, Name: "n"})
				})
				if err != nil {
					stop.Store(true)
					errs <- err
					return
				}
				done(token)
			}
		})
	}
	wg.Wait()
	return <-errs
}

// start is the time at which the clocks of these tests begin.
const start = 1_700_000_000

// connected holds what is done with each new connection to an SQLite database, a
// func(sqlite.ExecQuerierContext) error under the path of the file.
var connected sync.Map

// only runs f on a new database of one kind.
func only(t *testing.T, name string, f func(*testing.T, database)) {
	t.Helper()
	for _, kind := range talktest.Databases() {
		if kind.Name == name {
			f(t, open(t, kind.URL(t)))
		}
	}
}

// second drops the value of a function that fails.
func second[T any](_ T, err error) error { return err }
