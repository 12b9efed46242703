// Package call has the endpoints of calls: route rows, wire structs and thin handlers.
package call

import (
	"parley/internal/call"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// API holds the handlers.
type API struct{ calls *call.Service }

// New returns the handlers over the use cases.
func New(c *call.Service) *API { return &API{calls: c} }

// Table is the route table with its documentation.
func (a *API) Table() ocs.Table {
	return ocs.Table{Rows: a.rows(), Topics: []ocs.Topic{{Name: "Calls", Operations: docs()}}}
}

func (a *API) rows() []ocs.Route {
	row := ocs.Row
	const v1to3, v1to4, v4, public, login = ocs.V1to3, ocs.V1to4, ocs.V4, ocs.Public, ocs.Login
	participant := talk.Guard{Need: talk.NeedParticipant}
	inside := talk.Guard{Need: talk.NeedParticipant, ReadWrite: true, NoLobby: true}
	caller := talk.Guard{Need: talk.NeedParticipant, Permission: talk.PermissionStartCall}
	moderator := talk.Guard{Need: talk.NeedModerator}
	return []ocs.Route{
		row(v4, "GET /call/{token}", public, inside, ocs.Plain(a.listPeers)),
		row(v1to3, "GET /call/{token}", public, inside, ocs.Plain(a.listPeersLegacy)),
		row(v1to4, "POST /call/{token}", public, inside, ocs.With(a.joinCall)),
		row(v1to4, "PUT /call/{token}", public, participant, ocs.With(a.setCallFlags)),
		row(v1to4, "DELETE /call/{token}", public, participant, ocs.With(a.leaveCall)),
		row(v4, "POST /call/{token}/ring/{attendeeId}", public, caller, ocs.Plain(a.ringAttendee)),
		row(v4, "POST /call/{token}/dialout/{attendeeId}", public, caller, ocs.Plain(a.dialOut)),
		row(v4, "GET /call/{token}/notification-state", login, ocs.NoGuard, ocs.Plain(a.callNotice)),
		row(v4, "GET /call/{token}/download", ocs.Unproven, moderator, ocs.With(a.downloadAttendees)),
	}
}

func docs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"listPeers":       {Summary: "List the sessions in the call", Answers: ocs.Same([]peer{})},
		"listPeersLegacy": {Summary: "List the sessions in the call", Answers: ocs.Same([]peerLegacy{})},
		"joinCall": {
			Summary: "Join the call, or start one", Fails: []talk.Kind{talk.Invalid},
			FailsWith: map[talk.Kind]any{talk.Invalid: ocs.ErrorData{}},
		},
		"setCallFlags": {Summary: "Change how the caller takes part in the call", Fails: []talk.Kind{talk.Invalid}},
		"leaveCall":    {Summary: "Leave the call, or end it for everybody"},
		"ringAttendee": {
			Summary: "Call somebody into the running call", Fails: []talk.Kind{talk.Invalid},
			FailsWith: map[talk.Kind]any{talk.Invalid: ocs.ErrorData{}},
		},
		"dialOut": {
			Summary: "Have the telephone of an attendee called", Also: []int{ocs.StatusCreated},
			Fails:     []talk.Kind{talk.Invalid, talk.NotImplemented},
			FailsWith: map[talk.Kind]any{talk.NotImplemented: ocs.ErrorData{}},
		},
		"callNotice": {
			Summary: "Ask whether a call still rings (200), was missed (201) or is nothing to tell of (404)",
			Also:    []int{ocs.StatusCreated}, Fails: []talk.Kind{talk.NotFound},
		},
		"downloadAttendees": {
			Summary: "Download who has joined the running call", Answers: ocs.Same(ocs.File{Type: csvType}), Fails: []talk.Kind{talk.Invalid},
		},
	}
}
