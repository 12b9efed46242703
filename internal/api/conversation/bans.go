package conversation

import (
	"parley/internal/ocs"
	"parley/internal/talk"
)

// ban is a ban on the wire
type ban struct {
	ID                   int64  `json:"id"`
	ModeratorActorType   string `json:"moderatorActorType"`
	ModeratorActorID     string `json:"moderatorActorId"`
	ModeratorDisplayName string `json:"moderatorDisplayName"`
	BannedActorType      string `json:"bannedActorType"`
	BannedActorID        string `json:"bannedActorId"`
	BannedDisplayName    string `json:"bannedDisplayName"`
	BannedTime           int64  `json:"bannedTime"`
	InternalNote         string `json:"internalNote"`
}

func newBan(b *talk.Ban) ban {
	return ban{
		ID: b.ID, ModeratorActorType: string(b.Moderator.Type), ModeratorActorID: b.Moderator.ID, ModeratorDisplayName: b.ModeratorName,
		BannedActorType: string(b.Banned.Type), BannedActorID: b.Banned.ID, BannedDisplayName: b.BannedName,
		BannedTime: b.At, InternalNote: b.Note,
	}
}

func (a *API) listBans(c *ocs.Call) (any, error) {
	bans, err := a.conversations.Bans(c.Context(), c.Scope())
	if err != nil {
		return nil, err
	}
	out := make([]ban, len(bans))
	for i := range bans {
		out[i] = newBan(&bans[i])
	}
	return out, nil
}

type banParams struct {
	ActorType    talk.ActorType `param:"actorType;required"`
	ActorID      string         `param:"actorId;required"`
	InternalNote string         `param:"internalNote"`
}

func (a *API) createBan(c *ocs.Call, in banParams) (any, error) {
	b, err := a.conversations.Ban(c.Context(), c.Scope(), talk.Actor{Type: in.ActorType, ID: in.ActorID}, in.InternalNote)
	if err != nil {
		return nil, err
	}
	return newBan(&b), nil
}

func (a *API) deleteBan(c *ocs.Call) (any, error) {
	return nil, a.conversations.Unban(c.Context(), c.Scope(), ocs.LeadingInt(c.Value("banId")))
}
