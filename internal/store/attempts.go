package store

// Attempt is a failure that counts against a network.
type Attempt struct {
	Action   string
	Subnet   string
	Metadata string
}

// InsertAttempt stores a failure.
func (tx *Tx) InsertAttempt(a Attempt) error {
	if err := tx.newVersion(attemptsVersion); err != nil {
		return err
	}
	return tx.run("INSERT INTO attempts (action, subnet, metadata, occurred_at) VALUES ($1, $2, $3, $4)", a.Action, a.Subnet, a.Metadata, tx.now)
}

// CountAttempts returns how many failures of an action a network had since the
// two given times. Counting stops at 100.
func (tx *Tx) CountAttempts(action, subnet string, since, recent int64) (all, fresh int, err error) {
	err = tx.one([]any{&all, &fresh}, `SELECT
		(SELECT COUNT(*) FROM (SELECT 1 FROM attempts WHERE action = $1 AND subnet = $2 AND occurred_at >= $3 LIMIT 100) AS everything),
		(SELECT COUNT(*) FROM (SELECT 1 FROM attempts WHERE action = $1 AND subnet = $2 AND occurred_at >= $4 LIMIT 100) AS newer)`,
		action, subnet, since, recent)
	return all, fresh, err
}

// ForgiveAttempts deletes the failures of a network with the given metadata.
func (tx *Tx) ForgiveAttempts(a Attempt) error {
	return tx.run("DELETE FROM attempts WHERE action = $1 AND subnet = $2 AND metadata = $3", a.Action, a.Subnet, a.Metadata)
}

// ForgetAttempts deletes failures from before the given time.
func (tx *Tx) ForgetAttempts(before int64) error {
	return tx.run("DELETE FROM attempts WHERE occurred_at < $1", before)
}
