package store

import (
	"errors"

	"parley/internal/db"
	"parley/internal/talk"
)

const statusColumns = `user_id, status, user_defined, message_id, message, icon, clear_at, seen_at`

func statusFields(s *talk.Status) []any {
	return []any{&s.UserID, &s.Availability, &s.UserDefined, &s.MessageID, &s.Message, &s.Icon, &s.ClearAt, &s.SeenAt}
}

func scanStatus(row db.Row, s *talk.Status) error { return row.Scan(statusFields(s)...) }

// Status returns the stored status of an account, or ErrNotFound.
func Status(tx *db.Tx, userID string) (talk.Status, error) { return status(tx, userID, false) }

func status(tx *db.Tx, userID string, backup bool) (talk.Status, error) {
	var s talk.Status
	err := tx.QueryRow(statusFields(&s), "SELECT "+statusColumns+" FROM statuses WHERE user_id = $1 AND backup = $2", userID, backup)
	return s, err
}

// Statuses returns the stored statuses of those accounts that have one.
func Statuses(tx *db.Tx, users []string) (map[string]talk.Status, error) {
	out := make(map[string]talk.Status, len(users))
	if len(users) == 0 {
		return out, nil
	}
	wanted, err := tx.Dialect.Values(users)
	if err != nil {
		return nil, err
	}
	err = tx.Each(func(row db.Row) error {
		var s talk.Status
		err := scanStatus(row, &s)
		out[s.UserID] = s
		return err
	}, "SELECT "+statusColumns+" FROM statuses WHERE backup = FALSE AND "+tx.Dialect.Among("user_id", 1), wanted)
	return out, err
}

// RecentStatuses returns the statuses of people who show something, the latest
// sign of life first.
func RecentStatuses(tx *db.Tx, p Page) ([]talk.Status, error) {
	return db.Collect(tx, scanStatus, "SELECT "+statusColumns+` FROM statuses WHERE backup = FALSE
		AND (status NOT IN ('offline', 'invisible') OR message <> '' OR icon <> '' OR message_id <> '')
		ORDER BY seen_at DESC, user_id LIMIT $1 OFFSET $2`, p.limit(), p.Offset)
}

// SetStatus stores the status of an account. ErrNotFound without the account.
func SetStatus(tx *db.Tx, s talk.Status) error { return setStatus(tx, s, false) }

func setStatus(tx *db.Tx, s talk.Status, backup bool) error {
	return tx.Run(`INSERT INTO statuses (user_id, status, user_defined, message_id, message, icon, clear_at, seen_at, backup)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (user_id, backup) DO UPDATE SET status = excluded.status, user_defined = excluded.user_defined,
			message_id = excluded.message_id, message = excluded.message, icon = excluded.icon,
			clear_at = excluded.clear_at, seen_at = excluded.seen_at`,
		s.UserID, s.Availability, s.UserDefined, s.MessageID, s.Message, s.Icon, s.ClearAt, s.SeenAt, backup)
}

// InterruptStatus stores a temporary status and keeps the one that it replaces
// for RevertStatus, unless one is kept already.
func InterruptStatus(tx *db.Tx, s talk.Status) error {
	before, err := Status(tx, s.UserID)
	if err == nil {
		_, err = status(tx, s.UserID, true)
		if db.IsNone(err) {
			err = setStatus(tx, before, true)
		}
	}
	if err != nil && !db.IsNone(err) {
		return err
	}
	return SetStatus(tx, s)
}

// RevertStatus puts the kept status back if the present one has the message, and
// returns it. ErrNotFound when there is nothing to put back.
func RevertStatus(tx *db.Tx, userID, messageID string) (talk.Status, error) {
	kept, err := status(tx, userID, true)
	if err != nil {
		return kept, err
	}
	now, err := Status(tx, userID)
	if err == nil && now.MessageID != messageID {
		return kept, db.ErrNotFound
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return kept, err
	}
	if err := tx.Run("DELETE FROM statuses WHERE user_id = $1 AND backup = TRUE", userID); err != nil {
		return kept, err
	}
	return kept, SetStatus(tx, kept)
}
