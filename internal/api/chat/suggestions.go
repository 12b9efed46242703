package chat

import (
	"strconv"

	"parley/internal/api/wire"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// suggestion is somebody or something that can be mentioned.
type suggestion struct {
	ID        string `json:"id"`
	Label     string `json:"label"`
	Source    string `json:"source"`
	MentionID string `json:"mentionId"`
	Details   string `json:"details,omitempty"`
	*wire.StatusData
}

type suggestParams struct {
	Search        string `param:"search;required"`
	IncludeStatus bool   `param:"includeStatus"`
}

func (a *API) suggestMentions(c *ocs.Call, in suggestParams) (any, error) {
	found, err := a.chat.SuggestMentions(c.Context(), c.Scope(), in.Search, in.IncludeStatus)
	if err != nil {
		return nil, err
	}
	out := []suggestion{}
	for i := range found.Users {
		s := newSuggestion(&found.Users[i])
		if status, ok := found.Statuses[s.ID]; ok {
			s.StatusData = wire.NewStatusData(&status)
		}
		out = append(out, s)
	}
	for i := range found.Others {
		out = append(out, newSuggestion(&found.Others[i]))
	}
	if found.All {
		all := suggestion{ID: "all", Label: found.RoomName, Source: "calls", MentionID: "all"}
		if found.People > 1 {
			all.Details = strconv.Itoa(found.People) + " participants"
		}
		out = append(out, all)
	}
	return out, nil
}

// sources are how clients name the kinds of what can be mentioned.
var sources = map[talk.ActorType]string{talk.ActorTeams: "teams"}

func newSuggestion(at *talk.Attendee) suggestion {
	m := talk.MentionOf(at.Actor)
	s := suggestion{ID: m.MentionID(), Label: at.DisplayName, Source: string(at.Actor.Type), MentionID: m.MentionID()}
	if name, ok := sources[at.Actor.Type]; ok {
		s.Source = name
	}
	return s
}
