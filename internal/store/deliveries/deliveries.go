// Package deliveries has the statements of the outbox: what must reach a destination, in
// which order, and who delivers it now.
package deliveries

import (
	"slices"
	"strconv"

	"parley/internal/db"
)

// Delivery is a row of the outbox: something that must reach a destination.
type Delivery struct {
	ID int64
	// Kind says who delivers it, and in which form Payload is.
	Kind string
	// Destination is who gets it, "" for kinds that have one receiver.
	Destination string
	// OrderKey keeps the deliveries of a destination that have the same one in order.
	// Those with "" have none.
	OrderKey string
	// AttendeeID is whom it is about, 0 for nobody. It goes with them.
	AttendeeID int64
	Payload    string
	// Attempts is how often it was begun, this time included.
	Attempts int
	// CreatedAt is when it was asked for, Unix seconds.
	CreatedAt int64
	// Lease is the proof of who leased it.
	Lease string
}

const deliveryColumns = "id, kind, destination, order_key, COALESCE(attendee_id, 0), payload, attempts, created_at, lease"

func deliveryFields(d *Delivery) []any {
	return []any{
		&d.ID, &d.Kind, &d.Destination, &d.OrderKey, &d.AttendeeID, &d.Payload, &d.Attempts, &d.CreatedAt, &d.Lease,
	}
}

// Enqueue stores that something has to be delivered, due now. Only kind, destination,
// order, attendee and payload count. One about an attendee that waits already, or that
// was given up, starts anew with the new payload.
func Enqueue(tx *db.Tx, d Delivery) error {
	var attendee any
	if d.AttendeeID != 0 {
		attendee = d.AttendeeID
	}
	return tx.Run(`INSERT INTO outbox (kind, destination, order_key, attendee_id, payload, next_at, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $6)
		ON CONFLICT (attendee_id) DO UPDATE SET payload = excluded.payload, attempts = 0,
		next_at = excluded.next_at, failed = FALSE, last_error = '', created_at = excluded.created_at`,
		d.Kind, d.Destination, d.OrderKey, attendee, d.Payload, tx.Now())
}

// EnqueueAll stores that all that a query finds has to be delivered, due now: a SELECT of
// kind, destination, order and payload, with its arguments. Queued is called after the commit
// if it found anything, nil for nobody. Nobody waits for the statement.
func EnqueueAll(tx *db.Tx, queued func(), query string, args ...any) error {
	count, now := new(int64), "$"+strconv.Itoa(len(args)+1)
	if queued != nil {
		tx.AfterCommit(func() {
			if *count > 0 {
				queued()
			}
		})
	}
	return tx.Later(&db.Statement{
		Text: `INSERT INTO outbox (kind, destination, order_key, payload, next_at, created_at)
			SELECT q.kind, q.destination, q.order_key, q.payload, ` + now + ", " + now + " FROM (" + query + ") AS q",
		Args: append(slices.Clone(args), tx.Now()), Count: count,
	})
}

// Lease returns the delivery of a kind that is due longest and hides it for
// some seconds from all others who deliver, or ErrNotFound when none is due. Those to
// busy destinations are left out, and those that have to wait for an earlier one. If
// who leased it vanishes it is due again after that.
func Lease(tx *db.Tx, kind string, busy []string, lease string, seconds int64) (Delivery, error) {
	args := db.Args([]any{lease, tx.Now() + seconds, kind, tx.Now()}, busy)
	free := ""
	if len(busy) > 0 {
		free = " AND q.destination NOT IN (" + db.Placeholders(5, len(busy)) + ")"
	}
	var d Delivery
	err := tx.QueryRow(deliveryFields(&d), `UPDATE outbox SET lease = $1, leased_until = $2, attempts = attempts + 1 WHERE id =
		(SELECT q.id FROM outbox q WHERE q.kind = $3 AND NOT q.failed AND q.next_at <= $4 AND q.leased_until <= $4`+free+`
		AND (q.order_key = '' OR NOT EXISTS (SELECT 1 FROM outbox e WHERE e.kind = q.kind AND e.destination = q.destination
			AND e.order_key = q.order_key AND e.id < q.id AND NOT e.failed))
		ORDER BY q.next_at, q.id LIMIT 1`+tx.Dialect.RowLock(db.LockFree)+`)
		RETURNING `+deliveryColumns, args...)
	return d, err
}

// Done removes a delivery that was made, unless it was asked for again
// meanwhile, and nothing after its lease was lost.
func Done(tx *db.Tx, d Delivery) error {
	err := tx.Run("DELETE FROM outbox WHERE id = $1 AND lease = $2 AND attempts = $3", d.ID, d.Lease, d.Attempts)
	if err != nil {
		return err
	}
	return unlease(tx, d)
}

// Failed notes why a delivery failed and when to try again.
func Failed(tx *db.Tx, d Delivery, cause string, nextAt int64) error {
	err := tx.Run("UPDATE outbox SET last_error = $4, next_at = $5 WHERE id = $1 AND lease = $2 AND attempts = $3",
		d.ID, d.Lease, d.Attempts, cause, nextAt)
	if err != nil {
		return err
	}
	return unlease(tx, d)
}

