package conversation_test

import (
	"maps"
	"net/http"
	"slices"
	"time"

	rules "parley/internal/talk"
	"parley/internal/talktest"
)

func joinTopic() topic {
	right, wrong := send(talktest.P{"password": "open sesame"}), send(talktest.P{"password": "open barley"})
	asking := send(talktest.P{"force": false})
	return topic{"join", "POST /room/{token}/participants/active", []apiCase{
		{versions: inAll, status: 200, name: "member", when: "a member opens the conversation", by: member, after: joinedAs(member, 3)},
		{versions: inAll, status: 200, name: "lobby", when: "also while the lobby is on", by: member, before: inLobby, after: joinedAs(member, 3)},
		{versions: inAll, status: 200, name: "self-joined", when: "a stranger joins a public conversation", by: stranger, after: joinedAs(stranger, 5)},
		{versions: inAll, status: 200, name: "guest", when: "somebody without an account joins", by: passerBy, after: joinedAsGuest},
		{versions: inV4, status: 200, name: "guest again", when: "a guest who comes back is the same, and needs no password", by: guest,
			before: both(arrive(guest), withPassword), after: joinedAs(guest, 4)},
		{versions: inOld, status: 200, name: "another guest", when: "a guest who comes back is somebody new", by: guest, before: arrive(guest), after: cameAnew},
		{versions: inIDs, status: 200, name: "listed", when: "users become members of a listed conversation, without password", by: stranger,
			before: both(withPassword, listed), after: joinedAs(stranger, 3)},
		{versions: inAll, status: 200, name: "password", when: "a stranger knows the password", by: stranger,
			before: withPassword, with: right, after: joinedAs(stranger, 5)},
		{versions: inAll, status: 200, name: "member without password", when: "members need no password", by: member,
			before: withPassword, after: joinedAs(member, 3)},
		{versions: inAll, status: 200, name: "force", when: "by default the old session is replaced", by: member, before: memberIsThere, after: joinedAs(member, 3)},
		{versions: inV4, status: 200, name: "another device", when: "other devices are never in the way", by: member,
			before: onAnotherDevice, with: asking, after: twoSessions},
		{versions: inAll, status: 200, name: "dead session", when: "a session without a sign of life for 100 s is not in the way", by: member,
			before: diedThere, with: asking, after: joinedAs(member, 3)},
		{versions: inAll, status: 403, name: "no password", when: "a stranger gives no password", by: stranger, before: withPassword, want: `{"error":"password"}`},
		{versions: inAll, status: 403, name: "wrong password", when: "a guest gives a wrong password", by: passerBy,
			before: withPassword, with: wrong, want: `{"error":"password"}`},
		{versions: inAll, status: 403, name: "banned", when: "the caller is banned", by: stranger, before: banStranger, want: `{"error":"ban"}`},
		{versions: inAll, status: 404, name: "conversation", when: "there is no such conversation", by: member, before: elsewhere, want: "null"},
		{versions: inAll, status: 404, name: "private", when: "the conversation is private and the caller not in it", by: stranger, before: private, want: "null"},
		{versions: inAll, status: 404, name: "private guest", when: "the same for somebody without an account", by: passerBy, before: private, want: "null"},
		{versions: inAll, status: 409, name: "session", when: "`force=false` and the same client is there already", by: member,
			before: memberIsThere, with: asking, after: conflicts(member, 0)},
		{versions: inAll, status: 409, name: "quiet session", when: "its last sign of life is less than 100 s old: `lastPing` tells", by: member,
			before: quietThere, with: asking, after: conflicts(member, 99)},
		{versions: inAll, status: 409, name: "guest session", when: "the same for a guest", by: guest, with: asking, after: conflicts(guest, 0)},
		{versions: inOld, status: 409, name: "another device", when: "`force=false` and the user is there with any device", by: member,
			before: onAnotherDevice, with: asking, after: conflicts(member, 0)},
	}}
}

func leaveTopic() topic {
	return topic{"leave", "DELETE /room/{token}/participants/active", []apiCase{
		{versions: inAll, status: 200, name: "member", when: "the session ends, the member stays", by: member, before: memberIsThere, want: "null",
			after: leftButStays},
		{versions: inAll, status: 200, name: "self-joined", when: "a self-joined user is out", by: selfJoined, want: "null", after: becomes(selfJoined, 0)},
		{versions: inAll, status: 200, name: "guest", when: "a guest is out of the list", by: guest, want: "null", after: becomes(guest, 0)},
		{versions: inAll, status: 200, name: "without session", when: "there was no session to end", by: member, want: "null", after: becomes(member, 3)},
		{versions: inAll, status: 404, name: "conversation", when: "there is no such conversation", by: member, before: elsewhere, want: "[]"},
		{versions: inAll, status: 404, name: "private", when: "the caller cannot see the conversation", by: stranger, before: private, want: "[]"},
	}}
}

