package ocs

import (
	"errors"
	"strconv"
	"strings"

	"parley/internal/auth"
	"parley/internal/talk"
)

// appPassword is a credential for one client.
type appPassword struct {
	AppPassword string `json:"apppassword"`
}

func getAppPassword(c *call) (any, error) {
	if c.id.AppPassword != 0 {
		return nil, fixed("has an app password", statusForbidden, 0, "You are using an app password already")
	}
	password, err := c.auth.CreateAppPassword(c.r.Context(), c.caller().UserID, clientName(c.r.UserAgent()))
	return appPassword{password}, err
}

// clientName is how an app password is called after the client that asked.
func clientName(agent string) string {
	const most = 128
	agent = strings.ToValidUTF8(agent, "\uFFFD")
	if agent == "" {
		return "unnamed client"
	}
	if r := []rune(agent); len(r) > most {
		return string(r[:most])
	}
	return agent
}

func deleteAppPassword(c *call) (any, error) {
	if c.id.AppPassword == 0 {
		return nil, talk.Fail(talk.Forbidden, "")
	}
	return nil, c.auth.RevokeAppPassword(c.r.Context(), c.caller().UserID, c.id.AppPassword)
}

// rotateAppPassword replaces the app password of the request.
func rotateAppPassword(c *call) (any, error) {
	if c.id.AppPassword == 0 {
		return nil, talk.Fail(talk.Forbidden, "")
	}
	password, err := c.auth.RotateAppPassword(c.r.Context(), c.id.AppPassword)
	return appPassword{password}, err
}

type confirmParams struct {
	Password string `param:"password;required"`
}

// confirmation tells when the password was shown, in Unix seconds.
type confirmation struct {
	LastLogin int64 `json:"lastLogin"`
}

// confirmPassword notes in the client's cookie that it showed the password.
func confirmPassword(c *call, in confirmParams) (any, error) {
	id, err := c.auth.Confirm(c.r, c.id, in.Password)
	if errors.Is(err, auth.ErrCredentials) || talk.IsKind(err, talk.Unauthenticated) {
		return nil, talk.Fail(talk.Forbidden, "")
	}
	if err != nil {
		return nil, err
	}
	c.id = id
	c.header.Set("Set-Cookie", id.Cookie.String())
	return confirmation{c.app.Now().Unix()}, nil
}

// appPasswordData describes an app password to its owner. Times are Unix seconds,
// 0 for never.
type appPasswordData struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Created  int64  `json:"created"`
	LastUsed int64  `json:"lastUsed"`
	// Current marks the one that the request was made with.
	Current bool `json:"current"`
}

func listAppPasswords(c *call) (any, error) {
	found, err := c.auth.AppPasswords(c.r.Context(), c.caller().UserID)
	out := make([]appPasswordData, len(found))
	for i, p := range found {
		out[i] = appPasswordData{ID: p.ID, Name: p.Name, Created: p.CreatedAt, LastUsed: p.LastUsedAt, Current: p.ID == c.id.AppPassword}
	}
	return out, err
}

func revokeAppPassword(c *call) (any, error) {
	id, err := strconv.ParseInt(c.values["id"], 10, 64)
	if err != nil {
		return nil, talk.Fail(talk.NotFound, "app-password")
	}
	return nil, c.auth.RevokeAppPassword(c.r.Context(), c.caller().UserID, id)
}
