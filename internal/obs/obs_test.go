package obs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/obs"
)

// bench is a handler behind the middleware, with its log and its metrics.
type bench struct {
	http.Handler
	log      *bytes.Buffer
	registry *prometheus.Registry
}

// newBench puts handler behind the middleware; each look at its clock takes 1.5 ms.
func newBench(handler http.HandlerFunc, level slog.Level) *bench {
	b := &bench{log: new(bytes.Buffer), registry: prometheus.NewRegistry()}
	var mu sync.Mutex
	now := time.Unix(0, 0)
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(1500 * time.Microsecond)
		return now
	}
	b.Handler = obs.Middleware(handler, obs.NewLogger("json", level, b.log), obs.NewMetrics(b.registry), clock, network)
	return b
}

// network stands for what tells the network of a request.
func network(r *http.Request) string { return "net " + r.RemoteAddr }

// lines returns the log as one map per line, without the time.
func (b *bench) lines(t *testing.T) []map[string]any {
	t.Helper()
	var lines []map[string]any
	decoder := json.NewDecoder(bytes.NewReader(b.log.Bytes()))
	for {
		var line map[string]any
		err := decoder.Decode(&line)
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		delete(line, "time")
		lines = append(lines, line)
	}
}

// get sends a request to h and returns the answer.
func get(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestLogLine(t *testing.T) {
	b := newBench(func(w http.ResponseWriter, _ *http.Request) {
		record := obs.Of(w)
		record.Route, record.Kind, record.Actor, record.Account = "/room/{token}", "not-found", "users", "alice"
		record.Err = errors.New("no row")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "12345")
	}, slog.LevelInfo)
	answer := get(b, "GET", "/room/secret", "X-Request-Id", "foreign")
	id := answer.Header().Get("X-Request-Id")
	if len(id) != 16 || id == "foreign" {
		t.Errorf("request id %q", id)
	}
	want := map[string]any{
		"level": "INFO", "msg": "request", "method": "GET", "route": "/room/{token}", "status": 404.0,
		"kind": "not-found", "actor": "users", "account": "alice", "network": "net 192.0.2.1:1234", "ms": 1.5, "bytes": 5.0, "id": id, "err": "no row",
	}
	lines := b.lines(t)
	if len(lines) != 1 {
		t.Fatalf("%d log lines: %v", len(lines), lines)
	}
	for key, value := range want {
		if lines[0][key] != value {
			t.Errorf("%s = %v, want %v", key, lines[0][key], value)
		}
	}
	if len(lines[0]) != len(want) || strings.Contains(b.log.String(), "secret") {
		t.Errorf("unexpected attributes: %s", b.log)
	}
}

