// Package signal brings people in a call together: it tells clients how to reach each other,
// and carries what they say to each other until they do. What clients send and read is in
// docs/signaling.md.
package signal

import (
	"log/slog"
	"time"

	"parley/internal/bus"
	"parley/internal/cache"
	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/settings"
)

// Options are what a Service is made of.
type Options struct {
	Store    *db.DB
	Log      *slog.Logger
	Now      func() time.Time
	Settings *settings.Service
	Rooms    *room.Service
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
	bus      *bus.Bus
	news     *room.Lookout
	told     *cache.Cache[int64, int64]
}

// toldBytes bounds what is remembered of sessions.
const toldBytes = 8 << 20

// New returns a Service.
func New(o Options) *Service {
	return &Service{
		store: o.Store, log: o.Log, now: o.Now, settings: o.Settings, rooms: o.Rooms, bus: o.Bus,
		news: room.NewLookout(o.Store, o.Bus, bus.Call), told: cache.New[int64, int64](toldBytes),
	}
}
