// Package platform has the endpoints of settings, credentials and what the server can do:
// route rows, wire structs and thin handlers.
package platform

import (
	"parley/internal/app"
	"parley/internal/auth"
)

// API holds the handlers.
type API struct {
	app  *app.App
	auth *auth.Service
}

// New returns the handlers over the use cases.
func New(a *app.App, s *auth.Service) *API { return &API{app: a, auth: s} }
