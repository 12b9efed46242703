package conversation

import (
	"errors"

	"parley/internal/auth"
	"parley/internal/conversation"
	"parley/internal/ocs"
	"parley/internal/talk"
)

type joinParams struct {
	Password string `param:"password"`
	Force    bool   `param:"force" default:"true"`
}

func (a *API) joinRoom(c *ocs.Call, in joinParams) (any, error) {
	if in.Password != "" || !a.rooms.Expects(c.Scope()) {
		if err := c.Begin(auth.ActionRoomPassword); err != nil {
			return nil, err
		}
	}
	v, err := a.conversations.Join(c.Context(), c.Scope(), conversation.JoinOptions{Password: in.Password, Force: in.Force})
	if err != nil {
		c.Attempt = guessed(err)
		return nil, explained(err)
	}
	c.Forgive = true
	return a.roomData(c, v)
}

// conflictData describes the session that is in the way of a join.
type conflictData struct {
	SessionID string `json:"sessionId"`
	InCall    int    `json:"inCall"`
	LastPing  int64  `json:"lastPing"`
}

// explained tells which session is in the way.
func explained(err error) error {
	e, ok := errors.AsType[*talk.SessionConflict](err)
	if !ok {
		return err
	}
	data := conflictData{e.Session.SessionID, int(e.Session.InCall), e.Session.LastPing}
	return &ocs.DataError{Kind: talk.Conflict, Data: data, Err: err}
}

// guessed names the protected action that a failed join counts for.
func guessed(err error) string {
	e, ok := errors.AsType[*talk.Error](err)
	switch {
	case ok && e.Kind == talk.NotFound:
		return auth.ActionRoomToken
	case ok && e.Reason == "password":
		return auth.ActionRoomPassword
	}
	return ""
}

func (a *API) leaveRoom(c *ocs.Call) (any, error) {
	return nil, a.conversations.Leave(c.Context(), c.Scope())
}

type stateParams struct {
	State int `param:"state;required"`
}

func (a *API) setSessionState(c *ocs.Call, in stateParams) (any, error) {
	if err := a.conversations.SetSessionState(c.Context(), c.Scope(), in.State); err != nil {
		return nil, err
	}
	return a.room(c)
}
