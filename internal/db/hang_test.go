package db_test

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talktest"
)

// wire is a connection to PostgreSQL that can be made to hang, as a server does
// whose machine has stopped: nothing is closed, and nothing answers.
type wire struct {
	listener net.Listener
	socket   string
	mu       sync.RWMutex // held while it hangs
}

// newWire listens before the database's server and returns the URL that leads
// through it.
func newWire(t *testing.T, database string) (*wire, string) {
	t.Helper()
	config, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{socket: filepath.Join(config.Host, fmt.Sprint(".s.PGSQL.", config.Port))}
	if w.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.listener.Close() })
	go w.serve()
	through := url.URL{
		Scheme: "postgres", User: url.User(config.User), Host: w.listener.Addr().String(), Path: config.Database,
		RawQuery: "sslmode=disable&connect_timeout=1",
	}
	return w, through.String()
}

// serve ends when the listener is closed.
func (w *wire) serve() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("unix", w.socket)
		if err != nil {
			client.Close()
			continue
		}
		go w.carry(client, server)
		go w.carry(server, client)
	}
}

// carry ends with either side.
func (w *wire) carry(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		w.mu.RLock()
		if err == nil {
			_, err = to.Write(buffer[:n])
		}
		w.mu.RUnlock()
		if err != nil {
			return
		}
	}
}

// A server that hangs holds nobody for ever, and serves again when it goes on.
func TestHangingServer(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		w, through := newWire(t, d.url)
		s := open(t, through)
		s.room("before")
		s.SetPatience(200 * time.Millisecond)
		w.mu.Lock()
		s.refused(db.ErrUnavailable, func(tx *db.Tx) error { return store.RaiseVersion(tx, "before") })
		for name, err := range map[string]error{
			"write of a room": s.WriteKey(t.Context(), "before", func(tx *db.Tx) error { return rename(tx, "before", "x") }),
			"read":            s.Read(t.Context(), func(tx *db.Tx) error { return second(store.Room(tx, "before")) }),
			"look":            s.Look(t.Context(), func(tx *db.Tx) error { return second(store.Room(tx, "before")) }),
			"snapshot":        second(s.Snapshot(t.Context(), db.SnapshotID{})),
		} {
			if !errors.Is(err, db.ErrUnavailable) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		w.mu.Unlock()
		s.SetPatience(0)
		s.room("after")
		if _, err := s.Snapshot(t.Context(), db.SnapshotID{}); err != nil {
			t.Error(err)
		}
	})
}

// Who finds all connections hanging does not wait as long as these do.
func TestHangingServerHoldsAllConnections(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		d.room("busy")
		d.room("free")
		w, through := newWire(t, d.url)
		const readers = 2
		s := talktest.Open(t, db.Options{URL: through, Readers: readers})
		s.SetPatience(0)

		// All that a pool may have are in use when the server stops.
		var ready, hanging sync.WaitGroup
		stopped := make(chan bool)
		hang := func(tx *db.Tx) error {
			_, err := store.Room(tx, "busy")
			ready.Done()
			<-stopped
			return errors.Join(err, second(store.Room(tx, "busy")))
		}
		ready.Add(readers + 1 + 2*readers)
		for range readers + 1 {
			hanging.Go(func() { _ = s.Read(t.Context(), hang) })
		}
		for range 2*readers - 1 {
			hanging.Go(func() { _ = s.Write(t.Context(), hang) })
		}
		hanging.Go(func() {
			_ = s.WriteKey(t.Context(), "busy", func(tx *db.Tx) error { return errors.Join(store.RaiseVersion(tx, "busy"), hang(tx)) })
		})
		ready.Wait()
		s.SetQueueing(200 * time.Millisecond) // not before: a slow machine would refuse some of these
		w.mu.Lock()
		close(stopped)
		defer hanging.Wait()
		defer w.mu.Unlock()

		read := func(tx *db.Tx) error { return second(store.Room(tx, "free")) }
		for name, do := range map[string]func() error{
			"write":              func() error { return s.Write(t.Context(), read) },
			"write of that room": func() error { return s.WriteKey(t.Context(), "busy", read) },
			"write of a room":    func() error { return s.WriteKey(t.Context(), "free", read) },
			"read":               func() error { return s.Read(t.Context(), read) },
			"look":               func() error { return s.Look(t.Context(), read) },
			"snapshot":           func() error { return second(s.Snapshot(t.Context(), db.SnapshotID{})) },
		} {
			got := make(chan error, 1)
			go func() { got <- do() }()
			select {
			case err := <-got:
				if !errors.Is(err, db.ErrUnavailable) {
					t.Errorf("%s: got %v", name, err)
				}
			case <-time.After(20 * time.Second):
				t.Errorf("%s: still waiting", name)
			}
		}
	})
}

// A server that is no longer the primary, or is told to be read only, does not
// serve writes. They go on as soon as another connection takes them.
func TestReadOnlyServer(t *testing.T) {
	t.Parallel()
	only(t, "postgres", func(t *testing.T, d database) {
		d.room("r")
		set := func(value string) {
			d.administer("BEGIN READ WRITE; DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = " +
				value + "', current_database()); END$$; COMMIT")
		}
		set("on")
		s := talktest.Open(t, db.Options{URL: d.url})
		for name, err := range map[string]error{
			"write":           s.Write(t.Context(), func(tx *db.Tx) error { return execTx(tx, "UPDATE rooms SET name = 'x'") }),
			"write of a room": s.WriteKey(t.Context(), "r", func(tx *db.Tx) error { return rename(tx, "r", "x") }),
		} {
			if !errors.Is(err, db.ErrUnavailable) || !errors.Is(err, db.ErrReadOnly) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		if err := s.Read(t.Context(), func(tx *db.Tx) error { return second(store.Room(tx, "r")) }); err != nil {
			t.Errorf("read: %v", err)
		}
		set("off")
		if err := s.WriteKey(t.Context(), "r", func(tx *db.Tx) error { return rename(tx, "r", "x") }); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}
