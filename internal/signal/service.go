// Package signal brings people in a call together: it tells clients how to reach each other,
// and carries what they say to each other until they do. What clients send and read is in
// docs/signaling.md.
package signal

import (
	"cmp"
	"log/slog"
	"time"

	"parley/internal/bus"
	"parley/internal/cache"
	"parley/internal/db"
	"parley/internal/outbound"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/settings"
	"parley/internal/talk"
)

// Options are what a Service is made of.
type Options struct {
	Store    *db.DB
	Log      *slog.Logger
	Now      func() time.Time
	Settings *settings.Service
	Rooms    *room.Service
	// Key signs tickets.
	Key secret.Key
	// JoinCall brings the session of whoever makes a change into the call.
	JoinCall func(*room.Change, talk.CallFlags) error
	// Leave ends a session of an attendee who goes.
	Leave func(*room.Change, *talk.Session, *talk.Attendee) error
	// Address is where people reach the server.
	Address string
	// Wait is how long a client waits for something new, 0 for 30 seconds.
	Wait time.Duration
	// Client reaches signaling servers, whose certificates it checks if it is told so.
	Client func(verify bool) *outbound.Client
	// Bus wakes those who wait for messages and for changes of a conversation.
	Bus *bus.Bus
}

// Service carries signaling. It is safe for concurrent use.
type Service struct {
	store    *db.DB
	log      *slog.Logger
	now      func() time.Time
	settings *settings.Service
	rooms    *room.Service
	key      secret.Key
	joinCall func(*room.Change, talk.CallFlags) error
	leave    func(*room.Change, *talk.Session, *talk.Attendee) error
	address  string
	wait     time.Duration
	client   func(bool) *outbound.Client
	bus      *bus.Bus
	news     *room.Lookout
	told     *cache.Cache[int64, int64]
}

// toldBytes bounds what is remembered of sessions.
const toldBytes = 8 << 20

// New returns a Service.
func New(o Options) *Service {
	return &Service{
		store: o.Store, log: o.Log, now: o.Now, settings: o.Settings, rooms: o.Rooms, bus: o.Bus, key: o.Key, joinCall: o.JoinCall,
		leave: o.Leave, address: o.Address, client: o.Client, wait: cmp.Or(o.Wait, defaultWait),
		news: room.NewLookout(o.Store, o.Bus, bus.Call), told: cache.New[int64, int64](toldBytes),
	}
}
