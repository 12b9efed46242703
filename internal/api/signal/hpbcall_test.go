package signal_test

import (
	"testing"
	"time"

	"parley/internal/signal"
	"parley/internal/store/deliveries"
	"parley/internal/talktest"
)

// connected is somebody in a conversation, by the API and by the signaling server.
type connected struct {
	*talktest.Client
	*talktest.SignalingClient
	session string
}

// table is a conversation of three who are connected by a signaling server, on two nodes where
// that is possible.
type table struct {
	*talktest.Server
	t          *testing.T
	nodes      []*talktest.Server
	other      *talktest.SignalingServer
	token      string
	alice, bob connected
	greta      connected
}

// eachTable runs f where alice owns a conversation with bob and the guest Greta. Alice and the
// guest say hello with a token, bob with a ticket and to the other node.
func eachTable(t *testing.T, f func(*table)) {
	t.Helper()
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			hpb, url := talktest.StartSignaling(t), d.URL(t)
			one := talktest.Start(t, talktest.On(url), hpb.Option)
			two, nodes := one, []*talktest.Server{one}
			if d.Name == "postgres" {
				two = talktest.Start(t, talktest.On(url), hpb.Option)
				nodes = append(nodes, two)
			}
			hpb.Behind(nodes...)
			one.As("bob")
			m := &table{Server: one, t: t, nodes: nodes, other: hpb, token: one.As("alice").Post("v4/room", p{"roomType": 3, "roomName": "Team"}).Created().Text("token")}
			one.As("alice").Post(m.room()+"/participants", p{"newParticipant": "bob", "source": "users"}).OK()
			m.alice, m.bob, m.greta = m.opens(one.As("alice")), m.opens(two.As("bob")), m.opens(two.Guest())
			m.greta.Post("v1/guest/"+m.token+"/name", p{"displayName": "Greta"}).OK()
			m.quiet()
			m.connects("alice", "2.0", &m.alice)
			m.connects("bob", "1.0", &m.bob)
			m.connects("greta", "2.0", &m.greta)
			m.alice.Hears("join bob", "join greta")
			m.bob.Hears("join greta")
			f(m)
			m.quiet()
			for _, x := range []*connected{&m.alice, &m.bob, &m.greta} {
				x.Hears()
			}
		})
	}
}

func (m *table) room() string { return "v4/room/" + m.token }

func (m *table) call() string { return "v4/call/" + m.token }

// opens has a client open a session.
func (m *table) opens(c *talktest.Client) connected {
	m.t.Helper()
	return connected{Client: c, session: c.Post(m.room() + "/participants/active").OK().Text("sessionId")}
}

func (m *table) connects(name, version string, x *connected) {
	m.t.Helper()
	x.SignalingClient = m.other.Connect(name, version, x.Client, m.token)
	x.Join(m.token, x.session)
}

// quiet waits until nothing has to be told any more.
func (m *table) quiet() {
	m.t.Helper()
	m.AwaitQueue(signal.Kind, "all is told", func(q deliveries.State) bool { return q.Waiting+q.Failed == 0 })
}

// all hear the same.
func (m *table) all(want ...string) {
	m.t.Helper()
	for _, x := range []*connected{&m.alice, &m.bob, &m.greta} {
		if x.SignalingClient != nil {
			x.Hears(want...)
		}
	}
}

func (m *table) attendee(kind string) int64 {
	m.t.Helper()
	for _, who := range m.alice.Get(m.room() + "/participants").OK().List() {
		if who.Text("actorType") == kind && who.Text("actorId") != "alice" {
			return who.Number("attendeeId")
		}
	}
	m.t.Fatalf("nobody of %s is there", kind)
	return 0
}

// talk has two of them find a way to each other, and one raise a hand.
func (m *table) talk(x, y *connected) {
	m.t.Helper()
	for _, kind := range []string{"offer", "candidate", "candidate", "raiseHand"} {
		if !x.Say(kind, y.SignalingClient) {
			m.t.Errorf("%s of %s is not passed on", kind, x.Name)
		}
	}
	if !y.Say("answer", x.SignalingClient) || !y.Say("candidate", x.SignalingClient) {
		m.t.Errorf("%s cannot answer", y.Name)
	}
	y.Hears("offer of "+x.Name, "candidate of "+x.Name, "candidate of "+x.Name, "raiseHand of "+x.Name)
	x.Hears("answer of "+y.Name, "candidate of "+y.Name)
}

