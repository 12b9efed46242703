package call

import (
	"parley/internal/call"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// peer is a session in a call.
type peer struct {
	ActorType   string `json:"actorType"`
	ActorID     string `json:"actorId"`
	DisplayName string `json:"displayName"`
	Token       string `json:"token"`
	LastPing    int64  `json:"lastPing"`
	SessionID   string `json:"sessionId"`
}

func (a *API) listPeers(c *ocs.Call) (any, error) {
	all, err := a.calls.Peers(c.Context(), c.Scope())
	out := make([]peer, len(all))
	for i := range all {
		m := &all[i]
		out[i] = peer{
			ActorType: string(m.Actor.Type), ActorID: m.Actor.ID, DisplayName: m.DisplayName, Token: c.Token(),
			LastPing: m.Session.LastPing, SessionID: m.Session.SessionID,
		}
	}
	return out, err
}

// peerLegacy is a session in a call for the old versions, which know accounts alone.
type peerLegacy struct {
	UserID    string `json:"userId"`
	Token     string `json:"token"`
	LastPing  int64  `json:"lastPing"`
	SessionID string `json:"sessionId"`
}

func (a *API) listPeersLegacy(c *ocs.Call) (any, error) {
	all, err := a.calls.Peers(c.Context(), c.Scope())
	out := make([]peerLegacy, len(all))
	for i := range all {
		m := &all[i]
		out[i] = peerLegacy{Token: c.Token(), LastPing: m.Session.LastPing, SessionID: m.Session.SessionID}
		if m.Actor.Type == talk.ActorUsers {
			out[i].UserID = m.Actor.ID
		}
	}
	return out, err
}

type joinParams struct {
	Flags     int      `param:"flags" default:"7"`
	Silent    bool     `param:"silent"`
	SilentFor []string `param:"silentFor"`
	Consent   bool     `param:"recordingConsent"`
}

func (a *API) joinCall(c *ocs.Call, in joinParams) (any, error) {
	return nil, a.calls.Join(c.Context(), c.Scope(), call.Join{
		Flags: talk.CallFlags(in.Flags), Silent: in.Silent, SilentFor: in.SilentFor, Agreed: in.Consent,
	})
}

type flagsParams struct {
	Flags int `param:"flags;required"`
}

func (a *API) setCallFlags(c *ocs.Call, in flagsParams) (any, error) {
	return nil, a.calls.SetFlags(c.Context(), c.Scope(), talk.CallFlags(in.Flags))
}

type leaveParams struct {
	All bool `param:"all"`
}

func (a *API) leaveCall(c *ocs.Call, in leaveParams) (any, error) {
	return nil, a.calls.Leave(c.Context(), c.Scope(), in.All)
}

func (a *API) ringAttendee(c *ocs.Call) (any, error) {
	return nil, a.calls.Ring(c.Context(), c.Scope(), attendeeID(c))
}

func (a *API) dialOut(c *ocs.Call) (any, error) {
	err := a.calls.Dialout(c.Context(), c.Scope(), attendeeID(c))
	if err == nil {
		c.Status = ocs.StatusCreated
	}
	return nil, err
}

func attendeeID(c *ocs.Call) int64 { return ocs.LeadingInt(c.Value("attendeeId")) }

func (a *API) callNotice(c *ocs.Call) (any, error) {
	scope := c.Scope()
	scope.Guard = talk.Guard{Need: talk.NeedMember}
	notice, err := a.calls.Notice(c.Context(), scope)
	switch {
	case err != nil:
		return nil, err
	case notice == talk.CallDismissed:
		return nil, talk.Fail(talk.NotFound, "")
	case notice == talk.CallMissedNow:
		c.Status = ocs.StatusCreated
	}
	return nil, nil
}
