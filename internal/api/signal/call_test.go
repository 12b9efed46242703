package signal_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/talktest"
)

// TestThreeHoldACall: each offers to those whose session is smaller, as clients do, and tells
// the others how to reach it. All of it comes once, in order, and to nobody else.
func TestThreeHoldACall(t *testing.T) {
	eachMeeting(t, func(m *meeting) {
		three := []*peer{m.join(m.As("alice")), m.join(m.As("bob")), m.join(m.Guest())}
		other := m.As("carol").Post("v4/room", p{"roomType": 3, "roomName": "Elsewhere"}).Created().Text("token")
		carol, dave := m.joinAt(m.As("carol"), other), m.join(m.Guest())
		var heard []func() []note
		for _, x := range three {
			heard = append(heard, x.listen(3))
		}
		heard = append(heard, carol.listen(0), dave.listen(0))
		const ways = 20
		var talking sync.WaitGroup
		for _, x := range three {
			talking.Go(func() {
				x.Post("v4/call/"+m.token, p{"flags": 7})
				for _, y := range three {
					switch {
					case x.session > y.session:
						x.send(say(y.session, "offer", 0, p{"payload": p{"type": "offer", "sdp": "v=0\r\nm=audio 9 X 1\r\n"}}))
					case x.session < y.session:
						x.send(say(y.session, "answer", 0, p{"payload": p{"type": "answer", "sdp": "v=0\r\nm=audio 9 X 1\r\n"}}))
					}
				}
				for n := range ways / 2 {
					var some []any
					for _, y := range three {
						if x != y {
							some = append(some, say(y.session, "candidate", 2*n+1), say(y.session, "candidate", 2*n+2))
						}
					}
					x.send(some...)
				}
			})
		}
		talking.Wait()
		if call := m.As("alice").Get("v4/call/" + m.token).OK().List(); len(call) != 3 {
			m.t.Errorf("%d are in the call", len(call))
		}
		for _, x := range three {
			x.send(say(three[0].session, "bye", 0), say(three[1].session, "bye", 0), say(three[2].session, "bye", 0), say(dave.session+"x", "bye", 0))
		}
		for i, x := range three {
			all := heard[i]()
			for _, y := range three {
				m.checkHeard(all, x, y, ways)
			}
		}
		for i, x := range []*peer{carol, dave} {
			if all := heard[3+i](); len(all) > 0 {
				m.t.Errorf("%s, whom nobody meant, heard %s", x.User, kinds(all))
			}
		}
	})
}

// checkHeard holds what x has heard of y against what y has said to it.
func (m *meeting) checkHeard(all []note, x, y *peer, ways int) {
	m.t.Helper()
	var of []note
	for _, n := range all {
		if n.To != x.session {
			m.t.Errorf("heard what is for %.8s", n.To)
		}
		if n.From == y.session {
			of = append(of, n)
		}
	}
	want := "bye 0"
	if x != y {
		want = "offer 0"
		if x.session > y.session {
			want = "answer 0"
		}
		for n := range ways {
			want += fmt.Sprintf(", candidate %d", n+1)
		}
		want += ", bye 0"
	}
	if got := kinds(of); got != want {
		m.t.Errorf("heard %s, want %s", got, want)
	}
}

// TestWhoIsThere: what the list of people says of them.
func TestWhoIsThere(t *testing.T) {
	eachMeeting(t, func(m *meeting) {
		alice, guest := m.join(m.As("alice")), m.join(m.Guest())
		alice.Post("v4/call/"+m.token, p{"flags": 3}).OK()
		got := guest.ask()
		if want := []string{alice.session, guest.session}; got.status != http.StatusOK || !slices.Equal(got.sessions(), want) {
			m.t.Fatalf("told %+v", got)
		}
		a, g := got.people[0], got.people[1]
		if a.Text("userId") != "alice" || a.Text("actorType") != "users" || a.Text("actorId") != "alice" || a.Number("inCall") != 3 ||
			a.Number("participantPermissions") != 254 || a.Number("lastPing") != m.Now().Unix() || a.Number("roomId") == 0 {
			m.t.Errorf("alice is %v", a)
		}
		if userID, there := g["userId"]; !there || userID != "" || g.Text("actorType") != "guests" || g.Number("inCall") != 0 {
			m.t.Errorf("the guest is %v", g)
		}
		alice.send(say(guest.session, "candidate", 1))
		r := guest.Raw("GET", "/ocs/v2.php/apps/spreed/api/v3/signaling/"+m.token, talktest.Header("OCS-APIRequest", "true"), talktest.Query("format", "xml"))
		for _, part := range []string{"<type>message</type>", "<type>usersInRoom</type>", "<userId>alice</userId>", "<sessionId>" + guest.session + "</sessionId>"} {
			if r.Status != http.StatusOK || !strings.Contains(string(r.Body), part) {
				m.t.Errorf("in XML: %d, %s is not in %s", r.Status, part, r.Body)
			}
		}
	})
}

