package signal

import (
	"context"
	"encoding/json"
	"strings"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/store/signals"
	"parley/internal/talk"
)

// BackendError is why a signaling server is refused, in the words of its protocol.
type BackendError string

// The reasons.
const (
	BadRequest       BackendError = "invalid_request"
	UnknownType      BackendError = "unknown_type"
	BadTicket        BackendError = "invalid_ticket"
	NoSuchUser       BackendError = "no_such_user"
	NoSuchRoom       BackendError = "no_such_room"
	DuplicateSession BackendError = "duplicate_session"
)

// Error is the reason.
func (e BackendError) Error() string { return string(e) }

// BackendRequest is what a signaling server asks.
type BackendRequest struct {
	Type string      `json:"type"`
	Auth BackendAuth `json:"auth"`
	Room BackendRoom `json:"room"`
	Ping BackendPing `json:"ping"`
}

// BackendAuth asks who a client is.
type BackendAuth struct {
	Params struct {
		UserID string `json:"userid"`
		Ticket string `json:"ticket"`
	} `json:"params"`
}

// BackendRoom tells that a client joins or leaves a conversation.
type BackendRoom struct {
	RoomID    string `json:"roomid"`
	UserID    string `json:"userid"`
	SessionID string `json:"sessionid"`
	// Action is "join", "leave" or "" for join.
	Action    string         `json:"action"`
	ActorType talk.ActorType `json:"actortype"`
	ActorID   string         `json:"actorid"`
	// InCall are flags for a client that cannot join the call by itself, nil for others.
	InCall *talk.CallFlags `json:"incall"`
}

// BackendPing tells which sessions are alive.
type BackendPing struct {
	Entries []struct {
		SessionID string `json:"sessionid"`
	} `json:"entries"`
}

// Limits of requests of a signaling server.
const (
	maxBackendSession = 512
	maxBackendPings   = 1000
)

// ParseBackend reads a request of a signaling server that shows that it knows the shared
// secret. Failure: BadRequest.
func (svc *Service) ParseBackend(ctx context.Context, proof talk.BridgeProof, body []byte) (r BackendRequest, err error) {
	now, err := svc.settings.Now(ctx)
	if err != nil {
		return r, err
	}
	proof.Checksum = strings.ToLower(proof.Checksum)
	if !now.ExternalSignaling() || !proof.Valid(now.Signaling.Secret, string(body)) || json.Unmarshal(body, &r) != nil {
		return r, BadRequest
	}
	return r, nil
}

// Authenticate returns the account that a ticket was made for, whose id is empty for guests.
// Failures: BadTicket, NoSuchUser.
func (svc *Service) Authenticate(ctx context.Context, a BackendAuth) (who store.Account, err error) {
	if !svc.checkTicket(a.Params.Ticket, a.Params.UserID) {
		return who, BadTicket
	}
	return svc.enabled(ctx, a.Params.UserID)
}

// enabled returns an account, which is empty for guests. Failure: NoSuchUser.
func (svc *Service) enabled(ctx context.Context, userID string) (who store.Account, err error) {
	if userID == "" {
		return who, nil
	}
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		who, err = store.AccountByID(tx, userID)
		return err
	})
	if db.IsNone(err) || err == nil && !who.Enabled {
		return who, NoSuchUser
	}
	return who, err
}

// Admitted is what a signaling server knows of somebody in a conversation.
type Admitted struct {
	Token       string
	Properties  map[string]any
	Permissions []string
	// Newest is the newest message at that time.
	Newest int64
}

// SignIn tells what a client may do in a conversation that it joins by a signaling server, or
// takes its session out of it. A telephone gets its session by it. Failures: NoSuchRoom,
// DuplicateSession, and those of joining a call.
func (svc *Service) SignIn(ctx context.Context, b BackendRoom) (out *Admitted, err error) {
	if len(b.SessionID) > maxBackendSession || b.Action != "" && b.Action != "join" && b.Action != "leave" {
		return nil, BadRequest
	}
	known, out, err := svc.known(ctx, b)
	if err != nil || known {
		return out, err
	}
	err = svc.store.WriteKey(ctx, b.RoomID, func(tx *db.Tx) error {
		c, _, err := svc.rooms.Lock(tx, room.Scope{Token: b.RoomID, Caller: talk.Caller{System: talk.GuestSystem}})
		if err != nil {
			return err
		}
		if c.Room == nil {
			return NoSuchRoom
		}
		if c.Me, err = findParticipant(tx, c.Room.ID, &b); err != nil {
			return err
		}
		if b.Action == "leave" {
			out = &Admitted{Token: b.RoomID, Properties: c.Room.SignalingProperties(), Permissions: []string{}}
			if c.Me.Session == nil {
				return nil
			}
			return svc.leave(c, c.Me.Session, &c.Me.Attendee)
		}
		if err := svc.seat(c, &b); err != nil {
			return err
		}
		out = admitted(c.Room, c.Me, c.Settings)
		return nil
	})
	return out, err
}

