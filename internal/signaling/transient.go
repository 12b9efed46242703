package signaling

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
)

// maxTransients is how many values a conversation has.
const maxTransients = 200

// transients are values that last as long as somebody is in a conversation.
type transients map[string]*transient

type transient struct {
	value json.RawMessage
	// owner is the client that it goes with, nil for none.
	owner *session
	until *time.Timer
}

func (t transients) values() object {
	out := object{}
	for key, v := range t {
		out[key] = v.value
	}
	return out
}

// note sets or removes a value of the conversation.
func (s *session) note(r *request) {
	q := r.Transient
	s.mu.Lock()
	p := s.place
	s.mu.Unlock()
	switch {
	case q == nil || q.Key == "" && (q.Type == "set" || q.Type == "remove"):
		s.fail(r, invalidFormat, nil)
		return
	case p == nil:
		s.fail(r, notInRoom, nil)
		return
	case q.Type != "set" && q.Type != "remove":
		s.fail(r, ignored, nil)
		return
	}
	if own, ok := strings.CutPrefix(q.Key, "sd:"); !ok && !p.mayNote(s) || ok && own != s.public {
		s.fail(r, notAllowed, nil)
		return
	}
	value := q.Value
	if q.Type == "remove" || string(value) == "null" {
		value = nil
	}
	if !p.setTransient(s, q.Key, value, time.Duration(q.TTL)) {
		s.fail(r, notAllowed, nil)
		return
	}
	p.hub.broadcast(parcel{Token: p.token, Key: q.Key, Value: value, TTL: q.TTL})
}

// mayNote reports whether a client may set values that are not its own: no permission of Talk gives
// that to clients, only moderators have it here.
func (p *place) mayNote(s *session) bool {
	m := p.memberOf(s)
	return m != nil && m.Role.IsModerator()
}

// setTransient sets a value, or removes it if it is nil, and tells all clients. It reports false if there are too many.
func (p *place) setTransient(owner *session, key string, value json.RawMessage, ttl time.Duration) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.set(owner, key, value, ttl)
}

// set is setTransient with mu held.
func (p *place) set(owner *session, key string, value json.RawMessage, ttl time.Duration) bool {
	old := p.transient[key]
	body := object{"type": "set", "key": key, "value": value}
	switch {
	case value == nil && old == nil, old != nil && bytes.Equal(old.value, value):
		return true
	case value == nil:
		body = object{"type": "remove", "key": key}
		delete(p.transient, key)
	case old == nil && len(p.transient) >= maxTransients:
		return false
	}
	if old != nil {
		body["oldvalue"] = old.value
		if old.until != nil {
			old.until.Stop()
		}
	}
	if value != nil {
		v := &transient{value: value}
		if strings.HasPrefix(key, "sd:") {
			v.owner = owner
		}
		if ttl > 0 {
			v.until = time.AfterFunc(ttl, func() { p.outlived(key, v) })
		}
		p.transient[key] = v
	}
	p.tellTold(frame{data: encode(object{"type": "transient", "transient": body})})
	return true
}

// outlived removes a value whose time is over.
func (p *place) outlived(key string, v *transient) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.transient[key] == v {
		p.set(nil, key, nil, 0)
	}
}
