package signal

import (
	"parley/internal/auth"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// settingsData is how a client gets in touch with others.
type settingsData struct {
	SignalingMode string      `json:"signalingMode"`
	UserID        *string     `json:"userId"`
	HideWarning   bool        `json:"hideWarning"`
	Server        string      `json:"server"`
	Ticket        string      `json:"ticket"`
	Hello         helloParams `json:"helloAuthParams"`
	// Federation is null: there is no other server.
	Federation    any         `json:"federation"`
	STUN          []iceServer `json:"stunservers"`
	TURN          []iceServer `json:"turnservers"`
	SIPDialinInfo string      `json:"sipDialinInfo"`
}

// helloParams are what clients say hello to a signaling server with, by the version of that.
type helloParams struct {
	V1 helloTicket `json:"1.0"`
	V2 helloToken  `json:"2.0"`
}

type helloTicket struct {
	UserID *string `json:"userid"`
	Ticket string  `json:"ticket"`
}

type helloToken struct {
	Token string `json:"token"`
}

// iceServer helps clients to find a way to each other.
type iceServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

type settingsParams struct {
	Token string `param:"token"`
}

func (a *API) signalingSettings(c *ocs.Call, in settingsParams) (any, error) {
	scope := c.Scope()
	scope.Token = in.Token
	h, err := a.signal.Hello(c.Context(), scope, c.BaseURL())
	if talk.IsKind(err, talk.NotFound) {
		c.Attempt = auth.ActionRoomToken
		return nil, &ocs.DataError{Kind: talk.NotFound, Err: err}
	}
	if err != nil {
		return nil, err
	}
	out := settingsData{
		SignalingMode: "internal", HideWarning: true, Server: h.Server, Ticket: h.Ticket, SIPDialinInfo: h.DialIn,
		STUN: []iceServer{}, TURN: []iceServer{},
	}
	if h.Server != "" {
		out.SignalingMode = "external"
	}
	if c.Caller().LoggedIn() {
		out.UserID = &c.Identity.Caller.UserID
	}
	out.Hello = helloParams{helloTicket{out.UserID, h.Ticket}, helloToken{h.Token}}
	if len(h.STUN) > 0 {
		urls := make([]string, len(h.STUN))
		for i, server := range h.STUN {
			urls[i] = "stun:" + server
		}
		out.STUN = append(out.STUN, iceServer{URLs: urls})
	}
	for _, t := range h.TURN {
		out.TURN = append(out.TURN, iceServer{t.URLs, t.Username, t.Credential})
	}
	return out, nil
}
