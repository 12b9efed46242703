package signal

import (
	"errors"

	"parley/internal/auth"
	"parley/internal/ocs"
	"parley/internal/signal"
	"parley/internal/talk"
)

// protocolVersion is that of the answers to a signaling server.
const protocolVersion = "1.0"

// backendError tells a signaling server why it is refused.
type backendError struct {
	Type  string            `json:"type"`
	Error backendErrorCause `json:"error"`
}

type backendErrorCause struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// backendAuth tells a signaling server who a client is.
type backendAuth struct {
	Type string      `json:"type"`
	Auth backendUser `json:"auth"`
}

type backendUser struct {
	Version string    `json:"version"`
	UserID  string    `json:"userid,omitempty"`
	User    *userData `json:"user,omitempty"`
}

type userData struct {
	DisplayName string `json:"displayname"`
}

// backendRoom tells a signaling server of a conversation and what a client may do in it; of a
// ping it says nothing but that all is well.
type backendRoom struct {
	Type string          `json:"type"`
	Room backendRoomData `json:"room"`
}

type backendRoomData struct {
	Version    string         `json:"version"`
	RoomID     string         `json:"roomid,omitempty"`
	Properties map[string]any `json:"properties,omitempty"`
	// Permissions have to be there as a list, or the server lets everybody do everything.
	Permissions *[]string `json:"permissions,omitempty"`
}

// backendMessages say why, for whoever reads the log of a signaling server.
var backendMessages = map[signal.BackendError]string{
	signal.BadRequest:       "The request is not signed with the shared secret, or cannot be read.",
	signal.UnknownType:      "The type of the request is not known.",
	signal.BadTicket:        "The ticket is not one of this server for this account.",
	signal.NoSuchUser:       "There is no such account, or it is disabled.",
	signal.NoSuchRoom:       "There is no such conversation for this client.",
	signal.DuplicateSession: "There is a session with this id already.",
}

// signalingBackend answers a signaling server. Its protocol has failures of its own, which are
// answers like others.
func (a *API) signalingBackend(c *ocs.Call, body []byte) (any, error) {
	data, err := a.backend(c, body)
	e, ok := errors.AsType[signal.BackendError](err)
	if !ok {
		return data, err
	}
	return backendError{"error", backendErrorCause{string(e), backendMessages[e]}}, nil
}

func (a *API) backend(c *ocs.Call, body []byte) (any, error) {
	r, err := a.signal.ParseBackend(c.Context(), c.SignalingProof(), body)
	if errors.Is(err, signal.BadRequest) {
		c.Attempt = auth.ActionSignalingSecret
	}
	if err != nil {
		return nil, err
	}
	switch r.Type {
	case "auth":
		who, err := a.signal.Authenticate(c.Context(), r.Auth)
		out := backendAuth{"auth", backendUser{Version: protocolVersion, UserID: who.UserID}}
		if who.UserID != "" {
			out.Auth.User = &userData{who.DisplayName}
		}
		return out, err
	case "room":
		in, err := a.signal.SignIn(c.Context(), r.Room)
		if talk.IsKind(err, talk.Forbidden) {
			return nil, &ocs.DataError{Kind: talk.Forbidden, Data: []any{}, Err: err}
		}
		if err != nil {
			return nil, err
		}
		return backendRoom{"room", backendRoomData{protocolVersion, in.Token, in.Properties, &in.Permissions}}, nil
	case "ping":
		return backendRoom{"room", backendRoomData{Version: protocolVersion}}, a.signal.Ping(c.Context(), r.Ping)
	}
	return nil, signal.UnknownType
}
