package chat

import (
	"parley/internal/ocs"
	"parley/internal/talk"
)

// The words of the table.
const (
	v1     = ocs.V1
	public = ocs.Public
)

// What must hold of the caller in the conversation.
var (
	outsideLobby = talk.Guard{Need: talk.NeedParticipant, NoLobby: true}
)

// rows are the routes, one per endpoint and form of its parameters.
func (a *API) rows() []ocs.Route {
	row := ocs.Row
	return []ocs.Route{
		// Chat
		row(v1, "GET /chat/{token}", public, outsideLobby, ocs.With(a.readChat)),
	}
}
