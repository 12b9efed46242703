package ocs

import (
	"errors"

	"parley/internal/app"
	"parley/internal/talk"
)

type joinParams struct {
	Password string `param:"password"`
	Force    bool   `param:"force" default:"true"`
}

func join(c *call, in joinParams) (any, error) {
	if in.Password != "" || !c.app.Expects(c.scope()) {
		if err := c.begin(passwordAction); err != nil {
			return nil, err
		}
	}
	v, err := c.app.Join(c.r.Context(), c.scope(), app.JoinOptions{Password: in.Password, Force: in.Force})
	if err != nil {
		c.attempt = guessed(err)
		return nil, err
	}
	c.forgive = true
	return c.roomData(v)
}

// guessed names the protected action that a failed join counts for.
func guessed(err error) string {
	e, ok := errors.AsType[*talk.Error](err)
	switch {
	case ok && e.Kind == talk.NotFound:
		return tokenAction
	case ok && e.Reason == "password":
		return passwordAction
	}
	return ""
}

func leave(c *call) (any, error) {
	return nil, c.app.Leave(c.r.Context(), c.scope())
}

type stateParams struct {
	State int `param:"state;required"`
}

func setSessionState(c *call, in stateParams) (any, error) {
	if err := c.app.SetSessionState(c.r.Context(), c.scope(), in.State); err != nil {
		return nil, err
	}
	return c.room()
}
