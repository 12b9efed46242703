package signal_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/talktest"
)

// meeting is a public conversation of alice with bob, on one server or several.
type meeting struct {
	*talktest.Server
	t     *testing.T
	token string
}

func meet(t *testing.T, s *talktest.Server) *meeting {
	t.Helper()
	s.As("bob")
	m := &meeting{Server: s, t: t, token: s.As("alice").Post("v4/room", p{"roomType": 3, "roomName": "Call"}).Created().Text("token")}
	s.As("alice").Post("v4/room/"+m.token+"/participants", p{"newParticipant": "bob", "source": "users"}).OK()
	return m
}

// eachMeeting runs f as a subtest on a server over a new database of each kind.
func eachMeeting(t *testing.T, f func(*meeting)) {
	t.Helper()
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) { f(meet(t, talktest.Start(t, talktest.On(d.URL(t))))) })
	}
}

// peer is somebody with a session in a conversation.
type peer struct {
	*talktest.Client
	m       *meeting
	token   string
	session string
}

// join opens a session of a client in the conversation.
func (m *meeting) join(c *talktest.Client) *peer { return m.joinAt(c, m.token) }

func (m *meeting) joinAt(c *talktest.Client, token string) *peer {
	m.t.Helper()
	return &peer{c, m, token, c.Post("v4/room/" + token + "/participants/active").OK().Text("sessionId")}
}

// note is a message from one client to another.
type note struct {
	To, From, Type, RoomType string
	N                        int
	Payload                  any
}

// item is a message as it stands in a request, from the session of the sender.
func (x *peer) item(fn any) p {
	text, ok := fn.(string)
	if !ok {
		encoded, err := json.Marshal(fn)
		if err != nil {
			x.m.t.Error(err)
		}
		text = string(encoded)
	}
	return p{"ev": "message", "fn": text, "sessionId": x.session}
}

// say is a message to somebody; more sets other fields.
func say(to, kind string, n int, more ...p) p {
	all := p{"to": to, "type": kind, "roomType": "video", "sid": "1", "n": n}
	for _, m := range more {
		for name, value := range m {
			all[name] = value
		}
	}
	return all
}

// send sends messages in one request.
func (x *peer) send(all ...any) {
	x.m.t.Helper()
	items := make([]any, len(all))
	for i, one := range all {
		items[i] = x.item(one)
	}
	text, err := json.Marshal(items)
	if err != nil {
		x.m.t.Error(err)
	}
	x.post(string(text))
}

// post sends what stands for a list of messages. It is answered as if all was well.
func (x *peer) post(messages string) {
	x.m.t.Helper()
	if r := x.Post("v3/signaling/"+x.token, p{"messages": messages}); r.Status != 200 || string(r.Data) != "null" {
		x.m.t.Errorf("sending: %d %.200s", r.Status, r.Body)
	}
}

// told is an answer to somebody who waits.
type told struct {
	status int
	notes  []note
	texts  []string
	people []talktest.Object
}

// ask waits for what there is to tell. It may be used in goroutines.
func (x *peer) ask() (out told) {
	x.m.t.Helper()
	r := x.Get("v3/signaling/" + x.token)
	out.status = r.Status
	var all []struct {
		Type string
		Data json.RawMessage
	}
	if err := json.Unmarshal(r.Data, &all); err != nil || len(all) == 0 || all[len(all)-1].Type != "usersInRoom" {
		x.m.t.Errorf("told %d %.200s: %v", r.Status, r.Body, err)
		return out
	}
	if err := json.Unmarshal(all[len(all)-1].Data, &out.people); err != nil {
		x.m.t.Errorf("people %s: %v", all[len(all)-1].Data, err)
	}
	for _, one := range all[:len(all)-1] {
		var text string
		var n note
		if one.Type != "message" || json.Unmarshal(one.Data, &text) != nil || json.Unmarshal([]byte(text), &n) != nil {
			x.m.t.Errorf("told %s %.200s", one.Type, one.Data)
		}
		out.notes, out.texts = append(out.notes, n), append(out.texts, text)
	}
	return out
}

// waits starts to wait and returns where the answer comes, once the server knows of it.
func (x *peer) waits() <-chan told {
	x.m.t.Helper()
	answer := make(chan told, 1)
	before := x.m.Bus.Counts().Subscriptions
	go func() { answer <- x.ask() }()
	for deadline := time.Now().Add(10 * time.Second); x.m.Bus.Counts().Subscriptions == before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			x.m.t.Fatal("nobody waits")
		}
	}
	return answer
}

// soon returns an answer that has to come without waiting for anything.
func (m *meeting) soon(what string, answer <-chan told) told {
	m.t.Helper()
	select {
	case got := <-answer:
		return got
	case <-time.After(20 * time.Second):
		m.t.Fatalf("%s: no answer", what)
		return told{}
	}
}

// hears has another one say a last word and returns what comes before it: all that was passed on.
func (x *peer) hears(from *peer) (all told) {
	x.m.t.Helper()
	from.send(say(x.session, "end", 0))
	for range 100 {
		got := x.ask()
		all.status, all.people = got.status, got.people
		all.notes, all.texts = append(all.notes, got.notes...), append(all.texts, got.texts...)
		if n := len(all.notes); n > 0 && all.notes[n-1].Type == "end" {
			all.notes, all.texts = all.notes[:n-1], all.texts[:n-1]
			return all
		}
		if got.status != 200 {
			break
		}
	}
	x.m.t.Fatalf("the last word did not come: %d, %d messages", all.status, len(all.notes))
	return all
}

// listen asks again and again, until so many have said bye or the session is over. What it
// returns waits for that, and returns all that was told; 0 leaves the conversation for it.
func (x *peer) listen(byes int) func() []note {
	var all []note
	var done sync.WaitGroup
	done.Go(func() {
		heard := 0
		for began := time.Now(); time.Since(began) < time.Minute; {
			got := x.ask()
			all = append(all, got.notes...)
			for _, n := range got.notes {
				if n.Type == "bye" {
					heard++
				}
			}
			if got.status != 200 || byes > 0 && heard >= byes {
				return
			}
		}
		x.m.t.Errorf("%s: %d have said bye, want %d", x.User, heard, byes)
	})
	return func() []note {
		if byes == 0 {
			x.Delete("v4/room/" + x.token + "/participants/active")
		}
		done.Wait()
		return all
	}
}

// kinds are the types of messages, in their order.
func kinds(all []note) string {
	var names []string
	for _, n := range all {
		names = append(names, fmt.Sprintf("%s %d", n.Type, n.N))
	}
	return strings.Join(names, ", ")
}

// sessions are those of the people, in their order.
func (got told) sessions() (all []string) {
	for _, one := range got.people {
		all = append(all, one.Text("sessionId"))
	}
	return all
}
