package conversation_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/server"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// fill makes conversations of alice, from the number first on: groups, open ones that
// she is not in, and one-to-ones with people who show something.
func fill(t *testing.T, s *db.DB, first, n int) {
	t.Helper()
	err := s.Write(t.Context(), func(tx *db.Tx) error {
		for i := first; i < first+n; i++ {
			if err := fillOne(tx, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func fillOne(tx *db.Tx, i int) error {
	other := fmt.Sprint("user", i)
	room := talk.Room{Token: fmt.Sprint("token", i), Type: talk.Group, Name: fmt.Sprint("Room ", i)}
	if i%2 == 1 {
		room.Type, room.Name = talk.OneToOne, fmt.Sprintf(`["alice","%s"]`, other)
	}
	people := []talk.Attendee{{Actor: talk.User("alice"), Type: talk.Owner}, {Actor: talk.User(other), Type: talk.Owner, LastReadMessage: 7}}
	err := store.InsertAccount(tx, store.Account{UserID: other, DisplayName: "Name of " + other, Enabled: true})
	if err == nil {
		err = store.SetStatus(tx, talk.Status{UserID: other, Availability: talk.Away})
	}
	if err == nil {
		err = store.InsertRoom(tx, &room)
	}
	for j := range people {
		people[j].RoomID = room.ID
		if err == nil {
			err = store.InsertAttendee(tx, &people[j])
		}
	}
	if err == nil {
		err = store.InsertMessages(tx, &room, []*talk.Message{{Actor: talk.User(other), System: talk.ConversationCreated}})
	}
	open := talk.Room{Token: fmt.Sprint("open", i), Type: talk.Public, Listable: talk.ListableUsers}
	if err == nil {
		err = store.InsertRoom(tx, &open)
	}
	return err
}

// Lists of conversations cost a fixed number of statements, however long they are.
func TestListsTakeAFixedNumberOfStatements(t *testing.T) {
	const few, many = 20, 2000
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			statements := 0
			s := talktest.Open(t, db.Options{URL: d.URL(t), Trace: func(string, []any) { statements++ }})
			a := server.NewUseCases(server.UseCaseOptions{Store: s, Log: slog.New(slog.DiscardHandler), Now: time.Now})
			alice := talk.Caller{UserID: "alice", Client: "c"}
			since := conversation.ListOptions{ModifiedSince: time.Now().Unix() - 3600, IncludeStatus: true}
			lists := map[string]func() ([]conversation.RoomView, error){
				"rooms": func() ([]conversation.RoomView, error) {
					v, _, err := a.Conversations.Rooms(t.Context(), alice, conversation.ListOptions{})
					return v, err
				},
				"with status": func() ([]conversation.RoomView, error) {
					v, _, err := a.Conversations.Rooms(t.Context(), alice, since)
					return v, err
				},
				"open": func() ([]conversation.RoomView, error) { return a.Conversations.Listed(t.Context(), alice, "") },
				"with people": func() ([]conversation.RoomView, error) {
					views, _, err := a.Conversations.Rooms(t.Context(), alice, conversation.ListOptions{})
					if err == nil {
						_, err = a.Conversations.Entries(t.Context(), views)
					}
					return views, err
				},
			}
			costs := map[string]int{}
			filled := 0
			for _, n := range []int{few, many} {
				fill(t, s, filled, n-filled)
				filled = n
				now(t, a) // settings are read when they changed, by whoever comes first
				for name, list := range lists {
					statements = 0
					views, err := list()
					if err != nil || len(views) != n {
						t.Fatalf("%s: %d of %d, %v", name, len(views), n, err)
					}
					if before, known := costs[name]; known && statements != before {
						t.Errorf("%s: %d conversations took %d statements, %d took %d", name, few, before, n, statements)
					}
					costs[name] = statements
				}
			}
			t.Logf("statements: %v", costs)
		})
	}
}

// What is left out of a list by the time of its changes is what did not change.
func TestListsOfWhatChanged(t *testing.T) {
	talktest.EachDatabase(t, func(t *testing.T, s *db.DB) {
		a, alice := newNode(s, settings.Defaults{}), talk.Caller{UserID: "alice", Client: "c"}
		fill(t, s, 0, 4)
		future := time.Now().Unix() + 3600
		for name, c := range map[string]struct {
			options conversation.ListOptions
			want    int
		}{
			"all":         {conversation.ListOptions{}, 4},
			"since long":  {conversation.ListOptions{ModifiedSince: 1}, 4},
			"since later": {conversation.ListOptions{ModifiedSince: future}, 0},
			"statuses":    {conversation.ListOptions{ModifiedSince: future, IncludeStatus: true}, 2},
		} {
			views, _, err := a.Conversations.Rooms(t.Context(), alice, c.options)
			if err != nil || len(views) != c.want {
				t.Errorf("%s: %d, %v; want %d", name, len(views), err, c.want)
			}
			for _, v := range views {
				hasPartner := v.Partner != nil && v.Partner.DisplayName == "Name of "+v.Partner.UserID
				if hasPartner != (v.Room.Type == talk.OneToOne) || v.LastMessage == nil || c.options.IncludeStatus && v.Partner.Status == nil {
					t.Errorf("%s: incomplete %+v", name, v)
				}
			}
		}
	})
}
