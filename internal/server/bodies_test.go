package server

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// quick are limits that a test can wait for.
func quick() bodyLimits {
	return bodyLimits{period: 300 * time.Millisecond, progress: 8, grace: 100 * time.Millisecond, graceBytes: 100, drain: time.Second, stop: 50 * time.Millisecond}
}

// serving starts a server with the limits whose handler is h.
func serving(t *testing.T, limits bodyLimits, h http.HandlerFunc) (address string, b *bodies) {
	t.Helper()
	b = newBodies(h, limits)
	srv := httptest.NewUnstartedServer(b)
	srv.Listener = bounded(srv.Listener, 10)
	srv.Config.ConnContext = noteConnection
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String(), b
}

// socket is a client that says exactly what a test wants.
type socket struct {
	net.Conn
	t  *testing.T
	in *bufio.Reader
}

func dial(t *testing.T, address string) *socket {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &socket{conn, t, bufio.NewReader(conn)}
}

func (s *socket) send(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s, text); err != nil {
		s.t.Fatal(err)
	}
}

// answer returns the status and the body of the next answer, 0 for none.
func (s *socket) answer() (int, string) {
	s.t.Helper()
	r, err := http.ReadResponse(s.in, nil)
	if err != nil {
		return 0, err.Error()
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("half an answer: %v", err)
	}
	return r.StatusCode, string(body)
}

// closed tells that the server ended the connection.
func (s *socket) closed() bool {
	_, err := s.in.ReadByte()
	return err != nil && !errors.Is(err, os.ErrDeadlineExceeded)
}

func post(length string) string {
	return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + "\r\n"
}

// readAll answers with the length of the body, or why there is none.
func readAll(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.WriteHeader(http.StatusRequestTimeout)
	case err != nil:
		w.WriteHeader(http.StatusBadRequest)
	case r.Context().Err() != nil:
		w.WriteHeader(http.StatusInternalServerError)
	default:
		fmt.Fprint(w, len(body))
	}
}

func TestSlowButSteadyBody(t *testing.T) {
	limits := quick()
	address, _ := serving(t, limits, readAll)
	s := dial(t, address)
	s.send(post("80") + "\r\n")
	start := time.Now()
	for range 10 {
		s.send("12345678")
		time.Sleep(limits.period / 4)
	}
	if time.Since(start) < 2*limits.period {
		t.Fatal("the body was too fast to show anything")
	}
	if status, text := s.answer(); status != http.StatusOK || text != "80" {
		t.Errorf("%d %s", status, text)
	}
}

func TestStalledBodyEnds(t *testing.T) {
	for name, drip := range map[string]time.Duration{"nothing more": time.Hour, "a byte now and then": 50 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			address, _ := serving(t, quick(), readAll)
			s := dial(t, address)
			s.send(post("100000") + "\r\n1")
			over := make(chan struct{})
			go func() {
				for {
					select {
					case <-over:
						return
					case <-time.After(drip):
						_, _ = s.Write([]byte("1"))
					}
				}
			}()
			status, _ := s.answer()
			close(over)
			if status != http.StatusRequestTimeout || !s.closed() {
				t.Errorf("status %d, or the connection is kept", status)
			}
		})
	}
}

func TestDeadlineOfABodyEndsWithIt(t *testing.T) {
	limits := quick()
	address, _ := serving(t, limits, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
			w.WriteHeader(http.StatusInternalServerError)
		case <-time.After(2 * limits.period):
		}
	})
	s := dial(t, address)
	for range 2 { // the connection is of use afterwards
		s.send(post("1") + "\r\n1")
		if status, _ := s.answer(); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
	}
}

func refuse(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusForbidden) }

func TestRefusalDoesNotWaitForTheBody(t *testing.T) {
	limits := quick()
	limits.period, limits.drain = time.Hour, 10*time.Second
	address, _ := serving(t, limits, refuse)
	for _, length := range []int{1, 100, 101, 1 << 18, 1 << 20} {
		s := dial(t, address)
		s.send(post(strconv.Itoa(length)) + "\r\n")
		if status, text := s.answer(); status != http.StatusForbidden { // not a byte of the body was sent
			t.Fatalf("%d bytes: %d %s", length, status, text)
		}
	}
}

