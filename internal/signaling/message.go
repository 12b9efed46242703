package signaling

import (
	"encoding/json"

	"parley/internal/signal"
)

// The types of receivers.
const (
	toSession = "session"
	toUser    = "user"
	toRoom    = "room"
	toCall    = "call"
)

// pass carries what a client says to others in its conversation. Nobody is told whether they get it.
func (s *session) pass(r *request, q *messageRequest, control bool) {
	if q == nil || len(q.Data) == 0 || !valid(q) {
		s.fail(r, invalidFormat, nil)
		return
	}
	s.mu.Lock()
	p := s.place
	s.mu.Unlock()
	if p == nil {
		return
	}
	me := p.memberOf(s)
	switch {
	case me == nil:
		return
	case control && !me.Role.IsAccountModerator():
		return
	case !me.Permitted(q.Data):
		if !control && !isControl(q.Data) {
			s.fail(r, notAllowed, nil)
		}
		return
	}
	sender := object{"type": q.Recipient.Type, "sessionid": s.public}
	if s.who.UserID != "" {
		sender["userid"] = s.who.UserID
	}
	name := "message"
	if control {
		name = "control"
	}
	p.deliver(me, q, encode(object{"type": name, name: object{"sender": sender, "data": q.Data}}))
}

// valid reports whether somebody is named as the receiver.
func valid(q *messageRequest) bool {
	switch q.Recipient.Type {
	case toSession:
		return q.Recipient.SessionID != ""
	case toUser:
		return q.Recipient.UserID != ""
	case toRoom, toCall:
		return true
	}
	return false
}

// isControl reports whether a message is an order, which those who may not give it are told nothing of.
func isControl(data json.RawMessage) bool {
	var d struct {
		Type string `json:"type"`
	}
	return json.Unmarshal(data, &d) == nil && d.Type == "control"
}

// isFor reports whether a member gets what another one says.
func (q *messageRequest) isFor(from, m *signal.Member) bool {
	if m.PublicID == from.PublicID {
		return false
	}
	switch q.Recipient.Type {
	case toSession:
		return m.PublicID == q.Recipient.SessionID
	case toUser:
		return m.UserID == q.Recipient.UserID && m.UserID != from.UserID
	case toCall:
		return m.InCall != 0
	}
	return true
}
