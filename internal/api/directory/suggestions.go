package directory

import (
	"strconv"

	"parley/internal/directory"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// suggestionData is somebody who could be added to a conversation.
type suggestionData struct {
	ID     string `json:"id"`
	Label  string `json:"label"`
	Icon   string `json:"icon"`
	Source string `json:"source"`
	// Status is always empty: clients ask for the status of participants.
	Status  string `json:"status"`
	Subline string `json:"subline"`
	Unique  string `json:"shareWithDisplayNameUnique"`
}

// shareTypes are the kinds of suggestions by the numbers that clients ask with.
var shareTypes = map[int]talk.ActorType{
	0: talk.ActorUsers, 1: talk.ActorGroups, 4: talk.ActorEmails, 7: talk.ActorTeams,
}

type suggestionParams struct {
	Search     string   `param:"search;required"`
	ItemType   string   `param:"itemType"`
	ItemID     string   `param:"itemId"`
	ShareTypes []string `param:"shareTypes"`
	Limit      int      `param:"limit" default:"10"`
}

// sources are the wanted kinds, accounts by default. One client repeats all
// numbers in one text, which is no number and left out.
func (in *suggestionParams) sources() []talk.ActorType {
	if len(in.ShareTypes) == 0 {
		return []talk.ActorType{talk.ActorUsers}
	}
	var out []talk.ActorType
	for _, text := range in.ShareTypes {
		number, err := strconv.Atoi(text)
		if source, known := shareTypes[number]; err == nil && known {
			out = append(out, source)
		}
	}
	return out
}

func (a *API) suggest(c *ocs.Call, in suggestionParams) (any, error) {
	o := directory.SuggestionOptions{Search: in.Search, Sources: in.sources(), Limit: in.Limit}
	if in.ItemType == "call" {
		o.Token = in.ItemID
	}
	found, err := a.directory.Suggest(c.Context(), c.Caller(), o)
	out := make([]suggestionData, len(found))
	for i, s := range found {
		out[i] = suggestionData{ID: s.ID, Label: s.Label, Source: string(s.Source)}
		if s.Source == talk.ActorUsers {
			out[i].Icon, out[i].Unique = "icon-user", s.Email
		}
	}
	return out, err
}
