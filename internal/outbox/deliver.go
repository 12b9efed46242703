package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"runtime/debug"
	"strings"
	"time"

	"parley/internal/db"
	"parley/internal/store/deliveries"
)

const (
	// settleTimeout is how long storing an outcome may take, also while the server stops.
	settleTimeout = 10 * time.Second
	// maxCause is how much of the cause of a failure is kept, in characters.
	maxCause = 300
)

// fill begins all deliveries that are due, as far as there is room for them.
func (q *queue) fill(ctx context.Context) error {
	for ctx.Err() == nil {
		q.drain()
		if q.destinations.full() {
			return nil
		}
		d, err := q.take(ctx)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		q.destinations.begin(d.Destination)
		q.tasks.Go(func() { q.outcomes <- q.finish(ctx, d, q.deliver(ctx, d)) })
	}
	return nil
}

// drain notes the outcomes that are there.
func (q *queue) drain() {
	for {
		select {
		case o := <-q.outcomes:
			q.destinations.note(o)
		default:
			return
		}
	}
}

// take leases the next delivery that is due.
func (q *queue) take(ctx context.Context) (d deliveries.Delivery, err error) {
	lease := rand.Text()
	err = q.store.Write(ctx, func(tx *db.Tx) error {
		d, err = deliveries.Lease(tx, q.kind.Name, q.destinations.busy(tx.Now()), lease, q.kind.lease())
		return err
	})
	return d, err
}

// deliver makes one delivery. A panic is a failure of this one alone.
func (q *queue) deliver(ctx context.Context, d deliveries.Delivery) (err error) {
	defer func() {
		if p := recover(); p != nil {
			q.log.ErrorContext(ctx, "panic", "delivery", d.ID, "panic", p, "stack", string(debug.Stack()))
			err = Refused(errors.New("parley failed, its log tells more"))
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, q.kind.Timeout)
	defer cancel()
	return q.kind.Deliver(ctx, d)
}

// settle stores how a delivery went, also while the server stops.
func (q *queue) finish(ctx context.Context, d deliveries.Delivery, failure error) outcome {
	stopping := ctx.Err() != nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	o := outcome{destination: d.Destination, healthy: failure == nil || isRefused(failure)}
	write := func(f func(*db.Tx) error) {
		if err := q.store.Write(ctx, f); err != nil {
			q.log.ErrorContext(ctx, "the outcome of a delivery was not stored: it may be made twice",
				"delivery", d.ID, "err", err.Error())
		}
	}
	switch {
	case failure == nil:
		write(func(tx *db.Tx) error { return deliveries.Done(tx, d) })
	case stopping:
		write(func(tx *db.Tx) error { return deliveries.Release(tx, d) })
	default:
		givenUp := d.Attempts >= q.kind.MaxAttempts
		q.logFailure(ctx, d, failure, givenUp)
		o.troubled = !o.healthy
		write(func(tx *db.Tx) error {
			o.restUntil = tx.Now() + q.destinations.rest
			if givenUp {
				return deliveries.GivenUp(tx, d, cause(failure))
			}
			return deliveries.Failed(tx, d, cause(failure), tx.Now()+q.kind.pause(d.Attempts))
		})
	}
	return o
}

func (q *queue) logFailure(ctx context.Context, d deliveries.Delivery, failure error, givenUp bool) {
	attributes := []any{"delivery", d.ID, "attempts", d.Attempts, "err", failure.Error()}
	if givenUp {
		q.log.ErrorContext(ctx, "a delivery was given up", attributes...)
		return
	}
	q.log.WarnContext(ctx, "a delivery failed and waits", attributes...)
}

// cause is what is kept of a failure: one line that is not too long, and valid in every
// database.
func cause(err error) string {
	text := strings.ToValidUTF8(strings.ReplaceAll(err.Error(), "\x00", " "), "?")
	r := []rune(strings.Join(strings.Fields(text), " "))
	return string(r[:min(len(r), maxCause)])
}
