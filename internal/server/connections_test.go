package server

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// limited starts a server that takes n connections.
func limited(t *testing.T, n int, h http.HandlerFunc) (address string, l *connections) {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	l = bounded(srv.Listener, n)
	srv.Listener, srv.Config.ConnState = l, noteState
	srv.Start()
	t.Cleanup(srv.Close)
	return l.Addr().String(), l
}

func (l *connections) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open)
}

const page = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

func TestIdleConnectionsMakeRoom(t *testing.T) {
	address, l := limited(t, 3, func(http.ResponseWriter, *http.Request) {})
	var all []*socket
	for range 10 {
		s := dial(t, address)
		s.send(page)
		if status, text := s.answer(); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
		all = append(all, s)
		awaitIdle(t, l)
	}
	if n := l.count(); n > 3 {
		t.Errorf("%d connections are open", n)
	}
	if !all[0].closed() {
		t.Error("the one that was idle for longest is open")
	}
	next := dial(t, address)
	next.send(page)
	if status, text := next.answer(); status != http.StatusOK {
		t.Errorf("the next one: %d %s", status, text)
	}
}

// awaitIdle waits until no connection has a request: a client has its answer before
// the server knows that there is no more to do.
func awaitIdle(t *testing.T, l *connections) {
	t.Helper()
	for range 5000 {
		busy := false
		l.mu.Lock()
		for c := range l.open {
			busy = busy || c.idleSince.Load() == 0
		}
		l.mu.Unlock()
		if !busy {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("a connection does not become idle")
}

func TestBusyConnectionsAreLeftAlone(t *testing.T) {
	arrived, finish := make(chan struct{}), make(chan struct{})
	address, _ := limited(t, 2, func(http.ResponseWriter, *http.Request) {
		arrived <- struct{}{}
		<-finish
	})
	var busy []*socket
	for range 2 {
		s := dial(t, address)
		s.send(page)
		<-arrived
		busy = append(busy, s)
	}
	waiting := dial(t, address)
	waiting.send(page)
	select {
	case <-arrived:
		t.Error("more connections than allowed")
	case <-time.After(100 * time.Millisecond):
	}
	close(finish)
	for _, s := range busy {
		if status, text := s.answer(); status != http.StatusOK {
			t.Errorf("%d %s", status, text)
		}
	}
	<-arrived // one of them made room
	if status, text := waiting.answer(); status != http.StatusOK {
		t.Errorf("who waited: %d %s", status, text)
	}
}

func TestFullListenerCloses(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := bounded(inner, 1)
	dial(t, l.Addr().String())
	first, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	ended := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		ended <- err
	}()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("a connection was accepted")
	}
}

func TestWriteGivesUpOnWhoTakesNothing(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	deadlines := &deadlineCounter{Conn: ours}
	c := &connection{Conn: deadlines}
	go func() { _, _ = io.CopyN(io.Discard, theirs, 3*writePart) }()
	if n, err := c.Write(make([]byte, 3*writePart)); n != 3*writePart || err != nil {
		t.Fatal(n, err)
	}
	if deadlines.set != 1 || deadlines.writes != 3 {
		t.Errorf("%d deadlines, %d writes: want one for three parts that are taken at once", deadlines.set, deadlines.writes)
	}
	c.renewed = c.renewed.Add(-2 * writeRenewal)
	go func() { _, _ = io.CopyN(io.Discard, theirs, 1) }()
	if _, err := c.Write([]byte("x")); err != nil || deadlines.set != 2 {
		t.Errorf("%v, %d deadlines: an old one has to move", err, deadlines.set)
	}
}

type deadlineCounter struct {
	net.Conn
	set, writes int
}

func (d *deadlineCounter) SetWriteDeadline(t time.Time) error {
	if time.Until(t) > writePatience || time.Until(t) <= 0 {
		panic("a deadline that makes no sense")
	}
	d.set++
	return d.Conn.SetWriteDeadline(t)
}

func (d *deadlineCounter) Write(p []byte) (int, error) {
	d.writes++
	return d.Conn.Write(p)
}
