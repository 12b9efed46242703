package obs

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the numbers that the middleware counts.
type Metrics struct {
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

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
	m.duration.WithLabelValues(methodLabel(method), route, classLabel(status)).Observe(d.Seconds())
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

// classLabel returns "2xx" for 200 to 299 and so on.
func classLabel(status int) string {
	return strconv.Itoa(status/100) + "xx"
}
