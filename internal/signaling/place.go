package signaling

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"time"

	"parley/internal/bus"
	"parley/internal/signal"
	"parley/internal/talk"
)

const (
	// restBetween is the least time between two looks at a conversation; it is longer, by
	// restFactor, where a look takes long: many changes are one message then.
	restBetween = 50 * time.Millisecond
	restFactor  = 10
	longestRest = time.Second
	// lookAgain is when a look is repeated that failed.
	lookAgain = time.Second
	// maxRelayed is how many messages of a chat are relayed at a time; of more there is one sign.
	maxRelayed = 50
)

// want is what has to be looked at.
type want uint8

const (
	wantRoster want = 1 << iota
	wantChat
)

// local is a client of this node in a conversation.
type local struct {
	s    *session
	seat int64
	// told tells that the client knows who is there.
	told bool
	// missed tells that there were messages before it was told.
	missed bool
	// all tells that it has to be told who takes part, whatever has changed.
	all bool
}

// place is a conversation with clients of this node in it.
type place struct {
	hub   *Hub
	token string
	// looking is held by whoever looks at the conversation.
	looking sync.Mutex

	mu     sync.Mutex // guards what follows
	locals map[*session]*local
	// members are those whom the clients were told of, by their public ids, order in which order they came.
	members    map[string]*signal.Member
	order      []*signal.Member
	properties json.RawMessage
	room       *talk.Room
	newest     int64
	transient  transients
	wanted     want
	scheduled  bool
	next       time.Time
}

func newPlace(h *Hub, token string, newest int64) *place {
	return &place{hub: h, token: token, newest: newest, locals: map[*session]*local{}, members: map[string]*signal.Member{}, transient: transients{}}
}

// poke has somebody look at the conversation soon.
func (p *place) poke(w want) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wanted |= w
	p.schedule()
}

// schedule is called with mu held.
func (p *place) schedule() {
	if p.scheduled || p.wanted == 0 {
		return
	}
	p.scheduled = true
	p.hub.after(p.next.Sub(p.hub.steady()), func() {
		p.mu.Lock()
		p.scheduled = false
		p.mu.Unlock()
		p.look()
	})
}

// look compares what is in the database with what the clients were told.
func (p *place) look() {
	p.looking.Lock()
	defer p.looking.Unlock()
	p.mu.Lock()
	wanted, nobody := p.wanted, len(p.locals) == 0
	p.wanted = 0
	p.mu.Unlock()
	if wanted == 0 || nobody {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), workTimeout)
	defer cancel()
	began := p.hub.steady()
	failed := want(0)
	if wanted&wantRoster != 0 {
		roster, err := p.hub.signal.Roster(ctx, p.token)
		if err != nil {
			p.hub.log.Warn("a conversation cannot be looked at", "err", err.Error())
			failed |= wanted
		} else {
			p.apply(roster)
		}
	}
	if failed == 0 && wanted&wantChat != 0 && p.relay(ctx) != nil {
		failed |= wantChat
	}
	p.hub.counts.looks.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	rest := min(max(restBetween, restFactor*p.hub.steady().Sub(began)), longestRest)
	if failed != 0 {
		rest = lookAgain
	}
	p.next = p.hub.steady().Add(rest)
	p.wanted |= failed
	p.schedule()
}

// apply tells the clients of what has changed.
func (p *place) apply(r *signal.Roster) {
	p.mu.Lock()
	ends := p.changed(r)
	p.mu.Unlock()
	for _, end := range ends {
		end()
	}
}

// changed returns what ends clients that are not in the conversation any more. The caller holds mu.
func (p *place) changed(r *signal.Roster) (ends []func()) {
	if r.Room == nil {
		for s := range p.locals {
			ends = append(ends, p.deleted(s))
		}
		return ends
	}
	now := map[string]*signal.Member{}
	order := make([]*signal.Member, 0, len(r.Members))
	for i := range r.Members {
		now[r.Members[i].PublicID] = &r.Members[i]
		order = append(order, &r.Members[i])
	}
	for s, l := range p.locals {
		if end := p.expelled(s, l, now[s.public], r.Gone); end != nil {
			ends = append(ends, end)
			delete(p.locals, s)
		}
	}
	p.tellWhoLeft(now)
	p.tellWhoJoined(now, order)
	change := p.compare(now, order)
	if p.properties != nil && !bytes.Equal(p.properties, r.Properties) {
		p.tellTold(frame{data: encode(reply("", "room", object{"roomid": p.token, "properties": r.Properties}))})
	}
	p.members, p.order, p.properties, p.room = now, order, r.Properties, r.Room
	p.tellUpdate(change)
	for s, l := range p.locals {
		if !l.told {
			l.told = true
			if l.missed {
				s.send(p.sign())
			}
			if len(p.transient) > 0 {
				s.send(frame{data: encode(object{"type": "transient", "transient": object{"type": "initial", "data": p.transient.values()}})})
			}
		}
	}
	return ends
}

