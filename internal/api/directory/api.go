// Package directory has the endpoints of accounts, groups, teams and user statuses:
// route rows, wire structs and thin handlers.
package directory

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
