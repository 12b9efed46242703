package store_test

import (
	"testing"

	"parley/internal/db"
	"parley/internal/store"
)

func TestPhoneNumbers(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("alice", "bob")
		add := func(number, user string) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				return store.InsertPhoneNumber(tx, store.PhoneNumber{Number: number, UserID: user})
			}
		}
		d.write(add("+492", "alice"))
		d.write(add("+491", "alice"))
		d.write(add("+493", "bob"))
		d.refused(db.ErrDuplicate, add("+491", "bob"))
		d.refused(db.ErrNotFound, add("+494", "nobody"))
		of := func(user string) []store.PhoneNumber {
			return look(d, func(tx *db.Tx) ([]store.PhoneNumber, error) { return store.PhoneNumbersOf(tx, user) })
		}
		equal(t, "numbers of alice", of("alice"), []store.PhoneNumber{{Number: "+491", UserID: "alice"}, {Number: "+492", UserID: "alice"}})
		equal(t, "owner", look(d, func(tx *db.Tx) (store.PhoneNumber, error) { return store.OwnerOfNumber(tx, "+493") }), store.PhoneNumber{Number: "+493", UserID: "bob"})
		absent(d, "unknown number", func(tx *db.Tx) (store.PhoneNumber, error) { return store.OwnerOfNumber(tx, "+494") })
		for _, want := range []bool{true, false} {
			d.write(func(tx *db.Tx) error {
				gone, err := store.DeletePhoneNumber(tx, "+492")
				equal(t, "was there", gone, want)
				return err
			})
		}
		d.write(func(tx *db.Tx) error { return store.DeleteAccount(tx, "alice") })
		equal(t, "numbers of a deleted account", of("alice"), nil)
	})
}
