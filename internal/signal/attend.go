package signal

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/store/signals"
	"parley/internal/talk"
)

// Reasons why a token is refused.
const (
	BadToken      BackendError = "invalid_token"
	EarlyToken    BackendError = "token_not_valid_yet"
	ExpiredToken  BackendError = "token_expired"
	NoSuchSession BackendError = "no_such_session"
)

// tokenLeeway is how far, in seconds, clocks may be apart.
const tokenLeeway = 60

// Person is who has said hello, the zero value for a guest.
type Person struct{ UserID, DisplayName string }

// ByTicket returns the person whom a ticket was made for. Failures: BadTicket, NoSuchUser.
func (svc *Service) ByTicket(ctx context.Context, userID, ticket string) (Person, error) {
	var a BackendAuth
	a.Params.UserID, a.Params.Ticket = userID, ticket
	who, err := svc.Authenticate(ctx, a)
	return Person{who.UserID, who.DisplayName}, err
}

// ByToken returns the person whom a token was made for. Failures: BadToken, EarlyToken,
// ExpiredToken, NoSuchUser.
func (svc *Service) ByToken(ctx context.Context, token string) (p Person, err error) {
	key, err := svc.settings.TokenKey(ctx)
	if err != nil {
		return p, err
	}
	var c claims
	if err := key.Read(token, &c); err != nil {
		return p, BadToken
	}
	now := svc.now().Unix()
	switch {
	case c.IssuedAt == 0 || c.Expires == 0:
		return p, BadToken
	case c.IssuedAt > now+tokenLeeway:
		return p, EarlyToken
	case c.Expires < now-tokenLeeway:
		return p, ExpiredToken
	}
	who, err := svc.enabled(ctx, c.Subject)
	return Person{who.UserID, who.DisplayName}, err
}

// Attendance is a client that wants to be in a conversation by a websocket.
type Attendance struct {
	Person
	PublicID, Resume, Node string
	Features               []string
	Token, SessionID       string
	// Seat is where the client is in the conversation already, 0 for nowhere.
	Seat int64
}

// Attend takes a client into a conversation, if the session is one of its own there; another client
// with the same session is out of it then. Failure: NoSuchRoom.
func (svc *Service) Attend(ctx context.Context, a *Attendance) (seat int64, in *Admitted, err error) {
	if len(a.SessionID) > maxBackendSession {
		return 0, nil, BadRequest
	}
	var me *talk.Participant
	err = svc.store.WriteKey(ctx, a.Token, func(tx *db.Tx) error {
		r, err := store.Room(tx, a.Token)
		if db.IsNone(err) {
			return NoSuchRoom
		}
		if err != nil {
			return err
		}
		me, err = findParticipant(tx, r.ID, &BackendRoom{UserID: a.UserID, SessionID: a.SessionID})
		if err != nil {
			return err
		}
		if !a.owns(&me.Attendee) {
			return NoSuchRoom
		}
		w := signals.Websocket{
			RoomID: r.ID, PublicID: a.PublicID, Resume: svc.resumeDigest(a.Resume), UserID: a.UserID, SessionID: a.SessionID,
			Features: strings.Join(a.Features, " "), Node: a.Node, Attendee: me.Attendee,
		}
		if me.Session != nil {
			w.Session = *me.Session
		}
		now, err := svc.settings.In(tx)
		if err != nil {
			return err
		}
		in = admitted(&r, me, now)
		if seat = a.Seat; seat != 0 {
			return signals.Reseat(tx, seat, &w)
		}
		if err := signals.Enter(tx, &w); err != nil {
			return err
		}
		seat = w.ID
		return tx.Flush()
	})
	if err != nil {
		return 0, nil, err
	}
	svc.rooms.NoteAlive(me)
	svc.bus.Publish(bus.Hint{Topic: bus.Websockets, Token: a.Token})
	return seat, in, nil
}

// owns reports whether an attendee is the person: session ids are known to others in the
// conversation, so that one is no proof.
func (a *Attendance) owns(at *talk.Attendee) bool {
	if at.Actor.Type == talk.ActorUsers {
		return at.Actor.ID == a.UserID
	}
	return a.UserID == ""
}

