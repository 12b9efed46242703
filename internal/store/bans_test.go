package store_test

import (
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

func TestBanKeepsEveryField(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, _ := d.room("r")
		b := talk.Ban{
			RoomID: r.ID, Moderator: talk.User("alice"), ModeratorName: "Alice", Banned: talk.Guest("0a"), BannedName: "Gast", Note: "why",
		}
		d.change(func(tx *db.Tx) error { return store.InsertBan(tx, &b) })
		equal(t, "time", b.At, int64(start))
		equal(t, "bans", look(d, func(tx *db.Tx) (talk.Bans, error) { return store.Bans(tx, r.ID) }), talk.Bans{b})
		again := b
		d.refused(db.ErrDuplicate, func(tx *db.Tx) error { return store.InsertBan(tx, &again) })
		equal(t, "bans elsewhere", look(d, func(tx *db.Tx) (talk.Bans, error) { return store.Bans(tx, r.ID+1) }), nil)
	})
}

func TestRoomKnowsWhetherItHasBans(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, _ := d.room("r")
		has := func() bool {
			return look(d, func(tx *db.Tx) (bool, error) {
				r, err := store.Room(tx, "r")
				return r.HasBans, err
			})
		}
		first := talk.Ban{RoomID: r.ID, Banned: talk.User("a")}
		second := talk.Ban{RoomID: r.ID, Banned: talk.User("b")}
		equal(t, "at first", has(), false)
		d.change(func(tx *db.Tx) error { return store.InsertBan(tx, &first) })
		d.change(func(tx *db.Tx) error { return store.InsertBan(tx, &second) })
		d.change(func(tx *db.Tx) error { return store.DeleteBan(tx, r.ID, first.ID) })
		other, _ := d.room("other")
		d.change(func(tx *db.Tx) error { return store.DeleteBan(tx, other.ID, second.ID) })
		equal(t, "with one left", has(), true)
		d.change(func(tx *db.Tx) error { return store.DeleteBan(tx, r.ID, second.ID) })
		equal(t, "at last", has(), false)
	})
}

func TestBansAgainst(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, _ := d.room("r")
		other, _ := d.room("other")
		ban := func(room int64, who talk.Actor) {
			d.change(func(tx *db.Tx) error { return store.InsertBan(tx, &talk.Ban{RoomID: room, Banned: who}) })
		}
		ban(r.ID, talk.User("alice"))
		ban(r.ID, talk.Guest("alice"))
		ban(r.ID, talk.Actor{Type: talk.ActorAddress, ID: "192.0.2.0/24"})
		ban(other.ID, talk.User("bob"))
		against := func(who talk.Actor, addresses bool) (ids []string) {
			for _, b := range look(d, func(tx *db.Tx) (talk.Bans, error) { return store.BansAgainst(tx, r.ID, who, addresses) }) {
				ids = append(ids, string(b.Banned.Type)+"/"+b.Banned.ID)
			}
			return ids
		}
		equal(t, "a user", against(talk.User("alice"), false), []string{"users/alice"})
		equal(t, "a guest", against(talk.Guest("alice"), true), []string{"guests/alice", "ip/192.0.2.0/24"})
		equal(t, "a new guest", against(talk.Actor{}, true), []string{"ip/192.0.2.0/24"})
		equal(t, "a user banned elsewhere", against(talk.User("bob"), false), nil)
		among := look(d, func(tx *db.Tx) (map[string]bool, error) {
			return store.BannedAmong(tx, r.ID, []string{"alice", "bob", "carol"})
		})
		equal(t, "banned users", among, map[string]bool{"alice": true})
	})
}
