package conversation

import (
	"parley/internal/api/wire"
	"parley/internal/conversation"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// hasStatusesHeader tells that an answer carries statuses.
const hasStatusesHeader = "X-Nextcloud-Has-User-Statuses"

// participantV4 is an entry of the participant list
type participantV4 struct {
	RoomToken           string   `json:"roomToken"`
	InCall              int      `json:"inCall"`
	LastPing            int64    `json:"lastPing"`
	SessionIDs          []string `json:"sessionIds"`
	ParticipantType     int      `json:"participantType"`
	AttendeeID          int64    `json:"attendeeId"`
	ActorID             string   `json:"actorId"`
	ActorType           string   `json:"actorType"`
	DisplayName         string   `json:"displayName"`
	Permissions         int      `json:"permissions"`
	AttendeePermissions int      `json:"attendeePermissions"`
	AttendeePIN         string   `json:"attendeePin"`
	PhoneNumber         string   `json:"phoneNumber"`
	CallID              string   `json:"callId"`
	*wire.StatusData
	InvitedActorID string `json:"invitedActorId,omitempty"`
}

// newParticipantV4 describes a participant to viewer.
func newParticipantV4(token string, e *conversation.Entry, viewer *talk.Participant) participantV4 {
	p := participantV4{
		RoomToken: token, InCall: int(e.InCall), LastPing: e.LastPing, SessionIDs: e.SessionIDs,
		ParticipantType: int(e.Type), AttendeeID: e.ID, ActorID: e.Actor.ID, ActorType: string(e.Actor.Type),
		DisplayName: e.DisplayName, Permissions: int(e.Final), AttendeePermissions: int(e.Permissions),
		InvitedActorID: invitedActor(&e.Attendee, viewer),
		AttendeePIN:    e.PIN, PhoneNumber: e.PhoneNumber, CallID: e.CallID,
	}
	if p.SessionIDs == nil {
		p.SessionIDs = []string{}
	}
	return p
}

// participantStatus describes a participant of a list that has statuses. All
// accounts look offline that have none; the old versions leave them out.
func participantStatus(e *conversation.Entry, fill bool) *wire.StatusData {
	if e.Status == nil && fill && e.Actor.Type == talk.ActorUsers {
		return &wire.StatusData{Status: string(talk.Offline)}
	}
	return wire.NewStatusData(e.Status)
}

type listParams struct {
	IncludeStatus bool `param:"includeStatus"`
}

func (a *API) listParticipants(c *ocs.Call, in listParams) (any, error) {
	if err := c.Access.Me.CanList(); err != nil {
		return nil, err
	}
	list := func() (any, int64, error) {
		l, err := a.conversations.ListParticipants(c.Context(), c.Scope(), in.IncludeStatus)
		if err != nil {
			return nil, 0, err
		}
		if l.HasStatuses {
			c.Header.Set(hasStatusesHeader, "1")
		}
		return a.participantList(c, l), l.Until, nil
	}
	if in.IncludeStatus && c.Caller().LoggedIn() {
		data, _, err := list()
		return data, err
	}
	return remembered(c, a.rooms.RememberRoster, "participants", conversation.Readers(c.Access), list)
}

// participantList is the list in the words of the request's API version.
func (a *API) participantList(c *ocs.Call, l *conversation.Listing) any {
	if c.Legacy() {
		return legacyList(c.Version(), l.Entries)
	}
	out := make([]participantV4, len(l.Entries))
	for i := range l.Entries {
		out[i] = newParticipantV4(l.Room.Token, &l.Entries[i], l.Me)
		out[i].StatusData = participantStatus(&l.Entries[i], l.HasStatuses)
	}
	return out
}

type addParams struct {
	NewParticipant string `param:"newParticipant;required"`
	Source         string `param:"source" default:"users"`
}

// typeChange tells that a conversation may have another type now.
type typeChange struct {
	Type int `json:"type"`
}

func (a *API) addParticipant(c *ocs.Call, in addParams) (any, error) {
	newType, err := a.conversations.AddParticipant(c.Context(), c.Scope(), in.Source, in.NewParticipant)
	if err != nil {
		return nil, err
	}
	if newType != 0 {
		return typeChange{int(newType)}, nil
	}
	return []any{}, nil
}

type attendeeParams struct {
	AttendeeID int64 `param:"attendeeId;required"`
}

func (a *API) removeAttendee(c *ocs.Call, in attendeeParams) (any, error) {
	return nil, a.conversations.RemoveAttendee(c.Context(), c.Scope(), in.AttendeeID)
}

func (a *API) removeSelf(c *ocs.Call) (any, error) {
	return nil, a.conversations.RemoveSelf(c.Context(), c.Scope())
}

func (a *API) promote(c *ocs.Call, in attendeeParams) (any, error) {
	return nil, a.conversations.Promote(c.Context(), c.Scope(), conversation.Target{AttendeeID: in.AttendeeID})
}

func (a *API) demote(c *ocs.Call, in attendeeParams) (any, error) {
	return nil, a.conversations.Demote(c.Context(), c.Scope(), conversation.Target{AttendeeID: in.AttendeeID})
}

type permissionParams struct {
	AttendeeID  int64                 `param:"attendeeId;required"`
	Method      talk.PermissionChange `param:"method,mode;required"`
	Permissions talk.Permissions      `param:"permissions;required"`
}

func (a *API) setAttendeePermissions(c *ocs.Call, in permissionParams) (any, error) {
	changed, err := a.conversations.SetAttendeePermissions(c.Context(), c.Scope(), in.AttendeeID, in.Method, in.Permissions)
	if err != nil || !changed.Shown {
		return []participantV4{}, err
	}
	p := newParticipantV4(c.Token(), &changed.Entry, changed.By)
	if c.Caller().LoggedIn() {
		c.Header.Set(hasStatusesHeader, "1")
		p.StatusData = participantStatus(&changed.Entry, true)
	}
	return []participantV4{p}, nil
}

type allPermissionParams struct {
	Method      talk.PermissionChange `param:"method,mode;required"`
	Permissions talk.Permissions      `param:"permissions;required"`
}

func (a *API) setAllPermissions(c *ocs.Call, in allPermissionParams) (any, error) {
	return a.after(c, a.conversations.SetAllPermissions(c.Context(), c.Scope(), in.Method, in.Permissions))
}

type nameParams struct {
	DisplayName string `param:"displayName;required"`
}

func (a *API) setGuestName(c *ocs.Call, in nameParams) (any, error) {
	return nil, a.conversations.SetGuestName(c.Context(), c.Scope(), in.DisplayName)
}