// deleted is for a client in a conversation that there is no more.
func (p *place) deleted(s *session) func() {
	return func() {
		s.send(frame{data: encode(reply("", "room", object{"roomid": ""}))})
		s.send(frame{data: event("roomlist", "disinvite", object{"roomid": p.token, "reason": "deleted"})})
		s.leave(false)
	}
}

// expelled returns what ends a client that must not be in the conversation any more, nil for others.
func (p *place) expelled(s *session, l *local, m *signal.Member, gone []signal.Member) func() {
	if m != nil {
		// A guest is there by a session; an account that has none any more closes the connection by itself.
		if m.Attends && (m.Connected || m.SessionID == "" || m.Actor.Type == talk.ActorUsers) {
			return nil
		}
		return func() {
			s.sayBye(event("roomlist", "disinvite", object{"roomid": p.token, "reason": "disinvited"}), true)
		}
	}
	for i := range gone {
		if gone[i].Seat != l.seat {
			continue
		}
		switch gone[i].Reason {
		case signal.Reconnected:
			return func() { s.sayBye(bye(byeReconnected), false) }
		case signal.Replaced:
			return func() {
				s.sayBye(event("roomlist", "disinvite", object{"roomid": p.token, "reason": "disinvited"}), false)
			}
		}
	}
	if !l.told { // it was seated after the look
		return nil
	}
	return func() {
		s.sayBye(event("roomlist", "disinvite", object{"roomid": p.token, "reason": "disinvited"}), false)
	}
}

// tellTold tells all clients that know who is there.
func (p *place) tellTold(f frame) {
	for s, l := range p.locals {
		if l.told {
			s.send(f)
		}
	}
}

func (p *place) tellWhoLeft(now map[string]*signal.Member) {
	left := []string{}
	for _, m := range p.order {
		if now[m.PublicID] == nil {
			left = append(left, m.PublicID)
		}
	}
	if len(left) > 0 {
		p.tellTold(frame{data: event("room", "leave", left)})
	}
}

// tellWhoJoined tells those who know who is there of those who have come, and the latter of themselves and of
// everybody else.
func (p *place) tellWhoJoined(now map[string]*signal.Member, order []*signal.Member) {
	var joins, others []object
	for _, m := range order {
		if p.members[m.PublicID] == nil {
			joins = append(joins, joined(m))
		} else {
			others = append(others, joined(m))
		}
	}
	var news, rest frame
	if len(joins) > 0 {
		news.data = event("room", "join", joins)
		p.tellTold(news)
	}
	for s, l := range p.locals {
		if l.told || now[s.public] == nil {
			continue
		}
		if p.members[s.public] != nil { // it has come back to a place where it is known
			s.send(frame{data: event("room", "join", []object{joined(now[s.public])})})
		}
		if len(joins) > 0 {
			s.send(news)
		}
		if len(others) > 0 {
			if rest.data == nil {
				rest.data = event("room", "join", others)
			}
			s.send(rest)
		}
	}
}

// change is what is different about those who take part.
type change struct {
	// call and rights tell that somebody's part in the call or anything else is another one.
	call, rights bool
	// over tells that several were in the call, and that it is over for all of them.
	over bool
	// left are those who were in the call.
	left []*signal.Member
}

func (p *place) compare(now map[string]*signal.Member, order []*signal.Member) (c change) {
	before, still := 0, 0
	for _, m := range order {
		old := p.members[m.PublicID]
		if m.InCall != 0 {
			still++
		}
		if old == nil {
			c.call = c.call || m.InCall != 0
			continue
		}
		c.call = c.call || old.InCall != m.InCall
		c.rights = c.rights || old.Final != m.Final || old.Role != m.Role || old.Name != m.Name
		if old.InCall != 0 && m.InCall == 0 {
			c.left = append(c.left, m)
		}
	}
	for _, m := range p.members {
		if m.InCall != 0 {
			before++
			c.call = c.call || now[m.PublicID] == nil
		}
	}
	c.over = still == 0 && before > 1 && len(c.left) == before
	return c
}

// tellUpdate tells the clients who takes part. The members are those of now.
func (p *place) tellUpdate(c change) {
	order := p.order
	full := sync.OnceValue(func() []byte { return p.list(order, func(*signal.Member) bool { return true }) })
	f := frame{kind: update, token: p.token, full: full}
	switch {
	case c.rights:
		f.data = full()
	case c.over:
		f = frame{data: event("participants", "update", object{"roomid": p.token, "incall": 0, "all": true})}
	case c.call:
		left := map[*signal.Member]bool{}
		for _, m := range c.left {
			left[m] = true
		}
		f.data = p.list(order, func(m *signal.Member) bool { return m.InCall != 0 || left[m] })
	}
	for s, l := range p.locals {
		switch {
		case f.data != nil:
			s.send(f)
		case l.all:
			s.send(frame{kind: update, token: p.token, data: full(), full: full})
		}
		l.all = false
	}
}

