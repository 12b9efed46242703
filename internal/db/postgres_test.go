package db_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// raise makes PostgreSQL fail with a code.
func raise(tx *db.Tx, code string) error {
	return execTx(tx, fmt.Sprintf("DO $$ BEGIN RAISE EXCEPTION 'as asked' USING ERRCODE = '%s'; END $$", code))
}

func TestWritesAreRepeated(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		for i, c := range []struct {
			code     string
			failures int // how often it fails
			runs     int // how often it is then run
			want     error
		}{
			{"40001", 3, 4, nil},
			{"40P01", 1, 2, nil},
			{"40001", 99, 9, db.ErrUnavailable},
			{"23505", 1, 2, nil},
			{"23505", 99, 2, db.ErrDuplicate},
			{"23503", 99, 1, db.ErrNotFound},
			{"57P01", 1, 2, nil},
			{"57P01", 99, 2, db.ErrUnavailable},
			{"55P03", 99, 1, db.ErrUnavailable},
			{"53100", 99, 1, db.ErrUnavailable},
			{"25006", 99, 1, db.ErrUnavailable}, // read only
			{"55006", 99, 1, db.ErrUnavailable}, // in use
			{"57014", 99, 1, db.ErrUnavailable}, // cancelled
			{"57P03", 99, 2, db.ErrUnavailable}, // starting
			{"57P04", 99, 2, db.ErrUnavailable}, // dropped
			{"57P05", 99, 2, db.ErrUnavailable}, // idle for too long
			{"25P04", 99, 2, db.ErrUnavailable}, // too long a transaction
			{"58030", 99, 1, db.ErrUnavailable}, // its disk
		} {
			runs := 0
			token := fmt.Sprint("t", i)
			d.refused(c.want, func(tx *db.Tx) error {
				runs++
				if err := store.InsertRoom(tx, &talk.Room{Token: token, Type: talk.Group, Name: "n"}); err != nil {
					return err
				}
				if runs <= c.failures {
					return raise(tx, c.code)
				}
				return nil
			})
			equal(t, fmt.Sprint(c.code, " runs"), runs, c.runs)
			found := d.Read(t.Context(), func(tx *db.Tx) error { return second(store.Room(tx, token)) })
			equal(t, c.code+" done", found == nil, c.want == nil)
		}
	})
}

// Two changes that lock two rooms in opposite orders both come through.
func TestDeadlockIsResolved(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		d.room("a")
		d.room("b")
		var wg, both sync.WaitGroup
		both.Add(2)
		for _, order := range [][]string{{"a", "b"}, {"b", "a"}} {
			first := sync.OnceFunc(func() {
				both.Done()
				both.Wait()
			})
			wg.Go(func() {
				err := d.Write(t.Context(), func(tx *db.Tx) error {
					if _, err := store.LockRoom(tx, order[0]); err != nil {
						return err
					}
					first()
					return second(store.LockRoom(tx, order[1]))
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, token := range []string{"a", "b"} {
			equal(t, token, look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, token) }).Version, int64(3))
		}
	})
}

// administer runs a statement on a connection of its own.
func (d database) administer(query string, args ...any) {
	d.t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, d.url)
	if err != nil {
		d.t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, query, args...); err != nil {
		d.t.Error(err)
	}
}

// killAll ends all connections to the database and waits until they are gone.
const killAll = `DO $$
	BEGIN
		LOOP
			PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
			EXIT WHEN NOT FOUND;
			PERFORM pg_sleep(0.005);
			PERFORM pg_stat_clear_snapshot();
		END LOOP;
	END $$`

// killOwn ends the connection that a transaction runs on.
func (d database) killOwn(tx *db.Tx) error {
	pid, err := numbers(tx, "SELECT pg_backend_pid()")
	if err != nil {
		return err
	}
	d.administer("SELECT pg_terminate_backend($1, 1000)", pid[0])
	return nil
}

func TestLostConnections(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		for i, c := range []struct {
			kills, runs int
			want        error
		}{{1, 2, nil}, {9, 2, db.ErrUnavailable}} {
			runs := 0
			token := fmt.Sprint("t", i)
			d.refused(c.want, func(tx *db.Tx) error {
				runs++
				if runs <= c.kills {
					if err := d.killOwn(tx); err != nil {
						return err
					}
				}
				return store.InsertRoom(tx, &talk.Room{Token: token, Type: talk.Group, Name: "n"})
			})
			equal(t, "runs", runs, c.runs)
		}
		err := d.Read(t.Context(), func(tx *db.Tx) error {
			if err := d.killOwn(tx); err != nil {
				return err
			}
			return second(store.Room(tx, "t0"))
		})
		if !errors.Is(err, db.ErrUnavailable) {
			t.Errorf("reading: got %v", err)
		}
		look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "t0") })
	})
}

