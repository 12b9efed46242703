package signal

import (
	"parley/internal/ocs"
	"parley/internal/talk"
)

// inRoom is what must hold of those who send and receive.
var inRoom = talk.Guard{Need: talk.NeedParticipant}

// rows are the routes, one per endpoint and form of its parameters.
func (a *API) rows() []ocs.Route {
	row := ocs.Row
	const all = ocs.V1 | ocs.V2 | ocs.V3
	return []ocs.Route{
		row(all, "GET /signaling/settings", ocs.CountTokens, ocs.NoGuard, ocs.With(a.signalingSettings)),
		row(all, "POST /signaling/backend", ocs.Unproven|ocs.CountSignaling, ocs.NoGuard, ocs.WithBody(a.signalingBackend)),
		row(all, "GET /signaling/{token}", ocs.Public, inRoom, ocs.Plain(a.pullSignals)).OrElse(a.alone),
		row(all, "POST /signaling/{token}", ocs.Public, inRoom, ocs.With(a.sendSignals)).OrElse(dropped),
	}
}
