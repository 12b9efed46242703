package store

import "parley/internal/db"

// Totals are numbers of rows.
type Totals struct {
	// Rooms are all conversations, Sessions those of clients that are alive.
	Rooms, Sessions int
}

// CountTotals counts the rows. Their number is the cost, so ask now and then only.
func CountTotals(tx *db.Tx) (t Totals, err error) {
	err = tx.QueryRow([]any{&t.Rooms, &t.Sessions},
		"SELECT (SELECT COUNT(*) FROM rooms), (SELECT COUNT(*) FROM sessions WHERE last_ping > $1)", alive(tx))
	return t, err
}
