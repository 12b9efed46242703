package store_test

import (
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

func TestGroupLifeCycle(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.write(func(tx *db.Tx) error { return store.InsertGroup(tx, store.Group{ID: "g", DisplayName: "G"}) })
		d.refused(db.ErrDuplicate, func(tx *db.Tx) error { return store.InsertGroup(tx, store.Group{ID: "g"}) })
		d.write(func(tx *db.Tx) error { return store.RenameGroup(tx, store.Group{ID: "g", DisplayName: "H"}) })
		equal(t, "renamed", look(d, func(tx *db.Tx) (store.Group, error) { return store.GroupByID(tx, "g") }), store.Group{ID: "g", DisplayName: "H"})
		absent(d, "case counts", func(tx *db.Tx) (store.Group, error) { return store.GroupByID(tx, "G") })
		d.write(func(tx *db.Tx) error { return store.DeleteGroup(tx, "g") })
		absent(d, "deleted", func(tx *db.Tx) (store.Group, error) { return store.GroupByID(tx, "g") })
	})
}

func TestGroupSearch(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.write(func(tx *db.Tx) error {
			for id, name := range map[string]string{"admin": "Staff", "Users": "All of us", "a_c": "x"} {
				if err := store.InsertGroup(tx, store.Group{ID: id, DisplayName: name}); err != nil {
					return err
				}
			}
			return nil
		})
		for _, c := range []struct {
			page store.Page
			want []string
		}{
			{store.Page{}, []string{"Users", "a_c", "admin"}},
			{store.Page{Search: "US"}, []string{"Users"}},
			{store.Page{Search: "sta"}, []string{"admin"}},
			{store.Page{Search: "_"}, []string{"a_c"}},
			{store.Page{Limit: 1, Offset: 1}, []string{"a_c"}},
		} {
			var got []string
			for _, g := range look(d, func(tx *db.Tx) ([]store.Group, error) { return store.Groups(tx, c.page) }) {
				got = append(got, g.ID)
			}
			equal(t, c.page.Search, got, c.want)
		}
	})
}

// member reports what changing a membership reports.
func (d database) member(change func(*db.Tx) (bool, error)) (changed bool) {
	d.t.Helper()
	d.write(func(tx *db.Tx) (err error) {
		changed, err = change(tx)
		return err
	})
	return changed
}

func TestGroupMembers(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("bob", "alice")
		d.write(func(tx *db.Tx) error { return store.InsertGroup(tx, store.Group{ID: "g", DisplayName: "G"}) })
		for _, id := range []string{"bob", "alice"} {
			add := func(tx *db.Tx) (bool, error) { return store.AddGroupMember(tx, "g", id) }
			equal(t, "added", d.member(add), true)
			equal(t, "added twice", d.member(add), false)
		}
		d.refused(db.ErrNotFound, func(tx *db.Tx) error {
			_, err := store.AddGroupMember(tx, "g", "eve")
			return err
		})
		var got []string
		for _, a := range look(d, func(tx *db.Tx) ([]store.Account, error) { return store.GroupMembers(tx, "g") }) {
			got = append(got, a.UserID)
		}
		equal(t, "members", got, []string{"alice", "bob"})
		equal(t, "groups", look(d, func(tx *db.Tx) ([]store.Group, error) { return store.GroupsOf(tx, "bob") }), []store.Group{{ID: "g", DisplayName: "G"}})
		remove := func(tx *db.Tx) (bool, error) { return store.RemoveGroupMember(tx, "g", "bob") }
		equal(t, "removed", d.member(remove), true)
		equal(t, "removed twice", d.member(remove), false)
		for id, want := range map[string]bool{"alice": true, "bob": false, "eve": false} {
			equal(t, id, look(d, func(tx *db.Tx) (bool, error) { return store.IsGroupMember(tx, "g", id) }), want)
		}
		d.write(func(tx *db.Tx) error { return store.DeleteAccount(tx, "alice") })
		equal(t, "without the account", look(d, func(tx *db.Tx) ([]store.Account, error) { return store.GroupMembers(tx, "g") }), nil)
	})
}

func TestHeld(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("alice", "bob", "carol")
		d.write(func(tx *db.Tx) error {
			for group, user := range map[string]string{"in": "alice", "out": "bob"} {
				if err := store.InsertGroup(tx, store.Group{ID: group, DisplayName: group}); err != nil {
					return err
				}
				if _, err := store.AddGroupMember(tx, group, user); err != nil {
					return err
				}
			}
			return nil
		})
		r, _ := d.room("r", groupRow(talk.ActorGroups, "in"), groupRow(talk.ActorTeams, "out"))
		equal(t, "held", look(d, func(tx *db.Tx) (map[string]bool, error) {
			return store.HeldByGroupsOrTeams(tx, r.ID, append(many(900), "alice", "bob", "carol"))
		}), map[string]bool{"alice": true})
	})
}
