package store_test

import (
	"testing"

	"parley/internal/store"
)

func TestPhoneNumbers(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("alice", "bob")
		add := func(number, user string) func(*store.Tx) error {
			return func(tx *store.Tx) error { return tx.InsertPhoneNumber(store.PhoneNumber{Number: number, UserID: user}) }
		}
		d.write(add("+492", "alice"))
		d.write(add("+491", "alice"))
		d.write(add("+493", "bob"))
		d.refused(store.ErrDuplicate, add("+491", "bob"))
		d.refused(store.ErrNotFound, add("+494", "nobody"))
		of := func(user string) []store.PhoneNumber {
			return look(d, func(tx *store.Tx) ([]store.PhoneNumber, error) { return tx.PhoneNumbersOf(user) })
		}
		equal(t, "numbers of alice", of("alice"), []store.PhoneNumber{{Number: "+491", UserID: "alice"}, {Number: "+492", UserID: "alice"}})
		equal(t, "owner", look(d, func(tx *store.Tx) (store.PhoneNumber, error) { return tx.PhoneNumber("+493") }), store.PhoneNumber{Number: "+493", UserID: "bob"})
		absent(d, "unknown number", func(tx *store.Tx) (store.PhoneNumber, error) { return tx.PhoneNumber("+494") })
		for _, want := range []bool{true, false} {
			d.write(func(tx *store.Tx) error {
				gone, err := tx.DeletePhoneNumber("+492")
				equal(t, "was there", gone, want)
				return err
			})
		}
		d.write(func(tx *store.Tx) error { return tx.DeleteAccount("alice") })
		equal(t, "numbers of a deleted account", of("alice"), nil)
	})
}
