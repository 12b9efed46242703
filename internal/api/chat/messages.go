package chat

import (
	"strconv"
	"time"

	"parley/internal/api/wire"
	"parley/internal/auth"
	"parley/internal/chat"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// Headers of answers with messages.
const (
	lastGivenHeader  = "X-Chat-Last-Given"
	commonReadHeader = "X-Chat-Last-Common-Read"
)

type readChatParams struct {
	LookIntoFuture     int   `param:"lookIntoFuture;required"`
	Limit              int   `param:"limit" default:"100"`
	LastKnownMessageID int64 `param:"lastKnownMessageId"`
	LastCommonReadID   int64 `param:"lastCommonReadId"`
	Timeout            int   `param:"timeout" default:"30"`
	SetReadMarker      int   `param:"setReadMarker" default:"1"`
	IncludeLastKnown   bool  `param:"includeLastKnown"`
	NoStatusUpdate     int   `param:"noStatusUpdate"`
	MarkNotifications  bool  `param:"markNotificationsAsRead" default:"true"`
}

// readChat reads the history, or waits for newer messages.
func (a *API) readChat(c *ocs.Call, in readChatParams) (any, error) {
	if in.LookIntoFuture != 0 {
		if err := a.signOfLife(c, in.NoStatusUpdate); err != nil {
			return nil, err
		}
		now, err := a.chat.Wait(c.Context(), c.Scope(), chat.Polling{
			After: in.LastKnownMessageID, Wait: time.Duration(min(max(in.Timeout, 0), 30)) * time.Second,
			Mark: in.SetReadMarker == 1, Dismiss: in.MarkNotifications,
		})
		if err != nil {
			return nil, err
		}
		c.Access = now
	}
	return a.page(c, in.LastCommonReadID, chat.Selection{
		Bound: in.LastKnownMessageID, Newer: in.LookIntoFuture != 0, Inclusive: in.IncludeLastKnown, Limit: in.Limit,
	})
}

// signOfLife takes the waiting of a mobile app for one, unless it says not to: these apps
// send no heartbeat. In a call the status is that of the call.
func (a *API) signOfLife(c *ocs.Call, noUpdate int) error {
	if noUpdate != 0 || !c.IsMobileApp() || !c.Caller().LoggedIn() {
		return nil
	}
	if me := c.Access.Me; me == nil || me.Session == nil || me.Session.InCall != 0 {
		return nil
	}
	_, _, err := a.directory.Pulse(c.Context(), c.Caller(), talk.Online)
	return err
}

type contextParams struct {
	Limit int `param:"limit" default:"50"`
}

func (a *API) readContext(c *ocs.Call, in contextParams) (any, error) {
	page, err := a.chat.Context(c.Context(), c.Scope(), messageID(c), in.Limit)
	if err != nil {
		return nil, err
	}
	made, err := encode(c, page)
	if err != nil {
		return nil, err
	}
	return answer(c, made, 0, page.Public)
}

type sendParams struct {
	Message          string `param:"message;required"`
	ActorDisplayName string `param:"actorDisplayName"`
	ReferenceID      string `param:"referenceId"`
	ReplyTo          int64  `param:"replyTo"`
	Silent           bool   `param:"silent"`
}

func (a *API) sendMessage(c *ocs.Call, in sendParams) (any, error) {
	if !c.Caller().LoggedIn() && len(talk.ParseMentions(in.Message)) > 0 {
		if err := a.auth.Protection().Allow(auth.LimitGuestMentions, c.Caller()); err != nil {
			return nil, err
		}
	}
	m, err := a.chat.Send(c.Context(), c.Scope(), chat.Draft{
		Text: in.Message, ReferenceID: in.ReferenceID, ReplyTo: in.ReplyTo, Silent: in.Silent, GuestName: in.ActorDisplayName,
	})
	if err != nil {
		return nil, err
	}
	c.Status = ocs.StatusCreated
	return posted(c, m), nil
}

type editParams struct {
	Message string `param:"message;required"`
}

func (a *API) editMessage(c *ocs.Call, in editParams) (any, error) {
	m, err := a.chat.Edit(c.Context(), c.Scope(), messageID(c), in.Message)
	if err != nil {
		return nil, err
	}
	return changed(c, m), nil
}

func (a *API) deleteMessage(c *ocs.Call) (any, error) {
	m, err := a.chat.Delete(c.Context(), c.Scope(), messageID(c))
	if err != nil {
		return nil, err
	}
	return changed(c, m), nil
}

func (a *API) clearHistory(c *ocs.Call) (any, error) {
	m, err := a.chat.Clear(c.Context(), c.Scope())
	if err != nil {
		return nil, err
	}
	return posted(c, m), nil
}

// changed is posted for what became of another message: bots that had it cannot be made to
// forget it.
func changed(c *ocs.Call, m *chat.Posted) wire.Message {
	if m.Room.Bots > 0 {
		c.Status = ocs.StatusAccepted
	}
	return posted(c, m)
}

// posted writes a new message for its author.
func posted(c *ocs.Call, m *chat.Posted) wire.Message {
	noteCommonRead(c, m.CommonRead, m.Public)
	return wire.NewMessage(wire.PlaceOf(c.BaseURL(), &m.Room), &m.Rendered)
}

func noteCommonRead(c *ocs.Call, message int64, public bool) {
	if public {
		c.Header.Set(commonReadHeader, strconv.FormatInt(message, 10))
	}
}

// messageID is the id of the message in the path.
func messageID(c *ocs.Call) int64 { return ocs.LeadingInt(c.Value("chatMessageId")) }
