package obs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Limits of reading totals.
const (
	// totalsAge is how old totals may be, so that many scrapes cost no more than one.
	totalsAge = 15 * time.Second
	// totalsTimeout is how long a scrape waits for them.
	totalsTimeout = 2 * time.Second
)

// metric is one number of a source.
type metric struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

func counter(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc(name, help, labels, nil), prometheus.CounterValue}
}

func gauge(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue}
}

// source is a collector whose numbers somebody else counts. They are asked for when
// somebody looks, all at once.
type source struct {
	metrics []metric
	// read returns the values of the metrics for each label, "" without any; nothing
	// when they are not known.
	read func() map[string][]float64
}

// Describe implements prometheus.Collector.
func (s *source) Describe(to chan<- *prometheus.Desc) {
	for _, m := range s.metrics {
		to <- m.desc
	}
}

// Collect implements prometheus.Collector.
func (s *source) Collect(to chan<- prometheus.Metric) {
	for label, values := range s.read() {
		var labels []string
		if label != "" {
			labels = []string{label}
		}
		for i, m := range s.metrics {
			to <- prometheus.MustNewConstMetric(m.desc, m.kind, values[i], labels...)
		}
	}
}

// DatabaseCounts are what became of writes since the start.
type DatabaseCounts struct {
	Commits, Deadlocks, Retries int64
	// Waited is how long transactions waited for their turn, added up.
	Waited time.Duration
}

// CountDatabase registers the numbers of the database. It panics when they are
// registered already.
func CountDatabase(registry prometheus.Registerer, counts func() DatabaseCounts) {
	registry.MustRegister(&source{[]metric{
		counter("parley_database_commits_total", "Commits of writes; those that wait at the same time share one."),
		counter("parley_database_deadlocks_total", "Transactions that the database ended because they waited for each other."),
		counter("parley_database_retries_total",
			"Writes that were begun again: after a deadlock, a lost connection, or with more locks than at first."),
		counter("parley_database_wait_seconds_total",
			"Time that writes waited for their turn and, on PostgreSQL, all transactions for a free connection."),
	}, func() map[string][]float64 {
		c := counts()
		return map[string][]float64{"": {float64(c.Commits), float64(c.Deadlocks), float64(c.Retries), c.Waited.Seconds()}}
	}})
}

// CacheCounts tell how a cache is used.
type CacheCounts struct {
	Hits, Misses   uint64
	Entries, Bytes int
}

// CountCaches registers the numbers of all caches by their names. It panics when they
// are registered already.
func CountCaches(registry prometheus.Registerer, counts func() map[string]CacheCounts) {
	registry.MustRegister(&source{[]metric{
		counter("parley_cache_hits_total", "Questions that were answered from memory.", "cache"),
		counter("parley_cache_misses_total", "Questions that memory had no answer to.", "cache"),
		gauge("parley_cache_entries", "Answers that are remembered.", "cache"),
		gauge("parley_cache_bytes", "Memory that they take, roughly.", "cache"),
	}, func() map[string][]float64 {
		values := map[string][]float64{}
		for name, c := range counts() {
			values[name] = []float64{float64(c.Hits), float64(c.Misses), float64(c.Entries), float64(c.Bytes)}
		}
		return values
	}})
}

// CountConnections registers how many clients are connected to the public address,
// and how many may be. It panics when that is registered already.
func CountConnections(registry prometheus.Registerer, counts func() (open, limit int)) {
	registry.MustRegister(&source{[]metric{
		gauge("parley_connections_open", "Connections of clients."),
		gauge("parley_connections_limit", "Connections that may be open at once."),
	}, func() map[string][]float64 {
		open, limit := counts()
		return map[string][]float64{"": {float64(open), float64(limit)}}
	}})
}

// CountStreams registers how many streams of events are open. It panics when that is
// registered already.
func CountStreams(registry prometheus.Registerer, count func() int) {
	registry.MustRegister(&source{[]metric{gauge("parley_event_streams", "Streams of events that are open.")}, func() map[string][]float64 {
		return map[string][]float64{"": {float64(count())}}
	}})
}

// BusCounts are what became of hints between those who change something and those who
// wait for it.
type BusCounts struct {
	Published, Received, Lost, Woken int64
	Subscriptions                    int
}

// CountBus registers the numbers of the bus. It panics when they are registered already.
func CountBus(registry prometheus.Registerer, counts func() BusCounts) {
	registry.MustRegister(&source{[]metric{
		counter("parley_bus_published_total", "Hints about changes that this node made."),
		counter("parley_bus_received_total", "Hints about changes that other nodes made."),
		counter("parley_bus_lost_total", "How often hints of other nodes may have been lost and everybody looked."),
		counter("parley_bus_woken_total", "Waiting requests and workers that hints woke."),
		gauge("parley_bus_subscriptions", "Requests and workers that wait for hints."),
	}, func() map[string][]float64 {
		c := counts()
		return map[string][]float64{"": {
			float64(c.Published), float64(c.Received), float64(c.Lost), float64(c.Woken), float64(c.Subscriptions),
		}}
	}})
}

// Totals are what there is in the database.
type Totals struct {
	Conversations, Sessions, MailWaiting, MailFailed, BlockedNetworks int
}

// TotalsOptions say where totals come from.
type TotalsOptions struct {
	// Read asks the database.
	Read func(context.Context) (Totals, error)
	Log  *slog.Logger
	Now  func() time.Time
}

// CountTotals registers what there is in the database. Its numbers are at most 15
// seconds old, and absent while the database does not answer. It panics when they are
// registered already.
func CountTotals(registry prometheus.Registerer, o TotalsOptions) {
	t := &totals{TotalsOptions: o}
	registry.MustRegister(&source{[]metric{
		gauge("parley_conversations", "Conversations of all kinds."),
		gauge("parley_sessions", "Sessions of clients that are alive in a conversation."),
		gauge("parley_mail_waiting", "Mails that will be sent, or tried again."),
		gauge("parley_mail_failed", "Mails that were given up."),
		gauge("parley_blocked_networks", "Networks from which something may not be guessed at now."),
	}, t.values})
}

// totals remembers what was read for a while.
type totals struct {
	TotalsOptions
	mu   sync.Mutex
	at   time.Time
	last map[string][]float64
}

func (t *totals) values() map[string][]float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if now := t.Now(); t.at.IsZero() || now.Sub(t.at) >= totalsAge {
		t.at, t.last = now, t.ask()
	}
	return t.last
}

func (t *totals) ask() map[string][]float64 {
	ctx, cancel := context.WithTimeout(context.Background(), totalsTimeout)
	defer cancel()
	n, err := t.Read(ctx)
	if err != nil {
		t.Log.WarnContext(ctx, "the totals for the metrics are not known", "err", err.Error())
		return nil
	}
	return map[string][]float64{"": {
		float64(n.Conversations), float64(n.Sessions), float64(n.MailWaiting), float64(n.MailFailed), float64(n.BlockedNetworks),
	}}
}
