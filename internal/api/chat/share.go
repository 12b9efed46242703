package chat

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"parley/internal/api/wire"
	"parley/internal/chat"
	"parley/internal/ocs"
	"parley/internal/talk"
)

type shareParams struct {
	ObjectType       string `param:"objectType;required"`
	ObjectID         string `param:"objectId;required"`
	MetaData         string `param:"metaData"`
	ActorDisplayName string `param:"actorDisplayName"`
	ReferenceID      string `param:"referenceId"`
}

func (a *API) shareObject(c *ocs.Call, in shareParams) (any, error) {
	texts := textsOf(in.MetaData)
	if link, has := texts["link"]; has && !ownLink(c, link) {
		return nil, talk.Fail(talk.Invalid, "link")
	}
	object, list, err := talk.SharedObject(in.ObjectType, in.ObjectID, texts)
	if err != nil {
		return nil, err
	}
	m, err := a.chat.Share(c.Context(), c.Scope(), object, list, chat.Draft{ReferenceID: in.ReferenceID, GuestName: in.ActorDisplayName})
	if err != nil {
		return nil, err
	}
	c.Status = ocs.StatusCreated
	return posted(c, m), nil
}

// textsOf reads the members of a JSON object that are texts. What is no object has none.
func textsOf(metaData string) map[string]string {
	out := map[string]string{}
	var members map[string]any
	if !ocs.MayDecode([]byte(metaData)) || json.Unmarshal([]byte(metaData), &members) != nil {
		return out
	}
	for name, value := range members {
		if text, ok := value.(string); ok {
			out[name] = text
		}
	}
	return out
}

// ownLink reports whether a link leads to this server.
func ownLink(c *ocs.Call, link string) bool {
	to, err := url.Parse(link)
	own, errOwn := url.Parse(c.BaseURL())
	return err == nil && errOwn == nil && (to.Scheme == "http" || to.Scheme == "https") && strings.EqualFold(to.Host, own.Host) && to.User == nil
}

type listSharesParams struct {
	ObjectType         string `param:"objectType;required"`
	LastKnownMessageID int64  `param:"lastKnownMessageId"`
	Limit              int    `param:"limit" default:"100"`
}

func (a *API) listShares(c *ocs.Call, in listSharesParams) (any, error) {
	page, err := a.chat.Shared(c.Context(), c.Scope(), in.ObjectType, in.LastKnownMessageID, in.Limit)
	if err != nil {
		return nil, err
	}
	if page.Last == 0 {
		return []any{}, nil
	}
	c.Header.Set(lastGivenHeader, strconv.FormatInt(page.Last, 10))
	out := map[string]wire.Message{}
	for _, m := range wire.NewMessages(wire.PlaceOf(c.BaseURL(), &page.Room), page.Messages) {
		out[strconv.FormatInt(m.ID, 10)] = m
	}
	return out, nil
}

type overviewParams struct {
	Limit int `param:"limit" default:"7"`
}

func (a *API) shareOverview(c *ocs.Call, in overviewParams) (any, error) {
	lists, err := a.chat.SharedOverview(c.Context(), c.Scope(), in.Limit)
	if err != nil {
		return nil, err
	}
	out := make(map[string][]wire.Message, len(lists))
	for name, page := range lists {
		out[name] = wire.NewMessages(wire.PlaceOf(c.BaseURL(), &page.Room), page.Messages)
	}
	return out, nil
}
