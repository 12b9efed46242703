package signal_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"parley/internal/talktest"
)

// caller is a client with a session in a conversation.
type caller struct {
	*talktest.Client
	token, session string
}

func open(c *talktest.Client, token string) *caller {
	return &caller{c, token, c.Post("v4/room/" + token + "/participants/active").OK().Text("sessionId")}
}

func (c *caller) path() string { return "v3/signaling/" + c.token }

// say sends messages to a session.
func (c *caller) say(to string, all ...p) *talktest.Reply {
	items := []p{}
	for _, m := range all {
		m["to"] = to
		text, _ := json.Marshal(m) // maps of texts can always be encoded
		items = append(items, p{"ev": "message", "fn": string(text), "sessionId": c.session})
	}
	text, _ := json.Marshal(items)
	return c.Post(c.path(), p{"messages": string(text)})
}

// heard is what a client is told by a pull: messages, and the sessions in the conversation.
type heard struct {
	messages []talktest.Object
	people   []talktest.Object
}

func hear(t *testing.T, r *talktest.Reply) (out heard) {
	t.Helper()
	all := r.OK().List()
	for i, one := range all {
		switch one.Text("type") {
		case "message":
			var m talktest.Object
			if err := json.Unmarshal([]byte(one.Text("data")), &m); err != nil {
				t.Fatalf("a message is %v", one)
			}
			out.messages = append(out.messages, m)
		case "usersInRoom":
			if i != len(all)-1 {
				t.Errorf("people are no %d of %d", i, len(all))
			}
			for _, who := range one["data"].([]any) {
				out.people = append(out.people, who.(map[string]any))
			}
		}
	}
	return out
}

func (c *caller) pull(t *testing.T) heard {
	t.Helper()
	return hear(t, c.Get(c.path()))
}

// until pulls until there are n messages.
func (c *caller) until(t *testing.T, n int) (out []talktest.Object) {
	t.Helper()
	for range 20 {
		if out = append(out, c.pull(t).messages...); len(out) >= n {
			return out
		}
	}
	t.Fatalf("only %d messages came: %v", len(out), out)
	return nil
}

// nodes are servers over one database: two where that is possible.
func eachNodes(t *testing.T, f func(t *testing.T, one, other *talktest.Server)) {
	t.Helper()
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			url := d.URL(t)
			one := talktest.Start(t, talktest.On(url))
			other := one
			if d.Name == "postgres" {
				other = talktest.Start(t, talktest.On(url))
			}
			f(t, one, other)
		})
	}
}

// conversation is a public one of alice with bob.
func conversation(s *talktest.Server) string {
	s.As("bob")
	token := s.As("alice").Post("v4/room", p{"roomType": 3, "roomName": "Team"}).Created().Text("token")
	s.As("alice").Post("v4/room/"+token+"/participants", p{"newParticipant": "bob", "source": "users"}).OK()
	return token
}

func types(all []talktest.Object) string {
	var out []string
	for _, m := range all {
		out = append(out, m.Text("type"))
	}
	return strings.Join(out, " ")
}

// TestCallOfThree: two people and a guest, on two nodes, find each other.
func TestCallOfThree(t *testing.T) {
	eachNodes(t, func(t *testing.T, one, other *talktest.Server) {
		token := conversation(one)
		alice, bob, guest := open(one.As("alice"), token), open(other.Device("bob"), token), open(other.Guest(), token)
		stranger := open(one.As("eve"), token)
		all := []*caller{alice, bob, guest}
		for _, c := range all {
			c.Post("v4/call/"+token, p{"flags": 7}).OK()
		}
		in := bob.pull(t)
		flags := map[string]int64{}
		for _, who := range in.people {
			flags[who.Text("sessionId")] = who.Number("inCall")
			if who.Number("lastPing") == 0 || who.Number("roomId") == 0 || (who.Text("actorType") == "users") != (who.Text("userId") != "") {
				t.Errorf("somebody is %v", who)
			}
		}
		if len(flags) != 4 || flags[alice.session] != 7 || flags[guest.session] != 7 || flags[stranger.session] != 0 {
			t.Errorf("in the conversation are %v", in.people)
		}
		for i, from := range all {
			for _, to := range all[i+1:] {
				sdp := p{"type": "offer", "sdp": "v=0\r\nm=audio 9 X 1\r\na=sendrecv\r\n"}
				from.say(to.session, p{"type": "offer", "roomType": "video", "sid": "1", "payload": sdp}).OK()
				if got := to.until(t, 1); types(got) != "offer" || got[0].Text("from") != from.session || got[0].Text("to") != to.session {
					t.Fatalf("the offer came as %v", got)
				}
				to.say(from.session, p{"type": "answer", "roomType": "video", "payload": sdp}, p{"type": "candidate", "payload": p{"candidate": p{"candidate": "1"}}}).OK()
				from.say(to.session, p{"type": "candidate", "payload": p{"candidate": p{"candidate": "2"}}}).OK()
				if got := types(from.until(t, 2)); got != "answer candidate" {
					t.Errorf("came back: %s", got)
				}
				if got := types(to.until(t, 1)); got != "candidate" {
					t.Errorf("came: %s", got)
				}
			}
		}
		if got := stranger.pull(t).messages; len(got) > 0 {
			t.Errorf("somebody else was told %v", got)
		}
	})
}

// TestElsewhere: where there is a signaling server nobody talks to this one.
func TestElsewhere(t *testing.T) {
	eachBeside(t, func(b *beside) {
		alice := open(b.As("alice"), b.token)
		for _, r := range []*talktest.Reply{alice.Get(alice.path()), alice.say("x", p{"type": "x"})} {
			if r.Status != http.StatusBadRequest || string(r.Data) != `"Internal signaling disabled."` {
				b.t.Errorf("%d %s", r.Status, r.Data)
			}
		}
	})
}
