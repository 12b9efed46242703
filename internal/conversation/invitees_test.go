package conversation_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"testing"

	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// kelvin is K, whose small letter is that of ASCII: user ids are compared in small
// letters.
const kelvin = "\u212a"

// people returns the actors in a conversation and fails when one is there twice.
func (w *fixture) people(token string) []talk.Actor {
	w.t.Helper()
	var all []talk.Actor
	w.must(w.st.Read(w.t.Context(), func(tx *db.Tx) error {
		room, err := store.Room(tx, token)
		if err != nil {
			return err
		}
		rows, err := store.Attendees(tx, room.ID)
		for _, at := range rows {
			all = append(all, at.Actor)
		}
		return err
	}))
	return all
}

// said counts the system messages about each actor.
func (w *fixture) said(token string) map[talk.Actor]int {
	w.t.Helper()
	said := map[talk.Actor]int{}
	w.must(w.st.Read(w.t.Context(), func(tx *db.Tx) error {
		room, err := store.Room(tx, token)
		if err != nil {
			return err
		}
		all, err := store.HistoryOf(tx, store.History{RoomID: room.ID, Limit: 10_000})
		for _, m := range all {
			said[m.About]++
		}
		if err == nil && len(all) > 0 && all[0].ID != room.LastMessageID {
			w.t.Errorf("the newest message is %d, the conversation says %d", all[0].ID, room.LastMessageID)
		}
		return err
	}))
	return said
}

func TestTheSamePersonTwice(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		w.account("mike")
		operator := talk.Caller{System: talk.GuestCLI}
		for _, g := range []string{"g", "h"} {
			w.must(w.Directory.CreateGroup(t.Context(), g, ""))
			w.must(w.Directory.AddToGroup(t.Context(), operator, g, "bob"))
		}
		w.must(w.Directory.AddToGroup(t.Context(), operator, "g", "alice"))
		team, err := w.Directory.CreateTeam(t.Context(), "team", "alice")
		w.must(err)
		w.must(w.Directory.AddTeamMember(t.Context(), operator, team.ID, talk.User("bob")))
		w.must(w.Directory.AddTeamMember(t.Context(), operator, team.ID, talk.Actor{Type: talk.ActorGroups, ID: "h"}))
		w.must(w.Settings.SetSettings(t.Context(), map[string]string{
			"sip_bridge_shared_secret": "a secret of the bridge", "sip_bridge_dialin_info": "call", "sip_dialout": "yes",
		}))

		everybody := conversation.NewRoom{
			Users:  []string{"bob", "BOB", "bob", "alice", "Alice", "mike", "mi" + kelvin + "e", "nobody", "nobody"},
			Groups: []string{"g", "h", "g", "nothing", "nothing"}, Teams: []string{team.ID, team.ID},
			Emails: []string{"eve@example.org", "EVE@example.org", " eve@EXAMPLE.org ", "no address"},
			Phones: []string{"+4930123456", "+49 30 123456", "+4930123456"},
		}
		for _, n := range []conversation.NewRoom{
			{Users: []string{"mia", "bob", "bob"}}, {Users: []string{"bob", "BOB"}}, {Users: []string{"alice", "alice"}},
			{Users: []string{"bob"}, Groups: []string{"g", "g"}}, {Groups: []string{"g", "h"}, Invite: "g"},
			{Teams: []string{team.ID}, Invite: team.ID, Source: "circles", Groups: []string{"h"}}, {Emails: everybody.Emails}, {Phones: everybody.Phones},
			everybody,
		} {
			n.Type, n.Name = talk.Group, "Room"
			created, err := w.Conversations.CreateRoom(t.Context(), as("alice"), n)
			if err != nil {
				t.Errorf("creation with %+v: %v", n, err)
				continue
			}
			found := w.people(created.Token)
			sorted := slices.SortedFunc(slices.Values(found), func(a, b talk.Actor) int {
				return slices.Compare([]string{string(a.Type), a.ID}, []string{string(b.Type), b.ID})
			})
			if len(slices.Compact(sorted)) != len(found) {
				t.Errorf("creation with %+v: %v", n, found)
			}
			for who, n := range w.said(created.Token) {
				if n > 1 && !who.IsZero() {
					t.Errorf("%d messages tell of %v", n, who)
				}
			}
		}
		all, err := w.Conversations.CreateRoom(t.Context(), as("alice"), func() conversation.NewRoom { n := everybody; n.Name = "Room"; n.Type = talk.Group; return n }())
		w.must(err)
		kinds := map[talk.ActorType]int{}
		for _, who := range w.people(all.Token) {
			kinds[who.Type]++
		}
		want := map[talk.ActorType]int{"users": 3, "emails": 1, "groups": 2, "circles": 1, "phones": 1}
		if !maps.Equal(kinds, want) {
			t.Errorf("%v are in the conversation, want %v", kinds, want)
		}
		if got := fmt.Sprint(all.Rejected); got != "map[emails:[no address] groups:[nothing] users:[nobody]]" {
			t.Errorf("rejected are %v", got)
		}
	})
}

