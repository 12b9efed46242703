// Package avatar has the endpoints of pictures: route rows, wire structs and thin handlers. The
// addresses of pictures of people are pages, see package web.
package avatar

import (
	"errors"
	"io"

	"parley/internal/auth"
	"parley/internal/avatar"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// API holds the handlers.
type API struct {
	avatars *avatar.Service
	show    Show
}

// Show are what answers consist of that others make.
type Show struct {
	// Room is the conversation of a request as the caller sees it, Account the caller.
	Room, Account func(*ocs.Call) (any, error)
	// RoomExample and AccountExample are examples of them.
	RoomExample, AccountExample any
}

// New returns the handlers over the use cases.
func New(a *avatar.Service, show Show) *API { return &API{avatars: a, show: show} }

// Table is the route table with its documentation.
func (a *API) Table() ocs.Table {
	return ocs.Table{Rows: a.rows(), Topics: []ocs.Topic{{Name: "Pictures", Operations: a.docs()}}}
}

// fileField is the part of a form that holds the picture of a conversation, ownField that of a
// person.
const (
	fileField = "file"
	ownField  = "files[]"
)

func (a *API) rows() []ocs.Route {
	row, anybody := ocs.Row, ocs.Unproven
	moderator := talk.Guard{Need: talk.NeedModerator}
	return []ocs.Route{
		row(ocs.V1, "GET /room/{token}/avatar", anybody, ocs.NoGuard, ocs.Plain(a.getAvatar)),
		row(ocs.V1, "GET /room/{token}/avatar/dark", anybody, ocs.NoGuard, ocs.Plain(a.getDarkAvatar)),
		row(ocs.V1, "POST /room/{token}/avatar", ocs.Public, moderator, ocs.WithFile(fileField, a.uploadAvatar)),
		row(ocs.V1, "POST /room/{token}/avatar/emoji", ocs.Public, moderator, ocs.With(a.setEmojiAvatar)),
		row(ocs.V1, "DELETE /room/{token}/avatar", ocs.Public, moderator, ocs.Plain(a.removeAvatar)),
		ocs.PlatformRow("POST /apps/spreed/temp-user-avatar", ocs.Login, ocs.WithFile(ownField, a.uploadOwnAvatar)),
		ocs.PlatformRow("DELETE /apps/spreed/temp-user-avatar", ocs.Login, ocs.Plain(a.removeOwnAvatar)),
	}
}

func (a *API) docs() map[string]ocs.Doc {
	picture, invalid := ocs.Same(ocs.File{Type: "image/*"}), map[talk.Kind]any{talk.Invalid: refusal{}}
	room, own := ocs.Same(a.show.RoomExample), ocs.Same(a.show.AccountExample)
	return map[string]ocs.Doc{
		"getAvatar":       {Summary: "Get the picture of a conversation", Answers: picture, Also: []int{ocs.StatusNotModified}, Fails: []talk.Kind{talk.NotFound}},
		"getDarkAvatar":   {Summary: "Get the picture of a conversation for dark surroundings", Answers: picture, Also: []int{ocs.StatusNotModified}, Fails: []talk.Kind{talk.NotFound}},
		"uploadAvatar":    {Summary: "Give a conversation a picture: PNG, JPEG or WebP, square", Answers: room, FailsWith: invalid, Fails: []talk.Kind{talk.Invalid}},
		"setEmojiAvatar":  {Summary: "Give a conversation an emoji for a picture", Answers: room, FailsWith: invalid, Fails: []talk.Kind{talk.Invalid}},
		"removeAvatar":    {Summary: "Take the picture of a conversation away", Answers: room, FailsWith: invalid, Fails: []talk.Kind{talk.Invalid}},
		"uploadOwnAvatar": {Summary: "Give oneself a picture: PNG, JPEG or WebP, square", Answers: own, FailsWith: invalid, Fails: []talk.Kind{talk.Invalid}},
		"removeOwnAvatar": {Summary: "Take one's picture away", Answers: own},
	}
}

// refusal tells a person why a picture is not taken.
type refusal struct {
	Message string `json:"message"`
}

// explained answers with why a picture is not taken.
func explained(err error) error {
	if e, ok := errors.AsType[*talk.Error](err); ok && e.Kind == talk.Invalid && e.Message != "" {
		return &ocs.DataError{Kind: talk.Invalid, Data: refusal{e.Message}, Err: err}
	}
	return err
}

// cacheControl is for how long clients keep a picture, whose address changes with it.
const cacheControl = "private, max-age=86400, immutable"

func (a *API) getAvatar(c *ocs.Call) (any, error) { return a.get(c, false) }

func (a *API) getDarkAvatar(c *ocs.Call) (any, error) { return a.get(c, true) }

func (a *API) get(c *ocs.Call, dark bool) (any, error) {
	p, err := a.avatars.OfRoom(c.Context(), c.Scope(), dark)
	if talk.IsKind(err, talk.NotFound) {
		c.Attempt = auth.ActionRoomToken
	}
	if err != nil {
		return nil, err
	}
	return ocs.File{Type: p.Type, Content: p.Content, Version: p.Version, Cache: cacheControl}, nil
}

// uploaded is the file of a request, nil without one.
func uploaded(c *ocs.Call, names ...string) ([]byte, error) {
	for _, name := range names {
		if file, ok := c.File(name); ok {
			return io.ReadAll(file)
		}
	}
	return nil, nil
}

func (a *API) uploadAvatar(c *ocs.Call, _ struct{}) (any, error) {
	content, err := uploaded(c, fileField)
	if err == nil {
		err = a.avatars.SetPicture(c.Context(), c.Scope(), content)
	}
	if err != nil {
		return nil, explained(err)
	}
	return a.show.Room(c)
}

type emojiParams struct {
	Emoji string  `param:"emoji;required"`
	Color *string `param:"color"`
}

func (a *API) setEmojiAvatar(c *ocs.Call, in emojiParams) (any, error) {
	colour := ""
	if in.Color != nil {
		colour = *in.Color
	}
	if err := a.avatars.SetEmoji(c.Context(), c.Scope(), in.Emoji, colour); err != nil {
		return nil, explained(err)
	}
	return a.show.Room(c)
}

func (a *API) removeAvatar(c *ocs.Call) (any, error) {
	if err := a.avatars.Remove(c.Context(), c.Scope()); err != nil {
		return nil, explained(err)
	}
	return a.show.Room(c)
}

func (a *API) uploadOwnAvatar(c *ocs.Call, _ struct{}) (any, error) {
	content, err := uploaded(c, ownField, "files")
	if err == nil {
		err = a.avatars.SetOwn(c.Context(), c.Caller(), content)
	}
	if err != nil {
		return nil, explained(err)
	}
	return a.show.Account(c)
}

func (a *API) removeOwnAvatar(c *ocs.Call) (any, error) {
	if err := a.avatars.RemoveOwn(c.Context(), c.Caller()); err != nil {
		return nil, err
	}
	return a.show.Account(c)
}
