package conversation

import (
	"parley/internal/api/wire"
	"parley/internal/conversation"
	"parley/internal/talk"
)

// roomV4 is a conversation on the wire
type roomV4 struct {
	ID                    int64  `json:"id"`
	Token                 string `json:"token"`
	Type                  int    `json:"type"`
	Name                  string `json:"name"`
	DisplayName           string `json:"displayName"`
	ObjectType            string `json:"objectType"`
	ObjectID              string `json:"objectId"`
	ParticipantType       int    `json:"participantType"`
	ParticipantFlags      int    `json:"participantFlags"`
	ReadOnly              int    `json:"readOnly"`
	HasPassword           bool   `json:"hasPassword"`
	HasCall               bool   `json:"hasCall"`
	CallStartTime         int64  `json:"callStartTime"`
	CallRecording         int    `json:"callRecording"`
	CanStartCall          bool   `json:"canStartCall"`
	LastActivity          int64  `json:"lastActivity"`
	LastReadMessage       int64  `json:"lastReadMessage"`
	UnreadMessages        int    `json:"unreadMessages"`
	UnreadMention         bool   `json:"unreadMention"`
	UnreadMentionDirect   bool   `json:"unreadMentionDirect"`
	IsFavorite            bool   `json:"isFavorite"`
	CanLeaveConversation  bool   `json:"canLeaveConversation"`
	CanDeleteConversation bool   `json:"canDeleteConversation"`
	NotificationLevel     int    `json:"notificationLevel"`
	NotificationCalls     int    `json:"notificationCalls"`
	LobbyState            int    `json:"lobbyState"`
	LobbyTimer            int64  `json:"lobbyTimer"`
	LastPing              int64  `json:"lastPing"`
	SessionID             string `json:"sessionId"`
	SIPEnabled            int    `json:"sipEnabled"`
	ActorType             string `json:"actorType"`
	ActorID               string `json:"actorId"`
	AttendeeID            int64  `json:"attendeeId"`
	Permissions           int    `json:"permissions"`
	AttendeePermissions   int    `json:"attendeePermissions"`
	CallPermissions       int    `json:"callPermissions"`
	DefaultPermissions    int    `json:"defaultPermissions"`
	CanEnableSIP          bool   `json:"canEnableSIP"`
	AttendeePIN           string `json:"attendeePin"`
	Description           string `json:"description"`
	LastCommonReadMessage int64  `json:"lastCommonReadMessage"`
	Listable              int    `json:"listable"`
	CallFlag              int    `json:"callFlag"`
	MessageExpiration     int64  `json:"messageExpiration"`
	AvatarVersion         string `json:"avatarVersion"`
	IsCustomAvatar        bool   `json:"isCustomAvatar"`
	BreakoutRoomMode      int    `json:"breakoutRoomMode"`
	BreakoutRoomStatus    int    `json:"breakoutRoomStatus"`
	RecordingConsent      int    `json:"recordingConsent"`
	MentionPermissions    int    `json:"mentionPermissions"`
	IsArchived            bool   `json:"isArchived"`
	IsImportant           bool   `json:"isImportant"`
	IsSensitive           bool   `json:"isSensitive"`
	// InvitedActorID is the own address of an e-mail guest.
	InvitedActorID string `json:"invitedActorId,omitempty"`
	*wire.StatusData
	LastMessage *wire.Message `json:"lastMessage,omitempty"`
	// InvalidParticipants are the invitations that creating could not follow.
	InvalidParticipants map[string][]string `json:"invalidParticipants,omitempty"`
}

// newRoomV4 describes a conversation: fully to a participant, in outline to
// somebody who found it among the open ones, and hardly at all to strangers.
func newRoomV4(base string, v *conversation.RoomView) roomV4 {
	r := strangerView(v)
	if v.Listed || v.Me != nil {
		r.addOutline(v)
	}
	if v.Me != nil {
		r.addParticipant(base, v)
	}
	return r
}

