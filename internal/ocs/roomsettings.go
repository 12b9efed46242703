package ocs

import (
	"parley/internal/app"
	"parley/internal/talk"
)

type renameParams struct {
	RoomName string `param:"roomName;required"`
}

func renameRoom(c *call, in renameParams) (any, error) {
	return c.after(c.app.Rename(c.r.Context(), c.scope(), in.RoomName))
}

type descriptionParams struct {
	Description string `param:"description;required"`
}

func setDescription(c *call, in descriptionParams) (any, error) {
	return c.after(c.app.SetDescription(c.r.Context(), c.scope(), in.Description))
}

type optionalPassword struct {
	Password string `param:"password"`
}

func allowGuests(c *call, in optionalPassword) (any, error) {
	return c.after(c.app.AllowGuests(c.r.Context(), c.scope(), in.Password))
}

func disallowGuests(c *call) (any, error) {
	return c.after(c.app.DisallowGuests(c.r.Context(), c.scope()))
}

type readOnlyParams struct {
	State int `param:"state;required"`
}

func setReadOnly(c *call, in readOnlyParams) (any, error) {
	return c.after(c.app.SetReadOnly(c.r.Context(), c.scope(), in.State))
}

type passwordParams struct {
	Password string `param:"password;required"`
}

func setPassword(c *call, in passwordParams) (any, error) {
	return c.after(c.app.SetPassword(c.r.Context(), c.scope(), in.Password))
}

type listableParams struct {
	Scope talk.Listable `param:"scope;required"`
}

func setListable(c *call, in listableParams) (any, error) {
	return c.after(c.app.SetListable(c.r.Context(), c.scope(), in.Scope))
}

type roomPermissionParams struct {
	Permissions talk.Permissions `param:"permissions;required"`
}

func setRoomPermissions(c *call, in roomPermissionParams) (any, error) {
	if c.values["mode"] == "call" {
		return c.after(c.app.SetCallPermissions(c.r.Context(), c.scope(), in.Permissions))
	}
	return c.after(c.app.SetDefaultPermissions(c.r.Context(), c.scope(), in.Permissions))
}

type lobbyParams struct {
	State talk.LobbyState `param:"state;required"`
	Timer *int64          `param:"timer"`
}

func setLobby(c *call, in lobbyParams) (any, error) {
	var timer int64
	if in.Timer != nil {
		timer = *in.Timer
	}
	return c.after(c.app.SetLobby(c.r.Context(), c.scope(), in.State, timer))
}

type mentionPermissionParams struct {
	MentionPermissions int `param:"mentionPermissions;required"`
}

func setMentionPermissions(c *call, in mentionPermissionParams) (any, error) {
	return c.after(c.app.SetMentionPermissions(c.r.Context(), c.scope(), in.MentionPermissions))
}

type expirationParams struct {
	Seconds int64 `param:"seconds;required"`
}

func setExpiration(c *call, in expirationParams) (any, error) {
	return c.after(c.app.SetMessageExpiration(c.r.Context(), c.scope(), in.Seconds))
}

func unbind(c *call) (any, error) {
	return c.after(c.app.Unbind(c.r.Context(), c.scope()))
}

type levelParams struct {
	Level int `param:"level;required"`
}

func setNotificationLevel(c *call, in levelParams) (any, error) {
	return c.after(c.app.SetOwn(c.r.Context(), c.scope(), app.OwnSettings{NotificationLevel: &in.Level}))
}

func setNotificationCalls(c *call, in levelParams) (any, error) {
	return c.after(c.app.SetOwn(c.r.Context(), c.scope(), app.OwnSettings{NotificationCalls: &in.Level}))
}

// own makes the handler of a switch that participants have for themselves.
func own(pick func(*app.OwnSettings) **bool, on bool) handler {
	return plain(func(c *call) (any, error) {
		var o app.OwnSettings
		*pick(&o) = &on
		return c.after(c.app.SetOwn(c.r.Context(), c.scope(), o))
	})
}

func favorite(o *app.OwnSettings) **bool  { return &o.Favorite }
func archived(o *app.OwnSettings) **bool  { return &o.Archived }
func important(o *app.OwnSettings) **bool { return &o.Important }
func sensitive(o *app.OwnSettings) **bool { return &o.Sensitive }
