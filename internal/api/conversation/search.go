package conversation

import (
	"strings"

	"parley/internal/api/wire"
	"parley/internal/conversation"
	"parley/internal/ocs"
)

// conversationHits are the conversations that a search found.
type conversationHits struct {
	Name        string            `json:"name"`
	IsPaginated bool              `json:"isPaginated"`
	Entries     []conversationHit `json:"entries"`
	// Cursor is always null: there is one page.
	Cursor *int64 `json:"cursor"`
}

// conversationHit is a conversation that was found.
type conversationHit struct {
	ThumbnailURL string            `json:"thumbnailUrl"`
	Title        string            `json:"title"`
	Subline      string            `json:"subline"`
	ResourceURL  string            `json:"resourceUrl"`
	Icon         string            `json:"icon"`
	Rounded      bool              `json:"rounded"`
	Attributes   map[string]string `json:"attributes"`
}

type searchRoomsParams struct {
	Term  string `param:"term"`
	Limit int    `param:"limit" default:"5"`
}

// maxHits is the largest number of conversations that a search shows.
const maxHits = 25

func (a *API) searchRooms(c *ocs.Call, in searchRoomsParams) (any, error) {
	out := conversationHits{Name: "Conversations", Entries: []conversationHit{}}
	term := strings.ToLower(strings.TrimSpace(in.Term))
	if term == "" {
		return out, nil
	}
	views, _, err := a.conversations.Rooms(c.Context(), c.Caller(), conversation.ListOptions{WithoutLastMessage: true})
	if err != nil {
		return nil, err
	}
	for i := range views {
		v := &views[i]
		if len(out.Entries) < min(max(in.Limit, 1), maxHits) && strings.Contains(strings.ToLower(v.ShownName()), term) {
			out.Entries = append(out.Entries, conversationHit{
				Title: v.ShownName(), ResourceURL: c.BaseURL() + "/call/" + v.Room.Token, Rounded: true,
				ThumbnailURL: wire.PictureURL(c.BaseURL(), &v.Room), Attributes: map[string]string{"conversation": v.Room.Token},
			})
		}
	}
	return out, nil
}
