package obs

import (
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the numbers that the middleware counts.
type Metrics struct {
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge

	mu sync.RWMutex // guards observers
	// observers are those of duration that were used, which are dear to look up.
	// There is one for each route, method and class of status.
	observers map[labels]prometheus.Observer
}

// labels are the values of the labels of one request.
type labels struct{ method, route, status string }

// NewRegistry returns a registry with the numbers of the Go runtime and the process.
func NewRegistry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return registry
}

// NewMetrics makes the metrics and registers them. It panics when they are registered
// already, as a second server on one registry would mix its numbers with the first.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	m := &Metrics{
		observers: map[labels]prometheus.Observer{},
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "parley_http_request_duration_seconds",
			Help: "Time from the arrival of a request to the end of its answer.",
			// The upper end covers long polls, which last half a minute.
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"method", "route", "status"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "parley_http_requests_in_flight",
			Help: "Requests that are being answered now.",
		}),
	}
	registry.MustRegister(m.duration, m.inFlight)
	return m
}

// MetricsHandler serves what registry gathers in the Prometheus text format.
func MetricsHandler(registry prometheus.Gatherer) http.Handler {
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// observe counts one answered request.
func (m *Metrics) observe(method, route string, status int, d time.Duration) {
	m.observer(labels{methodLabel(method), route, classLabel(status)}).Observe(d.Seconds())
}

func (m *Metrics) observer(l labels) prometheus.Observer {
	m.mu.RLock()
	o := m.observers[l]
	m.mu.RUnlock()
	if o == nil {
		o = m.duration.WithLabelValues(l.method, l.route, l.status)
		m.mu.Lock()
		m.observers[l] = o
		m.mu.Unlock()
	}
	return o
}

// methodLabel returns method if it is a usual one. Clients may send any word as
// method, and each would be a metric of its own.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut,
		http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// classes are the labels of statuses by their first digit.
var classes = [...]string{"0xx", "1xx", "2xx", "3xx", "4xx", "5xx"}

// classLabel returns "2xx" for 200 to 299 and so on.
func classLabel(status int) string {
	if class := status / 100; class < len(classes) {
		return classes[class]
	}
	return "other"
}
