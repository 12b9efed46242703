// Package chat has the endpoints of chat:
// route rows, wire structs and thin handlers.
package chat

import (
	"parley/internal/chat"
	"parley/internal/room"
)

// API holds the handlers.
type API struct {
	chat  *chat.Service
	rooms *room.Service
}

// New returns the handlers over the use cases.
func New(c *chat.Service, r *room.Service) *API { return &API{chat: c, rooms: r} }
