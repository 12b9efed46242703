package conversation

import (
	"errors"
	"strconv"

	"parley/internal/chat"
	"parley/internal/ocs"
	"parley/internal/talk"
)

type markParams struct {
	// LastReadMessage is null for the newest one.
	LastReadMessage *int64 `param:"lastReadMessage"`
}

func (a *API) markRead(c *ocs.Call, in markParams) (any, error) {
	err := a.chat.MarkRead(c.Context(), c.Scope(), in.LastReadMessage)
	if errors.Is(err, chat.ErrMarker) {
		return nil, &ocs.DataError{Kind: talk.Invalid, Data: ocs.NoBody{}, Err: err}
	}
	return a.marked(c, err)
}

func (a *API) markUnread(c *ocs.Call) (any, error) {
	return a.marked(c, a.chat.MarkUnread(c.Context(), c.Scope()))
}

// marked answers with the conversation after the read marker moved.
func (a *API) marked(c *ocs.Call, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	v, err := a.conversations.Room(c.Context(), c.Caller(), c.Token())
	if err != nil {
		return nil, err
	}
	if v.Me != nil && v.Me.ReadPrivacy == 0 {
		c.Header.Set("X-Chat-Last-Common-Read", strconv.FormatInt(v.CommonRead, 10))
	}
	return a.roomData(c, v)
}