// TestWhatEndsWaiting: whoever waits is told at once of what concerns them.
func TestWhatEndsWaiting(t *testing.T) {
	eachMeeting(t, func(m *meeting) {
		alice := m.join(m.As("alice"))
		attendee := func(id string) int64 {
			for _, who := range alice.Get("v4/room/" + m.token + "/participants").OK().List() {
				if who.Text("actorId") == id {
					return who.Number("attendeeId")
				}
			}
			return 0
		}
		room := "v4/room/" + m.token
		for _, c := range []struct {
			name   string
			status int
			do     func(bob *peer)
		}{
			{"message", 200, func(bob *peer) { alice.send(say(bob.session, "candidate", 1)) }},
			{"call", 200, func(*peer) { alice.Post("v4/call/"+m.token, p{"flags": 1}).OK() }},
			{"flags", 200, func(*peer) { alice.Put("v4/call/"+m.token, p{"flags": 3}).OK() }},
			{"own flags", 200, func(bob *peer) { bob.Post("v4/call/"+m.token, p{"flags": 3}).OK() }},
			{"call is over", 200, func(*peer) { alice.Delete("v4/call/"+m.token, p{"all": true}).OK() }},
			{"permissions", 200, func(*peer) {
				alice.Put(room+"/attendees/permissions", p{"attendeeId": attendee("bob"), "permissions": 7, "method": "set"}).OK()
			}},
			{"default permissions", 200, func(*peer) { alice.Put(room+"/permissions/default", p{"permissions": 15}).OK() }},
			{"somebody comes", 200, func(*peer) { m.join(m.Guest()) }},
			{"lobby", 200, func(*peer) { alice.Put(room+"/webinar/lobby", p{"state": 1}).OK() }},
			{"another window", 409, func(bob *peer) { m.join(bob.Client) }},
			{"leaves elsewhere", 404, func(bob *peer) { bob.Delete(room + "/participants/active").OK() }},
			{"removed", 404, func(*peer) { alice.Delete(room+"/attendees", p{"attendeeId": attendee("bob")}).OK() }},
			{"deleted", 404, func(*peer) { alice.Delete(room).OK() }},
		} {
			bob := m.join(m.As("bob"))
			if c.name == "own flags" {
				alice.Post("v4/call/"+m.token, p{"flags": 1}).OK()
			}
			bob.ask() // of joining
			answer := bob.waits()
			c.do(bob)
			got := m.soon(c.name, answer)
			if got.status != c.status || (c.status == 200) != slices.Contains(got.sessions(), bob.session) || c.status != 200 && len(got.people) > 0 {
				m.t.Errorf("%s: told %d, %d people", c.name, got.status, len(got.people))
			}
			if c.name == "message" != (len(got.notes) == 1) {
				m.t.Errorf("%s: told %d messages", c.name, len(got.notes))
			}
		}
	})
}

// TestWithoutSession: whoever has none is told of nobody, and what they send is dropped.
func TestWithoutSession(t *testing.T) {
	eachMeeting(t, func(m *meeting) {
		alice := m.join(m.As("alice"))
		m.As("carol")
		outside := map[string]*talktest.Client{
			"member": m.As("bob"), "stranger": m.As("carol"), "guest": m.Guest(), "without cookies": m.Anonymous(),
		}
		for name, c := range outside {
			x := &peer{c, m, m.token, alice.session}
			if got := x.ask(); got.status != http.StatusNotFound || len(got.people) > 0 {
				m.t.Errorf("%s: told %+v", name, got)
			}
			x.send(say(alice.session, "candidate", 1))
			(&peer{c, m, "nowhere", alice.session}).post(`[{"ev":"message"}]`)
		}
		bob := m.join(m.As("bob"))
		if got := alice.hears(bob); len(got.notes) > 0 {
			m.t.Errorf("alice heard %s", kinds(got.notes))
		}
	})
}

// TestQuietMinute: a session that showed no sign of life for a minute is not shown to others,
// but told of itself as soon as it asks, and shown again.
func TestQuietMinute(t *testing.T) {
	eachMeeting(t, func(m *meeting) {
		alice, bob := m.join(m.As("alice")), m.join(m.As("bob"))
		alice.ask()
		m.Advance(time.Minute)
		alice.send(say(alice.session, "end", 0)) // is a sign of life
		m.Advance(6 * time.Second)
		if got := alice.hears(alice).sessions(); !slices.Equal(got, []string{alice.session}) {
			m.t.Errorf("alice is told of %d sessions", len(got))
		}
		for range 2 { // also of what is remembered of the list
			if got := bob.ask().sessions(); !slices.Contains(got, bob.session) {
				m.t.Errorf("bob is told of %d sessions, not of his own", len(got))
			}
			alice.send(say(bob.session, "candidate", 1))
		}
		m.Advance(6 * time.Second)
		if got := alice.hears(alice).sessions(); !slices.Equal(got, []string{alice.session, bob.session}) {
			m.t.Errorf("after bob has asked alice is told of %d sessions", len(got))
		}
		m.Advance(5 * time.Minute)
		if got := bob.ask(); got.status != http.StatusNotFound {
			m.t.Errorf("a dead session is told %d", got.status)
		}
	})
}

// TestServerStops: all who wait are answered at once.
func TestServerStops(t *testing.T) {
	eachMeeting(t, func(m *meeting) {
		all := []*peer{m.join(m.As("alice")), m.join(m.As("bob")), m.join(m.Guest())}
		var answers []<-chan told
		for _, x := range all {
			x.ask() // of who has come
			answers = append(answers, x.waits())
		}
		m.Bus.StopWaiting()
		for _, a := range answers {
			if got := m.soon("the server stops", a); got.status != http.StatusOK || len(got.people) != len(all) {
				m.t.Errorf("told %+v", got)
			}
		}
	})
}
