package conversation

import (
	"parley/internal/api/wire"
	"parley/internal/conversation"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// The participants of API v1 to v3

// presenceLegacy begins every old entry of the participant list.
type presenceLegacy struct {
	InCall          int    `json:"inCall"`
	LastPing        int64  `json:"lastPing"`
	SessionID       string `json:"sessionId"`
	ParticipantType int    `json:"participantType"`
}

// participantV1 is an entry in API v1 and v2, which know users and guests.
type participantV1 struct {
	presenceLegacy
	UserID      string `json:"userId"`
	DisplayName string `json:"displayName"`
	*wire.StatusData
}

// participantV3 is an entry in API v3.
type participantV3 struct {
	presenceLegacy
	AttendeeID  int64  `json:"attendeeId"`
	ActorID     string `json:"actorId"`
	ActorType   string `json:"actorType"`
	AttendeePIN string `json:"attendeePin"`
	DisplayName string `json:"displayName"`
	*wire.StatusData
}

func presenceOf(e *conversation.Entry) presenceLegacy {
	return presenceLegacy{int(e.InCall), e.LastPing, e.Newest, int(e.Type)}
}

// legacyList is the participant list of an old API version. All of them hide
// guests who are not there, whatever their role.
func legacyList(version int, entries []conversation.Entry) []any {
	out := make([]any, 0, len(entries))
	for i := range entries {
		e := &entries[i]
		guest := e.Actor.Type == talk.ActorGuests
		switch {
		case guest && len(e.SessionIDs) == 0:
		case version == 3:
			out = append(out, participantV3{presenceOf(e), e.ID, e.Actor.ID, string(e.Actor.Type), e.PIN, e.DisplayName, participantStatus(e, false)})
		case guest:
			out = append(out, participantV1{presenceOf(e), "", e.DisplayName, nil})
		case e.Actor.Type == talk.ActorUsers:
			out = append(out, participantV1{presenceOf(e), e.Actor.ID, e.DisplayName, participantStatus(e, false)})
		}
	}
	return out
}

// legacyTarget names a participant by user id or session id; v3 also by
// attendee id, which then counts first.
type legacyTarget struct {
	AttendeeID  *int64  `param:"attendeeId"`
	Participant *string `param:"participant"`
	SessionID   *string `param:"sessionId"`
}

func (t legacyTarget) target(version int) conversation.Target {
	out := conversation.Target{UserID: t.Participant, SessionID: t.SessionID}
	if version == 3 && t.AttendeeID != nil {
		out.AttendeeID = *t.AttendeeID
	}
	return out
}

func (a *API) promoteLegacy(c *ocs.Call, in legacyTarget) (any, error) {
	return nil, a.conversations.Promote(c.Context(), c.Scope(), in.target(c.Version()))
}

func (a *API) demoteLegacy(c *ocs.Call, in legacyTarget) (any, error) {
	return nil, a.conversations.Demote(c.Context(), c.Scope(), in.target(c.Version()))
}

type legacyParticipant struct {
	Participant string `param:"participant;required"`
}

func (a *API) removeUser(c *ocs.Call, in legacyParticipant) (any, error) {
	return nil, a.conversations.RemoveUser(c.Context(), c.Scope(), in.Participant)
}

func (a *API) removeGuest(c *ocs.Call, in legacyParticipant) (any, error) {
	return nil, a.conversations.RemoveGuest(c.Context(), c.Scope(), in.Participant)
}
