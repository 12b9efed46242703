// Package chat holds the use cases of the messages in a conversation: writing, reading,
// waiting for them, and what belongs to them.
package chat

import (
	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
)

// Options are what a Service is made of.
type Options struct {
	Store *db.DB
	Rooms *room.Service
	// Bus wakes those who wait for messages.
	Bus *bus.Bus
	// CompletePair brings the one of a one-to-one back who is not in it.
	CompletePair func(*room.Change) error
	// RenameGuest gives the guest who makes the change another name.
	RenameGuest func(*room.Change, string) error
	// Pusher has apps told of reminders and of what was read.
	Pusher store.Pusher
}

// Service runs the use cases of messages. It is safe for concurrent use.
type Service struct {
	store        *db.DB
	rooms        *room.Service
	bus          *bus.Bus
	completePair func(*room.Change) error
	renameGuest  func(*room.Change, string) error
	pusher       store.Pusher
	marks        markers
	// News has to look for news every few seconds.
	News *room.Lookout
}

// New returns a Service.
func New(o Options) *Service {
	return &Service{
		store: o.Store, rooms: o.Rooms, bus: o.Bus, completePair: o.CompletePair, renameGuest: o.RenameGuest, pusher: o.Pusher,
		News: room.NewLookout(o.Store, o.Bus, bus.Chat),
	}
}
