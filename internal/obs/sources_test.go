package obs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/obs"
)

// values returns the lines of the metrics of a registry, without comments.
func values(registry *prometheus.Registry) string {
	var lines []string
	for line := range strings.Lines(get(obs.MetricsHandler(registry), "GET", "/metrics").Body.String()) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func TestSources(t *testing.T) {
	registry := prometheus.NewRegistry()
	obs.CountDatabase(registry, func() obs.DatabaseCounts {
		return obs.DatabaseCounts{Commits: 5, Deadlocks: 1, Retries: 2, Waited: 1500 * time.Millisecond}
	})
	obs.CountCaches(registry, func() map[string]obs.CacheCounts {
		return map[string]obs.CacheCounts{"answers": {Hits: 7, Misses: 3, Entries: 2, Bytes: 99}}
	})
	obs.CountConnections(registry, func() (open, limit int) { return 4, 100 })
	want := `parley_cache_bytes{cache="answers"} 99
parley_cache_entries{cache="answers"} 2
parley_cache_hits_total{cache="answers"} 7
parley_cache_misses_total{cache="answers"} 3
parley_connections_limit 100
parley_connections_open 4
parley_database_commits_total 5
parley_database_deadlocks_total 1
parley_database_retries_total 2
parley_database_wait_seconds_total 1.5
`
	if got := values(registry); got != want {
		t.Errorf("got\n%s", got)
	}
}

// However often somebody looks, the database is asked every 15 seconds at most, and
// not waited for for long.
func TestTotals(t *testing.T) {
	registry := prometheus.NewRegistry()
	now, asked, failure := time.Unix(1000, 0), 0, error(nil)
	var log bytes.Buffer
	obs.CountTotals(registry, obs.TotalsOptions{
		Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Read: func(ctx context.Context) (obs.Totals, error) {
			if _, ok := ctx.Deadline(); !ok {
				t.Error("no deadline")
			}
			asked++
			return obs.Totals{Conversations: asked, Sessions: 2, MailWaiting: 3, MailFailed: 4, BlockedNetworks: 5}, failure
		},
	})
	want := func(n int) string {
		return "parley_blocked_networks 5\nparley_conversations " + string(rune('0'+n)) +
			"\nparley_mail_failed 4\nparley_mail_waiting 3\nparley_sessions 2\n"
	}
	for range 3 {
		now = now.Add(4 * time.Second)
		if got := values(registry); got != want(1) {
			t.Fatalf("got\n%s", got)
		}
	}
	now = now.Add(7 * time.Second)
	if got := values(registry); got != want(2) {
		t.Errorf("after a while: %s", got)
	}
	now, failure = now.Add(15*time.Second), errors.New("out of order")
	for range 2 {
		if got := values(registry); got != "" || asked != 3 {
			t.Errorf("without a database: %s, asked %d times", got, asked)
		}
	}
	if strings.Count(log.String(), "out of order") != 1 {
		t.Errorf("log %s", log.String())
	}
	now, failure = now.Add(15*time.Second), nil
	if got := values(registry); got != want(4) {
		t.Errorf("afterwards: %s", got)
	}
}