func TestStatusAndRoute(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /silent/{x}", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/early", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusCreated)
	})
	mux.HandleFunc("/write", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "x")
	})
	mux.HandleFunc("/bad", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	mux.HandleFunc("/gone", func(w http.ResponseWriter, _ *http.Request) {
		obs.Of(w).Kind = obs.KindGone
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	mux.HandleFunc("GET /healthz", obs.Healthz)
	mux.Handle("/ready", obs.Readyz(time.Minute, slog.New(slog.DiscardHandler)))
	failing := obs.Check{Name: "sky", Run: func(context.Context) error { return errors.New("it fell") }}
	mux.Handle("/unready", obs.Readyz(time.Minute, slog.New(slog.DiscardHandler), failing))
	for path, want := range map[string]struct {
		route, level string
		status       float64
	}{
		"/healthz":  {"/healthz", "DEBUG", 200},
		"/ready":    {"/ready", "DEBUG", 200},
		"/unready":  {"/unready", "ERROR", 503},
		"/silent/1": {"/silent/{x}", "INFO", 200},
		"/early":    {"/early", "INFO", 201},
		"/write":    {"/write", "INFO", 200},
		"/bad":      {"/bad", "ERROR", 502},
		"/gone":     {"/gone", "INFO", 503},
		"/nowhere":  {"unmatched", "INFO", 404},
	} {
		b := newBench(mux.ServeHTTP, slog.LevelDebug)
		get(b, "GET", path)
		line := b.lines(t)[0]
		if line["route"] != want.route || line["status"] != want.status || line["level"] != want.level {
			t.Errorf("%s: %v, want %v", path, line, want)
		}
	}
}

// Strangers may send any word as method; it is not for the log.
func TestOddMethod(t *testing.T) {
	b := newBench(func(http.ResponseWriter, *http.Request) {}, slog.LevelInfo)
	get(b, strings.Repeat("BREW", 1000), "/")
	if got := b.lines(t)[0]["method"]; got != "other" {
		t.Errorf("method %v", got)
	}
}

func TestQuietLevel(t *testing.T) {
	b := newBench(func(http.ResponseWriter, *http.Request) {}, slog.LevelWarn)
	get(b, "GET", "/")
	if b.log.Len() != 0 {
		t.Errorf("logged at level warn: %s", b.log)
	}
}

func TestPanicBecomes500(t *testing.T) {
	b := newBench(func(http.ResponseWriter, *http.Request) { panic("boom") }, slog.LevelInfo)
	answer := get(b, "GET", "/")
	if answer.Code != http.StatusInternalServerError || answer.Body.String() != "Internal Server Error\n" {
		t.Errorf("answer %d %q", answer.Code, answer.Body)
	}
	lines := b.lines(t)
	if len(lines) != 2 {
		t.Fatalf("log: %s", b.log)
	}
	stack, _ := lines[0]["stack"].(string)
	if lines[0]["panic"] != "boom" || !strings.Contains(stack, "TestPanicBecomes500") {
		t.Errorf("panic line: %v", lines[0])
	}
	if lines[1]["kind"] != "panic" || lines[1]["level"] != "ERROR" || lines[1]["id"] != lines[0]["id"] {
		t.Errorf("request line: %v", lines[1])
	}
}

func TestPanicAfterTheAnswerBeganClosesTheConnection(t *testing.T) {
	for name, test := range map[string]struct {
		value any
		lines int
	}{"boom": {"boom", 2}, "abort": {http.ErrAbortHandler, 1}} {
		t.Run(name, func(t *testing.T) {
			b := newBench(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "half")
				panic(test.value)
			}, slog.LevelInfo)
			defer func() {
				if err, ok := recover().(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("recovered %v, want http.ErrAbortHandler", err)
				}
				if got := b.lines(t); len(got) != test.lines {
					t.Errorf("log: %v", got)
				}
			}()
			get(b, "GET", "/")
		})
	}
}

func TestFlushAndHijack(t *testing.T) {
	handler := newBench(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		if r.URL.Path == "/flush" {
			_, _ = io.WriteString(w, "now")
			if err := control.Flush(); err != nil {
				t.Errorf("Flush: %v", err)
			}
			<-r.Context().Done()
			return
		}
		conn, _, err := control.Hijack()
		if err != nil {
			t.Errorf("Hijack: %v", err)
			return
		}
		_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\nX-Own: yes\r\nConnection: close\r\n\r\n")
		_ = conn.Close()
	}, slog.LevelError)
	server := httptest.NewServer(handler)
	defer server.Close()

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	answer := fetch(t, ctx, server.URL+"/flush")
	if got, err := io.ReadAll(io.LimitReader(answer.Body, 3)); err != nil || string(got) != "now" {
		t.Errorf("before the handler ended: %q, %v", got, err)
	}
	cancel()
	_ = answer.Body.Close()
	answer = fetch(t, t.Context(), server.URL+"/hijack")
	if answer.Header.Get("X-Own") != "yes" {
		t.Errorf("the hijacked answer did not arrive: %v", answer.Header)
	}
	_ = answer.Body.Close()
}

// fetch sends a GET request over the network.
func fetch(t *testing.T, ctx context.Context, url string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// wrapped is another middleware between obs and the handler.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestOf(t *testing.T) {
	b := newBench(func(w http.ResponseWriter, _ *http.Request) {
		obs.Of(wrapped{w}).Actor = "guests"
	}, slog.LevelInfo)
	get(b, "GET", "/")
	if got := b.lines(t)[0]["actor"]; got != "guests" {
		t.Errorf("actor set through another wrapper: %v", got)
	}
	if got := obs.Of(httptest.NewRecorder()); *got != (obs.Request{}) {
		t.Errorf("without the middleware: %+v", got)
	}
}

func TestRecordsAreNotShared(t *testing.T) {
	b := newBench(func(w http.ResponseWriter, r *http.Request) {
		if got := *obs.Of(w); got.Actor != "" || got.Err != nil || got.Route != "" {
			t.Errorf("a fresh record has %+v", got)
		}
		obs.Of(w).Actor, obs.Of(w).Route, obs.Of(w).Err = "users", r.URL.Path, io.EOF
	}, slog.LevelInfo)
	for range 20 {
		get(b, "GET", "/x")
	}
}

