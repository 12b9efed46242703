package room_test

import (
	"testing"

	"parley/internal/api"
	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/directory"
	"parley/internal/talk"
)

// as returns a caller with a client session of their own.
func as(id string) talk.Caller {
	return talk.Caller{UserID: id, DisplayName: id, Client: "browser of " + id}
}

// world is the use cases on a database with a few accounts.
type fixture struct {
	api.Services
	t  *testing.T
	st *db.DB
}

func (w *fixture) account(id string) {
	w.t.Helper()
	w.must(w.Directory.CreateAccount(w.t.Context(), talk.Caller{System: talk.GuestCLI}, directory.NewAccount{UserID: id, Password: "secret"}))
}

func (w *fixture) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// room creates a conversation of alice with the given members.
func (w *fixture) room(kind talk.RoomType, members ...string) string {
	w.t.Helper()
	created, err := w.Conversations.CreateRoom(w.t.Context(), as("alice"), conversation.NewRoom{Type: kind, Name: "race", Users: members})
	w.must(err)
	return created.Token
}
