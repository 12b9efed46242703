package server

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"parley/internal/api"
	"parley/internal/avatar"
	"parley/internal/bot"
	"parley/internal/bus"
	"parley/internal/call"
	"parley/internal/chat"
	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/directory"
	"parley/internal/events"
	"parley/internal/notify"
	"parley/internal/outbound"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/settings"
	"parley/internal/signal"
	"parley/internal/store"
	"parley/internal/talk"
)

// UseCaseOptions are what use cases are made of; see the packages of the services.
type UseCaseOptions struct {
	Store  *db.DB
	Hasher *secret.Hasher
	// Key signs what this server has to know again.
	Key         secret.Key
	Log         *slog.Logger
	Now         func() time.Time
	Defaults    settings.Defaults
	MailQueued  func()
	PasswordMin int
	Memory      int
	// OutboxQueued is called when there may be something new in the outbox.
	OutboxQueued func()
	// Address is where people reach the server, AllowPrivate which private networks it
	// reaches.
	Address      string
	AllowPrivate []netip.Prefix
	// KeepAlive is that of [events.Options].
	KeepAlive time.Duration
	// SignalingWait is that of [signal.Options].
	SignalingWait time.Duration
	// Tell tells the clients of this server what happened to a conversation, nil for nobody.
	Tell func(token string, all []signal.Notice)
	// Record are those of [room.Options].
	Record []room.Recorder
	// Bus tells those who wait of changes, nil for nobody.
	Bus *bus.Bus
}

// signalingClients returns clients for signaling servers whose certificates are checked, or not.
func signalingClients() func(verify bool) *outbound.Client {
	careful, careless := outbound.NewTrusting(true), outbound.NewTrusting(false)
	return func(verify bool) *outbound.Client {
		if verify {
			return careful
		}
		return careless
	}
}

// NewUseCases makes the services of all subjects over one database.
func NewUseCases(o UseCaseOptions) api.Services {
	var u api.Services
	var publish func(...bus.Hint)
	if o.Bus != nil {
		publish = o.Bus.Publish
	}
	if o.OutboxQueued == nil {
		o.OutboxQueued = func() {}
	}
	bots := bot.Recorder{Queued: o.OutboxQueued}
	told := events.Recorder{Queued: o.OutboxQueued}
	beside := signal.Recorder{Queued: o.OutboxQueued, Tell: o.Tell}
	pusher := store.Pusher{Queued: o.OutboxQueued}
	client := outbound.New(o.AllowPrivate)
	u.Settings = settings.New(settings.Options{Store: o.Store, Log: o.Log, Defaults: o.Defaults})
	u.Rooms = room.New(room.Options{
		Store: o.Store, Settings: u.Settings, Now: o.Now, Memory: o.Memory, Publish: publish,
		Record: append([]room.Recorder{notify.Recorder{Pusher: pusher}.Record, bots.Record, told.Record, beside.Record}, o.Record...),
	})
	u.Conversations = conversation.New(conversation.Options{
		Store: o.Store, Settings: u.Settings, Rooms: u.Rooms, Hasher: o.Hasher, Now: o.Now, MailQueued: o.MailQueued,
	})
	u.Directory = directory.New(directory.Options{
		Store: o.Store, Settings: u.Settings, Conversations: u.Conversations, Hasher: o.Hasher, Now: o.Now, PasswordMin: o.PasswordMin,
	})
	u.Notify = notify.New(notify.Options{Store: o.Store, Pusher: pusher, Client: client, Address: o.Address, Now: o.Now})
	u.Chat = chat.New(chat.Options{
		Store: o.Store, Rooms: u.Rooms, Bus: o.Bus, CompletePair: u.Conversations.CompletePair, RenameGuest: conversation.RenameGuest,
		Pusher: pusher,
	})
	u.Bots = bot.New(bot.Options{
		Store: o.Store, Rooms: u.Rooms, Chat: u.Chat, Client: client, Address: o.Address, Recorder: bots,
	})
	u.Events = events.New(events.Options{Store: o.Store, Log: o.Log, Bus: o.Bus, Client: client, Address: o.Address, KeepAlive: o.KeepAlive})
	u.Avatars = avatar.New(o.Store, u.Rooms)
	u.Calls = call.New(call.Options{
		Store: o.Store, Rooms: u.Rooms, Settings: u.Settings, CompletePair: u.Conversations.CompletePair, Pusher: pusher,
		Dial: func(ctx context.Context, d call.Dialout) (string, error) {
			return u.Signal.Dial(ctx, signal.Telephone{
				Token: d.Token, Number: d.Number, Attendee: d.Attendee.ID, Actor: d.Attendee.Actor, Caller: d.Caller,
			})
		},
	})
	u.Signal = signal.New(signal.Options{
		Store: o.Store, Log: o.Log, Now: o.Now, Settings: u.Settings, Rooms: u.Rooms, Bus: o.Bus, Key: o.Key, Address: o.Address, Wait: o.SignalingWait,
		Client: signalingClients(),
		Leave:  conversation.LeaveSession, NoteBanned: u.Conversations.NoteBanned, JoinCall: func(c *room.Change, flags talk.CallFlags) error {
			return u.Calls.JoinIn(c, call.Join{Flags: flags, Agreed: true})
		},
	})
	return u
}
