package signal_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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

// TestWaiting: a pull answers when there is something new, and not before.
func TestWaiting(t *testing.T) {
	eachNodes(t, func(t *testing.T, one, other *talktest.Server) {
		token := conversation(one)
		alice, bob := open(one.As("alice"), token), open(other.Device("bob"), token)
		waiting := func() <-chan heard {
			done := make(chan heard, 1)
			go func() { done <- hear(t, bob.Get(bob.path())) }()
			return done
		}
		bob.pull(t)
		for what, do := range map[string]func(){
			"a message":     func() { alice.say(bob.session, p{"type": "note"}).OK() },
			"a call":        func() { alice.Post("v4/call/" + token).OK() },
			"flags":         func() { alice.Put("v4/call/"+token, p{"flags": 1}).OK() },
			"somebody more": func() { open(one.Guest(), token) },
			"permissions":   func() { alice.Put("v4/room/"+token+"/permissions/default", p{"permissions": 130}).OK() },
		} {
			bob.pull(t) // what the last turn has left to tell, or nothing for a while
			done := waiting()
			select {
			case got := <-done:
				t.Errorf("%s: told before: %v", what, got.messages)
				continue
			case <-time.After(300 * time.Millisecond):
			}
			do()
			if got := <-done; len(got.people) == 0 {
				t.Errorf("%s: told %v", what, got)
			}
		}
	})
}

// TestEndsOfSessions: whoever waits is told that the session is gone, or replaced.
func TestEndsOfSessions(t *testing.T) {
	eachNodes(t, func(t *testing.T, one, other *talktest.Server) {
		token := conversation(one)
		alice := one.As("alice")
		ends := func(c *caller, do func(), status int) {
			t.Helper()
			c.pull(t)
			done := make(chan *talktest.Reply, 1)
			go func() { done <- c.Get(c.path()) }()
			time.Sleep(100 * time.Millisecond)
			do()
			r := <-done
			if r.Status != status || string(r.Data) != `[{"type":"usersInRoom","data":[]}]` {
				t.Errorf("%d %s, want %d", r.Status, r.Data, status)
			}
		}
		bob := open(other.Device("bob"), token)
		ends(bob, func() { bob.Post("v4/room/" + token + "/participants/active").OK() }, http.StatusConflict)
		bob = open(bob.Client, token)
		ends(bob, func() { bob.Delete("v4/room/" + token + "/participants/active").OK() }, http.StatusNotFound)
		bob = open(bob.Client, token)
		ends(bob, func() {
			for _, who := range alice.Get("v4/room/" + token + "/participants").OK().List() {
				if who.Text("actorId") == "bob" {
					alice.Delete("v4/room/"+token+"/attendees", p{"attendeeId": who.Number("attendeeId")}).OK()
				}
			}
		}, http.StatusNotFound)
		guest := open(other.Guest(), token)
		ends(guest, func() { alice.Delete("v4/room/" + token).OK() }, http.StatusNotFound)
		one.As("eve").Get("v3/signaling/nothing").Expect(http.StatusNotFound)
		one.Anonymous().Get("v3/signaling/" + token).Expect(http.StatusNotFound)
	})
}

// TestQuietClient is in the list of those who are there, however long it said nothing.
func TestQuietClient(t *testing.T) {
	s := talktest.Start(t)
	token := conversation(s)
	alice := open(s.As("alice"), token)
	open(s.As("bob"), token)
	s.Advance(70 * time.Second)
	in := alice.pull(t)
	if len(in.people) != 1 || in.people[0].Text("sessionId") != alice.session {
		t.Errorf("there are %v", in.people)
	}
}