// After a restart of the server nobody meets the connections of before.
func TestIdleConnectionsAreLost(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		work := func() {
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					err := d.Write(t.Context(), func(tx *db.Tx) error { return execTx(tx, "SELECT pg_sleep(0.02)") })
					if err != nil {
						t.Error(err)
					}
					if err := d.Read(t.Context(), func(tx *db.Tx) error { return execTx(tx, "SELECT pg_sleep(0.02)") }); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		for range 3 {
			work()
			d.administer(killAll)
		}
		work()
	})
}

// After a crash the server may number other transactions like those before it,
// whose numbers were not written down.
func TestStampsOfBeforeACrash(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		take := func() db.SnapshotID {
			s, err := d.Snapshot(t.Context(), db.SnapshotID{})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		before := take()
		equal(t, "same", take() == before, true)
		d.administer(killAll)
		equal(t, "same after all connections were lost", take() == before, false)
	})
}

// Nobody knows whether a commit without an answer was done, so that it must not
// be done again.
func TestUnknownOutcomeIsNotRepeated(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		d.administer(`CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
			'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END'`)
		d.administer(`CREATE CONSTRAINT TRIGGER die AFTER INSERT ON rooms DEFERRABLE INITIALLY DEFERRED
			FOR EACH ROW EXECUTE FUNCTION die()`)
		runs := 0
		d.refused(db.ErrUnavailable, func(tx *db.Tx) error {
			runs++
			return store.InsertRoom(tx, &talk.Room{Token: "t", Type: talk.Group, Name: "n"})
		})
		equal(t, "runs", runs, 1)
	})
}

// with returns the URL of the database with another setting.
func (d database) with(name, value string) string {
	d.t.Helper()
	u, err := url.Parse(d.url)
	if err != nil {
		d.t.Fatal(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// Who waits for a lock does not wait for ever, neither for the server's limit
// nor beyond the caller's deadline.
func TestWaitsEnd(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		d.room("r")
		lock := func(tx *db.Tx) error { return second(store.LockRoom(tx, "r")) }
		limited, slow := open(t, d.with("lock_timeout", "50")), open(t, d.with("statement_timeout", "300"))
		d.write(func(tx *db.Tx) error {
			if err := lock(tx); err != nil {
				return err
			}
			limited.refused(db.ErrUnavailable, lock)
			slow.refused(db.ErrUnavailable, lock)
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if err := d.Write(ctx, lock); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			return nil
		})
		d.write(lock)
	})
}

// A caller who goes away after the last statement gets nothing done.
func TestCancelledWriteIsUndone(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		ctx, cancel := context.WithCancel(t.Context())
		err := d.Write(ctx, func(tx *db.Tx) error {
			err := store.InsertRoom(tx, &talk.Room{Token: "t", Type: talk.Group, Name: "n"})
			cancel()
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		absent(d, "room", func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "t") })
	})
}

func TestPostgresSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		role := fmt.Sprint("parley_test_", time.Now().UnixNano())
		d.administer("CREATE ROLE " + role + " LOGIN PASSWORD 's3cret'")
		d.administer("CREATE SCHEMA locked")
		d.administer("GRANT USAGE ON SCHEMA locked TO " + role)
		t.Cleanup(func() {
			d.administer("DROP SCHEMA locked")
			d.administer("DROP ROLE " + role)
		})
		u, err := url.Parse(d.url)
		if err != nil {
			t.Fatal(err)
		}
		u.User = url.UserPassword(role, "s3cret")
		empty := *u
		empty.RawQuery += "&search_path=" + "locked"
		plainly(t, opening(db.Options{URL: empty.String()}), "grant it CREATE")
		nowhere := *u
		nowhere.Path = "/nowhere"
		plainly(t, opening(db.Options{URL: nowhere.String()}), "/nowhere", "createdb")
		d.administer("ALTER ROLE " + role + " NOLOGIN")
		plainly(t, opening(db.Options{URL: u.String()}), "pg_hba.conf")
	})
}
