package store

import (
	"parley/internal/db"
	"parley/internal/talk"
)

// TimeColumn is a column that tells when something happened, in Unix seconds. No
// such time can lie in the future, unless the clock was set back since.
type TimeColumn struct {
	table, column string
	// ahead is how far in the future the times of the column may lie, in seconds.
	ahead int64
}

// retryAhead is more than the longest pause between two attempts to deliver, and
// leaseAhead more than the longest lease.
const (
	retryAhead = 7 * 3600
	leaseAhead = 3600
)

// timeColumns are the times that decide about something. Signs of life are not
// among them, see AgePings.
var timeColumns = []TimeColumn{
	{table: "attempts", column: "occurred_at"},
	{table: "client_rooms", column: "updated_at"},
	{table: "app_passwords", column: "created_at"},
	{table: "statuses", column: "seen_at"},
	{table: "outbox", column: "next_at", ahead: retryAhead},
	{table: "outbox", column: "leased_until", ahead: leaseAhead},
}

// TimesAhead returns the columns in which something lies in the future, by more
// than the clocks of two nodes differ.
func TimesAhead(tx *db.Tx) (ahead []TimeColumn, err error) {
	for _, c := range timeColumns {
		var n int
		err := tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM (SELECT 1 FROM "+c.table+" WHERE "+c.column+" > $1 LIMIT 1) AS ahead",
			tx.Now()+talk.ClockSkew+c.ahead)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			ahead = append(ahead, c)
		}
	}
	return ahead, nil
}

// CorrectTimes makes the times of a column that lie in the future as old as now.
func CorrectTimes(tx *db.Tx, c TimeColumn) error {
	return tx.Run("UPDATE "+c.table+" SET "+c.column+" = $1 WHERE "+c.column+" > $2", tx.Now(), tx.Now()+talk.ClockSkew+c.ahead)
}
