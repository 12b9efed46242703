package store_test

import (
	"testing"

	"parley/internal/store"
	"parley/internal/talk"
)

func TestMessageKeepsEveryField(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, _ := d.room("r")
		said := talk.Message{RoomID: r.ID, Actor: talk.User("alice"), Text: "hi 🎉 'quoted'"}
		system := talk.Message{
			RoomID: r.ID, Actor: talk.Guest(talk.GuestSystem), System: talk.ConversationRenamed, About: talk.User("bob"),
			Params: map[string]string{"old": "a", "new": "b"},
		}
		d.clock.Add(3)
		d.write(func(tx *store.Tx) error {
			if err := tx.InsertMessage(&said); err != nil {
				return err
			}
			if err := tx.InsertMessage(&system); err != nil {
				return err
			}
			return tx.SetLastMessage(r.ID, system.ID)
		})
		for _, m := range []talk.Message{said, system} {
			equal(t, "stored", look(d, func(tx *store.Tx) (talk.Message, error) { return tx.Message(m.ID) }), m)
		}
		got := look(d, func(tx *store.Tx) (talk.Room, error) { return tx.Room("r") })
		equal(t, "room", []int64{got.LastMessageID, got.LastActivity}, []int64{system.ID, start + 3})
		absent(d, "unknown", func(tx *store.Tx) (talk.Message, error) { return tx.Message(system.ID + 1) })
		equal(t, "many", len(look(d, func(tx *store.Tx) (map[int64]talk.Message, error) {
			asked := []int64{said.ID}
			for i := range int64(900) {
				asked = append(asked, 10_000+i)
			}
			return tx.MessagesByID(append(asked, system.ID))
		})), 2)
		d.refused(store.ErrNotFound, func(tx *store.Tx) error {
			return tx.InsertMessage(&talk.Message{RoomID: r.ID + 1, Actor: talk.User("alice")})
		})
	})
}

func TestHistoryPages(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, _ := d.room("r")
		other, _ := d.room("other")
		var id []int64
		d.write(func(tx *store.Tx) error {
			for _, room := range []int64{r.ID, other.ID, r.ID, r.ID, other.ID, r.ID} {
				m := talk.Message{RoomID: room, Actor: talk.User("alice"), Text: "x"}
				if err := tx.InsertMessage(&m); err != nil {
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
			for _, m := range look(d, func(tx *store.Tx) ([]talk.Message, error) { return tx.History(c.page) }) {
				got = append(got, m.ID)
			}
			equal(t, c.what, got, c.want)
		}
	})
}
