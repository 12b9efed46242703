// Package conversation has the endpoints of conversations and who is in them:
// route rows, wire structs and thin handlers.
package conversation

import (
	"sync/atomic"

	"parley/internal/chat"
	"parley/internal/conversation"
	"parley/internal/directory"
	"parley/internal/room"
	"parley/internal/settings"
)

// API holds the handlers.
type API struct {
	conversations *conversation.Service
	directory     *directory.Service
	chat          *chat.Service
	rooms         *room.Service
	settings      *settings.Service
	// hashes are the values of the header for one state of the settings.
	hashes atomic.Pointer[talkHashes]
}

// New returns the handlers over the use cases.
func New(c *conversation.Service, d *directory.Service, m *chat.Service, r *room.Service, s *settings.Service) *API {
	return &API{conversations: c, directory: d, chat: m, rooms: r, settings: s}
}