// known answers for a client that has its session already, which changes nothing but its last
// sign of life.
func (svc *Service) known(ctx context.Context, b BackendRoom) (known bool, out *Admitted, err error) {
	if b.Action == "leave" || b.InCall != nil {
		return false, nil, nil
	}
	var me *talk.Participant
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		r, err := store.Room(tx, b.RoomID)
		if db.IsNone(err) {
			return NoSuchRoom
		}
		if err != nil {
			return err
		}
		if me, err = findParticipant(tx, r.ID, &b); err != nil || me.Session == nil && b.SessionID != "" {
			return err
		}
		now, err := svc.settings.In(tx)
		if err == nil {
			out, known = admitted(&r, me, now), true
		}
		return err
	})
	if known {
		svc.rooms.NoteAlive(me)
	}
	return known, out, err
}

func admitted(r *talk.Room, me *talk.Participant, now *settings.Settings) *Admitted {
	final := talk.FinalPermissions(r, &me.Attendee, now.DefaultPermissions)
	properties := r.SignalingProperties()
	properties["description"] = r.Description
	return &Admitted{Token: r.Token, Properties: properties, Permissions: talk.SignalingPermissions(me.Type, final), Newest: r.LastMessageID}
}

// findParticipant finds whom a signaling server means: an actor if it names one, else who holds
// the session, else an account. Failure: NoSuchRoom.
func findParticipant(tx *db.Tx, roomID int64, b *BackendRoom) (*talk.Participant, error) {
	var session *talk.Session
	if b.SessionID != "" {
		s, err := store.SessionByID(tx, roomID, b.SessionID)
		if err != nil && !db.IsNone(err) {
			return nil, err
		}
		if err == nil {
			session = &s
		}
	}
	var at talk.Attendee
	var err error
	switch {
	case b.ActorID != "" && b.ActorType != "":
		at, err = store.AttendeeOf(tx, roomID, talk.Actor{Type: b.ActorType, ID: b.ActorID})
		if err == nil && session != nil && session.AttendeeID != at.ID {
			return nil, NoSuchRoom // it is somebody else's
		}
	case session != nil:
		at, err = store.Attendee(tx, roomID, session.AttendeeID)
	case b.SessionID == "" && b.UserID != "":
		at, err = store.AttendeeOf(tx, roomID, talk.User(b.UserID))
	default:
		return nil, NoSuchRoom
	}
	if db.IsNone(err) {
		return nil, NoSuchRoom
	}
	return &talk.Participant{Attendee: at, Session: session}, err
}

// seat gives a participant the session that a signaling server has for it, and brings it into
// the call.
func (svc *Service) seat(c *room.Change, b *BackendRoom) error {
	if c.Me.Session == nil && b.SessionID != "" {
		taken, err := signals.SessionExists(c.Tx, b.SessionID)
		if err != nil {
			return err
		}
		if taken {
			return DuplicateSession
		}
		c.Me.Session = &talk.Session{
			SessionID: b.SessionID, RoomID: c.Room.ID, AttendeeID: c.Me.ID, LastPing: c.Tx.Now(), State: talk.SessionActive,
			Client: svc.key.Digest("session of a signaling server", b.SessionID),
		}
		if err := c.OpenSession(c.Me); err != nil {
			return err
		}
		if err := c.Tx.Flush(); err != nil { // the session has its number then
			return err
		}
	}
	if b.InCall == nil || c.Me.Session == nil {
		return nil
	}
	if *b.InCall == talk.NotInCall {
		return c.LeaveCall(c.Me.Session, c.Me.Actor)
	}
	if err := b.InCall.CheckFlags(); err != nil {
		return BadRequest
	}
	return svc.joinCall(c, *b.InCall)
}

// Ping notes that sessions are alive.
func (svc *Service) Ping(ctx context.Context, p BackendPing) error {
	ids := make([]string, 0, len(p.Entries))
	for _, e := range p.Entries[:min(len(p.Entries), maxBackendPings)] {
		if e.SessionID != "" && e.SessionID != talk.NoSession {
			ids = append(ids, e.SessionID)
		}
	}
	return svc.noteAlive(ctx, ids)
}

// noteAlive notes that sessions are alive.
func (svc *Service) noteAlive(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	var found []talk.Session
	err := svc.store.Look(ctx, func(tx *db.Tx) (err error) {
		found, err = signals.SessionsByID(tx, ids)
		return err
	})
	for i := range found {
		svc.rooms.NoteAlive(&talk.Participant{Session: &found[i]})
	}
	return err
}
