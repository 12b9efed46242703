// Package api joins the route tables of all endpoints to the API that a server serves
// and to the document that describes it.
package api

import (
	"context"
	"log/slog"

	avatarapi "parley/internal/api/avatar"
	botapi "parley/internal/api/bot"
	callapi "parley/internal/api/call"
	chatapi "parley/internal/api/chat"
	conversationapi "parley/internal/api/conversation"
	directoryapi "parley/internal/api/directory"
	eventsapi "parley/internal/api/events"
	notificationsapi "parley/internal/api/notifications"
	"parley/internal/api/platform"
	signalapi "parley/internal/api/signal"
	"parley/internal/api/wire"
	"parley/internal/auth"
	"parley/internal/avatar"
	"parley/internal/bot"
	"parley/internal/call"
	"parley/internal/chat"
	"parley/internal/conversation"
	"parley/internal/directory"
	"parley/internal/events"
	"parley/internal/notify"
	"parley/internal/ocs"
	"parley/internal/room"
	"parley/internal/settings"
	"parley/internal/signal"
	"parley/internal/talk"
)

// Services are the use cases, by subject.
type Services struct {
	Settings      *settings.Service
	Rooms         *room.Service
	Conversations *conversation.Service
	Directory     *directory.Service
	Chat          *chat.Service
	Notify        *notify.Service
	Bots          *bot.Service
	Events        *events.Service
	Avatars       *avatar.Service
	Calls         *call.Service
	Signal        *signal.Service
}

// Options are what an API is made of.
type Options struct {
	Services
	Auth *auth.Service
	Log  *slog.Logger
	// Place is the path on its host that the server is reached at, "" for all of it.
	Place string
	// Address is where people reach the server, "" for wherever a request came to.
	Address string
}

// Tables are all route tables in the order of the document. Without use cases they are
// good for reading only.
func Tables(s Services, a *auth.Service) []ocs.Table {
	conversations := conversationapi.New(s.Conversations, s.Directory, s.Chat, s.Rooms, s.Settings)
	chats := chatapi.New(s.Chat, s.Rooms, s.Directory, a)
	accounts := directoryapi.New(s.Directory, a)
	return []ocs.Table{
		conversations.Table(),
		chats.Table(),
		callapi.New(s.Calls).Table(),
		signalapi.New(s.Signal, s.Rooms).Table(),
		eventsapi.New(s.Events, s.Rooms, objects(conversations, chats)).Table(),
		notificationsapi.New(s.Notify, a).Table(),
		botapi.New(s.Bots).Table(),
		platform.New(s.Rooms, s.Settings, a).Table(),
		accounts.Table(),
		avatarapi.New(s.Avatars, avatarapi.Show{
			Room: conversations.Shown, RoomExample: conversationapi.ARoom(), Account: accounts.Own, AccountExample: directoryapi.AnAccount(),
		}).Table(),
	}
}

// objects make what events are about.
func objects(conversations *conversationapi.API, chats *chatapi.API) eventsapi.Objects {
	return eventsapi.Objects{
		Message: chats.EventMessage, Poll: chats.EventPoll,
		Participant: conversations.EventParticipant, Conversation: conversations.EventConversation,
	}
}

// ShowEvent returns what describes events to webhooks.
func ShowEvent(s Services) events.Show {
	conversations := conversationapi.New(s.Conversations, s.Directory, s.Chat, s.Rooms, s.Settings)
	return eventsapi.NewShow(s.Rooms, objects(conversations, chatapi.New(s.Chat, s.Rooms, s.Directory, nil)))
}

// Relay returns what reads new messages for those who take them as they are, see
// [chatapi.API.Relay].
func Relay(s Services) func(ctx context.Context, token, base string, after int64, wanted bool, limit int) ([]chatapi.Relayed, int64, bool, error) {
	return chatapi.New(s.Chat, s.Rooms, s.Directory, nil).Relay
}

// New returns what serves everything below /ocs.
func New(o Options) *ocs.API {
	var rows []ocs.Route
	for _, t := range Tables(o.Services, o.Auth) {
		rows = append(rows, t.Rows...)
	}
	return ocs.New(ocs.Options{Rows: rows, UseCases: useCases(o.Services), Auth: o.Auth, Log: o.Log, Place: o.Place, Address: o.Address})
}

// OpenAPI describes the API of a server that is reached at the place on its host and
// has a cookie of this name.
func OpenAPI(place, cookie string) ([]byte, error) {
	about := ocs.About{Version: wire.TalkVersion, Place: place, Cookie: cookie, Glossary: glossary()}
	return ocs.OpenAPI(about, Tables(Services{}, nil))
}

// useCases are what the protocol itself asks.
func useCases(s Services) ocs.UseCases {
	return ocs.UseCases{
		Now: s.Rooms.Now, Enter: s.Rooms.Enter, Expects: s.Rooms.Expects, Expect: s.Rooms.Expect,
		TakesPart: s.Rooms.TakesPart, Knew: s.Rooms.Knew, IsAdmin: s.Directory.IsAdmin, ShowCookie: s.Rooms.ShowCookie,
		OldestClients: func(ctx context.Context, id auth.Identity) (ocs.ClientVersions, error) {
			now, err := s.Settings.Current(ctx, id.Snapshot)
			if err != nil {
				return ocs.ClientVersions{}, err
			}
			return ocs.ClientVersions{
				Android: now.MinimumAndroid, IOS: now.MinimumIOS, Desktop: now.MinimumDesktop,
				Consent: now.Consent() != talk.ConsentNo,
			}, nil
		},
	}
}
