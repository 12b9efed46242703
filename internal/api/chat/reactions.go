package chat

import (
	"parley/internal/chat"
	"parley/internal/ocs"
)

// reactor is somebody who reacted to a message.
type reactor struct {
	ActorType        string `json:"actorType"`
	ActorID          string `json:"actorId"`
	ActorDisplayName string `json:"actorDisplayName"`
	Timestamp        int64  `json:"timestamp"`
}

type reactionParams struct {
	Reaction string `param:"reaction;required"`
}

func (a *API) react(c *ocs.Call, in reactionParams) (any, error) {
	all, added, err := a.chat.React(c.Context(), c.Scope(), messageID(c), in.Reaction)
	if err != nil {
		return nil, err
	}
	if added {
		c.Status = ocs.StatusCreated
	}
	return byEmoji(all), nil
}

func (a *API) unreact(c *ocs.Call, in reactionParams) (any, error) {
	all, err := a.chat.Unreact(c.Context(), c.Scope(), messageID(c), in.Reaction)
	if err != nil {
		return nil, err
	}
	return byEmoji(all), nil
}

type listReactionsParams struct {
	Reaction string `param:"reaction"`
}

func (a *API) listReactions(c *ocs.Call, in listReactionsParams) (any, error) {
	all, err := a.chat.Reactions(c.Context(), c.Scope(), messageID(c), in.Reaction)
	if err != nil {
		return nil, err
	}
	return byEmoji(all), nil
}

// byEmoji is who reacted with each emoji.
func byEmoji(all []chat.Reaction) map[string][]reactor {
	out := map[string][]reactor{}
	for _, r := range all {
		out[r.Emoji] = append(out[r.Emoji], reactor{string(r.Actor.Type), r.Actor.ID, r.Name, r.At})
	}
	return out
}