func TestConnectionOutlivesASmallBody(t *testing.T) {
	address, _ := serving(t, quick(), refuse)
	s := dial(t, address)
	for range 3 {
		s.send(post("100") + "\r\n" + strings.Repeat("x", 100))
		if status, text := s.answer(); status != http.StatusForbidden {
			t.Fatalf("%d %s", status, text)
		}
	}
}

func TestRefusalReachesWhoSendsAllFirst(t *testing.T) {
	address, _ := serving(t, defaultBodyLimits(), refuse)
	for length, header := range map[int]string{1 << 17: "", 12 << 20: "", 11 << 20: "Connection: close\r\n"} {
		s := dial(t, address)
		s.send(post(strconv.Itoa(length)) + header + "\r\n" + strings.Repeat("x", length))
		if status, text := s.answer(); status != http.StatusForbidden || !s.closed() {
			t.Errorf("%d bytes: %d %s, or the connection is kept", length, status, text)
		}
	}
}

// What a client sends after a refused body began is never a request.
func TestRestOfARefusedBodyIsNoRequest(t *testing.T) {
	address, _ := serving(t, quick(), refuse)
	for _, length := range []string{"99", "1000", "1000000"} {
		s := dial(t, address)
		s.send(post(length) + "\r\n")
		if status, text := s.answer(); status != http.StatusForbidden {
			t.Errorf("%s bytes: %d %s", length, status, text)
		}
		s.send(page)
		if !s.closed() {
			t.Errorf("%s bytes: the connection is kept", length)
		}
	}
}

func TestLingeringEndsWithTheServer(t *testing.T) {
	address, l := limited(t, 1, refuse)
	s := dial(t, address)
	s.send(post("10000000") + "\r\n")
	if status, text := s.answer(); status != http.StatusForbidden {
		t.Errorf("%d %s", status, text)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	for start := time.Now(); l.count() > 0; time.Sleep(time.Millisecond) {
		if time.Since(start) > lingerTime/2 {
			t.Fatal("the connection is still open")
		}
	}
}

func TestRestOfABrokenBodyIsNoRequest(t *testing.T) {
	address, _ := serving(t, quick(), readAll)
	s := dial(t, address)
	s.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if status, text := s.answer(); status != http.StatusBadRequest {
		t.Errorf("%d %s", status, text)
	}
	if !s.closed() {
		t.Error("the rest was taken for a request")
	}
}

func TestBodyThatWaitsToBeInvited(t *testing.T) {
	const expect = "Expect: 100-continue\r\n\r\n"
	address, _ := serving(t, quick(), refuse)
	s := dial(t, address)
	s.send(post("1000") + expect)
	if status, _ := s.answer(); status != http.StatusForbidden || !s.closed() {
		t.Errorf("status %d, or the connection is kept", status)
	}
	address, _ = serving(t, quick(), readAll)
	s = dial(t, address)
	s.send(post("4") + expect)
	if status, _ := s.answer(); status != http.StatusContinue {
		t.Errorf("status %d", status)
	}
	s.send("body")
	if status, text := s.answer(); status != http.StatusOK || text != "4" {
		t.Errorf("%d %s", status, text)
	}
}

func TestStopDoesNotWaitForBodies(t *testing.T) {
	limits := quick()
	limits.period = time.Hour
	arrived := make(chan struct{}, 1)
	address, b := serving(t, limits, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		readAll(w, r)
	})
	before := dial(t, address)
	before.send(post("10") + "\r\n1")
	<-arrived
	b.stop()
	after := dial(t, address)
	after.send(post("10") + "\r\n1")
	for _, s := range []*socket{before, after} {
		if status, text := s.answer(); status != http.StatusRequestTimeout {
			t.Errorf("%d %s", status, text)
		}
	}
}

func TestBodiesAreForgotten(t *testing.T) {
	address, b := serving(t, quick(), func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	})
	for range 3 {
		s := dial(t, address)
		s.send(post("1") + "\r\n1")
		if !s.closed() {
			t.Error("the connection is kept")
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.coming) > 0 {
		t.Errorf("%d bodies are kept in mind", len(b.coming))
	}
}
