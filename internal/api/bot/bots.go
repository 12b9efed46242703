package bot

import (
	"errors"

	"parley/internal/auth"
	"parley/internal/bot"
	"parley/internal/chat"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// roomBot is a bot as moderators see it.
type roomBot struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	State       int    `json:"state"`
}

func newRoomBot(b *bot.InRoom) roomBot {
	out := roomBot{ID: b.ID, Name: b.Name, Description: b.Description}
	switch {
	case b.State == talk.BotNoSetup:
		out.State = int(talk.BotNoSetup)
	case b.Here:
		out.State = 1
	}
	return out
}

// botData is a bot as administrators see it.
type botData struct {
	ID               int64  `json:"id"`
	Name             string `json:"name"`
	Description      string `json:"description"`
	URL              string `json:"url"`
	URLHash          string `json:"url_hash"`
	State            int    `json:"state"`
	Features         int    `json:"features"`
	ErrorCount       int    `json:"error_count"`
	LastErrorDate    int64  `json:"last_error_date"`
	LastErrorMessage string `json:"last_error_message"`
}

func (a *API) listAllBots(c *ocs.Call) (any, error) {
	all, err := a.bots.All(c.Context())
	out := make([]botData, len(all))
	for i := range all {
		b := &all[i]
		out[i] = botData{
			ID: b.ID, Name: b.Name, Description: b.Description, URL: b.URL, URLHash: b.URLHash, State: int(b.State),
			Features: int(b.Features), ErrorCount: b.ErrorCount, LastErrorDate: b.LastErrorAt, LastErrorMessage: b.LastError,
		}
	}
	return out, err
}

func (a *API) listBots(c *ocs.Call) (any, error) {
	all, err := a.bots.List(c.Context(), c.Scope())
	out := make([]roomBot, len(all))
	for i := range all {
		out[i] = newRoomBot(&all[i])
	}
	return out, err
}

func (a *API) enableBot(c *ocs.Call) (any, error) {
	b, added, err := a.bots.Enable(c.Context(), c.Scope(), botID(c), false)
	if err != nil {
		return nil, err
	}
	if added {
		c.Status = ocs.StatusCreated
	}
	return newRoomBot(&b), nil
}

func (a *API) disableBot(c *ocs.Call) (any, error) {
	b, err := a.bots.Disable(c.Context(), c.Scope(), botID(c))
	if err != nil {
		return nil, err
	}
	return newRoomBot(&b), nil
}

type sayParams struct {
	Message     string `param:"message;required"`
	ReferenceID string `param:"referenceId"`
	ReplyTo     int64  `param:"replyTo"`
	Silent      bool   `param:"silent"`
}

func (a *API) sayAsBot(c *ocs.Call, in sayParams) (any, error) {
	err := a.bots.Say(c.Context(), c.Token(), c.BotProof(), chat.Draft{
		Text: in.Message, ReferenceID: in.ReferenceID, ReplyTo: in.ReplyTo, Silent: in.Silent,
	})
	if err == nil {
		c.Status = ocs.StatusCreated
	}
	return nil, refused(c, err)
}

type reactParams struct {
	Reaction string `param:"reaction;required"`
}

func (a *API) reactAsBot(c *ocs.Call, in reactParams) (any, error) {
	added, err := a.bots.React(c.Context(), c.Token(), c.BotProof(), messageID(c), in.Reaction)
	if added && err == nil {
		c.Status = ocs.StatusCreated
	}
	return nil, refused(c, err)
}

func (a *API) unreactAsBot(c *ocs.Call, in reactParams) (any, error) {
	return nil, refused(c, a.bots.Unreact(c.Context(), c.Token(), c.BotProof(), messageID(c), in.Reaction))
}

// refused is the answer to a bot: without a reason, and a wrong signature counts.
func refused(c *ocs.Call, err error) error {
	if errors.Is(err, bot.ErrUnsigned) {
		c.Attempt = auth.ActionBot
	}
	if e, ok := errors.AsType[*talk.Error](err); ok && e.Kind != talk.Unavailable {
		return &ocs.DataError{Kind: e.Kind, Err: err}
	}
	return err
}

func botID(c *ocs.Call) int64 { return ocs.LeadingInt(c.Value("botId")) }

func messageID(c *ocs.Call) int64 { return ocs.LeadingInt(c.Value("chatMessageId")) }
