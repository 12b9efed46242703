package chat

import (
	"fmt"
	"strconv"
	"strings"

	"parley/internal/api/wire"
	"parley/internal/chat"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// searchResult is what a search found.
type searchResult struct {
	Name        string      `json:"name"`
	IsPaginated bool        `json:"isPaginated"`
	Entries     []searchHit `json:"entries"`
	// Cursor is where the next page begins, null without one.
	Cursor *int64 `json:"cursor"`
}

// searchHit is one thing that was found.
type searchHit struct {
	ThumbnailURL string            `json:"thumbnailUrl"`
	Title        string            `json:"title"`
	Subline      string            `json:"subline"`
	ResourceURL  string            `json:"resourceUrl"`
	Icon         string            `json:"icon"`
	Rounded      bool              `json:"rounded"`
	Attributes   map[string]string `json:"attributes"`
}

// searchParams are what is searched for; From is the page of the client that searches.
type searchParams struct {
	Term   string `param:"term"`
	Limit  int    `param:"limit" default:"5"`
	Cursor int64  `param:"cursor"`
	From   string `param:"from"`
}

func (a *API) searchMessages(c *ocs.Call, in searchParams) (any, error) {
	return a.messageHits(c, "Messages", chat.Search{Text: in.Term, Before: in.Cursor, Limit: in.Limit})
}

// searchHere searches in the conversation that the client shows.
func (a *API) searchHere(c *ocs.Call, in searchParams) (any, error) {
	_, token, _ := strings.Cut(in.From, "/call/")
	token, _, _ = strings.Cut(token, "#")
	if token == "" {
		return searchResult{Name: "Messages in current conversation", Entries: []searchHit{}}, nil
	}
	return a.messageHits(c, "Messages in current conversation", chat.Search{Text: in.Term, Token: token, Before: in.Cursor, Limit: in.Limit})
}

func (a *API) messageHits(c *ocs.Call, name string, s chat.Search) (any, error) {
	found, err := a.chat.SearchMessages(c.Context(), c.Caller(), s)
	if err != nil {
		return nil, err
	}
	out := searchResult{Name: name, IsPaginated: true, Entries: []searchHit{}}
	for i := range found {
		out.Entries = append(out.Entries, messageHit(c.BaseURL(), &found[i]))
		out.Cursor = &found[i].Message.ID
	}
	return out, nil
}

func messageHit(base string, f *chat.Found) searchHit {
	m := &f.Message
	hit := searchHit{
		Title: m.ActorName + " in " + f.RoomName, Subline: m.Wording, Icon: "icon-talk", Rounded: true,
		ResourceURL:  fmt.Sprintf("%s/call/%s#message_%d", base, f.Room.Token, m.ID),
		ThumbnailURL: wire.PictureURL(base, &f.Room),
		Attributes: map[string]string{
			"conversation": f.Room.Token, "messageId": strconv.FormatInt(m.ID, 10), "actorType": string(m.Shown.Type),
			"actorId": m.Shown.ID, "timestamp": strconv.FormatInt(m.Timestamp, 10),
		},
	}
	if m.Shown.Type == talk.ActorUsers {
		hit.ThumbnailURL = base + "/avatar/" + m.Shown.ID + "/512"
	}
	for key, o := range m.Objects {
		hit.Subline = strings.ReplaceAll(hit.Subline, "{"+key+"}", "@"+o["name"])
	}
	return hit
}
