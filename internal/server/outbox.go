package server

import (
	"context"
	"log/slog"
	"strings"

	"parley/internal/bus"
	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/obs"
	"parley/internal/store"
)

// newBus returns the bus for a kind of database. Commands beside a server wait for
// nothing, and only tell.
func newBus(cfg config.Config, log *slog.Logger, server bool) (*bus.Bus, error) {
	if strings.HasPrefix(cfg.DatabaseURL(), "sqlite:") {
		return bus.New(bus.NewProcess().Carrier(), 0), nil
	}
	carrier, err := bus.NewPostgres(bus.PostgresOptions{URL: cfg.DatabaseURL(), Log: log, SendOnly: !server})
	if err != nil {
		return nil, err
	}
	return bus.New(carrier, 0), nil
}

// outboxChanged tells those who deliver that something new may be due.
func (c *Core) outboxChanged() { c.Bus.Publish(bus.Hint{Topic: bus.Outbox}) }

// outboxCounts returns what is in the outbox of each kind.
func (c *Core) outboxCounts(ctx context.Context) ([]obs.OutboxCounts, error) {
	var counts []obs.OutboxCounts
	err := c.Store.Read(ctx, func(tx *db.Tx) error {
		counts = nil
		for _, kind := range c.Outbox.Kinds() {
			s, err := store.OutboxStateOf(tx, kind)
			if err != nil {
				return err
			}
			counts = append(counts, obs.OutboxCounts{Kind: kind, Waiting: s.Waiting, Failed: s.Failed})
		}
		return nil
	})
	return counts, err
}