func TestManyMembersAreStoredInOrder(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		const many = 700 // more than one statement holds
		users := make([]string, many)
		w.must(w.st.Write(t.Context(), func(tx *db.Tx) error {
			for i := range users {
				users[i] = fmt.Sprintf("u%04d", many-i)
				if err := store.InsertAccount(tx, store.Account{UserID: users[i], DisplayName: "U", Enabled: true}); err != nil {
					return err
				}
			}
			return nil
		}))
		created, err := w.Conversations.CreateRoom(t.Context(), as("alice"), conversation.NewRoom{Type: talk.Group, Name: "Room", Users: users})
		w.must(err)
		found := w.people(created.Token)
		if len(found) != many+1 || found[0] != talk.User("alice") {
			t.Fatalf("%d people, the first is %v", len(found), found[0])
		}
		var told []string
		var newest int64
		w.must(w.st.Read(t.Context(), func(tx *db.Tx) error {
			room, err := store.Room(tx, created.Token)
			if err != nil {
				return err
			}
			newest = room.LastMessageID
			page, err := store.HistoryOf(tx, store.History{RoomID: room.ID, Limit: 2 * many})
			for _, m := range slices.Backward(page) {
				if m.System == talk.UserAdded {
					told = append(told, m.About.ID)
				}
			}
			if err == nil && page[0].ID != newest {
				t.Errorf("the newest message is %d, the conversation says %d", page[0].ID, newest)
			}
			return err
		}))
		if !slices.Equal(told, users) {
			t.Errorf("messages tell of %d people, not in the order of the list", len(told))
		}
	})
}

func TestListsAreBounded(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		list := func(n int) []string {
			all := make([]string, n)
			for i := range all {
				all[i] = fmt.Sprintf("bob%d@example.org", i)
			}
			all[0] = "bob"
			return all
		}
		for source, n := range map[string]func([]string) conversation.NewRoom{
			"users":  func(l []string) conversation.NewRoom { return conversation.NewRoom{Users: l} },
			"groups": func(l []string) conversation.NewRoom { return conversation.NewRoom{Users: []string{"bob"}, Groups: l} },
			"teams":  func(l []string) conversation.NewRoom { return conversation.NewRoom{Users: []string{"bob"}, Teams: l} },
			"emails": func(l []string) conversation.NewRoom { return conversation.NewRoom{Emails: l} },
			"phones": func(l []string) conversation.NewRoom { return conversation.NewRoom{Users: []string{"bob"}, Phones: l} },
			"federated_users": func(l []string) conversation.NewRoom {
				return conversation.NewRoom{Users: []string{"bob"}, FederatedUsers: l}
			},
			"others": func(l []string) conversation.NewRoom {
				return conversation.NewRoom{Users: []string{"bob"}, Unknown: map[string][]string{"bots": l}}
			},
		} {
			for _, kind := range []talk.RoomType{talk.Group, talk.OneToOne} {
				most, over := n(list(talk.MaxListed)), n(list(talk.MaxListed+1))
				most.Type, most.Name, over.Type, over.Name = kind, "Room", kind, "Room"
				if _, err := w.Conversations.CreateRoom(t.Context(), as("alice"), most); err != nil && (kind == talk.Group || source != "emails") {
					t.Errorf("%d %s: %v", talk.MaxListed, source, err)
				}
				_, err := w.Conversations.CreateRoom(t.Context(), as("alice"), over)
				if failure, ok := errors.AsType[*talk.Error](err); !ok || failure.Kind != talk.Invalid || failure.Reason != "invite" {
					t.Errorf("%d %s: %v", talk.MaxListed+1, source, err)
				}
			}
		}
	})
}

// hangingUp is the context of a caller who goes when it was asked for often enough.
type hangingUp struct {
	context.Context
	left atomic.Int64
}

func (c *hangingUp) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestHangingUpEndsAnInvitation(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		emails := make([]string, talk.MaxListed)
		for i := range emails {
			emails[i] = fmt.Sprintf("e%d@example.org", i)
		}
		ctx := &hangingUp{Context: t.Context()}
		ctx.left.Store(100)
		_, err := w.Conversations.CreateRoom(ctx, as("alice"), conversation.NewRoom{Type: talk.Public, Name: "Room", Emails: emails})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the creation ended with %v", err)
		}
		views, _, err := w.Conversations.Rooms(t.Context(), as("alice"), conversation.ListOptions{})
		if w.must(err); len(views) != 0 {
			t.Errorf("%d conversations were made", len(views))
		}
	})
}
