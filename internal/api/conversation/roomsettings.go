package conversation

import (
	"parley/internal/conversation"
	"parley/internal/ocs"
	"parley/internal/talk"
)

type renameParams struct {
	RoomName string `param:"roomName;required"`
}

func (a *API) renameRoom(c *ocs.Call, in renameParams) (any, error) {
	return a.after(c, a.conversations.Rename(c.Context(), c.Scope(), in.RoomName))
}

type descriptionParams struct {
	Description string `param:"description;required"`
}

func (a *API) setDescription(c *ocs.Call, in descriptionParams) (any, error) {
	return a.after(c, a.conversations.SetDescription(c.Context(), c.Scope(), in.Description))
}

type optionalPassword struct {
	Password string `param:"password"`
}

func (a *API) allowGuests(c *ocs.Call, in optionalPassword) (any, error) {
	return a.after(c, a.conversations.AllowGuests(c.Context(), c.Scope(), in.Password))
}

func (a *API) disallowGuests(c *ocs.Call) (any, error) {
	return a.after(c, a.conversations.DisallowGuests(c.Context(), c.Scope()))
}

type readOnlyParams struct {
	State int `param:"state;required"`
}

func (a *API) setReadOnly(c *ocs.Call, in readOnlyParams) (any, error) {
	return a.after(c, a.conversations.SetReadOnly(c.Context(), c.Scope(), in.State))
}

type passwordParams struct {
	Password string `param:"password;required"`
}

func (a *API) setPassword(c *ocs.Call, in passwordParams) (any, error) {
	return a.after(c, a.conversations.SetPassword(c.Context(), c.Scope(), in.Password))
}

type listableParams struct {
	Scope talk.Listable `param:"scope;required"`
}

func (a *API) setListable(c *ocs.Call, in listableParams) (any, error) {
	return a.after(c, a.conversations.SetListable(c.Context(), c.Scope(), in.Scope))
}

type roomPermissionParams struct {
	Permissions talk.Permissions `param:"permissions;required"`
}

func (a *API) setRoomPermissions(c *ocs.Call, in roomPermissionParams) (any, error) {
	if c.Value("mode") == "call" {
		return a.after(c, a.conversations.SetCallPermissions(c.Context(), c.Scope(), in.Permissions))
	}
	return a.after(c, a.conversations.SetDefaultPermissions(c.Context(), c.Scope(), in.Permissions))
}

type lobbyParams struct {
	State talk.LobbyState `param:"state;required"`
	Timer *int64          `param:"timer"`
}

func (a *API) setLobby(c *ocs.Call, in lobbyParams) (any, error) {
	var timer int64
	if in.Timer != nil {
		timer = *in.Timer
	}
	return a.after(c, a.conversations.SetLobby(c.Context(), c.Scope(), in.State, timer))
}

type mentionPermissionParams struct {
	MentionPermissions int `param:"mentionPermissions;required"`
}

func (a *API) setMentionPermissions(c *ocs.Call, in mentionPermissionParams) (any, error) {
	return a.after(c, a.conversations.SetMentionPermissions(c.Context(), c.Scope(), in.MentionPermissions))
}

type expirationParams struct {
	Seconds int64 `param:"seconds;required"`
}

func (a *API) setExpiration(c *ocs.Call, in expirationParams) (any, error) {
	return a.after(c, a.conversations.SetMessageExpiration(c.Context(), c.Scope(), in.Seconds))
}

func (a *API) unbindRoom(c *ocs.Call) (any, error) {
	return a.after(c, a.conversations.Unbind(c.Context(), c.Scope()))
}

type levelParams struct {
	Level int `param:"level;required"`
}

func (a *API) setNotificationLevel(c *ocs.Call, in levelParams) (any, error) {
	return a.after(c, a.conversations.SetOwn(c.Context(), c.Scope(), conversation.OwnSettings{NotificationLevel: &in.Level}))
}

func (a *API) setNotificationCalls(c *ocs.Call, in levelParams) (any, error) {
	return a.after(c, a.conversations.SetOwn(c.Context(), c.Scope(), conversation.OwnSettings{NotificationCalls: &in.Level}))
}

func (a *API) setOwn(c *ocs.Call, o conversation.OwnSettings) (any, error) {
	return a.after(c, a.conversations.SetOwn(c.Context(), c.Scope(), o))
}

func (a *API) markFavorite(c *ocs.Call) (any, error) {
	return a.setOwn(c, conversation.OwnSettings{Favorite: new(true)})
}

func (a *API) unmarkFavorite(c *ocs.Call) (any, error) {
	return a.setOwn(c, conversation.OwnSettings{Favorite: new(false)})
}

func (a *API) archiveRoom(c *ocs.Call) (any, error) {
	return a.setOwn(c, conversation.OwnSettings{Archived: new(true)})
}

func (a *API) unarchiveRoom(c *ocs.Call) (any, error) {
	return a.setOwn(c, conversation.OwnSettings{Archived: new(false)})
}

func (a *API) markImportant(c *ocs.Call) (any, error) {
	return a.setOwn(c, conversation.OwnSettings{Important: new(true)})
}

func (a *API) unmarkImportant(c *ocs.Call) (any, error) {
	return a.setOwn(c, conversation.OwnSettings{Important: new(false)})
}

func (a *API) markSensitive(c *ocs.Call) (any, error) {
	return a.setOwn(c, conversation.OwnSettings{Sensitive: new(true)})
}

func (a *API) unmarkSensitive(c *ocs.Call) (any, error) {
	return a.setOwn(c, conversation.OwnSettings{Sensitive: new(false)})
}
