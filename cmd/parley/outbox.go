package main

import (
	"fmt"
	"strconv"
	"time"

	"parley/internal/server"
	"parley/internal/store/deliveries"
)

type outboxCommands struct {
	List  outboxList  `cmd:"" help:"List what waits to be delivered, such as mail."`
	Retry outboxRetry `cmd:"" help:"Try deliveries again now."`
	Drop  outboxDrop  `cmd:"" help:"Forget a delivery."`
}

// deliveryView is a delivery for programs. Times are Unix seconds.
type deliveryView struct {
	ID          int64  `json:"id"`
	Kind        string `json:"kind"`
	Destination string `json:"destination"`
	About       string `json:"about"`
	State       string `json:"state"` // waiting, running or given up
	Attempts    int    `json:"attempts"`
	CreatedAt   int64  `json:"createdAt"`
	NextAt      int64  `json:"nextAt"`
	LastError   string `json:"lastError"`
}

func newDeliveryView(d *deliveries.Row) deliveryView {
	v := deliveryView{
		d.ID, d.Kind, d.Destination, d.About, "waiting", d.Attempts, d.CreatedAt, d.NextAt, d.LastError,
	}
	switch {
	case d.Failed:
		v.State, v.NextAt = "given up", 0
	case d.Lease != "":
		v.State = "running"
	}
	return v
}

type outboxList struct {
	admin
	Kind string `arg:"" optional:"" help:"Only deliveries of this kind, such as mail."`
}

// Help is shown by --help.
func (*outboxList) Help() string {
	return `What was given up stays until it is tried again or dropped. Times are UTC.

Examples:
  parley outbox list
  parley outbox list mail --json`
}

// Run lists the deliveries.
func (c *outboxList) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		views, rows := []deliveryView{}, table{head: "ID KIND TO STATE ATTEMPTS NEXT LAST-ERROR"}
		err := core.Deliveries(t.ctx, c.Kind, func(d *deliveries.Row) {
			v := newDeliveryView(d)
			next := "-"
			if v.NextAt != 0 {
				next = utcTime(time.Unix(v.NextAt, 0))
			}
			views = append(views, v)
			rows.rows = append(rows.rows, []string{
				strconv.FormatInt(v.ID, 10), v.Kind, or(v.About, or(v.Destination, "-")), v.State, strconv.Itoa(v.Attempts), next, or(v.LastError, "-"),
			})
		})
		if err != nil {
			return err
		}
		return t.show(c.admin, views, rows)
	})
}

type outboxRetry struct {
	admin
	ID  int64 `arg:"" optional:"" help:"Number of the delivery, as in the list."`
	All bool  `name:"all" help:"Try all of them."`
}

// Help is shown by --help.
func (*outboxRetry) Help() string {
	return `A running server tries at once; also what was given up begins anew.

Examples:
  parley outbox retry 12
  parley outbox retry --all`
}

// Validate wants one delivery or all.
func (c *outboxRetry) Validate() error {
	if c.All == (c.ID != 0) {
		return fmt.Errorf("name one delivery by its number, or use --all")
	}
	return nil
}

// countView tells programs how many rows changed.
type countView struct {
	Count int64 `json:"count"`
}

// Run makes the deliveries due.
func (c *outboxRetry) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		n, err := core.RetryDeliveries(t.ctx, c.ID)
		if err != nil {
			return err
		}
		if n == 0 && c.ID != 0 {
			return noDelivery(c.ID)
		}
		return t.done(c.admin, countView{n}, "deliveries due now: %d", n)
	})
}

type outboxDrop struct {
	admin
	ID int64 `arg:"" help:"Number of the delivery, as in the list."`
}

// Help is shown by --help.
func (*outboxDrop) Help() string { return "Examples:\n  parley outbox drop 12" }

// Run forgets the delivery.
func (c *outboxDrop) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		found, err := core.DropDelivery(t.ctx, c.ID)
		if err != nil {
			return err
		}
		if !found {
			return noDelivery(c.ID)
		}
		return t.done(c.admin, countView{1}, "delivery %d was dropped", c.ID)
	})
}

func noDelivery(id int64) error {
	return fmt.Errorf("no delivery %d waits, or it is being made right now: parley outbox list shows all", id)
}
