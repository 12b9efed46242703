package store_test

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

	"parley/internal/store"
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
		s.refused(store.ErrUnavailable, func(tx *store.Tx) error { return tx.RaiseVersion("before") })
		for name, err := range map[string]error{
			"write of a room": s.WriteRoom(t.Context(), "before", func(tx *store.Tx) error { return rename(tx, "before", "x") }),
			"read":            s.Read(t.Context(), func(tx *store.Tx) error { return second(tx.Room("before")) }),
			"look":            s.Look(t.Context(), func(tx *store.Tx) error { return second(tx.Room("before")) }),
			"stamp":           second(s.Stamp(t.Context())),
		} {
			if !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("%s: got %v", name, err)
			}
		}
		w.mu.Unlock()
		s.SetPatience(0)
		s.room("after")
		if _, err := s.Stamp(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