// strangerView is all that somebody may know who is not in the conversation.
func strangerView(v *conversation.RoomView) roomV4 {
	custom := int(talk.PermissionCustom)
	return roomV4{
		ID: v.Room.ID, Token: v.Room.Token, Type: int(v.Room.Type), HasPassword: v.Room.HasPassword(),
		AvatarVersion: wire.PictureVersion(&v.Room), IsCustomAvatar: v.Room.HasPicture(), RecordingConsent: v.Settings.ConsentIn(&v.Room),
		ParticipantType: int(talk.GuestRole), NotificationLevel: 3, SessionID: talk.NoSession,
		Permissions: custom, AttendeePermissions: custom, CallPermissions: custom, DefaultPermissions: custom,
	}
}

// addOutline adds what everybody may see who can find the conversation.
func (r *roomV4) addOutline(v *conversation.RoomView) {
	room := &v.Room
	r.Name, r.DisplayName = room.Name, room.Name
	r.ObjectType, r.ObjectID = room.ObjectType, room.ObjectID
	r.ReadOnly = room.ReadOnly
	r.SIPEnabled = int(v.SIPState())
	r.LastActivity = room.LastActivity
	r.LobbyState, r.LobbyTimer = int(room.LobbyState), room.LobbyTimer
	r.Listable = int(room.Listable)
	if room.Listable != talk.ListableNone || v.Me != nil {
		r.Description = room.Description
	}
	r.HasCall, r.CallFlag, r.CallStartTime = room.HasCall(), int(room.CallFlag), room.CallSince
	r.BreakoutRoomMode, r.BreakoutRoomStatus = room.BreakoutMode, room.BreakoutStatus
}

// addParticipant adds what participants see.
func (r *roomV4) addParticipant(base string, v *conversation.RoomView) {
	room, me := &v.Room, v.Me
	r.nameFor(v)
	r.ParticipantType = int(me.Type)
	r.CanEnableSIP, r.AttendeePIN = v.CanEnableSIP, v.PIN()
	r.CanStartCall = talk.CanStartCall(room, &me.Attendee, v.Final, v.Settings.StartCalls)
	r.HasCall = r.HasCall && !v.Waiting
	r.ActorType, r.ActorID, r.AttendeeID = string(me.Actor.Type), me.Actor.ID, me.ID
	r.InvitedActorID = invitedActor(&me.Attendee, me)
	r.Permissions, r.AttendeePermissions = int(v.Final), int(me.Permissions)
	r.CallPermissions, r.DefaultPermissions = int(room.CallPermissions), int(room.DefaultPermissions)
	r.MessageExpiration, r.MentionPermissions = room.MessageExpiration, room.MentionPermissions
	r.LastReadMessage, r.LastCommonReadMessage = me.LastReadMessage, v.CommonRead
	if r.LastReadMessage <= 0 {
		r.LastReadMessage = talk.NothingRead
	}
	r.UnreadMessages, r.UnreadMention, r.UnreadMentionDirect = int(v.Unread), v.UnreadMention, v.UnreadDirect
	r.IsFavorite, r.IsArchived, r.IsImportant, r.IsSensitive = me.Favorite, me.Archived, me.Important, me.Sensitive
	r.NotificationLevel, r.NotificationCalls = talk.NotificationLevel(room, &me.Attendee, v.Settings.GroupNotification), me.NotificationCalls
	if me.Actor.Type == talk.ActorUsers {
		r.CanLeaveConversation = room.Type != talk.NoteToSelf
		r.CanDeleteConversation = me.Type.IsAccountModerator() && (!room.IsOneToOne() || v.Settings.DeleteOneToOne)
	}
	if s := me.Session; s != nil {
		r.SessionID, r.LastPing, r.ParticipantFlags = s.SessionID, s.LastPing, int(s.InCall)
	}
	if v.LastMessage != nil {
		m := wire.NewMessage(wire.PlaceOf(base, room), v.LastMessage)
		r.LastMessage = &m
	}
}

// nameFor names the conversation; a one-to-one is called after the other one.
func (r *roomV4) nameFor(v *conversation.RoomView) {
	switch {
	case v.Partner != nil:
		r.Name, r.DisplayName, r.StatusData = v.Partner.UserID, v.Partner.DisplayName, wire.NewStatusData(v.Partner.Status)
	case v.Room.Type == talk.Changelog:
		r.DisplayName = "Talk updates ✅"
	case v.Room.ObjectType == talk.ObjectVideoVerification:
		r.DisplayName = "Password request: " + v.Room.Name
	}
}
