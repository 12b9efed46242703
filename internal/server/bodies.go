package server

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// bodyLimits are how long the server waits for the body of a request.
type bodyLimits struct {
	// period is the time in which a body has to bring progress bytes or its end.
	period   time.Duration
	progress int64
	// drain and drainBytes bound how long and how far a body is read that nobody
	// wants: many clients read no answer before they have sent all.
	drain      time.Duration
	drainBytes int64
	// stop is how long bodies have when the server stops.
	stop time.Duration
}

func defaultBodyLimits() bodyLimits {
	return bodyLimits{period: 20 * time.Second, progress: 4 << 10, drain: 10 * time.Second, drainBytes: 16 << 20, stop: time.Second}
}

// bodies is the outermost handler: it gives the bodies of requests a deadline that
// moves with their progress, and lets answers go out before a body was read.
type bodies struct {
	next   http.Handler
	limits bodyLimits

	mu     sync.Mutex
	coming map[*movingBody]struct{}
	// end is when no body is waited for any more, zero while the server runs.
	end time.Time
}

func newBodies(next http.Handler, limits bodyLimits) *bodies {
	return &bodies{next: next, limits: limits, coming: map[*movingBody]struct{}{}}
}

// ServeHTTP implements http.Handler.
func (b *bodies) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		b.next.ServeHTTP(w, r)
		return
	}
	body := &movingBody{
		ReadCloser: r.Body, of: b, header: w.Header(), control: http.NewResponseController(w),
		invited: strings.EqualFold(r.Header.Get("Expect"), "100-continue"),
	}
	b.add(body)
	defer b.remove(body)
	// By default net/http reads the rest of the body before it sends an answer.
	// Where that is not possible nothing is lost but speed.
	_ = body.control.EnableFullDuplex()
	// A copy, because net/http looks at the body of its own.
	own := *r
	own.Body = body
	b.next.ServeHTTP(w, &own)
	if !body.finish() {
		panic(http.ErrAbortHandler) // closes the connection behind the answer
	}
}

func (b *bodies) add(body *movingBody) {
	b.mu.Lock()
	b.coming[body] = struct{}{}
	b.mu.Unlock()
}

func (b *bodies) remove(body *movingBody) {
	b.mu.Lock()
	delete(b.coming, body)
	b.mu.Unlock()
}

// stop gives all bodies little time to end, now and from now on.
func (b *bodies) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end = time.Now().Add(b.limits.stop)
	for body := range b.coming {
		if !body.ended {
			body.setDeadline(b.end)
		}
	}
}

// movingBody is the body of a request.
type movingBody struct {
	io.ReadCloser
	of      *bodies
	header  http.Header
	control *http.ResponseController
	// invited tells that the client sends nothing before somebody reads.
	invited bool
	begun   bool
	// recent is what came since the deadline was moved, in bytes.
	recent int64
	// ended tells that nothing will come any more. Guarded by of.mu.
	ended bool
}

// Read implements io.Reader. A client that makes no progress gets
// [os.ErrDeadlineExceeded].
func (m *movingBody) Read(p []byte) (int, error) {
	if !m.begun || m.recent >= m.of.limits.progress {
		m.wait(m.of.limits.period)
		m.begun, m.recent = true, 0
	}
	n, err := m.ReadCloser.Read(p)
	m.recent += int64(n)
	if err != nil {
		m.close(err)
	}
	return n, err
}

// wait lets the body be read for d from now on.
func (m *movingBody) wait(d time.Duration) {
	m.of.mu.Lock()
	defer m.of.mu.Unlock()
	deadline := time.Now().Add(d)
	if end := m.of.end; !end.IsZero() && end.Before(deadline) {
		deadline = end
	}
	m.setDeadline(deadline)
}

// close notes that the body ended with err. One that did not end well leaves the
// connection in a state in which no next request can be found.
func (m *movingBody) close(err error) {
	m.of.mu.Lock()
	defer m.of.mu.Unlock()
	if m.ended {
		return
	}
	m.ended = true
	if errors.Is(err, io.EOF) {
		// What reads now waits for the client to hang up, for any time.
		m.setDeadline(time.Time{})
		return
	}
	m.header.Set("Connection", "close")
}

// setDeadline does nothing where there are no deadlines, as in tests of a handler.
func (m *movingBody) setDeadline(t time.Time) { _ = m.control.SetReadDeadline(t) }

// finish sends the answer and reads what is left of the body. It returns false when
// the connection is of no use afterwards.
func (m *movingBody) finish() bool {
	if m.ended {
		return true
	}
	if m.invited && !m.begun {
		// The client learns from the answer that nobody wants the body, and
		// net/http closes the connection; it must not wait for it before.
		m.wait(0)
		return true
	}
	if err := m.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return false
	}
	m.wait(m.of.limits.drain)
	_, err := io.CopyN(io.Discard, m.ReadCloser, m.of.limits.drainBytes)
	if !errors.Is(err, io.EOF) {
		m.wait(0)
		return false
	}
	m.close(io.EOF)
	return true
}
