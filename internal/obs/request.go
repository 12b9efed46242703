package obs

import "net/http"

// KindGone is the kind of a request whose sender went away before the answer:
// nobody made a mistake.
const KindGone = "gone"

// KindBusy is the kind of a request that was turned away because others took all the
// room there was: the server is well, but somebody should know.
const KindBusy = "busy"

// Request is what the log line and the metrics tell about one request. The middleware
// makes it, and the handlers on the way fill in what they learn; see [Of]. It
// belongs to the goroutine of the request and must not be kept after it.
type Request struct {
	// ID is the id that the middleware gave the request and the answer's
	// X-Request-Id header. Handlers do not change it.
	ID string
	// Route is the pattern of the route, never the path, because a path holds
	// tokens and would make a metric per conversation. When no handler sets it,
	// the pattern of the ServeMux is taken.
	Route string
	// Kind is the kind of the error that was answered, "" for none.
	Kind string
	// Actor is the type of who asked ("users", "guests", …), "" for nobody.
	Actor string
	// Account is the user id of who asked, "" for guests and nobody.
	Account string
	// Routine marks a request that programs send all day long, such as the question
	// whether the server lives: its success is logged for debugging only.
	Routine bool
	// Err is the whole cause of an error answer, for the log alone.
	Err error
}

// Of returns the record of the request that w answers. Without the middleware, as in
// the test of a single handler, it returns a record that nobody reads.
func Of(w http.ResponseWriter) *Request {
	for {
		switch v := w.(type) {
		case *writer:
			return &v.request
		case interface{ Unwrap() http.ResponseWriter }:
			w = v.Unwrap()
		default:
			return &Request{}
		}
	}
}

// writer counts what is written and carries the record of the request.
type writer struct {
	http.ResponseWriter
	request Request
	status  int
	bytes   int64
}

// Unwrap lets http.ResponseController reach Flush, Hijack and the deadlines.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader notes the status; informational ones are not the answer yet.
func (w *writer) WriteHeader(status int) {
	if w.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes that the answer has begun and how long it is.
func (w *writer) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}
