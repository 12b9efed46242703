package client

import (
	"context"
	"net/http"
)

// Participant is somebody in a conversation: an account, a guest, or a group that is invited
// as a whole.
type Participant struct {
	AttendeeID  int64  `json:"attendeeId"`
	ActorType   string `json:"actorType"` // users, guests, emails, groups, circles, …
	ActorID     string `json:"actorId"`
	DisplayName string `json:"displayName"`
	Role        Role   `json:"participantType"`
	// Permissions are what they may do, all things considered.
	Permissions Permissions `json:"permissions"`
	// SessionIDs are their sessions, empty for somebody who is not there.
	SessionIDs []string `json:"sessionIds"`
	// LastPing is Unix seconds, 0 for never; InCall are the flags of the call.
	LastPing int64 `json:"lastPing"`
	InCall   int   `json:"inCall"`
}

// Source is where somebody who is added comes from.
type Source string

// The sources of participants.
const (
	FromUsers  Source = "users"
	FromGroups Source = "groups"
	FromTeams  Source = "circles"
	FromEmails Source = "emails" // an invitation is mailed
)

// Participants returns who is in a conversation.
func (c *Client) Participants(ctx context.Context, token string) (all []Participant, err error) {
	_, err = c.do(ctx, http.MethodGet, "v4/room/"+inPath(token)+"/participants", nil, &all)
	return all, err
}

// Add adds an account, all of a group or team, or an address. Whoever is in the
// conversation already stays as they are.
func (c *Client) Add(ctx context.Context, token string, from Source, id string) error {
	return c.change(ctx, http.MethodPost, "v4/room/"+inPath(token)+"/participants", params{"newParticipant": id, "source": from})
}

// Remove removes a participant.
func (c *Client) Remove(ctx context.Context, token string, attendee int64) error {
	return c.change(ctx, http.MethodDelete, "v4/room/"+inPath(token)+"/attendees", params{"attendeeId": attendee})
}

// RemoveSelf takes the caller out of a conversation.
func (c *Client) RemoveSelf(ctx context.Context, token string) error {
	return c.change(ctx, http.MethodDelete, "v4/room/"+inPath(token)+"/participants/self", nil)
}

// Promote makes a participant a moderator.
func (c *Client) Promote(ctx context.Context, token string, attendee int64) error {
	return c.change(ctx, http.MethodPost, "v4/room/"+inPath(token)+"/moderators", params{"attendeeId": attendee})
}

// Demote takes the role of a moderator away.
func (c *Client) Demote(ctx context.Context, token string, attendee int64) error {
	return c.change(ctx, http.MethodDelete, "v4/room/"+inPath(token)+"/moderators", params{"attendeeId": attendee})
}

// SetPermissions is what a participant may do from now on, and nothing else; 0 for what the
// conversation gives everybody.
func (c *Client) SetPermissions(ctx context.Context, token string, attendee int64, p Permissions) error {
	return c.change(ctx, http.MethodPut, "v4/room/"+inPath(token)+"/attendees/permissions", params{
		"attendeeId": attendee, "method": "set", "permissions": p,
	})
}
