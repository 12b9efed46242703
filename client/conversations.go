package client

import (
	"context"
	"encoding/json"
	"net/http"
)

// ConversationType is how a conversation is made up.
type ConversationType int

// The types of conversations.
const (
	OneToOne   ConversationType = 1
	Group      ConversationType = 2
	Public     ConversationType = 3 // guests may join
	Changelog  ConversationType = 4
	Former     ConversationType = 5 // a one-to-one whose other account is gone
	NoteToSelf ConversationType = 6
)

// Role is what a participant is in a conversation.
type Role int

// The roles of participants.
const (
	Owner          Role = 1
	Moderator      Role = 2
	Member         Role = 3
	Guest          Role = 4
	SelfJoined     Role = 5 // an account that joined a public conversation by its link
	GuestModerator Role = 6
)

// Permissions are bits of what a participant may do.
type Permissions int

// The permissions.
const (
	MayStartCall   Permissions = 2
	MayJoinCall    Permissions = 4
	MaySkipLobby   Permissions = 8
	MaySpeak       Permissions = 16
	MayShowVideo   Permissions = 32
	MayShareScreen Permissions = 64
	MayChat        Permissions = 128
)

// Conversation is a conversation as the caller sees it.
type Conversation struct {
	ID          int64            `json:"id"`
	Token       string           `json:"token"`
	Type        ConversationType `json:"type"`
	Name        string           `json:"name"`
	DisplayName string           `json:"displayName"`
	Description string           `json:"description"`
	// Role, AttendeeID, Permissions and SessionID are the caller's own; the session is "0"
	// for none.
	Role        Role        `json:"participantType"`
	AttendeeID  int64       `json:"attendeeId"`
	Permissions Permissions `json:"permissions"`
	SessionID   string      `json:"sessionId"`
	HasPassword bool        `json:"hasPassword"`
	// ReadOnly is 1 when nobody may write, LobbyState 1 when only moderators are let in.
	ReadOnly   int `json:"readOnly"`
	LobbyState int `json:"lobbyState"`
	// LastActivity is Unix seconds.
	LastActivity    int64 `json:"lastActivity"`
	UnreadMessages  int   `json:"unreadMessages"`
	UnreadMention   bool  `json:"unreadMention"`
	LastReadMessage int64 `json:"lastReadMessage"`
	// LastMessage is nil when there is none, or the caller may not see it.
	LastMessage *Message `json:"-"`
}

// UnmarshalJSON reads a conversation, in which no last message is an empty list.
func (c *Conversation) UnmarshalJSON(text []byte) error {
	type plain Conversation
	var with struct {
		plain
		LastMessage json.RawMessage `json:"lastMessage"`
	}
	if err := json.Unmarshal(text, &with); err != nil {
		return err
	}
	*c = Conversation(with.plain)
	if !isObject(with.LastMessage) {
		return nil
	}
	c.LastMessage = &Message{}
	return json.Unmarshal(with.LastMessage, c.LastMessage)
}

// LastID is the id of the last message, 0 for none: those after it are new.
func (c *Conversation) LastID() int64 {
	if c.LastMessage == nil {
		return 0
	}
	return c.LastMessage.ID
}

// isObject reports whether a value is an object, and not the empty list or null that stand
// for none.
func isObject(value json.RawMessage) bool { return len(value) > 0 && value[0] == '{' }

// NewConversation is a conversation that is to be made.
type NewConversation struct {
	Type ConversationType
	// Name is that of the conversation; a one-to-one has none.
	Name string
	// Invite is the account of a one-to-one.
	Invite string
	// Password is that of a public conversation, empty for none.
	Password string
}

// Conversations returns those of the caller, the newest activity first.
func (c *Client) Conversations(ctx context.Context) (all []Conversation, err error) {
	_, err = c.do(ctx, http.MethodGet, "v4/room", nil, &all)
	return all, err
}

// Conversation returns one of the caller's conversations, or a public one.
func (c *Client) Conversation(ctx context.Context, token string) (*Conversation, error) {
	return c.conversation(ctx, http.MethodGet, "v4/room/"+inPath(token), nil)
}

// Create makes a conversation with the caller as its owner. A one-to-one that is there
// already is returned.
func (c *Client) Create(ctx context.Context, n NewConversation) (*Conversation, error) {
	return c.conversation(ctx, http.MethodPost, "v4/room", params{
		"roomType": n.Type, "roomName": n.Name, "invite": n.Invite, "password": n.Password,
	})
}

// Rename gives a conversation another name.
func (c *Client) Rename(ctx context.Context, token, name string) error {
	return c.change(ctx, http.MethodPut, "v4/room/"+inPath(token), params{"roomName": name})
}

// Describe gives a conversation another description.
func (c *Client) Describe(ctx context.Context, token, text string) error {
	return c.change(ctx, http.MethodPut, "v4/room/"+inPath(token)+"/description", params{"description": text})
}

// Delete removes a conversation with everything in it.
func (c *Client) Delete(ctx context.Context, token string) error {
	return c.change(ctx, http.MethodDelete, "v4/room/"+inPath(token), nil)
}

// Join begins a session in a conversation; guests and accounts become participants of a
// public one. The password is that of the conversation, empty for none. A session lasts
// while the client makes requests, and 100 seconds more.
func (c *Client) Join(ctx context.Context, token, password string) (*Conversation, error) {
	return c.conversation(ctx, http.MethodPost, "v4/room/"+inPath(token)+"/participants/active", params{
		"password": password, "force": true,
	})
}

// Leave ends the session that Join began.
func (c *Client) Leave(ctx context.Context, token string) error {
	return c.change(ctx, http.MethodDelete, "v4/room/"+inPath(token)+"/participants/active", nil)
}

// SetGuestName is what a guest is called in a conversation that they joined.
func (c *Client) SetGuestName(ctx context.Context, token, name string) error {
	return c.change(ctx, http.MethodPost, "v1/guest/"+inPath(token)+"/name", params{"displayName": name})
}

func (c *Client) conversation(ctx context.Context, method, path string, p params) (*Conversation, error) {
	var out Conversation
	if _, err := c.do(ctx, method, path, p, &out); err != nil {
		return nil, err
	}
	return &out, nil
}

// change makes a request of whose answer nothing is needed.
func (c *Client) change(ctx context.Context, method, path string, p params) error {
	_, err := c.do(ctx, method, path, p, nil)
	return err
}