// TestCallBySignalingServer: three hold a call by a signaling server, and each of them is told
// what happens, once, in order, and nothing else.
func TestCallBySignalingServer(t *testing.T) {
	eachTable(t, func(m *table) {
		m.alice.Post(m.call(), p{"flags": 7}).OK()
		m.all("incall 7 changed alice:7 users alice:7", "chat")
		m.bob.Post(m.call(), p{"flags": 3}).OK()
		m.all("incall 3 changed bob:3 users alice:7,bob:3", "chat")
		m.greta.Post(m.call(), p{"flags": 7}).OK()
		m.all("incall 7 changed greta:7 users alice:7,bob:3,greta:7", "chat")
		m.talk(&m.alice, &m.bob)
		m.talk(&m.greta, &m.alice)
		m.talk(&m.bob, &m.greta)
		if m.bob.Say("control", m.greta.SignalingClient) || !m.alice.Say("control", m.greta.SignalingClient) {
			m.t.Error("orders do not come from the moderator alone")
		}
		m.greta.Hears("control of alice")

		m.bob.Put(m.call(), p{"flags": 1}).OK()
		m.all("incall 1 changed bob:1 users alice:7,bob:1,greta:7")
		m.alice.Put(m.room()+"/attendees/permissions", p{"attendeeId": m.attendee("guests"), "permissions": 4, "method": "set"}).OK()
		m.all("participants changed greta ")
		if m.greta.Say("offer", m.alice.SignalingClient) {
			m.t.Error("who may not publish offers")
		}
		m.staysAlive()

		m.bob.Delete(m.call()).OK()
		m.all("incall 0 changed bob:0 users alice:7,greta:7", "chat")
		m.alice.Delete(m.room()+"/attendees", p{"attendeeId": m.attendee("guests")}).OK()
		m.greta.Hears("disinvited")
		m.alice.Hears("roomlist/update", "leave greta")
		m.bob.Hears("roomlist/update", "leave greta")
		if r := m.alice.Get(m.room()).OK().Object(); r["hasCall"] != true {
			m.t.Error("the call is over")
		}
		if m.greta.Say("offer", m.alice.SignalingClient) {
			m.t.Error("who was removed goes on")
		}
		m.bob.Post(m.call(), p{"flags": 3}).OK()
		m.alice.Hears("incall 3 changed bob:3 users alice:7,bob:3", "chat")
		m.bob.Hears("incall 3 changed bob:3 users alice:7,bob:3", "chat")
		m.alice.Delete(m.call(), p{"all": true}).OK()
		m.alice.Hears("incall 0 all", "chat")
		m.bob.Hears("incall 0 all", "chat")
		m.bob.Leave()
		m.alice.Hears("leave bob")
		if sessions := m.alice.Get(m.room() + "/participants").OK().List(); len(sessions) != 2 || len(sessions[1]["sessionIds"].([]any)) != 0 {
			m.t.Errorf("after bob has left: %v", sessions)
		}
	})
}

// staysAlive shows that only those live whom the signaling server pings.
func (m *table) staysAlive() {
	m.t.Helper()
	m.quiet() // the clocks of the nodes differ for a moment
	for range 5 {
		m.other.Ping(m.token)
		for _, node := range m.nodes {
			node.Advance(25 * time.Second)
		}
		if peers := m.alice.Get(m.call()).OK().List(); len(peers) != 3 {
			m.t.Errorf("%d are in the call", len(peers))
		}
	}
}

// TestRemovedAccountInCall: whoever is removed is out at once, wherever they are connected.
func TestRemovedAccountInCall(t *testing.T) {
	eachTable(t, func(m *table) {
		m.bob.Post(m.call(), p{"flags": 7}).OK()
		m.all("incall 7 changed bob:7 users bob:7", "chat")
		m.alice.Delete(m.room()+"/attendees", p{"attendeeId": m.attendee("users")}).OK()
		m.bob.Hears("roomlist/disinvite", "disinvited")
		m.alice.Hears("roomlist/update", "roomlist/update", "leave bob", "chat")
		m.greta.Hears("leave bob", "chat")
	})
}

// TestDeletedConversation: the end of a conversation is told to those who are in it.
func TestDeletedConversation(t *testing.T) {
	eachTable(t, func(m *table) {
		m.alice.Put(m.room(), p{"roomName": "New"}).OK()
		m.alice.Hears("roomlist/update", "room New", "chat")
		m.bob.Hears("roomlist/update", "room New", "chat")
		m.greta.Hears("room New", "chat")
		m.greta.Leave()
		m.alice.Hears("leave greta", "roomlist/update")
		m.bob.Hears("leave greta", "roomlist/update")
		m.alice.Delete(m.room()).OK()
		m.alice.Hears("roomlist/disinvite deleted", "room deleted")
		m.bob.Hears("roomlist/disinvite deleted", "leave alice", "room deleted")
	})
}
