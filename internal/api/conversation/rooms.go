package conversation

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"parley/internal/auth"
	"parley/internal/conversation"
	"parley/internal/ocs"
	"parley/internal/room"
	"parley/internal/talk"
)

// Shown is the conversation of a request as it is now.
func (a *API) Shown(c *ocs.Call) (any, error) { return a.room(c) }

// room answers with the conversation as it is now.
func (a *API) room(c *ocs.Call) (any, error) { return a.roomOf(c, c.Token()) }

func (a *API) roomOf(c *ocs.Call, token string) (any, error) {
	v, err := a.conversations.Room(c.Context(), c.Caller(), token)
	if err != nil {
		return nil, err
	}
	return a.roomData(c, v)
}

// after answers with the conversation when a change succeeded. The old versions
// say nothing about it.
func (a *API) after(c *ocs.Call, err error) (any, error) {
	if err != nil || c.Legacy() {
		return nil, err
	}
	return a.room(c)
}

func (a *API) getRoom(c *ocs.Call) (any, error) {
	if c.BridgeProof().Given() {
		return a.outline(c)
	}
	var err error
	c.Access, err = a.conversations.Look(c.Context(), c.Caller(), c.Token())
	if talk.IsKind(err, talk.NotFound) {
		c.Attempt = auth.ActionRoomToken
		return nil, errors.Join(err, a.setTalkHash(c, nil))
	}
	if err == nil {
		err = a.setTalkHash(c, c.Access.Settings)
	}
	if err != nil {
		return nil, err
	}
	if c.Access.Room.Type == talk.OneToOne {
		return a.room(c) // it carries a status, which is no part of the conversation
	}
	return remembered(c, a.rooms.Remember, "room", conversation.Reader(c.Access), func() (any, int64, error) {
		v, err := a.conversations.Room(c.Context(), c.Caller(), c.Token())
		if err != nil {
			return nil, 0, err
		}
		data, err := a.roomData(c, v)
		return data, v.Until(), err
	})
}

type listRoomsParams struct {
	NoStatusUpdate     int   `param:"noStatusUpdate"`
	IncludeStatus      bool  `param:"includeStatus"`
	ModifiedSince      int64 `param:"modifiedSince"`
	IncludeLastMessage bool  `param:"includeLastMessage" default:"true"`
}

func (a *API) listRooms(c *ocs.Call, in listRoomsParams) (any, error) {
	if c.Legacy() {
		in = listRoomsParams{IncludeLastMessage: true}
	} else {
		if err := a.signOfLife(c, in.NoStatusUpdate); err != nil {
			return nil, err
		}
		c.Header.Set("X-Nextcloud-Talk-Modified-Before", strconv.FormatInt(a.rooms.Now().Unix(), 10))
	}
	if err := a.setTalkHash(c, nil); err != nil {
		return nil, err
	}
	list := func() (any, int64, error) {
		views, _, err := a.conversations.Rooms(c.Context(), c.Caller(), conversation.ListOptions{
			ModifiedSince: in.ModifiedSince, WithoutLastMessage: !in.IncludeLastMessage, IncludeStatus: in.IncludeStatus,
		})
		if err != nil {
			return nil, 0, err
		}
		data, err := a.roomList(c, views)
		return data, conversation.ListUntil(views), err
	}
	if in.ModifiedSince != 0 || in.IncludeStatus {
		data, _, err := list()
		return data, err
	}
	name := fmt.Sprint("rooms ", c.Version(), in.IncludeLastMessage, c.BaseURL())
	data, err := a.rooms.RememberRooms(c.Context(), c.Caller(), c.Identity.Snapshot, name, encoded(list))
	return json.RawMessage(data), err
}

// encoded makes the bytes that can be remembered of an answer.
func encoded(make func() (any, int64, error)) func() ([]byte, int64, error) {
	return func() ([]byte, int64, error) {
		data, until, err := make()
		if err != nil {
			return nil, 0, err
		}
		text, err := json.Marshal(data)
		return text, until, err
	}
}

// remembered answers with what was encoded for the same state of the
// conversation and the same readers, or encodes it.
func remembered(
	c *ocs.Call, remember func(*room.Access, string, func() ([]byte, int64, error)) ([]byte, error), what, readers string,
	make func() (any, int64, error),
) (any, error) {
	data, err := remember(c.Access, what+" "+strconv.Itoa(c.Version())+" "+c.BaseURL()+" "+readers, encoded(make))
	return json.RawMessage(data), err
}

func (a *API) roomList(c *ocs.Call, views []conversation.RoomView) ([]any, error) {
	if c.Legacy() && c.Version() == 1 {
		return a.newRoomsV1(c, views)
	}
	out := make([]any, len(views))
	for i := range views {
		data, err := a.roomData(c, &views[i])
		if err != nil {
			return nil, err
		}
		out[i] = data
	}
	return out, nil
}