func stateTopic() topic {
	state := func(n int) func(*stage) talktest.P { return send(talktest.P{"state": n}) }
	return topic{"session state", "PUT /room/{token}/participants/state", []apiCase{
		{versions: inV4, status: 200, name: "inactive", when: "the person looks elsewhere", by: member, before: memberIsThere, with: state(0), after: answersRoom},
		{versions: inV4, status: 200, name: "active", when: "the person is back", by: guest, with: state(1), after: answersRoom},
		{versions: inV4, status: 400, name: "state", when: "there is no such state", by: member, before: memberIsThere, with: state(2), want: "null"},
		{versions: inV4, status: 404, name: "without session", when: "the caller has no session", by: member, with: state(1), want: "null"},
		{versions: inV4, status: 404, name: "conversation", when: "there is no such conversation", by: member, before: elsewhere, with: state(1), want: "[]"},
	}}
}

func memberIsThere(s *stage) { s.join(s.client(member)) }

func onAnotherDevice(s *stage) { s.join(s.srv.Device(string(member))) }

func quietThere(s *stage) {
	memberIsThere(s)
	s.srv.Clock.Advance((rules.DeadAfter - 1) * time.Second)
}

func diedThere(s *stage) {
	memberIsThere(s)
	s.srv.Clock.Advance(rules.DeadAfter * time.Second) // nobody swept yet
}

// joinedAs checks the answer to a join, and that the list has the new session alone.
func joinedAs(r role, kind int64) func(*stage, *talktest.Reply) {
	return func(s *stage, reply *talktest.Reply) {
		s.is(r, kind)
		if got := reply.Text("token"); got != s.token {
			s.t.Errorf("joined %q", got)
		}
		if id := reply.Text("sessionId"); len(id) != 512 || s.session(r) != id || len(s.sessions(r)) != 1 {
			s.t.Errorf("the answer has the session %q, the list %q", id, s.sessions(r))
		}
	}
}

func (s *stage) sessions(r role) []any {
	ids, _ := s.row(r)["sessionIds"].([]any)
	return ids
}

func joinedAsGuest(s *stage, reply *talktest.Reply) {
	s.actors[passerBy] = s.lastGuest()
	joinedAs(passerBy, 4)(s, reply)
}

func cameAnew(s *stage, reply *talktest.Reply) {
	s.is(guest, 0)
	joinedAsGuest(s, reply)
}

func listed(s *stage) { s.asOwner(http.MethodPut, "/listable", talktest.P{"scope": 1}) }

func twoSessions(s *stage, _ *talktest.Reply) {
	if got := len(s.sessions(member)); got != 2 {
		s.t.Errorf("%d sessions", got)
	}
}

// conflicts checks the three facts about the session that is in the way, whose last
// sign of life is age seconds old.
func conflicts(r role, age int64) func(*stage, *talktest.Reply) {
	return func(s *stage, reply *talktest.Reply) {
		data := reply.Object()
		if keys := slices.Sorted(maps.Keys(data)); !slices.Equal(keys, []string{"inCall", "lastPing", "sessionId"}) {
			s.t.Errorf("data %v", data)
		}
		if data.Text("sessionId") != s.session(r) || data.Number("inCall") != 0 || data.Number("lastPing") != s.srv.Now().Unix()-age {
			s.t.Errorf("data %v", data)
		}
	}
}

func leftButStays(s *stage, _ *talktest.Reply) {
	s.is(member, 3)
	if got := s.sessions(member); len(got) != 0 {
		s.t.Errorf("sessions %v", got)
	}
	s.version = 1
	for _, p := range s.ask(s.client(owner), "GET /room/{token}/participants", nil).Expect(http.StatusOK).List() {
		if got := p.Text("sessionId"); got != "0" {
			s.t.Errorf("v1 lists the session %q", got)
		}
	}
}

func answersRoom(s *stage, reply *talktest.Reply) {
	if got := reply.Text("token"); got != s.token {
		s.t.Errorf("answered %q", got)
	}
}
