package obs

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// gatherTimeout is how long the database may take for numbers that somebody looks at.
const gatherTimeout = 2 * time.Second

// OutboxCounts are how many deliveries of a kind wait, and how many were given up.
type OutboxCounts struct {
	Kind            string
	Waiting, Failed int
}

// outboxCollector asks for the counts when somebody looks.
type outboxCollector struct {
	deliveries *prometheus.Desc
	counts     func(context.Context) ([]OutboxCounts, error)
}

// CountOutbox registers the numbers of the outbox, which are asked for when somebody
// looks. It panics when they are registered already.
func CountOutbox(registry prometheus.Registerer, counts func(context.Context) ([]OutboxCounts, error)) {
	registry.MustRegister(&outboxCollector{
		deliveries: prometheus.NewDesc("parley_outbox_deliveries",
			"Deliveries in the outbox: waiting, or given up (failed).", []string{"kind", "state"}, nil),
		counts: counts,
	})
}

// Describe implements prometheus.Collector.
func (c *outboxCollector) Describe(all chan<- *prometheus.Desc) { all <- c.deliveries }

// Collect implements prometheus.Collector. While the database does not answer there are
// no numbers.
func (c *outboxCollector) Collect(all chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), gatherTimeout)
	defer cancel()
	counts, err := c.counts(ctx)
	if err != nil {
		return
	}
	for _, k := range counts {
		for state, n := range map[string]int{"waiting": k.Waiting, "failed": k.Failed} {
			all <- prometheus.MustNewConstMetric(c.deliveries, prometheus.GaugeValue, float64(n), k.Kind, state)
		}
	}
}
