// Package events has the endpoint of events: what happens in the conversations of an account, as
// a stream. It is parley's own; docs/events.md describes it.
package events

import (
	"parley/internal/events"
	"parley/internal/ocs"
	"parley/internal/room"
	"parley/internal/talk"
)

// API holds the handlers.
type API struct {
	events *events.Service
	rooms  *room.Service
	show   events.Show
}

// New returns the handlers over the use cases.
func New(e *events.Service, r *room.Service, objects Objects) *API {
	return &API{events: e, rooms: r, show: NewShow(r, objects)}
}

// Table is the route table with its documentation.
func (a *API) Table() ocs.Table {
	return ocs.Table{Rows: a.rows(), Topics: []ocs.Topic{{Name: "Events", Operations: docs()}}}
}

func (a *API) rows() []ocs.Route {
	// Unproven, since an EventSource of a browser can set no header.
	return []ocs.Route{ocs.PlatformRow("GET /apps/parley/api/v1/events", ocs.Login|ocs.Unproven, ocs.With(a.streamEvents))}
}

func docs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"streamEvents": {
			Summary: "Read what happens in the caller's conversations, as it happens", Answers: ocs.Same(ocs.Stream{}),
			Fails: []talk.Kind{talk.NotFound, talk.TooOften, talk.Unavailable},
		},
	}
}
