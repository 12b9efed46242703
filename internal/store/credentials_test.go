package store_test

import (
	"testing"

	"parley/internal/db"
	"parley/internal/store"
)

func TestAppPasswords(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("alice")
		insert := func(user, hash string) func(*db.Tx) error {
			return func(tx *db.Tx) error {
				_, err := store.InsertAppPassword(tx, user, hash, "phone")
				return err
			}
		}
		d.write(insert("alice", "h1"))
		d.refused(db.ErrDuplicate, insert("alice", "h1"))
		d.refused(db.ErrNotFound, insert("eve", "h2"))
		var p store.AppPassword
		var a store.Account
		d.read(func(tx *db.Tx) (err error) {
			p, a, err = store.AppPasswordByHash(tx, "h1")
			return err
		})
		equal(t, "password", p, store.AppPassword{ID: p.ID, UserID: "alice", Name: "phone", CreatedAt: start})
		equal(t, "account", a.Email, "alice@example.org")
		equal(t, "list", look(d, func(tx *db.Tx) ([]store.AppPassword, error) { return store.AppPasswords(tx, "alice") }), []store.AppPassword{p})
		absent(d, "unknown hash", func(tx *db.Tx) (store.Account, error) {
			_, a, err := store.AppPasswordByHash(tx, "h2")
			return a, err
		})
		equal(t, "not hers", d.member(func(tx *db.Tx) (bool, error) { return store.DeleteAppPassword(tx, "mallory", p.ID) }), false)
		for _, want := range []bool{true, false} {
			equal(t, "has", look(d, func(tx *db.Tx) (bool, error) { return store.HasAppPassword(tx, p.ID) }), want)
			equal(t, "deleted", d.member(func(tx *db.Tx) (bool, error) { return store.DeleteAppPassword(tx, p.UserID, p.ID) }), want)
		}
	})
}

func TestServerStateIsSetOnce(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		absent(d, "unset", func(tx *db.Tx) (string, error) { return store.ServerState(tx, "key") })
		for _, value := range []string{"first", "second"} {
			var got string
			d.write(func(tx *db.Tx) (err error) {
				got, err = store.InitServerState(tx, "key", value)
				return err
			})
			equal(t, value, got, "first")
		}
	})
}

func TestAttempts(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		one := store.Attempt{Action: "login", Subnet: "10.0.0.0/32", Metadata: "alice"}
		count := func() []int {
			var n store.AttemptCounts
			d.read(func(tx *db.Tx) (err error) {
				n, err = store.CountAttempts(tx, one, start, start+10)
				return err
			})
			return []int{n.All, n.Recent, n.Target}
		}
		equal(t, "none", count(), []int{0, 0, 0})
		other := one
		other.Metadata = "bob"
		for _, a := range []store.Attempt{one, other, {Action: "password", Subnet: one.Subnet}, {Action: "login", Subnet: "10.0.0.1/32"}, {Action: "login", Subnet: one.Subnet, Account: "alice"}} {
			d.write(func(tx *db.Tx) error { return store.InsertAttempt(tx, a) })
			d.clock.Add(10)
		}
		equal(t, "old and fresh", count(), []int{2, 1, 0})
		d.write(func(tx *db.Tx) error { return store.ForgiveAttempts(tx, one) })
		equal(t, "forgiven", count(), []int{1, 1, 0})
		d.write(func(tx *db.Tx) error { return store.ForgetAttempts(tx, start+10) })
		equal(t, "kept", count(), []int{1, 1, 0})
		d.write(func(tx *db.Tx) error { return store.ForgetAttempts(tx, start+11) })
		equal(t, "forgotten", count(), []int{0, 0, 0})
		d.write(func(tx *db.Tx) error {
			for range 120 {
				if err := store.InsertAttempt(tx, one); err != nil {
					return err
				}
			}
			return nil
		})
		equal(t, "counting stops", count(), []int{100, 100, 100})
	})
}
