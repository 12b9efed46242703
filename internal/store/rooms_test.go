package store_test

import (
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// fullRoom has a value in every field that a caller can store.
func fullRoom() talk.Room {
	return talk.Room{
		Token: "full", Type: talk.Public, Name: "Grüße 🎉", Identity: "a|b", Description: "d", ObjectType: "event", ObjectID: "7",
		PasswordHash: "hash", ReadOnly: 1, Listable: talk.ListableAll, LobbyState: 1, LobbyTimer: 9, SIP: talk.SIPWithPIN,
		DefaultPermissions: 5, CallPermissions: 6, MessageExpiration: 3600, MentionPermissions: 1, RecordingConsent: 1,
		BreakoutMode: 2, BreakoutStatus: 1, AvatarEmoji: "🐧", AvatarColor: "ff0000",
	}
}

func TestRoomKeepsEveryField(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r := fullRoom()
		d.write(func(tx *db.Tx) error { return store.InsertRoom(tx, &r) })
		equal(t, "times", []int64{r.CreatedAt, r.LastActivity, r.Version}, []int64{start, start, 1})
		equal(t, "by token", look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "full") }), r)
		equal(t, "by identity", look(d, func(tx *db.Tx) (talk.Room, error) { return store.RoomByIdentity(tx, "a|b") }), r)

		changed := talk.Room{
			ID: r.ID, Token: "full", Type: talk.Group, Name: "n", CallFlag: 7, CallSince: 11,
			CreatedAt: start, LastActivity: start, Version: 2,
		}
		d.write(func(tx *db.Tx) error {
			if _, err := store.LockRoom(tx, "full"); err != nil {
				return err
			}
			return store.UpdateRoom(tx, &changed)
		})
		equal(t, "changed", look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "full") }), changed)
	})
}

func TestUnknownRooms(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.room("known")
		absent(d, "token", func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "Known") })
		absent(d, "identity", func(tx *db.Tx) (talk.Room, error) { return store.RoomByIdentity(tx, "") })
		d.refused(db.ErrNotFound, func(tx *db.Tx) error {
			_, err := store.LockRoom(tx, "none")
			return err
		})
	})
}

func TestRoomsAreUnique(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		for i, c := range []struct {
			token, identity string
			want            error
		}{
			{"one", "", nil},
			{"two", "", nil},
			{"one", "", db.ErrDuplicate},
			{"three", "a|b", nil},
			{"four", "a|b", db.ErrDuplicate},
		} {
			d.refused(c.want, func(tx *db.Tx) error {
				return store.InsertRoom(tx, &talk.Room{Token: c.token, Identity: c.identity, Type: talk.Group, Name: "n"})
			})
			t.Log("row", i)
		}
		d.refused(db.ErrDuplicate, func(tx *db.Tx) error {
			r, err := store.LockRoom(tx, "one")
			if err != nil {
				return err
			}
			r.Identity = "a|b"
			return store.UpdateRoom(tx, &r)
		})
	})
}

// A duplicate that an insert reports by itself leaves the transaction usable.
func TestInsertGoesOnAfterDuplicate(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.room("taken")
		d.write(func(tx *db.Tx) error {
			r := talk.Room{Token: "taken", Type: talk.Group, Name: "n"}
			if err := store.InsertRoom(tx, &r); err == nil {
				t.Error("a token was given twice")
			}
			r.Token = "free"
			return store.InsertRoom(tx, &r)
		})
		look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "free") })
	})
}

func TestRoomLists(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		a, _ := d.room("a", person("alice", talk.Owner))
		b, _ := d.room("b", person("bob", talk.Owner), person("alice", talk.Member))
		c, _ := d.room("c", person("bob", talk.Owner))
		d.change(func(tx *db.Tx) error {
			for _, r := range []*talk.Room{&a, &b, &c} {
				r.Listable, r.ObjectType, r.ObjectID = talk.ListableUsers, "file", "1"
				if err := store.UpdateRoom(tx, r); err != nil {
					return err
				}
			}
			return store.SetPair(tx, c.ID, "alice", "bob")
		})
		tokens := func(f func(*db.Tx) ([]talk.Room, error)) (out []string) {
			for _, r := range look(d, f) {
				out = append(out, r.Token)
			}
			return out
		}
		equal(t, "of alice", look(d, func(tx *db.Tx) ([]string, error) { return store.RoomsOf(tx, talk.User("alice")) }), []string{"a", "b"})
		equal(t, "listed", tokens(func(tx *db.Tx) ([]talk.Room, error) { return store.ListedRooms(tx, "alice") }), []string{"c"})
		equal(t, "listed for a stranger", tokens(func(tx *db.Tx) ([]talk.Room, error) { return store.ListedRooms(tx, "eve") }), []string{"a", "b", "c"})
		equal(t, "of the object", tokens(func(tx *db.Tx) ([]talk.Room, error) { return store.RoomsByObject(tx, "file", "1") }), []string{"a", "b", "c"})
		equal(t, "of another", tokens(func(tx *db.Tx) ([]talk.Room, error) { return store.RoomsByObject(tx, "file", "2") }), nil)
		naming := func() []string {
			return look(d, func(tx *db.Tx) ([]string, error) { return store.RoomsNaming(tx, "alice") })
		}
		equal(t, "naming", naming(), []string{"a", "b", "c"})
		d.refused(db.ErrDuplicate, func(tx *db.Tx) error { return store.SetPair(tx, c.ID, "alice") })
		d.change(func(tx *db.Tx) error { return store.ClearPair(tx, c.ID) })
		equal(t, "naming afterwards", naming(), []string{"a", "b"})
	})
}

func TestTouchRoomsRaisesVersions(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.room("a", person("alice", talk.Owner))
		d.room("b", person("bob", talk.Owner))
		d.write(func(tx *db.Tx) error { return store.TouchRooms(tx, talk.User("alice")) })
		for token, want := range map[string]int64{"a": 2, "b": 1} {
			equal(t, token, look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, token) }).Version, want)
		}
	})
}

func TestDeleteRoomTakesEverythingWithIt(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, people := d.room("gone", person("alice", talk.Owner))
		d.session(people[0], "s", start, talk.Caller{Client: "browser"})
		m := talk.Message{RoomID: r.ID, Actor: talk.User("alice"), Text: "hi"}
		d.change(func(tx *db.Tx) error {
			if err := store.InsertMessages(tx, &r, []*talk.Message{&m}); err != nil {
				return err
			}
			return store.DeleteRoom(tx, &r)
		})
		absent(d, "room", func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, r.Token) })
		absent(d, "attendee", func(tx *db.Tx) (talk.Attendee, error) { return store.Attendee(tx, r.ID, people[0].ID) })
		absent(d, "session", func(tx *db.Tx) (talk.Session, error) { return store.SessionByID(tx, r.ID, "s") })
		equal(t, "messages", len(messages(d, m.ID)), 0)
		equal(t, "memory of the client", look(d, func(tx *db.Tx) (store.ClientRoom, error) { return store.ClientRoomOf(tx, "browser", "gone") }),
			store.ClientRoom{Lost: true})
	})
}
