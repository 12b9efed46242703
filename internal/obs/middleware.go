package obs

import (
	"cmp"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// idLength is the number of characters of a request id; 16 of them are 80 random bits.
const idLength = 16

// Middleware wraps next with what every request gets: an id (a fresh one, ids of
// strangers are not taken over), protection against panics, metrics and one wide log
// line; [level] tells how severe that is. Now is the clock that durations are measured
// with, network tells the network that a request came from.
func Middleware(
	next http.Handler, logger *slog.Logger, metrics *Metrics, now func() time.Time, network func(*http.Request) string,
) http.Handler {
	return &observer{
		next: next, logger: logger, metrics: metrics, now: now, network: network,
		writers: sync.Pool{New: func() any { return new(writer) }},
	}
}

// observer is the handler that Middleware returns.
type observer struct {
	next    http.Handler
	logger  *slog.Logger
	metrics *Metrics
	now     func() time.Time
	network func(*http.Request) string
	writers sync.Pool
}

// ServeHTTP implements http.Handler.
func (o *observer) ServeHTTP(base http.ResponseWriter, r *http.Request) {
	start := o.now()
	w, _ := o.writers.Get().(*writer)
	*w = writer{ResponseWriter: base, request: Request{ID: rand.Text()[:idLength]}}
	base.Header().Set("X-Request-Id", w.request.ID)
	o.metrics.inFlight.Inc()

	broken := o.serve(w, r)

	o.metrics.inFlight.Dec()
	o.finish(w, r, o.now().Sub(start))
	*w = writer{}
	o.writers.Put(w)
	if broken {
		// Only a closed connection tells the client that the rest of the
		// answer will not come.
		panic(http.ErrAbortHandler)
	}
}

// serve calls the handler and turns a panic into an answer of 500. It returns true
// when that was not possible because an answer had begun, or when the handler wants
// the connection closed ([http.ErrAbortHandler]).
func (o *observer) serve(w *writer, r *http.Request) (broken bool) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			broken = true
			return
		}
		o.logger.LogAttrs(r.Context(), slog.LevelError, "panic",
			slog.String("id", w.request.ID), slog.Any("panic", value), slog.String("stack", string(debug.Stack())))
		broken = w.status != 0
		if !broken {
			http.Error(w, "Internal Server Error", http.StatusInternalServerError)
		}
		w.request.Kind = kindPanic
	}()
	o.next.ServeHTTP(w, r)
	return false
}

// finish writes the metrics and the log line of a request that took d.
func (o *observer) finish(w *writer, r *http.Request, d time.Duration) {
	status := cmp.Or(w.status, http.StatusOK) // what net/http sends for a silent handler
	route := cmp.Or(w.request.Route, pathOf(r.Pattern), "unmatched")
	o.metrics.observe(r.Method, route, status, d)

	level := level(status, &w.request)
	if !o.logger.Enabled(r.Context(), level) {
		return
	}
	attrs := append(make([]slog.Attr, 0, 11),
		slog.String("method", methodLabel(r.Method)),
		slog.String("route", route),
		slog.Int("status", status),
		slog.String("kind", w.request.Kind),
		slog.String("actor", w.request.Actor),
		slog.String("account", w.request.Account),
		slog.String("network", o.network(r)),
		slog.Float64("ms", float64(d.Microseconds())/1000),
		slog.Int64("bytes", w.bytes),
		slog.String("id", w.request.ID),
	)
	if w.request.Err != nil {
		attrs = append(attrs, slog.String("err", w.request.Err.Error()))
	}
	o.logger.LogAttrs(r.Context(), level, "request", attrs...)
}

// level is how much an answer matters. What the sender did wrong or asked for in vain,
// which includes what this server does not offer (501), is no failure of the server.
func level(status int, r *Request) slog.Level {
	switch {
	case r.Kind == kindPanic:
		return slog.LevelError
	case r.Kind == KindBusy:
		return slog.LevelWarn
	case r.Routine && status < http.StatusInternalServerError:
		return slog.LevelDebug
	case r.Kind == KindGone, status < http.StatusInternalServerError, status == http.StatusNotImplemented:
		return slog.LevelInfo
	}
	return slog.LevelError
}

// kindPanic is the kind of a request whose handler gave up by a panic.
const kindPanic = "panic"

// pathOf returns a ServeMux pattern without its method.
func pathOf(pattern string) string {
	if _, path, ok := strings.Cut(pattern, " "); ok {
		return path
	}
	return pattern
}
