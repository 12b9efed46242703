package platform

import (
	"errors"
	"strconv"
	"strings"

	"parley/internal/auth"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// appPassword is a credential for one client.
type appPassword struct {
	AppPassword string `json:"apppassword"`
}

func (a *API) getAppPassword(c *ocs.Call) (any, error) {
	if c.Identity.AppPassword != 0 {
		return nil, ocs.Message(talk.Forbidden, "has an app password", "You are using an app password already")
	}
	password, err := a.auth.CreateAppPassword(c.Context(), c.Caller().UserID, clientName(c.Request.UserAgent()))
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

func (a *API) deleteAppPassword(c *ocs.Call) (any, error) {
	if c.Identity.AppPassword == 0 {
		return nil, talk.Fail(talk.Forbidden, "")
	}
	return nil, a.auth.RevokeAppPassword(c.Context(), c.Caller().UserID, c.Identity.AppPassword)
}

// rotateAppPassword replaces the app password of the request.
func (a *API) rotateAppPassword(c *ocs.Call) (any, error) {
	if c.Identity.AppPassword == 0 {
		return nil, talk.Fail(talk.Forbidden, "")
	}
	password, err := a.auth.RotateAppPassword(c.Context(), c.Identity.AppPassword)
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
func (a *API) confirmPassword(c *ocs.Call, in confirmParams) (any, error) {
	id, err := a.auth.Confirm(c.Request, c.Identity, in.Password)
	if errors.Is(err, auth.ErrCredentials) || talk.IsKind(err, talk.Unauthenticated) {
		return nil, talk.Fail(talk.Forbidden, "")
	}
	if err != nil {
		return nil, err
	}
	c.Identity = id
	c.Header.Set("Set-Cookie", id.Cookie.String())
	return confirmation{a.rooms.Now().Unix()}, nil
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

func (a *API) listAppPasswords(c *ocs.Call) (any, error) {
	found, err := a.auth.AppPasswords(c.Context(), c.Caller().UserID)
	out := make([]appPasswordData, len(found))
	for i, p := range found {
		out[i] = appPasswordData{ID: p.ID, Name: p.Name, Created: p.CreatedAt, LastUsed: p.LastUsedAt, Current: p.ID == c.Identity.AppPassword}
	}
	return out, err
}

func (a *API) revokeAppPassword(c *ocs.Call) (any, error) {
	id, err := strconv.ParseInt(c.Value("id"), 10, 64)
	if err != nil {
		return nil, talk.Fail(talk.NotFound, "app-password")
	}
	return nil, a.auth.RevokeAppPassword(c.Context(), c.Caller().UserID, id)
}
