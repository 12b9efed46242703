package ocs

import (
	"strconv"

	"parley/internal/app"
	"parley/internal/talk"
)

// message is a chat message on the wire, see chat.md §3.
type message struct {
	ID                  int64          `json:"id"`
	Token               string         `json:"token"`
	ActorType           string         `json:"actorType"`
	ActorID             string         `json:"actorId"`
	ActorDisplayName    string         `json:"actorDisplayName"`
	Timestamp           int64          `json:"timestamp"`
	Message             string         `json:"message"`
	MessageParameters   any            `json:"messageParameters"`
	SystemMessage       string         `json:"systemMessage"`
	MessageType         string         `json:"messageType"`
	IsReplyable         bool           `json:"isReplyable"`
	ReferenceID         string         `json:"referenceId"`
	Reactions           map[string]int `json:"reactions"`
	ExpirationTimestamp int64          `json:"expirationTimestamp"`
	Markdown            bool           `json:"markdown"`
}

// richObject is a named thing in the text of a message.
type richObject struct {
	Type      string `json:"type"`
	ID        string `json:"id"`
	Name      string `json:"name"`
	MentionID string `json:"mention-id,omitempty"`
}

func newMessage(token string, m *talk.Rendered) message {
	out := message{
		ID: m.ID, Token: token, ActorType: string(m.Shown.Type), ActorID: m.Shown.ID, ActorDisplayName: m.ActorName,
		Timestamp: m.Timestamp, Message: m.Wording, MessageParameters: []any{}, SystemMessage: string(m.System),
		MessageType: "comment", Reactions: map[string]int{}, Markdown: true,
	}
	if m.System != "" {
		out.MessageType, out.Markdown = "system", false
	}
	if len(m.Mentions) > 0 {
		objects := make(map[string]richObject, len(m.Mentions))
		for key, mention := range m.Mentions {
			objects[key] = richObject(mention)
		}
		out.MessageParameters = objects
	}
	return out
}

type readChatParams struct {
	LookIntoFuture     int   `param:"lookIntoFuture;required"`
	Limit              int   `param:"limit" default:"100"`
	LastKnownMessageID int64 `param:"lastKnownMessageId"`
	IncludeLastKnown   bool  `param:"includeLastKnown"`
	LastCommonReadID   int64 `param:"lastCommonReadId"`
}

// readChat reads the history. Waiting for new messages comes with sending them.
func readChat(c *call, in readChatParams) (any, error) {
	if in.LookIntoFuture != 0 {
		return nil, talk.Fail(talk.NotImplemented, "lookIntoFuture")
	}
	page, err := c.app.History(c.r.Context(), c.scope(), app.HistoryOptions{
		Before: in.LastKnownMessageID, Inclusive: in.IncludeLastKnown, Limit: in.Limit,
	})
	if err != nil {
		return nil, err
	}
	news := page.Public && in.LastCommonReadID > 0 && in.LastCommonReadID != page.CommonRead
	if len(page.Messages) == 0 && !news {
		c.status = statusNotModified
		return nil, nil
	}
	if page.Public {
		c.header.Set("X-Chat-Last-Common-Read", strconv.FormatInt(page.CommonRead, 10))
	}
	out := make([]message, len(page.Messages))
	for i := range page.Messages {
		out[i] = newMessage(c.token(), &page.Messages[i])
	}
	if len(out) > 0 {
		c.header.Set("X-Chat-Last-Given", strconv.FormatInt(out[len(out)-1].ID, 10))
	}
	return out, nil
}
