package conversation

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"parley/internal/conversation"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// The room objects of API v1 to v3 are cut from that of v4.

// legacyFields begins every old room object.
type legacyFields struct {
	ID              int64  `json:"id"`
	Token           string `json:"token"`
	Type            int    `json:"type"`
	Name            string `json:"name"`
	DisplayName     string `json:"displayName"`
	ObjectType      string `json:"objectType"`
	ObjectID        string `json:"objectId"`
	ParticipantType int    `json:"participantType"`
}

// legacyState is what old room objects tell of the conversation.
type legacyState struct {
	HasPassword     bool  `json:"hasPassword"`
	HasCall         bool  `json:"hasCall"`
	CanStartCall    bool  `json:"canStartCall"`
	LastActivity    int64 `json:"lastActivity"`
	LastReadMessage int64 `json:"lastReadMessage"`
	UnreadMessages  int   `json:"unreadMessages"`
	UnreadMention   bool  `json:"unreadMention"`
	IsFavorite      bool  `json:"isFavorite"`
}

// legacyOwn is what old room objects tell of the caller.
type legacyOwn struct {
	NotificationLevel int    `json:"notificationLevel"`
	LobbyState        int    `json:"lobbyState"`
	LobbyTimer        int64  `json:"lobbyTimer"`
	LastPing          int64  `json:"lastPing"`
	SessionID         string `json:"sessionId"`
}

// roomV1 is a conversation in API v1: it carries its participants.
type roomV1 struct {
	legacyFields
	ParticipantInCall bool `json:"participantInCall"`
	ParticipantFlags  int  `json:"participantFlags"`
	ReadOnly          int  `json:"readOnly"`
	Count             int  `json:"count"`
	legacyState
	legacyOwn
	Participants personsV1 `json:"participants"`
	NumGuests    int       `json:"numGuests"`
	GuestList    string    `json:"guestList"`
	LastMessage  any       `json:"lastMessage"`
}

// roomV2 is a conversation in API v2.
type roomV2 struct {
	legacyFields
	ParticipantFlags int `json:"participantFlags"`
	ReadOnly         int `json:"readOnly"`
	legacyState
	CanLeaveConversation  bool `json:"canLeaveConversation"`
	CanDeleteConversation bool `json:"canDeleteConversation"`
	legacyOwn
	GuestList   string `json:"guestList"`
	LastMessage any    `json:"lastMessage"`
}

// roomV3 is a conversation in API v3.
type roomV3 struct {
	roomV2
	SIPEnabled            int    `json:"sipEnabled"`
	ActorType             string `json:"actorType"`
	ActorID               string `json:"actorId"`
	AttendeeID            int64  `json:"attendeeId"`
	CanEnableSIP          bool   `json:"canEnableSIP"`
	AttendeePIN           string `json:"attendeePin"`
	Description           string `json:"description"`
	LastCommonReadMessage int64  `json:"lastCommonReadMessage"`
	Listable              int    `json:"listable"`
	CallFlag              int    `json:"callFlag"`
}

// personV1 is a user in the room object of API v1.
type personV1 struct {
	id        string
	lastPing  int64
	Name      string `json:"name"`
	Type      int    `json:"type"`
	Call      int    `json:"call"`
	SessionID string `json:"sessionId"`
}

// personsV1 is an object by user id that keeps its order, newest ping first; an
// empty one is a list on the wire.
type personsV1 []personV1

// MarshalJSON writes the object.
func (p personsV1) MarshalJSON() ([]byte, error) {
	if len(p) == 0 {
		return []byte("[]"), nil
	}
	out := []byte{'{'}
	for i, person := range p {
		key, err := json.Marshal(person.id)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(person)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, key...), ':'), value...)
	}
	return append(out, '}'), nil
}

// roomData describes a conversation in the words of the request's API version.
func (a *API) roomData(c *ocs.Call, v *conversation.RoomView) (any, error) {
	r := newRoomV4(c.BaseURL(), v)
	switch {
	case !c.Legacy():
		return r, nil
	case c.Version() == 1:
		out, err := a.newRoomsV1(c, []conversation.RoomView{*v})
		if err != nil {
			return nil, err
		}
		return out[0], nil
	case c.Version() == 2:
		return newRoomV2(&r), nil
	}
	return newRoomV3(&r), nil
}

// newRoomsV1 returns conversations with the participants of those that the caller may
// look into.
func (a *API) newRoomsV1(c *ocs.Call, views []conversation.RoomView) ([]any, error) {
	var inside []conversation.RoomView
	for i := range views {
		if v := &views[i]; v.Me != nil && !v.Waiting {
			inside = append(inside, *v)
		}
	}
	entries, err := a.conversations.Entries(c.Context(), inside)
	if err != nil {
		return nil, err
	}
	out := make([]any, len(views))
	for i := range views {
		r := newRoomV4(c.BaseURL(), &views[i])
		out[i] = newRoomV1(&r, entries[views[i].Room.ID])
	}
	return out, nil
}