// list is an update with those whom pick picks.
func (p *place) list(order []*signal.Member, pick func(*signal.Member) bool) []byte {
	users := []object{}
	for _, m := range order {
		if m.Connected && pick(m) {
			users = append(users, participant(m))
		}
	}
	return event("participants", "update", object{"roomid": p.token, "users": users})
}

// showAll has a client told who takes part.
func (p *place) showAll(s *session) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.locals[s]; l != nil {
		l.all = true
		p.wanted |= wantRoster
		p.schedule()
	}
}

// seat puts a client into the conversation.
func (p *place) seat(s *session, seat int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.locals[s] = &local{s: s, seat: seat}
	p.wanted |= wantRoster | wantChat
	p.schedule()
}

// remove takes a client out of the conversation.
func (p *place) remove(s *session) {
	p.mu.Lock()
	delete(p.locals, s)
	for key, v := range p.transient {
		if v.owner == s {
			p.set(nil, key, nil, 0)
			p.hub.work.Go(func() { p.hub.broadcast(parcel{Token: p.token, Key: key}) })
		}
	}
	p.wanted |= wantRoster
	p.schedule()
	p.mu.Unlock()
	p.hub.leave(p)
}

// memberOf is a client as others see it, who is looked for if it has just come; nil if it is not there.
func (p *place) memberOf(s *session) *signal.Member {
	if m := p.known(s); m != nil {
		return m
	}
	p.mu.Lock()
	p.wanted |= wantRoster
	p.mu.Unlock()
	p.look()
	return p.known(s)
}

// known is a client that others were told of, nil for one that they were not.
func (p *place) known(s *session) *signal.Member {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.locals[s]; l == nil || !l.told {
		return nil
	}
	return p.members[s.public]
}

// deliver gives a message to those clients that it is for, wherever they are.
func (p *place) deliver(from *signal.Member, q *messageRequest, data []byte) {
	p.mu.Lock()
	elsewhere := map[string][]string{}
	here := map[string]*session{}
	for s := range p.locals {
		here[s.public] = s
	}
	for _, m := range p.order {
		if !q.isFor(from, m) {
			continue
		}
		if s := here[m.PublicID]; s != nil {
			s.send(frame{data: data})
		} else if m.Node != p.hub.node {
			elsewhere[m.Node] = append(elsewhere[m.Node], m.PublicID)
		}
	}
	p.mu.Unlock()
	for node, to := range elsewhere {
		p.hub.post(node, parcel{Token: p.token, To: to, Data: data})
	}
}

// relay tells the clients of new messages.
func (p *place) relay(ctx context.Context) error {
	p.mu.Lock()
	after, known, readers := p.newest, p.properties != nil, 0
	for s := range p.locals {
		if s.relays() {
			readers++
		}
	}
	p.mu.Unlock()
	if !known {
		return nil // there is no conversation any more
	}
	news, err := p.hub.chat(ctx, p.token, after, readers > 0, maxRelayed)
	if err != nil {
		p.hub.log.Warn("new messages cannot be relayed", "err", err.Error())
		return err
	}
	if news.Newest <= after {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.newest = news.Newest
	sign := p.sign()
	all := make([]frame, len(news.Messages))
	for i, m := range news.Messages {
		all[i].data = roomMessage(p.token, object{"comment": m.Data})
	}
	for s, l := range p.locals {
		m := p.members[s.public]
		if !l.told {
			l.missed = true
			continue
		}
		if m == nil || talk.WaitsInLobby(p.room, &talk.Attendee{Type: m.Role}, m.Final) {
			continue
		}
		if !s.relays() || news.Partial {
			s.send(sign)
			continue
		}
		for i := range all {
			if news.Messages[i].Alike(m.Actor) {
				s.send(all[i])
			} else {
				s.send(sign)
			}
		}
	}
	return nil
}

// sign tells that there is something new in the chat.
func (p *place) sign() frame {
	return frame{kind: refresh, token: p.token, data: roomMessage(p.token, object{"refresh": true})}
}

// concerns is what has to be looked at for a hint.
func concerns(t bus.Topic) want {
	switch t {
	case bus.Chat:
		return wantChat
	case bus.Roster:
		return wantRoster | wantChat
	case bus.Call, bus.Websockets:
		return wantRoster
	}
	return 0
}