// GivenUp notes why a delivery is not tried any more. It stays until somebody
// asks for it again, or until whom it is about goes.
func GivenUp(tx *db.Tx, d Delivery, cause string) error {
	err := tx.Run("UPDATE outbox SET last_error = $4, failed = TRUE WHERE id = $1 AND lease = $2 AND attempts = $3",
		d.ID, d.Lease, d.Attempts, cause)
	if err != nil {
		return err
	}
	return unlease(tx, d)
}

// Release gives a delivery back that was not tried to the end, so that it is
// due as before.
func Release(tx *db.Tx, d Delivery) error {
	err := tx.Run("UPDATE outbox SET attempts = attempts - 1 WHERE id = $1 AND lease = $2 AND attempts = $3",
		d.ID, d.Lease, d.Attempts)
	if err != nil {
		return err
	}
	return unlease(tx, d)
}

// unlease ends a lease that was not lost before.
func unlease(tx *db.Tx, d Delivery) error {
	return tx.Run("UPDATE outbox SET lease = '', leased_until = 0 WHERE id = $1 AND lease = $2", d.ID, d.Lease)
}

// Hold notes why all of a kind waits. It changes nothing about when it is due.
func Hold(tx *db.Tx, kind, cause string) error {
	return tx.Run(`UPDATE outbox SET last_error = $2 WHERE id IN
		(SELECT id FROM outbox WHERE kind = $1 AND NOT failed AND last_error <> $2`+tx.Dialect.RowLock(db.LockFree)+")", kind, cause)
}

// State counts what is in the outbox of one kind.
type State struct {
	// Kind is empty where nothing is in the outbox.
	Kind string
	// Waiting is the number of deliveries that will be tried, or tried again.
	Waiting int
	// Failed is the number of those that were given up.
	Failed int
	// Oldest is when the oldest of them all was asked for, 0 without any.
	Oldest int64
	// LastError is why the newest one with a failure could not be made.
	LastError string
}

// States returns the state of each kind that has something in the outbox, in the
// order of their names.
func States(tx *db.Tx) ([]State, error) {
	all, err := db.Collect(tx, func(row db.Row, s *State) error {
		return row.Scan(&s.Kind, &s.Waiting, &s.Failed, &s.Oldest)
	}, `SELECT kind, SUM(CASE WHEN failed THEN 0 ELSE 1 END), SUM(CASE WHEN failed THEN 1 ELSE 0 END), MIN(created_at)
		FROM outbox GROUP BY kind ORDER BY kind`)
	for i := range all {
		if err != nil {
			break
		}
		err = tx.QueryRow([]any{&all[i].LastError}, `SELECT last_error FROM outbox WHERE kind = $1 AND last_error <> ''
			ORDER BY created_at DESC, id DESC LIMIT 1`, all[i].Kind)
		if db.IsNone(err) {
			err = nil
		}
	}
	return all, err
}

// StateOf returns the state of one kind.
func StateOf(tx *db.Tx, kind string) (State, error) {
	all, err := States(tx)
	if i := slices.IndexFunc(all, func(s State) bool { return s.Kind == kind }); i >= 0 {
		return all[i], err
	}
	return State{}, err
}

// Row is a delivery with what became of it so far.
type Row struct {
	Delivery
	NextAt    int64
	Failed    bool
	LastError string
	// About is whom it is about, by name or address, "" for nobody.
	About string
}

// All returns what is in the outbox, of one kind or with "" of all, in the order
// in which it was asked for, after an id.
func All(tx *db.Tx, kind string, after int64, limit int) ([]Row, error) {
	return db.Collect(tx, func(row db.Row, d *Row) error {
		return row.Scan(append(deliveryFields(&d.Delivery), &d.NextAt, &d.Failed, &d.LastError, &d.About)...)
	}, `SELECT o.id, o.kind, o.destination, o.order_key, COALESCE(o.attendee_id, 0), o.payload, o.attempts, o.created_at, o.lease,
		o.next_at, o.failed, o.last_error, COALESCE(NULLIF(a.address, ''), a.display_name, '')
		FROM outbox o LEFT JOIN attendees a ON a.id = o.attendee_id
		WHERE o.id > $1 AND ($2 = '' OR o.kind = $2) ORDER BY o.id LIMIT $3`, after, kind, limit)
}

// Retry makes deliveries due now, also those that were given up: the one with
// the id, or with 0 all. It returns how many.
func Retry(tx *db.Tx, id int64) (int64, error) {
	return tx.Exec(`UPDATE outbox SET next_at = $1, attempts = 0, failed = FALSE WHERE ($2 = 0 OR id = $2) AND leased_until <= $1`, tx.Now(), id)
}

// Drop removes a delivery that nobody makes at this moment, and returns whether
// there was one.
func Drop(tx *db.Tx, id int64) (bool, error) {
	n, err := tx.Exec("DELETE FROM outbox WHERE id = $1 AND leased_until <= $2", id, tx.Now())
	return n > 0, err
}

// Forget removes all that waits for a destination.
func Forget(tx *db.Tx, kind, destination string) error {
	return tx.Run("DELETE FROM outbox WHERE kind = $1 AND destination = $2", kind, destination)
}