func (svc *Service) resumeDigest(secret string) string {
	return svc.key.Digest("session of a websocket", secret)
}

// Depart takes a client out of a conversation. Its session there ends with it, unless the client
// has been taken out before.
func (svc *Service) Depart(ctx context.Context, token string, seat int64, sessionID string) error {
	err := svc.store.WriteKey(ctx, token, func(tx *db.Tx) error {
		// The conversation before its rows, as everywhere.
		c, _, err := svc.rooms.Lock(tx, room.Scope{Token: token, Caller: talk.Caller{System: talk.GuestSystem}})
		if err != nil || c.Room == nil {
			return err
		}
		there, err := signals.Left(tx, seat, signals.ReasonLeft)
		if err != nil || !there || sessionID == "" {
			return err
		}
		c.Me, err = findParticipant(tx, c.Room.ID, &BackendRoom{SessionID: sessionID})
		if errors.Is(err, NoSuchRoom) {
			return nil // it has ended before
		}
		if err != nil || c.Me.Session == nil {
			return err
		}
		return svc.leave(c, c.Me.Session, &c.Me.Attendee)
	})
	if err == nil {
		svc.bus.Publish(bus.Hint{Topic: bus.Websockets, Token: token})
	}
	return err
}

// Member is a client in a conversation, as others are told of it.
type Member struct {
	Seat                      int64
	PublicID, SessionID, Node string
	UserID, Name              string
	Features                  []string
	Actor                     talk.Actor
	Role                      talk.ParticipantType
	Final                     talk.Permissions
	// Connected tells that it has a session in the conversation, Attends that it may be there at all.
	Connected, Attends bool
	InCall             talk.CallFlags
	LastPing           int64
	JoinedAt, LeftAt   int64
	Reason             string
}

// Roster is a conversation as the clients in it see it.
type Roster struct {
	// Room is nil if there is none any more.
	Room       *talk.Room
	Properties json.RawMessage
	// Members are in it; Gone have left it within the last minute.
	Members, Gone []Member
}

// Roster returns who is in a conversation by websockets, on all nodes.
func (svc *Service) Roster(ctx context.Context, token string) (out *Roster, err error) {
	out = &Roster{}
	err = svc.store.Look(ctx, func(tx *db.Tx) error {
		r, err := store.Room(tx, token)
		if db.IsNone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		now, err := svc.settings.In(tx)
		if err != nil {
			return err
		}
		all, err := signals.Websockets(tx, r.ID)
		for i := range all {
			m := memberOf(&r, &all[i], now)
			if m.LeftAt != 0 {
				out.Gone = append(out.Gone, m)
			} else {
				out.Members = append(out.Members, m)
			}
		}
		if err != nil {
			return err
		}
		out.Room = &r
		properties := r.SignalingProperties()
		properties["description"] = r.Description
		out.Properties, err = json.Marshal(properties)
		return err
	})
	return out, err
}

func memberOf(r *talk.Room, w *signals.Websocket, now *settings.Settings) Member {
	m := Member{
		Seat: w.ID, PublicID: w.PublicID, SessionID: w.SessionID, Node: w.Node, UserID: w.UserID, Name: w.Attendee.DisplayName,
		Features: strings.Fields(w.Features), Actor: w.Attendee.Actor, Role: w.Attendee.Type, Attends: w.Attendee.ID != 0,
		Connected: w.Attendee.ID != 0 && w.Session.ID != 0, InCall: w.Session.InCall, LastPing: w.Session.LastPing, JoinedAt: w.JoinedAt, LeftAt: w.LeftAt, Reason: w.Reason,
	}
	if m.Attends {
		m.Final = talk.FinalPermissions(r, &w.Attendee, now.DefaultPermissions)
	}
	return m
}

// Permitted reports whether a member may send data to another client.
func (m *Member) Permitted(data json.RawMessage) bool {
	var all fields
	if json.Unmarshal(data, &all) != nil || all == nil {
		return true // no client sees an offer or an order in it
	}
	what, ok := all.signal()
	return ok && what.Allowed(m.Role, m.Final)
}
