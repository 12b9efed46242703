package ocs

import (
	"parley/internal/app"
	"parley/internal/talk"
)

// participantV4 is an entry of the participant list, see participants.md §1.1.
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
	*statusData
	InvitedActorID string `json:"invitedActorId,omitempty"`
}

// newParticipantV4 describes a participant to viewer.
func newParticipantV4(token string, e *app.Entry, viewer *talk.Participant) participantV4 {
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

type listParams struct {
	IncludeStatus bool `param:"includeStatus"`
}

func listParticipants(c *call, in listParams) (any, error) {
	if err := c.visit.Me.CanList(); err != nil {
		return nil, err
	}
	list := func() (any, int64, error) {
		l, err := c.app.ListParticipants(c.r.Context(), c.scope(), in.IncludeStatus)
		if err != nil {
			return nil, 0, err
		}
		if l.HasStatuses {
			c.header.Set(hasStatusesHeader, "1")
		}
		return c.participantList(l), l.Until, nil
	}
	if in.IncludeStatus && c.caller().LoggedIn() {
		data, _, err := list()
		return data, err
	}
	return c.remembered("participants", c.visit.Readers(), list)
}

// participantList is the list in the words of the request's API version.
func (c *call) participantList(l *app.Listing) any {
	if c.legacy() {
		return legacyList(c.row.version, l.Entries)
	}
	out := make([]participantV4, len(l.Entries))
	for i := range l.Entries {
		out[i] = newParticipantV4(l.Room.Token, &l.Entries[i], l.Me)
		out[i].statusData = participantStatus(&l.Entries[i], l.HasStatuses)
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

func addParticipant(c *call, in addParams) (any, error) {
	newType, err := c.app.AddParticipant(c.r.Context(), c.scope(), in.Source, in.NewParticipant)
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

func removeAttendee(c *call, in attendeeParams) (any, error) {
	return nil, c.app.RemoveAttendee(c.r.Context(), c.scope(), in.AttendeeID)
}

func removeSelf(c *call) (any, error) {
	return nil, c.app.RemoveSelf(c.r.Context(), c.scope())
}

func promote(c *call, in attendeeParams) (any, error) {
	return nil, c.app.Promote(c.r.Context(), c.scope(), app.Target{AttendeeID: in.AttendeeID})
}

func demote(c *call, in attendeeParams) (any, error) {
	return nil, c.app.Demote(c.r.Context(), c.scope(), app.Target{AttendeeID: in.AttendeeID})
}

type permissionParams struct {
	AttendeeID  int64                 `param:"attendeeId;required"`
	Method      talk.PermissionChange `param:"method,mode;required"`
	Permissions talk.Permissions      `param:"permissions;required"`
}

func setAttendeePermissions(c *call, in permissionParams) (any, error) {
	changed, err := c.app.SetAttendeePermissions(c.r.Context(), c.scope(), in.AttendeeID, in.Method, in.Permissions)
	if err != nil || !changed.Shown {
		return []participantV4{}, err
	}
	p := newParticipantV4(c.token(), &changed.Entry, changed.By)
	if c.caller().LoggedIn() {
		c.header.Set(hasStatusesHeader, "1")
		p.statusData = participantStatus(&changed.Entry, true)
	}
	return []participantV4{p}, nil
}

type allPermissionParams struct {
	Method      talk.PermissionChange `param:"method,mode;required"`
	Permissions talk.Permissions      `param:"permissions;required"`
}

func setAllPermissions(c *call, in allPermissionParams) (any, error) {
	return c.after(c.app.SetAllPermissions(c.r.Context(), c.scope(), in.Method, in.Permissions))
}

type nameParams struct {
	DisplayName string `param:"displayName;required"`
}

func setGuestName(c *call, in nameParams) (any, error) {
	return nil, c.app.SetGuestName(c.r.Context(), c.scope(), in.DisplayName)
}