// signOfLife takes the room list of a mobile app for one, unless it says not to:
// these apps send no heartbeat.
func (a *API) signOfLife(c *ocs.Call, noUpdate int) error {
	if noUpdate != 0 || !c.IsMobileApp() {
		return nil
	}
	_, _, err := a.directory.Pulse(c.Context(), c.Caller(), talk.Online)
	return err
}

type listedParams struct {
	SearchTerm string `param:"searchTerm"`
}

func (a *API) listedRooms(c *ocs.Call, in listedParams) (any, error) {
	views, err := a.conversations.Listed(c.Context(), c.Caller(), in.SearchTerm)
	if err != nil {
		return nil, err
	}
	return a.roomList(c, views)
}

func (a *API) noteToSelf(c *ocs.Call) (any, error) {
	token, err := a.conversations.NoteToSelf(c.Context(), c.Caller())
	if err != nil {
		return nil, err
	}
	v, err := a.conversations.Room(c.Context(), c.Caller(), token)
	if err != nil {
		return nil, err
	}
	if err := a.setTalkHash(c, v.Settings); err != nil {
		return nil, err
	}
	return a.roomData(c, v)
}

type createParams struct {
	RoomType           talk.RoomType       `param:"roomType" default:"2"`
	Invite             string              `param:"invite"`
	RoomName           string              `param:"roomName"`
	Source             string              `param:"source"`
	ObjectType         string              `param:"objectType"`
	ObjectID           string              `param:"objectId"`
	Password           string              `param:"password"`
	ReadOnly           int                 `param:"readOnly"`
	Listable           talk.Listable       `param:"listable"`
	MessageExpiration  int64               `param:"messageExpiration"`
	LobbyState         talk.LobbyState     `param:"lobbyState"`
	LobbyTimer         *int64              `param:"lobbyTimer"`
	SIPEnabled         int                 `param:"sipEnabled"`
	Permissions        talk.Permissions    `param:"permissions"`
	RecordingConsent   int                 `param:"recordingConsent"`
	MentionPermissions int                 `param:"mentionPermissions"`
	Description        string              `param:"description"`
	Emoji              *string             `param:"emoji"`
	AvatarColor        *string             `param:"avatarColor"`
	Participants       map[string][]string `param:"participants"`
}

// invitedKinds are the kinds of participants that room knows.
var invitedKinds = []string{"users", "groups", "emails", "teams", "federated_users", "phones"}

func (in *createParams) room() conversation.NewRoom {
	n := conversation.NewRoom{
		Type: in.RoomType, Name: in.RoomName, Description: in.Description, ObjectType: in.ObjectType, ObjectID: in.ObjectID,
		Password: in.Password, ReadOnly: in.ReadOnly, Listable: in.Listable, Lobby: in.LobbyState, LobbyTimer: in.LobbyTimer,
		SIP: in.SIPEnabled, Expiration: in.MessageExpiration, Permissions: in.Permissions, RecordingConsent: in.RecordingConsent,
		MentionPermissions: in.MentionPermissions, Invite: in.Invite, Source: in.Source,
		Users: in.Participants["users"], Groups: in.Participants["groups"], Emails: in.Participants["emails"],
		Teams: in.Participants["teams"], FederatedUsers: in.Participants["federated_users"], Phones: in.Participants["phones"],
	}
	n.Unknown = maps.Clone(in.Participants)
	maps.DeleteFunc(n.Unknown, func(kind string, _ []string) bool { return slices.Contains(invitedKinds, kind) })
	if in.Emoji != nil {
		n.Emoji, n.HasEmoji = *in.Emoji, true
	}
	if in.AvatarColor != nil {
		n.AvatarColor, n.HasColor = *in.AvatarColor, true
	}
	return n
}

func (a *API) createRoom(c *ocs.Call, in createParams) (any, error) {
	wanted := in.room()
	created, err := a.conversations.CreateRoom(c.Context(), c.Caller(), wanted)
	if err != nil {
		return nil, err
	}
	v, err := a.conversations.Room(c.Context(), c.Caller(), created.Token)
	if err != nil {
		return nil, err
	}
	data := newRoomV4(c.BaseURL(), v)
	switch {
	case len(created.Rejected) > 0:
		c.Status, data.InvalidParticipants = ocs.StatusAccepted, created.Rejected
	case !created.Existed:
		c.Status = ocs.StatusCreated
	}
	return data, nil
}

func (a *API) deleteRoom(c *ocs.Call) (any, error) {
	return nil, a.conversations.DeleteRoom(c.Context(), c.Scope())
}
