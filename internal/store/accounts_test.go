package store_test

import (
	"testing"

	"parley/internal/db"
	"parley/internal/store"
)

func TestAccountLifeCycle(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		a := store.Account{UserID: "Älice", DisplayName: "A", Email: "A@Example.org", PasswordHash: "h", Enabled: true}
		d.write(func(tx *db.Tx) error { return store.InsertAccount(tx, a) })
		a.Email, a.PasswordID, a.CreatedAt = "a@example.org", "h", start
		find := func(id string) store.Account {
			return look(d, func(tx *db.Tx) (store.Account, error) { return store.AccountByID(tx, id) })
		}
		equal(t, "any spelling", find("äLICE"), a)
		a.DisplayName, a.Email, a.PasswordHash, a.PasswordID, a.Enabled, a.ReadPrivacy = "B", "b@example.org", "i", "j", false, 1
		d.clock.Add(5)
		d.write(func(tx *db.Tx) error {
			if err := store.UpdateAccount(tx, a); err != nil {
				return err
			}
			return store.WriteLogins(tx, store.Logins{Accounts: map[string]int64{a.UserID: start + 5, "nobody": start}})
		})
		a.FirstLoginAt, a.LastLoginAt = start+5, start+5
		equal(t, "changed", find("Älice"), a)
		d.write(func(tx *db.Tx) error { return store.DeleteAccount(tx, a.UserID) })
		absent(d, "deleted", func(tx *db.Tx) (store.Account, error) { return store.AccountByID(tx, "Älice") })
	})
}

func TestAccountsAreUnique(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("alice")
		d.refused(db.ErrDuplicate, func(tx *db.Tx) error { return store.InsertAccount(tx, store.Account{UserID: "ALICE"}) })
		for _, id := range []string{"bob", "", "a\x00", "\xff"} {
			absent(d, id, func(tx *db.Tx) (store.Account, error) { return store.AccountByID(tx, id) })
		}
	})
}

func TestAccountByEmail(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("alice", "bob")
		find := func(tx *db.Tx) (store.Account, error) { return store.AccountByEmail(tx, "Alice@example.ORG") }
		equal(t, "one", look(d, find).UserID, "alice")
		d.write(func(tx *db.Tx) error {
			return store.UpdateAccount(tx, store.Account{UserID: "bob", Email: "alice@example.org"})
		})
		absent(d, "two share it", find)
		d.write(func(tx *db.Tx) error { return store.UpdateAccount(tx, store.Account{UserID: "bob"}) })
		for _, address := range []string{"", "a\x00", "\xff"} {
			absent(d, address, func(tx *db.Tx) (store.Account, error) { return store.AccountByEmail(tx, address) })
		}
		absent(d, "nobody's", func(tx *db.Tx) (store.Account, error) { return store.AccountByEmail(tx, "x@example.org") })
	})
}

func TestAccountSearch(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("a_b", "aXb", "100%", "50!", "Zed", "beta")
		d.write(func(tx *db.Tx) error {
			return store.UpdateAccount(tx, store.Account{UserID: "beta", DisplayName: "Berta ZEDler Ärger", Email: "beta@example.org"})
		})
		for _, c := range []struct {
			page store.Page
			want []string
		}{
			{store.Page{}, []string{"100%", "50!", "a_b", "aXb", "beta", "Zed"}},
			{store.Page{Search: "_"}, []string{"a_b"}},
			{store.Page{Search: "%"}, []string{"100%"}},
			{store.Page{Search: "!"}, []string{"50!"}},
			{store.Page{Search: "zED"}, []string{"beta", "Zed"}},
			{store.Page{Search: "@EXAMPLE"}, []string{"100%", "50!", "a_b", "aXb", "beta", "Zed"}},
			{store.Page{Search: "ÄRGer"}, []string{"beta"}},
			{store.Page{Search: `\`}, nil},
			{store.Page{Limit: 2, Offset: 1}, []string{"50!", "a_b"}},
			{store.Page{Offset: 9}, nil},
		} {
			var got []string
			for _, a := range look(d, func(tx *db.Tx) ([]store.Account, error) { return store.Accounts(tx, c.page) }) {
				got = append(got, a.UserID)
			}
			equal(t, c.page.Search, got, c.want)
		}
	})
}

func TestNames(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("alice", "bob")
		asked := append(append([]string{"alice"}, many(900)...), "bob")
		equal(t, "many", look(d, func(tx *db.Tx) (map[string]string, error) { return store.Names(tx, asked) }),
			map[string]string{"alice": "alice", "bob": "bob"})
		equal(t, "none", look(d, func(tx *db.Tx) (map[string]string, error) { return store.Names(tx, nil) }), map[string]string{})
	})
}

func TestAccountFields(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("alice")
		for _, c := range []struct {
			field, value string
			want         map[string]string
		}{
			{"phone", "1", map[string]string{"phone": "1"}},
			{"phone", "2", map[string]string{"phone": "2"}},
			{"role", "r", map[string]string{"phone": "2", "role": "r"}},
			{"phone", "", map[string]string{"role": "r"}},
			{"none", "", map[string]string{"role": "r"}},
		} {
			d.write(func(tx *db.Tx) error { return store.SetAccountField(tx, "alice", c.field, c.value) })
			equal(t, c.field, look(d, func(tx *db.Tx) (map[string]string, error) { return store.AccountFields(tx, "alice") }), c.want)
		}
		d.refused(db.ErrNotFound, func(tx *db.Tx) error { return store.SetAccountField(tx, "eve", "phone", "1") })
	})
}
