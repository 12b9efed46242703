package talktest

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Event is one of a stream of events.
type Event struct {
	// ID is where to go on after it, Name what happened.
	ID, Name string
	// Data is what is told of it, nil for a sign of life.
	Data Object
}

// Events is a stream of events that a client reads.
type Events struct {
	// Header are those of the answer.
	Header http.Header

	t     testing.TB
	all   chan Event
	close func() error
}

// patience is how long a test waits for what has to come.
const patience = 20 * time.Second

// Events opens a stream of events. Changes complete the request; see [Client.Raw]. It is
// closed when the test ends.
func (c *Client) Events(changes ...func(*http.Request)) *Events {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.url+EventsPath, http.NoBody)
	if err != nil {
		c.t.Fatal(err)
	}
	request.SetBasicAuth(c.User, c.Password)
	for _, f := range changes {
		f(request)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = answer.Body.Close() }) // nothing is lost
	if answer.StatusCode != http.StatusOK {
		c.t.Fatalf("the stream of events: %s", answer.Status)
	}
	s := &Events{Header: answer.Header, t: c.t, all: make(chan Event, 10_000), close: answer.Body.Close}
	go s.read(bufio.NewScanner(answer.Body))
	return s
}

// EventsPath is where the events of an account are.
const EventsPath = entryPoint + "/apps/parley/api/v1/events"

// read reads all events until the stream ends.
func (s *Events) read(lines *bufio.Scanner) {
	defer close(s.all)
	lines.Buffer(nil, 1<<20)
	var e Event
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "id":
			e.ID = value
		case "event":
			e.Name = value
		case "data":
			if err := json.Unmarshal([]byte(value), &e.Data); err != nil {
				s.t.Errorf("the event %q: %v", value, err)
			}
		case "":
			s.all <- e
			e = Event{}
		}
	}
}

// Any returns what comes next, also signs of life; ok is false when the stream has ended.
func (s *Events) Any() (e Event, ok bool) {
	s.t.Helper()
	select {
	case e, ok = <-s.all:
	case <-time.After(patience):
		s.t.Fatal("no event came")
	}
	return e, ok
}

// Next returns the next event, which has to be one of these.
func (s *Events) Next(names ...string) Event {
	s.t.Helper()
	for {
		e, ok := s.Any()
		if !ok {
			s.t.Fatalf("the stream ended before %v", names)
		}
		if e.Data == nil {
			continue
		}
		for _, name := range names {
			if e.Name == name {
				return e
			}
		}
		s.t.Fatalf("the event %q came, want %v: %v", e.Name, names, e.Data)
	}
}

// Until returns the names of the events up to one, which is left out.
func (s *Events) Until(name string) (names []string) {
	s.t.Helper()
	for {
		e, ok := s.Any()
		switch {
		case !ok:
			s.t.Fatalf("the stream ended before %q, after %v", name, names)
		case e.Data != nil && e.Name == name:
			return names
		case e.Data != nil:
			names = append(names, e.Name)
		}
	}
}

// Ends waits until the server ends the stream.
func (s *Events) Ends() {
	s.t.Helper()
	for ok := true; ok; {
		_, ok = s.Any()
	}
}

// Close ends the stream.
func (s *Events) Close() { _ = s.close() } // nothing is lost
