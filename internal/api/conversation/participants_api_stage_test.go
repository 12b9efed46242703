package conversation_test

import (
	"fmt"
	"net/http"
	"testing"

	"parley/internal/talktest"
)

// role is somebody on the stage. Accounts are called by their ids; those who are no
// members from the beginning come when a case needs them first.
type role string

// The cast.
const (
	owner          role = "alice"
	moderator      role = "bob"
	member         role = "carol"
	selfJoined     role = "dave"
	stranger       role = "erin"
	guest          role = "guest"
	guestModerator role = "guest moderator"
	emailGuest     role = "e-mail guest"
	// passerBy has no account and did not join.
	passerBy role = "passer-by"
)

const (
	unknownToken = "unknown1"
	unknownID    = 999999
	guestAddress = "guest@example.com"
)

// stage is a public conversation of alice, with the people of the cast.
type stage struct {
	t       *testing.T
	srv     *talktest.Server
	version int
	// token and pin are what the path names; home is the token that people are in.
	token, home, pin string
	// team is the id of a team.
	team    string
	clients map[role]*talktest.Client
	// actors are the ids of those who have no account.
	actors map[role]string
}

// newStage returns a stage on a server of its own.
func newStage(t *testing.T, version int, phones bool) *stage {
	t.Helper()
	return stageOn(t, startTheatre(t, phones), version, phones)
}

// startTheatre starts a server for stages, with those of the cast who have accounts.
func startTheatre(t *testing.T, phones bool) *talktest.Server {
	t.Helper()
	var options []talktest.Option
	if phones {
		options = append(options, telephony)
	}
	srv := talktest.Start(t, options...)
	for _, r := range []role{owner, moderator, member, selfJoined, stranger} {
		srv.As(string(r))
	}
	return srv
}

// stageOn returns a stage on a server where no other one is in use.
func stageOn(t *testing.T, srv *talktest.Server, version int, phones bool) *stage {
	t.Helper()
	forgetMails(t, srv)
	s := &stage{t: t, srv: srv, version: version, clients: map[role]*talktest.Client{}, actors: map[role]string{}}
	s.token = publicRoom(srv, talktest.P{
		"participants": talktest.P{"users": []role{moderator, member}}, "sipEnabled": map[bool]int{true: 1}[phones],
	})
	s.home = s.token
	s.asOwner(http.MethodPost, "/moderators", talktest.P{"attendeeId": s.id(moderator)})
	return s
}

// asOwner lets alice do something in the conversation by v4.
func (s *stage) asOwner(method, path string, params ...talktest.P) *talktest.Reply {
	s.t.Helper()
	alice, path := s.srv.As(string(owner)), "v4/room/"+s.home+path
	switch method {
	case http.MethodGet:
		return alice.Get(path, params...).OK()
	case http.MethodPut:
		return alice.Put(path, params...).OK()
	case http.MethodDelete:
		return alice.Delete(path, params...).OK()
	}
	return alice.Post(path, params...).OK()
}

// join lets a client join the conversation by v4.
func (s *stage) join(c *talktest.Client, params ...talktest.P) *talktest.Reply {
	s.t.Helper()
	return c.Post("v4/room/"+s.home+"/participants/active", params...).OK()
}

// client returns the client of somebody, who joins for it if need be.
func (s *stage) client(r role) *talktest.Client {
	s.t.Helper()
	if c := s.clients[r]; c != nil {
		return c
	}
	var c *talktest.Client
	switch r {
	case guest, guestModerator, emailGuest, passerBy:
		c = s.srv.Guest()
	default:
		c = s.srv.As(string(r))
	}
	s.clients[r] = c
	switch r {
	case selfJoined:
		s.join(c)
	case guest, guestModerator, emailGuest:
		s.letIn(r, c)
	}
	return c
}

// letIn lets somebody without an account come in.
func (s *stage) letIn(r role, c *talktest.Client) {
	s.t.Helper()
	if r == emailGuest {
		s.invite()
		c.Raw(http.MethodGet, personalLink(s.t, s.srv, "v4/room/"+s.home, guestAddress))
	}
	s.actors[r] = s.join(c).Text("actorId")
	if r == guestModerator {
		s.asOwner(http.MethodPost, "/moderators", talktest.P{"attendeeId": s.id(r)})
	}
}

// invite adds the e-mail guest.
func (s *stage) invite() { s.add("emails", guestAddress) }

// add lets the owner add somebody.
func (s *stage) add(source, id string) {
	s.t.Helper()
	s.asOwner(http.MethodPost, "/participants", talktest.P{"source": source, "newParticipant": id})
}

