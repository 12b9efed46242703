package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// bodyLimits are how long the server waits for the body of a request.
type bodyLimits struct {
	// period is the time in which a body has to bring progress bytes or its end.
	period   time.Duration
	progress int64
	// grace is how long an answer waits for a body of at most graceBytes that
	// nobody wants, since the connection is of use afterwards; drain is how long
	// the connection stays open for one after its answer.
	grace      time.Duration
	graceBytes int64
	drain      time.Duration
	// stop is how long bodies have when the server stops.
	stop time.Duration
}

func defaultBodyLimits() bodyLimits {
	return bodyLimits{
		period: 20 * time.Second, progress: 4 << 10, grace: 5 * time.Millisecond, graceBytes: 4 << 10,
		drain: lingerTime, stop: time.Second,
	}
}

// bodies is the outermost handler: it gives the bodies of requests a deadline that
// moves with their progress, and sends answers that need no body without it.
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
		ReadCloser: r.Body, of: b, header: w.Header(), control: http.NewResponseController(w), length: r.ContentLength,
		invited: strings.EqualFold(r.Header.Get("Expect"), "100-continue"),
	}
	b.add(body)
	defer b.remove(body)
	// A copy, because net/http looks at the body of its own.
	own := *r
	own.Body = body
	answer := &answerAfterBody{ResponseWriter: w, body: body}
	b.next.ServeHTTP(answer, &own)
	answer.begin()
	body.leave(r.Context())
}

// answerAfterBody settles what happens to the body before the answer is written.
type answerAfterBody struct {
	http.ResponseWriter
	body  *movingBody
	begun bool
}

// Unwrap lets http.ResponseController reach what is below.
func (a *answerAfterBody) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (a *answerAfterBody) WriteHeader(status int) {
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols {
		a.begin()
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answerAfterBody) Write(p []byte) (int, error) {
	a.begin()
	return a.ResponseWriter.Write(p)
}

func (a *answerAfterBody) begin() {
	if !a.begun {
		a.begun = true
		a.body.giveUp()
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
	// length is how long the body is said to be, in bytes, -1 if nothing was said.
	length int64
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

// giveUp is for a body that nobody will read any more. A small one that came along
// with the request is taken, anything else costs the connection: by default net/http
// would read on before it sends the answer.
func (m *movingBody) giveUp() {
	limits := m.of.limits
	if !m.ended && !m.invited && m.length >= 0 && m.length <= limits.graceBytes {
		m.wait(limits.grace)
		_, err := io.CopyN(io.Discard, m.ReadCloser, limits.graceBytes+1)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			m.close(err)
		}
	}
	if !m.ended {
		m.header.Set("Connection", "close")
	}
}

// leave is called after the answer: what net/http still reads has an end.
func (m *movingBody) leave(ctx context.Context) {
	switch {
	case m.ended:
	case m.invited && !m.begun:
		m.wait(0) // the client learns from the answer that nobody wants the body
	default:
		m.wait(m.of.limits.drain)
		leaveUnread(ctx)
	}
}