func TestMetrics(t *testing.T) {
	b := newBench(func(w http.ResponseWriter, r *http.Request) {
		obs.Of(w).Route = "/room"
		if r.Method != http.MethodGet {
			w.WriteHeader(http.StatusTeapot)
		}
	}, slog.LevelError)
	get(b, "GET", "/room/a")
	get(b, "GET", "/room/b")
	get(b, "BREW", "/room/c")
	text := get(obs.MetricsHandler(b.registry), "GET", "/metrics").Body.String()
	for _, want := range []string{
		`parley_http_request_duration_seconds_count{method="GET",route="/room",status="2xx"} 2`,
		`parley_http_request_duration_seconds_count{method="other",route="/room",status="4xx"} 1`,
		`parley_http_requests_in_flight 0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	runtime := get(obs.MetricsHandler(obs.NewRegistry()), "GET", "/metrics").Body.String()
	if !strings.Contains(runtime, "\ngo_goroutines ") {
		t.Errorf("a new registry shows: %.200s", runtime)
	}
}

func TestHealthz(t *testing.T) {
	answer := get(http.HandlerFunc(obs.Healthz), "GET", "/healthz")
	if answer.Code != http.StatusOK || answer.Body.String() != "ok\n" {
		t.Errorf("%d %q", answer.Code, answer.Body)
	}
}

func TestReadyz(t *testing.T) {
	fine := obs.Check{Name: "bus", Run: func(context.Context) error { return nil }}
	broken := obs.Check{Name: "database", Run: func(context.Context) error { return errors.New("password wrong") }}
	stuck := obs.Check{Name: "mail", Run: func(context.Context) error { time.Sleep(time.Minute); return nil }}
	panics := obs.Check{Name: "disk", Run: func(context.Context) error { panic("aargh") }}
	for name, test := range map[string]struct {
		checks []obs.Check
		status int
		body   string
	}{
		"none":   {nil, 200, "ready\n"},
		"fine":   {[]obs.Check{fine, fine}, 200, "ready\n"},
		"broken": {[]obs.Check{fine, broken}, 503, "not ready: database\n"},
		"panics": {[]obs.Check{panics, fine}, 503, "not ready: disk\n"},
		"stuck":  {[]obs.Check{fine, stuck}, 503, "not ready: mail\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				handler := obs.Readyz(time.Second, obs.NewLogger("text", slog.LevelInfo, &log), test.checks...)
				answer := get(handler, "GET", "/readyz")
				if answer.Code != test.status || answer.Body.String() != test.body {
					t.Errorf("%d %q", answer.Code, answer.Body)
				}
				if (test.status != 200) != strings.Contains(log.String(), "not ready") {
					t.Errorf("log: %s", log.String())
				}
				time.Sleep(time.Hour) // of the bubble: the stuck check must not outlive it
			})
		})
	}
}

func BenchmarkMiddleware(b *testing.B) {
	handler := obs.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		obs.Of(w).Route = "/room"
	}), slog.New(slog.DiscardHandler), obs.NewMetrics(prometheus.NewRegistry()), time.Now, network)
	r, w := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(w, r)
	}
}

func TestLevelIsThatOfTheFailure(t *testing.T) {
	for _, test := range []struct {
		status int
		kind   string
		want   slog.Level
	}{
		{200, "", slog.LevelInfo},
		{400, "invalid: body", slog.LevelInfo},
		{400, obs.KindGone, slog.LevelInfo},
		{408, "body stalled", slog.LevelInfo},
		{429, "too many attempts", slog.LevelInfo},
		{501, "not implemented", slog.LevelInfo},
		{503, obs.KindGone, slog.LevelInfo},
		{503, obs.KindBusy, slog.LevelWarn},
		{503, "unavailable", slog.LevelError},
		{500, "internal", slog.LevelError},
	} {
		var log bytes.Buffer
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			obs.Of(w).Kind = test.kind
			w.WriteHeader(test.status)
		})
		logger := slog.New(slog.NewTextHandler(&log, nil))
		obs.Middleware(handler, logger, obs.NewMetrics(obs.NewRegistry()), time.Now, network).
			ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		if !strings.Contains(log.String(), "level="+test.want.String()) {
			t.Errorf("%d %s: %s, want %v", test.status, test.kind, log.String(), test.want)
		}
	}
}
