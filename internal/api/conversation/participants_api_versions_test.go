package conversation_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"parley/internal/talktest"
)

// What the versions have to do with each other.

// Old and new clients see and control the same people.
func TestMixedVersionsControlTheSamePeople(t *testing.T) {
	for _, v := range inOld {
		s := newStage(t, v, false)
		s.client(guest) // by v4
		s.ask(s.client(moderator), "DELETE /room/{token}/participants/guests", removingSession(guest)(s)).OK()
		s.is(guest, 0)

		late := s.srv.Guest() // by the old version
		joined := s.ask(late, "POST /room/{token}/participants/active", nil).OK().Object()
		s.actors[guest] = s.lastGuest()
		if got := s.session(guest); got != joined.Text("sessionId") || len(got) != 512 {
			t.Errorf("v%d: v4 lists the session %q of %q", v, got, joined.Text("sessionId"))
		}
		s.asOwner(http.MethodPost, "/moderators", talktest.P{"attendeeId": s.id(guest)})
		s.ask(s.client(moderator), "DELETE /room/{token}/moderators", talktest.P{"sessionId": s.session(guest)}).OK()
		s.is(guest, 4)
		s.asOwner(http.MethodDelete, "/attendees", talktest.P{"attendeeId": s.id(guest)})
		s.ask(late, "GET /room/{token}/participants", nil).Expect(http.StatusNotFound)
	}
}

// lastGuest is the actor id of the guest who came last.
func (s *stage) lastGuest() (id string) {
	for _, p := range s.asOwner(http.MethodGet, "/participants").List() {
		if p.Text("actorType") == "guests" {
			id = p.Text("actorId")
		}
	}
	return id
}

// One person, several sessions: v4 lists all of them, the old versions the newest.
func TestSeveralSessionsOfOnePerson(t *testing.T) {
	s := newStage(t, 4, false)
	ids := []string{s.join(s.client(member)).Text("sessionId")}
	s.srv.Clock.Advance(time.Second)
	ids = append(ids, s.join(s.srv.Device(string(member))).Text("sessionId"))
	got := talktest.Decode[[]struct {
		ActorID    string
		SessionIDs []string
	}](s.asOwner("GET", "/participants"))
	if len(got) != 3 || !slices.Equal(slices.Sorted(slices.Values(got[2].SessionIDs)), slices.Sorted(slices.Values(ids))) {
		t.Errorf("v4 lists %v, want %q", got, ids)
	}
	s.version = 1
	old := s.ask(s.client(owner), "GET /room/{token}/participants", nil).OK().List()
	if len(old) != 3 || !slices.Contains(ids, old[2].Text("sessionId")) {
		t.Errorf("v1 lists %v", old)
	}
}

// A person has one session in the old versions, on whatever device: joining there
// ends those of v4, which joining by v4 leaves alone.
func TestOldJoinEndsAllSessions(t *testing.T) {
	s := newStage(t, 4, false)
	first, second := s.client(member), s.srv.Device(string(member))
	s.join(first)
	s.join(second)
	if got := s.sessions(member); len(got) != 2 {
		t.Errorf("v4 made the sessions %v", got)
	}
	s.version = 3
	const endpoint = "POST /room/{token}/participants/active"
	s.ask(second, endpoint, talktest.P{"force": false}).Expect(http.StatusConflict)
	id := s.ask(second, endpoint, nil).OK().Text("sessionId")
	if got := s.sessions(member); len(got) != 1 || got[0] != id {
		t.Errorf("v3 made the session %q, listed are %v", id, got)
	}
	first.Put("v4/room/"+s.token+"/participants/state", talktest.P{"state": 1}).Expect(http.StatusNotFound)
	s.join(first, talktest.P{"force": false})
}

// Endpoints are there only in their versions; a path that has other methods says so.
func TestEndpointsOfOtherVersions(t *testing.T) {
	s := newStage(t, 4, false)
	before := s.snapshot()
	for _, c := range []struct {
		version  int
		endpoint string
		status   int
	}{
		{4, "DELETE /room/{token}/participants", 405},
		{4, "DELETE /room/{token}/participants/guests", 404},
		{1, "DELETE /room/{token}/attendees", 404},
		{2, "DELETE /room/{token}/attendees", 404},
		{2, "POST /room/{token}/participants/resend-invitations", 404},
		{2, "GET /room/{token}/pin/{pin}", 404},
		{3, "PUT /room/{token}/attendees/permissions", 404},
		{3, "PUT /room/{token}/attendees/permissions/all", 404},
		{3, "PUT /room/{token}/participants/state", 404},
		{2, "POST /guest/{token}/name", 404},
		{4, "POST /guest/{token}/name", 404},
		{5, "GET /room/{token}/participants", 404},
	} {
		s.version, s.pin = c.version, "1234567"
		reply := s.ask(s.client(owner), c.endpoint, talktest.P{"participant": member, "attendeeId": s.id(member)})
		if reply.Status != c.status {
			t.Errorf("v%d %s: %d", c.version, c.endpoint, reply.Status)
		}
		if allow := reply.Header.Get("Allow"); (allow != "") != (c.status == 405) {
			t.Errorf("v%d %s: Allow %q", c.version, c.endpoint, allow)
		}
	}
	s.same(before)
}
