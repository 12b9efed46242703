// Package platform has the endpoints of settings, credentials and what the server can do:
// route rows, wire structs and thin handlers.
package platform

import (
	"parley/internal/auth"
	"parley/internal/room"
	"parley/internal/settings"
)

// API holds the handlers.
type API struct {
	rooms    *room.Service
	settings *settings.Service
	auth     *auth.Service
}

// New returns the handlers over the use cases.
func New(r *room.Service, s *settings.Service, a *auth.Service) *API {
	return &API{rooms: r, settings: s, auth: a}
}
