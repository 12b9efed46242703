package server

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// writePart is how much of an answer, in bytes, a client has to take within
	// writePatience; both together are the slowest rate that is served.
	writePart     = 256 << 10
	writePatience = 2 * time.Minute
	// writeRenewal is how old the deadline of a connection may become before a
	// write moves it.
	writeRenewal = 5 * time.Second
	// lingerTime and lingerBytes bound how long and how far a client is listened to
	// after the last answer: many read none before they have sent all, and a
	// connection that is closed before loses the answer.
	lingerTime  = 10 * time.Second
	lingerBytes = 16 << 20
	// debugConnections is how many connections the debug address takes.
	debugConnections = 64
)

// connections is a listener with a bounded number of open connections. When there
// are as many, one that only waits for a next request makes room; if there is none,
// new clients wait in the queue of the system.
type connections struct {
	net.Listener
	slots  chan struct{}
	closed chan struct{}
	once   sync.Once
	// crowded tells that a client waits for a slot.
	crowded atomic.Bool
	mu      sync.Mutex
	open    map[*connection]struct{}
}

// bounded returns l with at most n open connections.
func bounded(l net.Listener, n int) *connections {
	return &connections{
		Listener: l, slots: make(chan struct{}, n), closed: make(chan struct{}), open: map[*connection]struct{}{},
	}
}

// Accept implements net.Listener.
func (l *connections) Accept() (net.Conn, error) {
	if !l.takeSlot() {
		return nil, net.ErrClosed
	}
	accepted, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	c := &connection{Conn: accepted, of: l}
	l.mu.Lock()
	l.open[c] = struct{}{}
	l.mu.Unlock()
	return c, nil
}

// counts returns how many connections are open, and how many may be.
func (l *connections) counts() (open, limit int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open), cap(l.slots)
}

// takeSlot waits for a slot; it returns false when the listener was closed.
func (l *connections) takeSlot() bool {
	select {
	case l.slots <- struct{}{}:
		return true
	default:
	}
	l.crowded.Store(true)
	defer l.crowded.Store(false)
	l.closeLongestIdle()
	select {
	case l.slots <- struct{}{}:
		return true
	case <-l.closed:
		return false
	}
}

// closeLongestIdle closes the connection that waits for its next request since the
// earliest, if there is one.
func (l *connections) closeLongestIdle() {
	var longest *connection
	var since int64
	l.mu.Lock()
	for c := range l.open {
		if idle := c.idleSince.Load(); idle != 0 && (longest == nil || idle < since) {
			longest, since = c, idle
		}
	}
	l.mu.Unlock()
	if longest != nil {
		_ = longest.Close() // nothing was under way on it
	}
}

// Close implements net.Listener. It also ends the waiting for clients who had their
// last answer.
func (l *connections) Close() error {
	l.once.Do(func() { close(l.closed) })
	l.mu.Lock()
	for c := range l.open {
		if c.lingers {
			_ = c.SetReadDeadline(time.Now())
		}
	}
	l.mu.Unlock()
	return l.Listener.Close()
}

// connection is an accepted connection. A client that stops taking an answer is
// given up.
type connection struct {
	net.Conn
	of   *connections
	once sync.Once
	// idleSince is when the wait for the next request began, in nanoseconds of
	// Unix time, 0 while there is a request.
	idleSince atomic.Int64
	// renewed is when the deadline for writing was moved. Only one goroutine
	// writes at a time.
	renewed time.Time
	// unread tells that a body was left unread, which the client may still send.
	unread atomic.Bool
	// lingers tells that the client had its last answer. Guarded by of.mu.
	lingers bool
}

// Write implements net.Conn.
func (c *connection) Write(p []byte) (int, error) {
	written := 0
	for {
		if now := time.Now(); now.Sub(c.renewed) > writeRenewal {
			if err := c.SetWriteDeadline(now.Add(writePatience)); err != nil {
				return written, err
			}
			c.renewed = now
		}
		part := p[written:min(written+writePart, len(p))]
		n, err := c.Conn.Write(part)
		written += n
		if err != nil || written == len(p) {
			return written, err
		}
	}
}

// CloseWrite ends what the server says, and listens until the client has read it or
// has had time to. net/http calls it when it closes a connection with a request
// unread.
func (c *connection) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return nil
	}
	c.unread.Store(false)
	if err := half.CloseWrite(); err != nil {
		return err
	}
	if c.linger(time.Now().Add(lingerTime)) {
		_, _ = io.CopyN(io.Discard, c.Conn, lingerBytes)
	}
	return nil
}

// linger lets the client be listened to until the deadline, unless nobody new is.
func (c *connection) linger(deadline time.Time) bool {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	select {
	case <-c.of.closed:
		return false
	default:
	}
	c.lingers = true
	return c.SetReadDeadline(deadline) == nil
}

// Close implements net.Conn.
func (c *connection) Close() error {
	if c.unread.Load() {
		_ = c.CloseWrite() // what matters is the end of the connection
	}
	err := c.Conn.Close()
	c.once.Do(func() {
		c.of.mu.Lock()
		delete(c.of.open, c)
		c.of.mu.Unlock()
		<-c.of.slots
	})
	return err
}

// connectionKey is where the context of a request has its connection.
type connectionKey struct{}

// noteConnection puts a connection into the context of its requests; see
// [http.Server.ConnContext].
func noteConnection(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, c)
}

// leaveUnread tells the connection of a request that the body was left unread.
func leaveUnread(ctx context.Context) {
	if c, ok := ctx.Value(connectionKey{}).(*connection); ok {
		c.unread.Store(true)
	}
}

// noteState keeps in mind which connections are idle; see [http.Server.ConnState].
func noteState(accepted net.Conn, state http.ConnState) {
	c, ok := accepted.(*connection)
	if !ok {
		return
	}
	switch state {
	case http.StateIdle:
		c.idleSince.Store(time.Now().UnixNano())
		if c.of.crowded.Load() {
			_ = c.Close() // its answer is written
		}
	case http.StateActive:
		c.idleSince.Store(0)
	}
}
