package store

import (
	"parley/internal/db"
)

// Attempt is a failure that counts against a network, or against an account in
// it.
type Attempt struct {
	Action  string
	Subnet  string
	Account string
	// Metadata is what was guessed at.
	Metadata string
	// At is when it happened, Unix seconds. InsertAttempt goes by the clock.
	At int64
}

// AttemptCounts are numbers of failures; counting stops at 100.
type AttemptCounts struct {
	// All are those that delay; Recent those that block.
	All, Recent int
	// Target are the recent ones that guessed at the same.
	Target int
}

// source is the condition for the failures of whom an attempt is by.
const source = "FROM attempts WHERE action = $1 AND subnet = $2 AND account = $3"

// InsertAttempt stores a failure.
func InsertAttempt(tx *db.Tx, a Attempt) error {
	if err := newVersion(tx, attemptsVersion); err != nil {
		return err
	}
	return tx.Run("INSERT INTO attempts (action, subnet, account, metadata, occurred_at) VALUES ($1, $2, $3, $4, $5)",
		a.Action, a.Subnet, a.Account, a.Metadata, tx.Now())
}

// CountAttempts returns how many failures like this one there were since the two
// given times.
func CountAttempts(tx *db.Tx, a Attempt, since, recent int64) (n AttemptCounts, err error) {
	err = tx.QueryRow([]any{&n.All, &n.Recent, &n.Target}, `SELECT
		(SELECT COUNT(*) FROM (SELECT 1 `+source+` AND occurred_at >= $5 LIMIT 100) AS everything),
		(SELECT COUNT(*) FROM (SELECT 1 `+source+` AND occurred_at >= $6 LIMIT 100) AS newer),
		(SELECT COUNT(*) FROM (SELECT 1 `+source+` AND metadata = $4 AND occurred_at >= $6 LIMIT 100) AS same)`,
		a.Action, a.Subnet, a.Account, a.Metadata, since, recent)
	return n, err
}

// LatestAttempts returns when the last failures like this one happened, at most
// n, the last one first; only those that guessed at the same, if same is set.
func LatestAttempts(tx *db.Tx, a Attempt, same bool, n int) (times []int64, err error) {
	query, args := "SELECT occurred_at "+source+" ORDER BY occurred_at DESC LIMIT $4", []any{a.Action, a.Subnet, a.Account, n}
	if same {
		query = "SELECT occurred_at " + source + " AND metadata = $5 ORDER BY occurred_at DESC LIMIT $4"
		args = append(args, a.Metadata)
	}
	err = tx.Each(func(row db.Row) error {
		var at int64
		err := row.Scan(&at)
		times = append(times, at)
		return err
	}, query, args...)
	return times, err
}

// Attempts returns the failures since the given time, the last one first, and
// at most n.
func Attempts(tx *db.Tx, since int64, n int) (out []Attempt, err error) {
	err = tx.Each(func(row db.Row) error {
		var a Attempt
		err := row.Scan(&a.Action, &a.Subnet, &a.Account, &a.Metadata, &a.At)
		out = append(out, a)
		return err
	}, "SELECT action, subnet, account, metadata, occurred_at FROM attempts WHERE occurred_at >= $1 ORDER BY occurred_at DESC, id DESC LIMIT $2", since, n)
	return out, err
}

// ForgiveAttempts deletes the failures like this one with the same metadata.
func ForgiveAttempts(tx *db.Tx, a Attempt) error {
	return tx.Run("DELETE FROM attempts WHERE action = $1 AND subnet = $2 AND account = $3 AND metadata = $4",
		a.Action, a.Subnet, a.Account, a.Metadata)
}

// AttemptSubnets returns the networks that have failures.
func AttemptSubnets(tx *db.Tx) (out []string, err error) {
	err = tx.Each(func(row db.Row) error {
		var subnet string
		err := row.Scan(&subnet)
		out = append(out, subnet)
		return err
	}, "SELECT DISTINCT subnet FROM attempts ORDER BY subnet")
	return out, err
}

// DeleteAttempts deletes the failures of a network, only those of an action
// unless it is empty, and returns how many there were.
func DeleteAttempts(tx *db.Tx, subnet, action string) (int64, error) {
	if action == "" {
		return tx.Exec("DELETE FROM attempts WHERE subnet = $1", subnet)
	}
	return tx.Exec("DELETE FROM attempts WHERE subnet = $1 AND action = $2", subnet, action)
}

// ForgetAttempts deletes failures from before the given time.
func ForgetAttempts(tx *db.Tx, before int64) error {
	return tx.Run("DELETE FROM attempts WHERE occurred_at < $1", before)
}
