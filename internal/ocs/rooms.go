package ocs

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"parley/internal/app"
	"parley/internal/talk"
)

// room answers with the conversation as it is now.
func (c *call) room() (any, error) { return c.roomOf(c.token()) }

func (c *call) roomOf(token string) (any, error) {
	v, err := c.app.Room(c.r.Context(), c.caller(), token)
	if err != nil {
		return nil, err
	}
	return c.roomData(v)
}

// after answers with the conversation when a change succeeded. The old versions
// say nothing about it.
func (c *call) after(err error) (any, error) {
	if err != nil || c.legacy() {
		return nil, err
	}
	return c.room()
}

func getRoom(c *call) (any, error) {
	if c.proof().Given() {
		return outline(c)
	}
	var err error
	c.visit, err = c.app.Look(c.r.Context(), c.caller(), c.token())
	if talk.IsKind(err, talk.NotFound) {
		c.attempt = tokenAction
		return nil, errors.Join(err, c.setTalkHash(nil))
	}
	if err == nil {
		err = c.setTalkHash(c.visit.Settings)
	}
	if err != nil {
		return nil, err
	}
	if c.visit.Room.Type == talk.OneToOne {
		return c.room() // it carries a status, which is no part of the conversation
	}
	return c.remembered("room", c.visit.Reader(), func() (any, int64, error) {
		v, err := c.app.Room(c.r.Context(), c.caller(), c.token())
		if err != nil {
			return nil, 0, err
		}
		data, err := c.roomData(v)
		return data, v.Until(), err
	})
}

type listRoomsParams struct {
	NoStatusUpdate     int   `param:"noStatusUpdate"`
	IncludeStatus      bool  `param:"includeStatus"`
	ModifiedSince      int64 `param:"modifiedSince"`
	IncludeLastMessage bool  `param:"includeLastMessage" default:"true"`
}

func listRooms(c *call, in listRoomsParams) (any, error) {
	if c.legacy() {
		in = listRoomsParams{IncludeLastMessage: true}
	} else {
		if err := c.signOfLife(in.NoStatusUpdate); err != nil {
			return nil, err
		}
		c.header.Set("X-Nextcloud-Talk-Modified-Before", strconv.FormatInt(c.app.Now().Unix(), 10))
	}
	if err := c.setTalkHash(nil); err != nil {
		return nil, err
	}
	list := func() (any, int64, error) {
		views, _, err := c.app.Rooms(c.r.Context(), c.caller(), app.ListOptions{
			ModifiedSince: in.ModifiedSince, WithoutLastMessage: !in.IncludeLastMessage, IncludeStatus: in.IncludeStatus,
		})
		if err != nil {
			return nil, 0, err
		}
		data, err := c.roomList(views)
		return data, app.ListUntil(views), err
	}
	if in.ModifiedSince != 0 || in.IncludeStatus {
		data, _, err := list()
		return data, err
	}
	name := fmt.Sprint("rooms ", c.row.version, in.IncludeLastMessage)
	data, err := c.app.RememberRooms(c.r.Context(), c.caller(), name, encoded(list))
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
func (c *call) remembered(what, readers string, make func() (any, int64, error)) (any, error) {
	data, err := c.app.Remember(c.visit, what+" "+strconv.Itoa(c.row.version)+" "+readers, encoded(make))
	return json.RawMessage(data), err
}

func (c *call) roomList(views []app.RoomView) ([]any, error) {
	if c.legacy() && c.row.version == 1 {
		return c.newRoomsV1(views)
	}
	out := make([]any, len(views))
	for i := range views {
		data, err := c.roomData(&views[i])
		if err != nil {
			return nil, err
		}
		out[i] = data
	}
	return out, nil
}

type listedParams struct {
	SearchTerm string `param:"searchTerm"`
}

func listedRooms(c *call, in listedParams) (any, error) {
	views, err := c.app.Listed(c.r.Context(), c.caller(), in.SearchTerm)
	if err != nil {
		return nil, err
	}
	return c.roomList(views)
}

func noteToSelf(c *call) (any, error) {
	token, err := c.app.NoteToSelf(c.r.Context(), c.caller())
	if err != nil {
		return nil, err
	}
	v, err := c.app.Room(c.r.Context(), c.caller(), token)
	if err != nil {
		return nil, err
	}
	if err := c.setTalkHash(v.Settings); err != nil {
		return nil, err
	}
	return c.roomData(v)
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

func (in *createParams) room() app.NewRoom {
	n := app.NewRoom{
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

func createRoom(c *call, in createParams) (any, error) {
	wanted := in.room()
	created, err := c.app.CreateRoom(c.r.Context(), c.caller(), wanted)
	if err != nil {
		return nil, err
	}
	v, err := c.app.Room(c.r.Context(), c.caller(), created.Token)
	if err != nil {
		return nil, err
	}
	data := newRoomV4(v)
	switch {
	case len(created.Rejected) > 0:
		c.status, data.InvalidParticipants = statusAccepted, created.Rejected
	case !created.Existed:
		c.status = statusCreated
	}
	return data, nil
}

func deleteRoom(c *call) (any, error) {
	return nil, c.app.DeleteRoom(c.r.Context(), c.scope())
}
