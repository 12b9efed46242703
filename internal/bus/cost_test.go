package bus_test

import (
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talktest"
)

// writers is how many write at the same time, each in a conversation of its own.
const writers = 64

// commits counts the commits of all writers in some time, each followed by done.
func commits(t testing.TB, s *db.DB, d time.Duration, done func(token string)) float64 {
	var n atomic.Int64
	var running sync.WaitGroup
	begin := time.Now()
	for i := range writers {
		token := fmt.Sprintf("room%d", i)
		running.Go(func() {
			for time.Since(begin) < d {
				err := s.WriteKey(t.Context(), token, func(tx *db.Tx) error { return store.RaiseVersion(tx, token) })
				if err != nil {
					t.Error(err)
					return
				}
				done(token)
				n.Add(1)
			}
		})
	}
	running.Wait()
	return float64(n.Load()) / time.Since(begin).Seconds()
}

// hintCarriers make carriers of nodes that share a database.
var hintCarriers = map[string]func(t testing.TB, url string) func() bus.Carrier{
	"postgres": func(t testing.TB, url string) func() bus.Carrier {
		return func() bus.Carrier {
			p, err := bus.NewPostgres(bus.PostgresOptions{URL: url, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
	},
	"nats": func(t testing.TB, _ string) func() bus.Carrier {
		s := talktest.NewNATS(t)
		return func() bus.Carrier {
			return natsCarrier(t, bus.NATSOptions{Servers: s.URL, Log: slog.New(slog.DiscardHandler)})
		}
	},
}

// hintCost compares the commits a second of writers on PostgreSQL that publish a hint
// after each with those of writers that do not, in an even number of rounds. They
// alternate, so that whatever else the machine does concerns both.
func hintCost(t testing.TB, kind string, rounds int, d time.Duration) (with, without float64) {
	cluster := talktest.NewCluster(t)
	connect := hintCarriers[kind](t, cluster.URL())
	s := talktest.Open(t, db.Options{URL: cluster.URL()})
	makeRooms(t, s)
	nodes := make([]*bus.Bus, 2)
	for i := range nodes {
		nodes[i] = bus.New(connect(), 0)
		defer nodes[i].Close()
	}
	quiet := func(string) {}
	publish := func(token string) { nodes[0].Publish(bus.Hint{Topic: bus.Roster, Token: token}) }
	commits(t, s, d, quiet)
	for range rounds / 2 {
		without += commits(t, s, d, quiet)
		with += commits(t, s, d, publish) + commits(t, s, d, publish)
		without += commits(t, s, d, quiet)
	}
	return with / float64(rounds), without / float64(rounds)
}

// Hints are sent beside the commits: in them, they cost nine tenths of all.
func TestHintsCostLittle(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: it measures")
	}
	for kind := range hintCarriers {
		t.Run(kind, func(t *testing.T) {
			with, without := hintCost(t, kind, 4, 300*time.Millisecond)
			t.Logf("%.0f commits a second with hints, %.0f without: %.3f", with, without, with/without)
			if with < 0.6*without {
				t.Errorf("hints cost too much: %.0f commits a second instead of %.0f", with, without)
			}
		})
	}
}

// BenchmarkHintCost reports the share of the commits a second that remains.
func BenchmarkHintCost(b *testing.B) {
	for kind := range hintCarriers {
		b.Run(kind, func(b *testing.B) {
			for b.Loop() {
				with, without := hintCost(b, kind, 8, time.Second)
				b.ReportMetric(with, "with/s")
				b.ReportMetric(without, "without/s")
				b.ReportMetric(with/without, "ratio")
			}
		})
	}
}
