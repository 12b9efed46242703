package ocs

import (
	"bytes"
	"net/http"
)

// Stream is the data of an answer that goes on for as long as the client listens: events in the
// form that browsers call EventSource (text/event-stream), without an envelope.
type Stream struct {
	// Run writes events until there is nobody left to read them.
	Run func(*EventWriter)
	// Close ends what the stream was made of. It is called in any case.
	Close func()
}

// EventWriter writes the events of a stream. It belongs to one goroutine.
type EventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	buf     bytes.Buffer
}

// serve answers a request with the stream.
func (s Stream) serve(w http.ResponseWriter, r *http.Request) {
	defer s.Close()
	setFixedHeaders(w.Header())
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would keep events back
	w.WriteHeader(statusOK)
	if r.Method != http.MethodHead {
		s.Run(&EventWriter{w: w, control: http.NewResponseController(w)})
	}
}

// Event adds an event: a place to go on after it, its name, and its data without line breaks.
func (e *EventWriter) Event(place, name string, data []byte) {
	e.buf.WriteString("id: " + place + "\nevent: " + name + "\ndata: ")
	e.buf.Write(data)
	e.buf.WriteString("\n\n")
}

// Begin adds how long clients wait before they come again, in milliseconds, and the place to go
// on after.
func (e *EventWriter) Begin(retry, place string) {
	e.buf.WriteString("retry: " + retry + "\nid: " + place + "\n\n")
}

// KeepAlive adds a line that tells proxies that the connection is alive, and the place to go
// on after.
func (e *EventWriter) KeepAlive(place string) { e.buf.WriteString(":\nid: " + place + "\n\n") }

// Flush sends what was added. It fails when the client is gone.
func (e *EventWriter) Flush() error {
	defer e.buf.Reset()
	if _, err := e.w.Write(e.buf.Bytes()); err != nil {
		return err
	}
	return e.control.Flush()
}
