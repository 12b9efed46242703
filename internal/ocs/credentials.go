package ocs

import "parley/internal/talk"

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
	return nil, c.auth.RevokeAppPassword(c.r.Context(), c.id.AppPassword)
}
