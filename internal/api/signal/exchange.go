package signal

import (
	"bytes"
	"encoding/json"
	"errors"

	"parley/internal/auth"
	"parley/internal/ocs"
	"parley/internal/room"
	"parley/internal/signal"
	"parley/internal/talk"
)

type sendParams struct {
	Messages string `param:"messages"`
}

func (a *API) sendSignals(c *ocs.Call, in sendParams) (any, error) {
	return nil, elsewhere(a.signal.Send(c.Context(), c.Access, in.Messages))
}

// dropped is the answer to strangers who send: there is nobody whom they could reach.
func dropped(c *ocs.Call, _ error) (any, error) {
	c.Attempt = auth.ActionRoomToken
	return nil, nil
}

// elsewhere is the answer to clients that should talk to a signaling server.
func elsewhere(err error) error {
	if errors.Is(err, signal.ErrElsewhere) {
		return &ocs.DataError{Kind: talk.Invalid, Data: "Internal signaling disabled.", Err: err}
	}
	return err
}

// The types of what clients are told.
const (
	typeMessage = "message"
	typePeople  = "usersInRoom"
)

// told is something that a client is told: a message, which is a text of JSON, or who is in
// the conversation.
type told struct {
	Type string `json:"type"`
	Data any    `json:"data"`
}

// presence is a session in the conversation.
type presence struct {
	UserID      string `json:"userId"`
	RoomID      int64  `json:"roomId"`
	LastPing    int64  `json:"lastPing"`
	SessionID   string `json:"sessionId"`
	InCall      int    `json:"inCall"`
	Permissions int    `json:"participantPermissions"`
	ActorType   string `json:"actorType"`
	ActorID     string `json:"actorId"`
}

// alone is the answer to those who have no session, or none any more.
func (a *API) alone(c *ocs.Call, err error) (any, error) {
	kind := talk.NotFound
	if errors.Is(err, signal.ErrReplaced) {
		kind = talk.Conflict
	} else if failed := a.signal.Absent(c.Context(), c.Scope()); failed != nil && !talk.IsKind(failed, talk.Forbidden) {
		return nil, failed
	}
	return nil, &ocs.DataError{Kind: kind, Data: nobody(), Err: err}
}

func nobody() []told { return []told{{typePeople, []presence{}}} }

func (a *API) pullSignals(c *ocs.Call) (any, error) {
	p, err := a.signal.Pull(c.Context(), c.Scope(), c.Access)
	if errors.Is(err, signal.ErrReplaced) || talk.IsKind(err, talk.NotFound) || talk.IsKind(err, talk.Forbidden) {
		return a.alone(c, err)
	}
	if err != nil {
		return nil, elsewhere(err)
	}
	people, err := a.people(c, p.Access)
	if err != nil {
		return nil, err
	}
	out := make([]told, 0, len(p.Messages)+1)
	for _, text := range p.Messages {
		out = append(out, told{typeMessage, text})
	}
	return append(out, told{typePeople, people}), nil
}

// people are the sessions in the conversation. The list is made once for all who ask; whoever
// was quiet for so long that it is not in there gets one of their own.
func (a *API) people(c *ocs.Call, v *room.Access) (json.RawMessage, error) {
	made := func() ([]byte, int64, error) {
		all, err := a.signal.Present(c.Context(), v)
		if err != nil {
			return nil, 0, err
		}
		out := make([]presence, len(all))
		for i := range all {
			s, at := &all[i].Session, &all[i].Attendee
			out[i] = presence{
				RoomID: v.Room.ID, LastPing: s.LastPing, SessionID: s.SessionID, InCall: int(s.InCall), ActorType: string(at.Actor.Type),
				ActorID: at.Actor.ID, Permissions: int(talk.FinalPermissions(v.Room, at, v.Settings.DefaultPermissions)),
			}
			if at.Actor.Type == talk.ActorUsers {
				out[i].UserID = at.Actor.ID
			}
		}
		data, err := json.Marshal(out)
		return data, a.rooms.Now().Unix() + peopleFor, err
	}
	data, err := a.rooms.RememberRoster(v, "signaling", made)
	if err == nil && !bytes.Contains(data, []byte(v.Me.Session.SessionID)) {
		data, _, err = made()
	}
	return data, err
}

// peopleFor is for how many seconds a list of people may show the same signs of life.
const peopleFor = 5