// TestSignalingEnemies: what nobody may send reaches nobody.
func TestSignalingEnemies(t *testing.T) {
	eachNodes(t, func(t *testing.T, one, _ *talktest.Server) {
		token := conversation(one)
		elsewhere := one.As("alice").Post("v4/room", p{"roomType": 3, "roomName": "Other"}).Created().Text("token")
		alice, bob := open(one.As("alice"), token), open(one.As("bob"), token)
		other := open(one.Device("alice"), elsewhere)
		raw := func(messages string) *talktest.Reply { return bob.Post(bob.path(), p{"messages": messages}) }
		item := func(fn, session string) string {
			text, _ := json.Marshal([]p{{"ev": "message", "fn": fn, "sessionId": session}})
			return string(text)
		}
		deep := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
		for name, messages := range map[string]string{
			"nothing": "", "no list": "{}", "no JSON": "[{", "text": `"x"`, "null": "null", "numbers": "[1,2]", "deep": deep,
			"no message":        item("x", bob.session),
			"a list":            item("[]", bob.session),
			"null inside":       item("null", bob.session),
			"deep inside":       item(deep, bob.session),
			"to nobody":         item(`{"type":"x"}`, bob.session),
			"to a number":       item(`{"to":1,"type":"x"}`, bob.session),
			"to a list":         item(`{"to":["`+alice.session+`"],"type":"x"}`, bob.session),
			"to 0":              item(`{"to":"0","type":"x"}`, bob.session),
			"as somebody":       item(`{"to":"`+alice.session+`","type":"x"}`, alice.session),
			"elsewhere":         item(`{"to":"`+other.session+`","type":"x"}`, bob.session),
			"too long":          item(`{"to":"`+alice.session+`","type":"`+strings.Repeat("x", 70_000)+`"}`, bob.session),
			"an order":          item(`{"to":"`+alice.session+`","type":"control"}`, bob.session),
			"an odd event":      `[{"ev":"bogus"}]`,
			"half of a session": item(`{"to":"`+alice.session[:16]+`","type":"x"}`, bob.session),
		} {
			if r := raw(messages); r.Status != http.StatusOK || string(r.Data) != "null" {
				t.Errorf("%s: %d %s", name, r.Status, r.Data)
			}
		}
		raw(strings.Repeat("x", 1<<20)).Expect(http.StatusRequestEntityTooLarge)
		one.As("eve").Post(bob.path(), p{"messages": item(`{"to":"`+alice.session+`","type":"x"}`, bob.session)}).OK()
		one.Anonymous().Post("v3/signaling/nothing", p{"messages": "[]"}).OK()
		// What is said of SDP that is none.
		for _, sdp := range []any{"", "m=", "m=audio", strings.Repeat("m=video\n", 5000), 7, nil, []any{}, "\x00", "m=audio 9 X 1\na=recvonly"} {
			bob.say(alice.session, p{"type": "offer", "roomType": "video", "payload": p{"sdp": sdp}}).OK()
		}
		bob.say(alice.session, p{"type": "offer", "payload": "x", "roomType": 3, "from": "admin", "a": 1e300}).OK()
		got := alice.until(t, 10)
		if len(got) != 10 || types(got) != strings.TrimSpace(strings.Repeat("offer ", 10)) {
			t.Errorf("alice was told %s", types(got))
		}
		if last := got[len(got)-1]; last.Text("from") != bob.session {
			t.Errorf("it is from %v", last["from"])
		}
		if got := other.pull(t).messages; len(got) > 0 {
			t.Errorf("elsewhere was told %v", got)
		}
	})
}

// TestFlood: of a flood some messages wait, and go when nobody takes them.
func TestFlood(t *testing.T) {
	eachNodes(t, func(t *testing.T, one, _ *talktest.Server) {
		token := conversation(one)
		alice, bob := open(one.As("alice"), token), open(one.As("bob"), token)
		for range 5 {
			many := make([]p, 200)
			for i := range many {
				many[i] = p{"type": "candidate"}
			}
			bob.say(alice.session, many...).OK()
		}
		if got := alice.pull(t).messages; len(got) != 500 {
			t.Errorf("%d of 1,000 came", len(got))
		}
		bob.say(alice.session, p{"type": "late"}).OK()
		one.Advance(time.Minute)
		alice.Get("v4/room/" + token).OK()
		if got := alice.pull(t).messages; len(got) > 0 {
			t.Errorf("after a minute came %v", got)
		}
	})
}

// TestOrder: what one client sends comes in its order, whoever sends beside it.
func TestOrder(t *testing.T) {
	eachNodes(t, func(t *testing.T, one, other *talktest.Server) {
		token := conversation(one)
		receiver := open(one.As("alice"), token)
		const senders, each = 4, 25
		var all sync.WaitGroup
		for n := range senders {
			from := open([]*talktest.Server{one, other}[n%2].Guest(), token)
			all.Go(func() {
				for i := range each {
					from.say(receiver.session, p{"type": "n", "n": i})
				}
			})
		}
		last, count := map[string]int64{}, 0
		for count < senders*each {
			for _, m := range receiver.pull(t).messages {
				from := m.Text("from")
				if next, known := last[from]; known && m.Number("n") != next+1 || !known && m.Number("n") != 0 {
					t.Fatalf("after %d comes %d", next, m.Number("n"))
				}
				last[from] = m.Number("n")
				count++
			}
		}
		all.Wait()
		if len(last) != senders || slices.Contains(fmt.Appendf(nil, "%v", last), 0) {
			t.Errorf("they sent %v", last)
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
