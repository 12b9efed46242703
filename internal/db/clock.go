package db

import (
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// sinceStart is the time that has passed since the program started, on a clock that
// nobody sets back.
func sinceStart() time.Duration { return time.Since(start) }

var start = time.Now()

// limit ends the use of a connection that gets no answer for so long: a server
// that hangs does not close it. The server's own limits on time come first.
func limit(conn *pgxpool.Conn, timeout time.Duration) {
	var at time.Time
	if timeout > 0 {
		at = time.Now().Add(timeout)
	}
	conn.Conn().PgConn().Conn().SetDeadline(at) //nolint:errcheck // fails on closed connections, as what follows does
}

// waits add up how long writes waited for their turn.
type waits struct{ total atomic.Int64 }

// begin returns when a wait began.
func (w *waits) begin() time.Time { return time.Now() }

// end adds a wait.
func (w *waits) end(begun time.Time) { w.total.Add(int64(time.Since(begun))) }
