package server

import (
	"log/slog"
	"time"

	"parley/internal/api"
	"parley/internal/bus"
	"parley/internal/chat"
	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/directory"
	"parley/internal/notify"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/settings"
)

// UseCaseOptions are what use cases are made of; see the packages of the services.
type UseCaseOptions struct {
	Store       *db.DB
	Hasher      *secret.Hasher
	Log         *slog.Logger
	Now         func() time.Time
	Defaults    settings.Defaults
	MailQueued  func()
	PasswordMin int
	Memory      int
	// Record are those of [room.Options].
	Record []room.Recorder
	// Bus tells those who wait of changes, nil for nobody.
	Bus *bus.Bus
}

// NewUseCases makes the services of all subjects over one database.
func NewUseCases(o UseCaseOptions) api.Services {
	var u api.Services
	var publish func(...bus.Hint)
	if o.Bus != nil {
		publish = o.Bus.Publish
	}
	u.Settings = settings.New(settings.Options{Store: o.Store, Log: o.Log, Defaults: o.Defaults})
	u.Rooms = room.New(room.Options{Store: o.Store, Settings: u.Settings, Now: o.Now, Memory: o.Memory, Record: append([]room.Recorder{notify.Record}, o.Record...), Publish: publish})
	u.Conversations = conversation.New(conversation.Options{
		Store: o.Store, Settings: u.Settings, Rooms: u.Rooms, Hasher: o.Hasher, Now: o.Now, MailQueued: o.MailQueued,
	})
	u.Directory = directory.New(directory.Options{
		Store: o.Store, Settings: u.Settings, Conversations: u.Conversations, Hasher: o.Hasher, Now: o.Now, PasswordMin: o.PasswordMin,
	})
	u.Notify = notify.New(notify.Options{Store: o.Store, Settings: u.Settings})
	u.Chat = chat.New(chat.Options{
		Store: o.Store, Rooms: u.Rooms, Bus: o.Bus, CompletePair: u.Conversations.CompletePair, RenameGuest: conversation.RenameGuest,
	})
	return u
}
