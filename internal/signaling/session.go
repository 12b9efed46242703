package signaling

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/coder/websocket"

	"parley/internal/signal"
)

const (
	// workTimeout bounds what a message of a client makes the server do.
	workTimeout = 30 * time.Second
	// patience is how many messages wait for a client that is connected: more, and it reads too
	// slowly, and has to come back.
	patience = 256
)

// session is a client, whose connections come and go.
type session struct {
	hub            *Hub
	public, secret string
	who            signal.Person
	features       []string
	// work is held by whoever does what the client asked for.
	work sync.Mutex

	mu sync.Mutex // guards what follows; no other mutex is taken under it but that of the hub
	// conn is nil while the connection is lost, since lostAt.
	conn    *connection
	lostAt  time.Time
	queue   queue
	writing bool
	ended   bool
	// place is the conversation that the client is in, nil for none, since idleSince.
	place     *place
	idleSince time.Time
	// seat is its row there, roomSession its session in the conversation.
	seat        int64
	roomSession string
}

// relays reports whether the client takes messages of a chat as they are.
func (s *session) relays() bool { return slices.Contains(s.features, relayFeature) }

// attach gives the session a connection, whose first message is the answer to its hello. One that
// it had before is closed.
func (s *session) attach(c *connection, first []byte) {
	s.mu.Lock()
	old := s.conn
	s.conn, s.lostAt = c, time.Time{}
	s.queue.frames = append([]frame{{data: first}}, s.queue.frames...)
	s.queue.bytes += len(first)
	told, p := s.queue.has(update), s.place
	s.write()
	s.mu.Unlock()
	if old != nil {
		s.hub.work.Go(func() { old.hangUp(byeResumed) })
	}
	if p != nil && !told {
		p.showAll(s)
	}
}

// detach takes a connection away that has ended.
func (s *session) detach(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == c {
		s.conn, s.lostAt = nil, s.hub.now()
	}
}

// send puts a message into the queue of the client.
func (s *session) send(f frame) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	if !s.queue.put(f) {
		s.hub.counts.overflows.Add(1)
		s.hub.work.Go(func() { s.end(true) }) // it has to begin anew, since it would miss something
		return
	}
	if s.conn != nil && len(s.queue.frames) > patience {
		s.hub.counts.cut.Add(1)
		_ = s.conn.ws.CloseNow()
		return
	}
	s.write()
}

// write has somebody write what waits. The caller holds mu.
func (s *session) write() {
	if s.conn == nil || s.writing || len(s.queue.frames) == 0 {
		return
	}
	s.writing = true
	c := s.conn
	s.hub.work.Go(func() { s.writeAll(c) })
}

// writeAll writes what waits to a connection until nothing does.
func (s *session) writeAll(c *connection) {
	for {
		s.mu.Lock()
		f, ok := frame{}, false
		if s.conn == c {
			f, ok = s.queue.take()
		}
		if !ok {
			s.writing = false
			s.write() // a new connection may have come
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()
		if !c.write(f.data) {
			_ = c.ws.CloseNow()
			s.mu.Lock()
			s.queue.frames = append([]frame{f}, s.queue.frames...) // for the next connection
			s.queue.bytes += len(f.data)
			s.writing = false
			if s.conn == c {
				s.conn, s.lostAt = nil, s.hub.now()
			}
			s.write()
			s.mu.Unlock()
			return
		}
		if f.last {
			_ = c.ws.Close(websocket.StatusNormalClosure, "")
			return // writing stays: nothing comes behind it
		}
	}
}

// sayBye ends the session with a last message.
func (s *session) sayBye(last []byte, leave bool) {
	s.send(frame{data: last, last: true})
	s.end(leave)
}

// end ends the session; if leave is set, it leaves its conversation as if somebody did so by the API. What
// waits is still written.
func (s *session) end(leave bool) {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return
	}
	s.ended = true
	if c := s.conn; c != nil && len(s.queue.frames) == 0 && !s.writing {
		s.hub.work.Go(func() { _ = c.ws.Close(websocket.StatusNormalClosure, "") })
	} else if c != nil && len(s.queue.frames) > 0 {
		s.queue.frames[len(s.queue.frames)-1].last = true
	}
	s.mu.Unlock()
	s.hub.forget(s)
	s.leave(leave)
}

// leave takes the client out of its conversation. It reports whether it was in one.
func (s *session) leave(tell bool) bool {
	s.mu.Lock()
	p, seat, session := s.place, s.seat, s.roomSession
	s.place, s.seat, s.roomSession, s.idleSince = nil, 0, "", s.hub.now()
	s.mu.Unlock()
	if p == nil {
		return false
	}
	p.remove(s)
	if tell {
		ctx, cancel := context.WithTimeout(context.Background(), workTimeout)
		defer cancel()
		if err := s.hub.signal.Depart(ctx, p.token, seat, session); err != nil {
			// The next sweep finds the seat without anybody.
			s.hub.log.Warn("a client cannot be taken out of a conversation", "err", err.Error())
		}
	}
	return true
}

// handle does what the client asks for. It reports whether the connection goes on.
func (s *session) handle(c *connection, r *request) bool {
	s.work.Lock()
	defer s.work.Unlock()
	switch r.Type {
	case "bye":
		s.sayBye(encode(reply(r.ID, "bye", nil)), true)
	case "room":
		s.enter(r)
	case "message":
		s.pass(r, r.Message, false)
	case "control":
		s.pass(r, r.Control, true)
	case "transient":
		s.note(r)
	}
	return true
}

// enter takes the client into a conversation, or out of one.
func (s *session) enter(r *request) {
	q := r.Room
	switch {
	case q == nil:
		s.fail(r, invalidFormat, nil)
		return
	case len(q.Federation) > 0 && string(q.Federation) != "null":
		s.fail(r, federationUnsupported, nil)
		return
	case q.RoomID == "":
		if s.leave(true) {
			s.send(frame{data: encode(reply(r.ID, "room", object{"roomid": ""}))})
		}
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), workTimeout)
	defer cancel()
	a := signal.Attendance{
		Person: s.who, PublicID: s.public, Resume: s.secret, Node: s.hub.node, Features: s.features, Token: q.RoomID, SessionID: q.SessionID,
	}
	s.mu.Lock()
	there := s.place != nil && s.place.token == q.RoomID
	if there {
		a.Seat = s.seat
	}
	s.mu.Unlock()
	if !s.hub.seen.Load() { // or others would take the client for one of a dead node
		s.hub.beat(ctx)
	}
	seat, in, err := s.hub.signal.Attend(ctx, &a)
	if err != nil {
		s.fail(r, s.hub.codeOf(err), nil)
		return
	}
	body := object{"roomid": in.Token, "properties": in.Properties}
	if there {
		s.mu.Lock()
		s.roomSession = q.SessionID
		s.mu.Unlock()
		s.fail(r, alreadyJoined, object{"room": body})
		return
	}
	s.leave(true)
	s.send(frame{data: encode(reply(r.ID, "room", body))})
	s.hub.seat(s, in, q.SessionID, seat)
}

func (s *session) fail(r *request, code string, details any) {
	s.send(frame{data: failure(r.ID, code, details)})
}