// addGroup adds a group of one member, who is no one else of the cast.
func (s *stage) addGroup() {
	s.t.Helper()
	withGroup(s)
	s.add("groups", "group")
}

// row is somebody's entry in the list of v4, nil without one.
func (s *stage) row(r role) talktest.Object {
	s.t.Helper()
	actor := string(r)
	if id, ok := s.actors[r]; ok {
		actor = id
	}
	for _, p := range s.asOwner(http.MethodGet, "/participants").List() {
		if p.Text("actorId") == actor {
			return p
		}
	}
	return nil
}

func (s *stage) id(r role) int64 { return s.row(r).Number("attendeeId") }

func (s *stage) kind(r role) int64 { return s.row(r).Number("participantType") }

// session is the id of one of somebody's sessions, "0" without one.
func (s *stage) session(r role) string {
	s.t.Helper()
	if ids, ok := s.row(r)["sessionIds"].([]any); ok && len(ids) > 0 {
		return fmt.Sprint(ids[0])
	}
	return "0"
}

// is checks what somebody is now; 0 stands for no participant.
func (s *stage) is(r role, kind int64) {
	s.t.Helper()
	if got := s.kind(r); got != kind {
		s.t.Errorf("%s has type %d, want %d", r, got, kind)
	}
}

// said returns the key of the newest system message.
func (s *stage) said() string {
	s.t.Helper()
	last, _ := s.asOwner(http.MethodGet, "").Object()["lastMessage"].(map[string]any)
	key, _ := last["systemMessage"].(string)
	return key
}

// snapshot is what must not change by a failure: who is there, and what was said.
func (s *stage) snapshot() string {
	s.t.Helper()
	people := s.asOwner(http.MethodGet, "/participants")
	chat := s.srv.As(string(owner)).Get("v1/chat/"+s.home, talktest.P{"lookIntoFuture": 0}).OK()
	return string(people.Data) + string(chat.Data)
}

func (s *stage) same(before string) {
	s.t.Helper()
	if after := s.snapshot(); after != before {
		s.t.Errorf("a failure changed the conversation:\n%s\n%s", before, after)
	}
}

// What happens before a case.

func elsewhere(s *stage) { s.token = unknownToken }

func inOneToOne(s *stage) {
	s.token = s.srv.As(string(owner)).Post("v4/room", talktest.P{"roomType": 1, "invite": member}).Created().Text("token")
	s.srv.As(string(member)).Post("v4/room", talktest.P{"roomType": 1, "invite": owner}).OK()
	s.home = s.token
}

func inLobby(s *stage) { s.asOwner(http.MethodPut, "/webinar/lobby", talktest.P{"state": 1}) }

func withPassword(s *stage) {
	s.asOwner(http.MethodPut, "/password", talktest.P{"password": "open sesame"})
}

func private(s *stage) { s.asOwner(http.MethodDelete, "/public") }

// arrive makes sure that people are there.
func arrive(roles ...role) func(*stage) {
	return func(s *stage) {
		for _, r := range roles {
			s.client(r)
		}
	}
}

func both(f, g func(*stage)) func(*stage) { return func(s *stage) { f(s); g(s) } }

// What a case sends.

func send(p talktest.P) func(*stage) talktest.P { return func(*stage) talktest.P { return p } }

func adding(source, id string) func(*stage) talktest.P {
	return send(talktest.P{"source": source, "newParticipant": id})
}

// byID names somebody by attendee id.
func byID(r role) func(*stage) talktest.P {
	return func(s *stage) talktest.P { s.client(r); return talktest.P{"attendeeId": s.id(r)} }
}

// named names somebody as the version does: by attendee id, or by user id and
// session id.
func named(r role) func(*stage) talktest.P {
	return func(s *stage) talktest.P {
		s.client(r)
		switch {
		case s.version == 4:
			return talktest.P{"attendeeId": s.id(r)}
		case s.actors[r] != "":
			return talktest.P{"sessionId": s.session(r)}
		}
		return talktest.P{"participant": r}
	}
}

// nobody names a participant who does not exist.
func nobody(*stage) talktest.P {
	return talktest.P{"attendeeId": unknownID, "participant": "nobody", "sessionId": "nobody"}
}

// What a case leaves behind.

func becomes(r role, kind int64) func(*stage, *talktest.Reply) {
	return func(s *stage, _ *talktest.Reply) { s.is(r, kind) }
}

func becomesSaying(r role, kind int64, message string) func(*stage, *talktest.Reply) {
	return func(s *stage, _ *talktest.Reply) {
		s.is(r, kind)
		if got := s.said(); got != message {
			s.t.Errorf("the last message is %q, want %q", got, message)
		}
	}
}
