// Package signal has the endpoints of signaling: how clients in a call reach each other.
package signal

import (
	"parley/internal/ocs"
	"parley/internal/room"
	"parley/internal/signal"
)

// API holds the handlers.
type API struct {
	signal *signal.Service
	rooms  *room.Service
}

// New returns the handlers over the use cases.
func New(s *signal.Service, r *room.Service) *API { return &API{signal: s, rooms: r} }

// Table is the route table with its documentation.
func (a *API) Table() ocs.Table {
	return ocs.Table{Rows: a.rows(), Topics: []ocs.Topic{{Name: "Signaling", Operations: docs()}}}
}
