package server

import (
	"context"
	"maps"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/internal/cache"
	"parley/internal/db"
	"parley/internal/obs"
	"parley/internal/store"
	"parley/internal/store/deliveries"
)

// register adds what the parts of the server count to the registry.
func (s *Server) register(registry prometheus.Registerer, build obs.Build) {
	obs.RegisterBuild(registry, build)
	obs.CountDatabase(registry, func() obs.DatabaseCounts { return obs.DatabaseCounts(s.Store.Counts()) })
	obs.CountCaches(registry, s.cacheCounts)
	obs.CountBus(registry, func() obs.BusCounts { return obs.BusCounts(s.Bus.Counts()) })
	obs.CountStreams(registry, s.Events.Streams)
	obs.CountConnections(registry, s.connectionCounts)
	obs.CountTotals(registry, obs.TotalsOptions{Read: s.Totals, Log: s.log, Now: time.Now})
}

// cacheCounts returns the numbers of all caches. Their costs are bytes.
func (s *Server) cacheCounts() map[string]obs.CacheCounts {
	all := map[string]obs.CacheCounts{}
	for _, counts := range []map[string]cache.Counts{s.Rooms.CacheCounts(), s.Auth.CacheCounts()} {
		for name, c := range maps.All(counts) {
			all[name] = obs.CacheCounts{Hits: c.Hits, Misses: c.Misses, Entries: c.Entries, Bytes: c.Cost}
		}
	}
	return all
}

// connectionCounts returns how many clients are connected, and how many may be.
func (s *Server) connectionCounts() (open, limit int) {
	if l := s.public.Load(); l != nil {
		return l.counts()
	}
	return 0, 0
}

// Totals asks the database what there is.
func (c *Core) Totals(ctx context.Context) (t obs.Totals, err error) {
	err = c.Store.Read(ctx, func(tx *db.Tx) error {
		rows, err := store.CountTotals(tx)
		if err != nil {
			return err
		}
		mail, err := deliveries.StateOf(tx, store.MailKind)
		t = obs.Totals{
			Conversations: rows.Rooms, Sessions: rows.Sessions, MailWaiting: mail.Waiting, MailFailed: mail.Failed,
		}
		return err
	})
	if err != nil {
		return t, err
	}
	sources, err := c.Auth.Protection().Sources(ctx)
	blocked := map[string]bool{}
	for _, s := range sources {
		if s.IsBlocked() {
			blocked[s.Network] = true
		}
	}
	t.BlockedNetworks = len(blocked)
	return t, err
}
