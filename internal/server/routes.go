package server

import (
	"net/http"
	"net/http/pprof"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/obs"
	"parley/internal/signal"
	"parley/internal/web"
)

// readyTimeout is how long the database may take to answer before the server counts
// as not ready.
const readyTimeout = 2 * time.Second

// handler returns everything that the public address serves.
// document describes the API.
func (s *Server) handler(api http.Handler, people *web.Pages, document []byte) http.Handler {
	pages := http.NewServeMux()
	people.Register(pages)
	pages.HandleFunc("GET /status.php", status)
	pages.Handle("GET /openapi.json", openAPI(document))
	pages.Handle("GET "+signal.Path+"/spreed", s.hub)
	pages.HandleFunc("GET "+signal.Path+"/api/v1/welcome", s.hub.Welcome)
	pages.HandleFunc("GET /healthz", obs.Healthz)
	pages.Handle("GET /readyz", obs.Readyz(readyTimeout, s.log,
		obs.Check{Name: "shutting down", Run: s.draining},
		obs.Check{Name: "database", Run: s.databaseAnswers}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The API comes before the mux, which would redirect paths with double
		// slashes; clients send such paths and do not all follow.
		if isOCS(r.URL.Path) {
			api.ServeHTTP(w, r)
			return
		}
		if clean := cleanPath(r.URL.Path); clean != r.URL.Path {
			// The mux would do the same, but does not know where parley's place is.
			to := url.URL{Path: clean, RawQuery: r.URL.RawQuery}
			http.Redirect(w, r, s.cfg.Address().Path()+to.String(), http.StatusTemporaryRedirect)
			return
		}
		pages.ServeHTTP(w, r)
	})
}

// cleanPath folds repeated slashes and dots.
func cleanPath(p string) string {
	clean := path.Clean("/" + p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

// isOCS reports whether the API answers a path: /ocs and all below it, with or without
// /index.php in front and with any number of slashes.
func isOCS(path string) bool {
	path = strings.TrimLeft(path, "/")
	if rest, ok := strings.CutPrefix(path, "index.php/"); ok {
		path = strings.TrimLeft(rest, "/")
	}
	first, _, _ := strings.Cut(path, "/")
	return first == "ocs"
}

// debugHandler returns what the debug address serves: metrics and Go profiles. They
// are not on the public address, where a proxy on the same machine would make every
// stranger look like a local process.
func debugHandler(registry prometheus.Gatherer) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", obs.MetricsHandler(registry))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}