func newRoomV1(r *roomV4, entries []conversation.Entry) roomV1 {
	out := roomV1{
		legacyFields: legacyFieldsOf(r), ParticipantInCall: r.ParticipantFlags != 0, ParticipantFlags: r.ParticipantFlags, ReadOnly: r.ReadOnly,
		legacyState: stateOf(r), legacyOwn: ownOf(r), LastMessage: legacyMessage(r),
	}
	for i := range entries {
		e := &entries[i]
		switch e.Actor.Type {
		case talk.ActorUsers:
			out.Participants = append(out.Participants, personV1{
				id: e.Actor.ID, lastPing: e.LastPing, Name: e.DisplayName, Type: int(e.Type), Call: int(e.InCall), SessionID: e.Newest,
			})
		case talk.ActorGuests:
			if len(e.SessionIDs) > 0 {
				out.NumGuests++
			}
		}
	}
	slices.SortStableFunc(out.Participants, func(a, b personV1) int { return cmp.Compare(b.lastPing, a.lastPing) })
	return out
}

func newRoomV2(r *roomV4) roomV2 {
	return roomV2{
		legacyFields: legacyFieldsOf(r), ParticipantFlags: r.ParticipantFlags, ReadOnly: r.ReadOnly, legacyState: stateOf(r),
		CanLeaveConversation: r.CanLeaveConversation, CanDeleteConversation: r.CanDeleteConversation,
		legacyOwn: ownOf(r), LastMessage: legacyMessage(r),
	}
}

func newRoomV3(r *roomV4) roomV3 {
	return roomV3{
		roomV2: newRoomV2(r), SIPEnabled: r.SIPEnabled, ActorType: r.ActorType, ActorID: r.ActorID, AttendeeID: r.AttendeeID,
		CanEnableSIP: r.CanEnableSIP, AttendeePIN: r.AttendeePIN, Description: r.Description,
		LastCommonReadMessage: r.LastCommonReadMessage, Listable: r.Listable, CallFlag: r.CallFlag,
	}
}

func legacyFieldsOf(r *roomV4) legacyFields {
	return legacyFields{r.ID, r.Token, r.Type, r.Name, r.DisplayName, r.ObjectType, r.ObjectID, r.ParticipantType}
}

func stateOf(r *roomV4) legacyState {
	return legacyState{
		r.HasPassword, r.HasCall, r.CanStartCall, r.LastActivity,
		max(r.LastReadMessage, 0), r.UnreadMessages, r.UnreadMention, r.IsFavorite,
	}
}

func ownOf(r *roomV4) legacyOwn {
	return legacyOwn{r.NotificationLevel, r.LobbyState, r.LobbyTimer, r.LastPing, r.SessionID}
}

// legacyMessage is the newest message; the old versions write none as a list.
func legacyMessage(r *roomV4) any {
	if r.LastMessage == nil {
		return []any{}
	}
	return r.LastMessage
}

// legacyCreate are the parameters of creating a conversation before API v4.
type legacyCreate struct {
	RoomType talk.RoomType `param:"roomType;required"`
	Invite   string        `param:"invite"`
	RoomName string        `param:"roomName"`
	Source   string        `param:"source"`
}

func (a *API) createRoomLegacy(c *ocs.Call, in legacyCreate) (any, error) {
	n := conversation.NewRoom{Type: in.RoomType, Name: in.RoomName, Invite: in.Invite, Source: in.Source}
	if in.RoomType != talk.OneToOne {
		if in.RoomType == talk.Public {
			n.Invite = ""
		}
		if n.Invite == "" && strings.TrimSpace(in.RoomName) == "" {
			return nil, talk.Fail(talk.Invalid, "name")
		}
		if n.Invite != "" {
			n.Name = ""
		}
	}
	created, err := a.conversations.CreateRoom(c.Context(), c.Caller(), n)
	if err != nil {
		return nil, err
	}
	if !created.Existed {
		c.Status = ocs.StatusCreated
	}
	return a.roomOf(c, created.Token)
}

// renameLegacy allows shorter names than API v4 does.
func (a *API) renameLegacy(c *ocs.Call, in renameParams) (any, error) {
	const most = 200 // bytes
	if len(strings.TrimSpace(in.RoomName)) > most {
		return nil, talk.Fail(talk.Invalid, "value")
	}
	return a.renameRoom(c, in)
}

// setPasswordLegacy refuses private conversations as forbidden, not as invalid.
func (a *API) setPasswordLegacy(c *ocs.Call, in passwordParams) (any, error) {
	if c.Access.Room.Type != talk.Public {
		return nil, talk.Fail(talk.Forbidden, "")
	}
	return a.setPassword(c, in)
}

// setLobbyLegacy answers with the conversation, unlike other old settings.
func (a *API) setLobbyLegacy(c *ocs.Call, in lobbyParams) (any, error) {
	if _, err := a.setLobby(c, in); err != nil {
		return nil, err
	}
	return a.room(c)
}

// setWebinaryLobby is setLobbyLegacy by its first name.
func (a *API) setWebinaryLobby(c *ocs.Call, in lobbyParams) (any, error) {
	return a.setLobbyLegacy(c, in)
}
