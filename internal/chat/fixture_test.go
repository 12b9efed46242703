package chat_test

import (
	"testing"

	"parley/internal/chat"
	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// The guards of the routes.
var (
	reads      = talk.Guard{Need: talk.NeedParticipant, NoLobby: true}
	writes     = talk.Guard{Need: talk.NeedParticipant, ReadWrite: true, NoLobby: true, Permission: talk.PermissionChat}
	moderates  = talk.Guard{Need: talk.NeedModerator}
	member     = talk.Guard{Need: talk.NeedMember}
	clears     = talk.Guard{Need: talk.NeedAccountModerator, ReadWrite: true}
	everything = chat.Selection{Limit: chat.MaxHistory}
)

// fixture is a group of alice, bob and carol on a node.
type fixture struct {
	*talktest.Node
	t     *testing.T
	clock *talktest.Clock
	token string
}

func each(t *testing.T, f func(*testing.T, *fixture)) {
	t.Helper()
	talktest.EachNode(t, func(t *testing.T, n *talktest.Node, clock *talktest.Clock) {
		n.Accounts("alice", "bob", "carol")
		f(t, &fixture{Node: n, t: t, clock: clock, token: n.Room(talk.Group, "alice", "bob", "carol")})
	})
}

func (x *fixture) as(id string, g talk.Guard) room.Scope { return talktest.Scope(id, x.token, g) }

// send sends a text and returns its message.
func (x *fixture) send(id, text string) *chat.Posted {
	x.t.Helper()
	m, err := x.Chat.Send(x.t.Context(), x.as(id, writes), chat.Draft{Text: text})
	x.Must(err)
	return m
}

// read returns the history, newest first.
func (x *fixture) read(id string) []talk.Rendered {
	x.t.Helper()
	page, err := x.Chat.Read(x.t.Context(), x.as(id, reads), everything)
	x.Must(err)
	return page.Messages
}

// stored returns all rows of the history, newest first.
func (x *fixture) stored() (all []store.NamedMessage, r talk.Room) {
	x.t.Helper()
	x.Must(x.Store.Read(x.t.Context(), func(tx *db.Tx) (err error) {
		if r, err = store.Room(tx, x.token); err != nil {
			return err
		}
		all, err = store.HistoryOf(tx, store.History{RoomID: r.ID, Limit: 10_000})
		return err
	}))
	return all, r
}

// me returns the row of an account.
func (x *fixture) me(id string) talk.Attendee {
	x.t.Helper()
	var at talk.Attendee
	x.Must(x.Store.Read(x.t.Context(), func(tx *db.Tx) error {
		r, err := store.Room(tx, x.token)
		if err == nil {
			at, err = store.AttendeeOf(tx, r.ID, talk.User(id))
		}
		return err
	}))
	return at
}

// unread is what an account sees of unread messages.
func (x *fixture) unread(id string) int64 {
	x.t.Helper()
	v, err := x.Conversations.Room(x.t.Context(), talktest.Caller(id), x.token)
	x.Must(err)
	return v.Unread
}
