package client

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// RichObject is what a placeholder of a message stands for: an account, a guest, a poll, ….
type RichObject map[string]string

// Message is a message as the caller reads it.
type Message struct {
	ID               int64  `json:"id"`
	Token            string `json:"token"`
	ActorType        string `json:"actorType"`
	ActorID          string `json:"actorId"`
	ActorDisplayName string `json:"actorDisplayName"`
	// Timestamp is Unix seconds.
	Timestamp int64 `json:"timestamp"`
	// Text has placeholders such as {mention-user1}; Parameters are what they stand for.
	Text       string                `json:"message"`
	Parameters map[string]RichObject `json:"-"`
	// System is the kind of a message that the server wrote, such as "user_added", empty for
	// those of people.
	System      string         `json:"systemMessage"`
	ReferenceID string         `json:"referenceId"`
	Replyable   bool           `json:"isReplyable"`
	Silent      bool           `json:"silent"`
	Deleted     bool           `json:"deleted"`
	Reactions   map[string]int `json:"-"` // how many gave each emoji
	// Parent is the message that this one answers, nil for none.
	Parent *Message `json:"parent"`
}

// UnmarshalJSON reads a message, in which nothing is an empty list.
func (m *Message) UnmarshalJSON(text []byte) error {
	type plain Message
	var with struct {
		plain
		Parameters json.RawMessage `json:"messageParameters"`
		Reactions  json.RawMessage `json:"reactions"`
	}
	if err := json.Unmarshal(text, &with); err != nil {
		return err
	}
	*m = Message(with.plain)
	if isObject(with.Parameters) {
		if err := json.Unmarshal(with.Parameters, &m.Parameters); err != nil {
			return err
		}
	}
	if isObject(with.Reactions) {
		return json.Unmarshal(with.Reactions, &m.Reactions)
	}
	return nil
}

// Plain is the text with names in the place of the placeholders.
func (m *Message) Plain() string {
	pairs := make([]string, 0, 2*len(m.Parameters))
	for key, object := range m.Parameters {
		pairs = append(pairs, "{"+key+"}", object["name"])
	}
	return strings.NewReplacer(pairs...).Replace(m.Text)
}

// Draft is a message that is to be sent.
type Draft struct {
	// Text may mention people: @bob, @"guest/…", @all.
	Text string
	// ReplyTo is the message that it answers, 0 for none.
	ReplyTo int64
	// Silent tells nobody.
	Silent bool
	// ReferenceID finds the message again, empty for none.
	ReferenceID string
}

// Page is some messages of a conversation.
type Page struct {
	Messages []Message
	// Last is the id to go on from: for newer ones after a wait, for older ones after a
	// history. 0 when there were none.
	Last int64
	// CommonRead is the newest message that everybody has read, 0 when it is not told.
	CommonRead int64
}

// Send posts a message.
func (c *Client) Send(ctx context.Context, token string, d Draft) (*Message, error) {
	return c.message(ctx, http.MethodPost, chatOf(token), params{
		"message": d.Text, "replyTo": d.ReplyTo, "silent": d.Silent, "referenceId": d.ReferenceID,
	})
}

// Edit gives a message another text. It returns the system message that says so, with the
// message as its parent.
func (c *Client) Edit(ctx context.Context, token string, id int64, text string) (*Message, error) {
	return c.message(ctx, http.MethodPut, chatOf(token)+"/"+number(id), params{"message": text})
}

// DeleteMessage removes the text of a message. It returns the system message that says so.
func (c *Client) DeleteMessage(ctx context.Context, token string, id int64) (*Message, error) {
	return c.message(ctx, http.MethodDelete, chatOf(token)+"/"+number(id), nil)
}

// History returns up to limit messages that are older than one, or the newest ones for 0,
// the newest first. There are 200 at most.
func (c *Client) History(ctx context.Context, token string, before int64, limit int) (Page, error) {
	return c.page(ctx, token, params{"lookIntoFuture": 0, "limit": limit, "lastKnownMessageId": before, "setReadMarker": 0})
}

// React gives a message an emoji.
func (c *Client) React(ctx context.Context, token string, id int64, emoji string) error {
	return c.change(ctx, http.MethodPost, "v1/reaction/"+inPath(token)+"/"+number(id), params{"reaction": emoji})
}

// Unreact takes an emoji back.
func (c *Client) Unreact(ctx context.Context, token string, id int64, emoji string) error {
	return c.change(ctx, http.MethodDelete, "v1/reaction/"+inPath(token)+"/"+number(id), params{"reaction": emoji})
}

// MarkRead notes that the caller has read a conversation up to a message, or all of it for 0.
func (c *Client) MarkRead(ctx context.Context, token string, id int64) error {
	p := params{}
	if id != 0 {
		p["lastReadMessage"] = id
	}
	return c.change(ctx, http.MethodPost, chatOf(token)+"/read", p)
}

func (c *Client) message(ctx context.Context, method, path string, p params) (*Message, error) {
	var m Message
	if _, err := c.do(ctx, method, path, p, &m); err != nil {
		return nil, err
	}
	return &m, nil
}

// page reads messages; none is no failure.
func (c *Client) page(ctx context.Context, token string, p params) (page Page, err error) {
	a, err := c.do(ctx, http.MethodGet, chatOf(token), p, &page.Messages)
	if err != nil {
		return Page{}, err
	}
	page.Last, page.CommonRead = a.number("X-Chat-Last-Given"), a.number("X-Chat-Last-Common-Read")
	return page, nil
}

// chatOf is the path of the messages of a conversation.
func chatOf(token string) string { return "v1/chat/" + inPath(token) }

func number(id int64) string { return strconv.FormatInt(id, 10) }
