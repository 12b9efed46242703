package chat

import (
	"strconv"

	"parley/internal/api/wire"
	"parley/internal/chat"
	"parley/internal/ocs"
	"parley/internal/talk"
)

type readChatParams struct {
	LookIntoFuture     int   `param:"lookIntoFuture;required"`
	Limit              int   `param:"limit" default:"100"`
	LastKnownMessageID int64 `param:"lastKnownMessageId"`
	IncludeLastKnown   bool  `param:"includeLastKnown"`
	LastCommonReadID   int64 `param:"lastCommonReadId"`
}

// readChat reads the history. Waiting for new messages comes with sending them.
func (a *API) readChat(c *ocs.Call, in readChatParams) (any, error) {
	if in.LookIntoFuture != 0 {
		return nil, talk.Fail(talk.NotImplemented, "lookIntoFuture")
	}
	page, err := a.chat.History(c.Context(), c.Scope(), chat.HistoryOptions{
		Before: in.LastKnownMessageID, Inclusive: in.IncludeLastKnown, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	news := page.Public && in.LastCommonReadID > 0 && in.LastCommonReadID != page.CommonRead
	if len(page.Messages) == 0 && !news {
		c.Status = ocs.StatusNotModified
		return nil, nil
	}
	if page.Public {
		c.Header.Set("X-Chat-Last-Common-Read", strconv.FormatInt(page.CommonRead, 10))
	}
	out := make([]wire.Message, len(page.Messages))
	for i := range page.Messages {
		out[i] = wire.NewMessage(c.Token(), &page.Messages[i])
	}
	if len(out) > 0 {
		c.Header.Set("X-Chat-Last-Given", strconv.FormatInt(out[len(out)-1].ID, 10))
	}
	return out, nil
}
