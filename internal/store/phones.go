package store

import (
	"parley/internal/db"
)

// PhoneNumber is a number in E.164 form that reaches an account.
type PhoneNumber struct {
	Number string
	UserID string
}

func scanPhoneNumber(row db.Row, p *PhoneNumber) error { return row.Scan(&p.Number, &p.UserID) }

// InsertPhoneNumber stores a number. ErrDuplicate when it reaches an account
// already, ErrNotFound without such an account.
func InsertPhoneNumber(tx *db.Tx, p PhoneNumber) error {
	n, err := tx.Exec("INSERT INTO phone_numbers (number, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", p.Number, p.UserID)
	if err == nil && n == 0 {
		return db.ErrDuplicate
	}
	return err
}

// OwnerOfNumber returns whom a number reaches, or ErrNotFound.
func OwnerOfNumber(tx *db.Tx, number string) (PhoneNumber, error) {
	var p PhoneNumber
	err := tx.QueryRow([]any{&p.Number, &p.UserID}, "SELECT number, user_id FROM phone_numbers WHERE number = $1", number)
	return p, err
}

// PhoneNumbersOf returns the numbers of an account in their order.
func PhoneNumbersOf(tx *db.Tx, userID string) ([]PhoneNumber, error) {
	return db.Collect(tx, scanPhoneNumber, "SELECT number, user_id FROM phone_numbers WHERE user_id = $1 ORDER BY number", userID)
}

// DeletePhoneNumber removes a number and reports whether it was there.
func DeletePhoneNumber(tx *db.Tx, number string) (bool, error) {
	n, err := tx.Exec("DELETE FROM phone_numbers WHERE number = $1", number)
	return n > 0, err
}
