// Package chat has the endpoints of chat:
// route rows, wire structs and thin handlers.
package chat

import (
	"parley/internal/auth"
	"parley/internal/chat"
	"parley/internal/directory"
	"parley/internal/room"
)

// API holds the handlers.
type API struct {
	chat  *chat.Service
	rooms *room.Service
	// directory knows the status of accounts.
	directory *directory.Service
	// auth bounds what guests and accounts may do all the time.
	auth *auth.Service
}

// New returns the handlers over the use cases.
func New(c *chat.Service, r *room.Service, d *directory.Service, a *auth.Service) *API {
	return &API{chat: c, rooms: r, directory: d, auth: a}
}
