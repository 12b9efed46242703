package server

import (
	"context"
	"log/slog"
	"strings"

	"parley/internal/bus"
	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/obs"
	"parley/internal/secret"
	"parley/internal/store/deliveries"
)

// newBus returns the bus for a kind of database. Commands beside a server wait for
// nothing, and only tell. Nodes of one database share its key, by which they know each
// other on a NATS server that has other guests.
func newBus(cfg config.Config, key secret.Key, log *slog.Logger, server bool) (*bus.Bus, error) {
	if strings.HasPrefix(cfg.DatabaseURL(), "sqlite:") {
		return bus.New(bus.NewProcess().Carrier(), 0), nil
	}
	var carrier bus.Carrier
	var err error
	if cfg.NATS != "" {
		carrier, err = bus.NewNATS(bus.NATSOptions{Servers: cfg.NATS, Namespace: key.Digest("names of the bus"), Log: log, SendOnly: !server})
	} else {
		carrier, err = bus.NewPostgres(bus.PostgresOptions{URL: cfg.DatabaseURL(), Log: log, SendOnly: !server})
	}
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
			s, err := deliveries.StateOf(tx, kind)
			if err != nil {
				return err
			}
			counts = append(counts, obs.OutboxCounts{Kind: kind, Waiting: s.Waiting, Failed: s.Failed})
		}
		return nil
	})
	return counts, err
}

// deliveriesAtOnce bounds what Deliveries reads in one statement.
const deliveriesAtOnce = 500

// Deliveries calls f for all that is in the outbox, of one kind or with "" of all, in the
// order in which it was asked for.
func (c *Core) Deliveries(ctx context.Context, kind string, f func(*deliveries.Row)) error {
	last := int64(0)
	for {
		var page []deliveries.Row
		err := c.Store.Read(ctx, func(tx *db.Tx) (err error) {
			page, err = deliveries.All(tx, kind, last, deliveriesAtOnce)
			return err
		})
		if err != nil {
			return err
		}
		for i := range page {
			f(&page[i])
			last = page[i].ID
		}
		if len(page) < deliveriesAtOnce {
			return nil
		}
	}
}

// RetryDeliveries makes the delivery with the id due now, with 0 all, and wakes the
// workers. It returns how many there were.
func (c *Core) RetryDeliveries(ctx context.Context, id int64) (n int64, err error) {
	err = c.Store.Write(ctx, func(tx *db.Tx) error {
		n, err = deliveries.Retry(tx, id)
		return err
	})
	if n > 0 && err == nil {
		c.outboxChanged()
	}
	return n, err
}

// DropDelivery forgets a delivery, and returns whether there was one that nobody makes now.
func (c *Core) DropDelivery(ctx context.Context, id int64) (found bool, err error) {
	err = c.Store.Write(ctx, func(tx *db.Tx) error {
		found, err = deliveries.Drop(tx, id)
		return err
	})
	return found, err
}
