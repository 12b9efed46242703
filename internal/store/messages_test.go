package store_test

import (
	"errors"
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// messages returns those that there are among the ids.
func messages(d database, ids ...int64) map[int64]store.NamedMessage {
	d.t.Helper()
	found := map[int64]store.NamedMessage{}
	d.read(func(tx *db.Tx) error {
		all, err := store.Messages(tx, ids)
		for _, m := range all {
			found[m.ID] = m
		}
		return err
	})
	return found
}

func TestMessageKeepsEveryField(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, _ := d.room("r")
		said := talk.Message{RoomID: r.ID, Actor: talk.User("alice"), Text: "hi 🎉 'quoted'"}
		system := talk.Message{
			RoomID: r.ID, Actor: talk.Guest(talk.GuestSystem), System: talk.ConversationRenamed, About: talk.User("bob"),
			Params: map[string]string{"old": "a", "new": "b"},
		}
		d.clock.Add(3)
		d.change(func(tx *db.Tx) error {
			if err := store.InsertMessages(tx, &r, []*talk.Message{&said}); err != nil {
				return err
			}
			return store.InsertMessages(tx, &r, []*talk.Message{&system})
		})
		asked := []int64{said.ID}
		for i := range int64(900) {
			asked = append(asked, 10_000+i)
		}
		found := messages(d, append(asked, system.ID)...)
		equal(t, "number", len(found), 2)
		for _, m := range []talk.Message{said, system} {
			equal(t, "stored", found[m.ID].Message, m)
		}
		got := look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "r") })
		equal(t, "room", []int64{got.LastMessageID, got.LastActivity}, []int64{system.ID, start + 3})
		d.refused(store.ErrUnlocked, func(tx *db.Tx) error {
			return store.InsertMessages(tx, &talk.Room{ID: r.ID + 1}, []*talk.Message{{Actor: talk.User("alice")}})
		})
	})
}

func TestHistoryPages(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, _ := d.room("r")
		other, _ := d.room("other")
		var id []int64
		d.change(func(tx *db.Tx) error {
			for _, room := range []*talk.Room{&r, &other, &r, &r, &other, &r} {
				m := talk.Message{Actor: talk.User("alice"), Text: "x"}
				if err := errors.Join(store.InsertMessages(tx, room, []*talk.Message{&m}), tx.Flush()); err != nil {
					return err
				}
				id = append(id, m.ID)
			}
			return nil
		})
		for _, c := range []struct {
			what string
			page store.History
			want []int64
		}{
			{"newest", store.History{Limit: 2}, []int64{id[5], id[3]}},
			{"all", store.History{Limit: 9}, []int64{id[5], id[3], id[2], id[0]}},
			{"before", store.History{Before: id[3], Limit: 9}, []int64{id[2], id[0]}},
			{"inclusive", store.History{Before: id[3], Inclusive: true, Limit: 2}, []int64{id[3], id[2]}},
			{"newest inclusive", store.History{Inclusive: true, Limit: 1}, []int64{id[5]}},
			{"before the first", store.History{Before: id[0], Limit: 9}, nil},
		} {
			c.page.RoomID = r.ID
			var got []int64
			for _, m := range look(d, func(tx *db.Tx) ([]store.NamedMessage, error) { return store.HistoryOf(tx, c.page) }) {
				got = append(got, m.ID)
			}
			equal(t, c.what, got, c.want)
		}
	})
}

// Accounts have the names of now, guests those that they have in the room, and
// who is gone has none.
func TestNamesInMessages(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("alice")
		guest := talk.Attendee{Actor: talk.Guest("g"), DisplayName: "Guest", Type: talk.GuestRole}
		r, _ := d.room("r", guest)
		d.room("other", talk.Attendee{Actor: talk.Guest("elsewhere"), DisplayName: "no", Type: talk.GuestRole})
		for _, c := range []struct {
			by, about talk.Actor
			want      talk.Names
		}{
			{talk.User("alice"), talk.Actor{}, talk.Names{talk.User("alice"): "alice"}},
			{talk.Guest("g"), talk.User("alice"), talk.Names{talk.Guest("g"): "Guest", talk.User("alice"): "alice"}},
			{talk.User("eve"), talk.Guest("g"), talk.Names{talk.Guest("g"): "Guest"}},
			{talk.Guest("alice"), talk.Guest("elsewhere"), talk.Names{}},
		} {
			m := talk.Message{RoomID: r.ID, Actor: c.by, About: c.about, Text: "x"}
			d.change(func(tx *db.Tx) error { return store.InsertMessages(tx, &r, []*talk.Message{&m}) })
			equal(t, "names", messages(d, m.ID)[m.ID].Names, c.want)
			equal(t, "history", look(d, func(tx *db.Tx) ([]store.NamedMessage, error) {
				return store.HistoryOf(tx, store.History{RoomID: r.ID, Limit: 1})
			})[0].Names, c.want)
		}
	})
}
