// Package directory has the endpoints of accounts, groups, teams and user statuses:
// route rows, wire structs and thin handlers.
package directory

import (
	"parley/internal/auth"
	"parley/internal/directory"
)

// API holds the handlers.
type API struct {
	directory *directory.Service
	auth      *auth.Service
}

// New returns the handlers over the use cases.
func New(d *directory.Service, s *auth.Service) *API { return &API{directory: d, auth: s} }
