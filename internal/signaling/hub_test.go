package signaling_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/config"
	"parley/internal/talktest"
)

type p = talktest.P

type o = talktest.Object

func builtin(c *config.Config) { c.Signaling = "builtin" }

// each runs f on a server with websockets on each kind of database.
func each(t *testing.T, f func(*testing.T, *talktest.Server)) {
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) { f(t, talktest.Start(t, talktest.On(d.URL(t)), builtin)) })
	}
}

func room(s *talktest.Server, members ...string) string {
	token := s.As("alice").Post("v4/room", p{"roomType": 3, "roomName": "Room"}).Created().Text("token")
	for _, who := range members {
		s.As(who)
		s.As("alice").Post("v4/room/"+token+"/participants", p{"newParticipant": who}).OK()
	}
	return token
}

// field walks into an object.
func field(v any, path ...string) any {
	for _, name := range path {
		m, ok := v.(map[string]any)
		if !ok {
			if m, ok = v.(o); !ok {
				return nil
			}
		}
		v = m[name]
	}
	return v
}

func text(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

// TestHello: what is accepted as a hello, what is refused, and what comes of it.
func TestHello(t *testing.T) {
	each(t, func(t *testing.T, s *talktest.Server) {
		alice := s.As("alice")
		set := alice.Get("v3/signaling/settings").OK().Object()
		if set["signalingMode"] != "external" || set["server"] != s.URL+"/signaling" {
			t.Fatalf("settings: %s", text(set))
		}
		ticket, token := field(set, "helloAuthParams", "1.0"), field(set, "helloAuthParams", "2.0")
		hello := func(version string, params any) o {
			return o{"id": "7", "type": "hello", "hello": o{"version": version, "auth": o{"url": "https://talk.example.org/ocs/v2.php", "params": params}}}
		}
		for _, c := range []struct {
			name    string
			message any
			want    string
		}{
			{"no JSON", "{", "error invalid_format"},
			{"before hello", o{"type": "room", "room": o{"roomid": "x"}}, "error hello_expected"},
			{"unknown before hello", o{"type": "foo"}, "error hello_expected"},
			{"no body", o{"type": "hello"}, "error invalid_format"},
			{"version", hello("3.0", ticket), "error invalid_hello_version"},
			{"no params", o{"type": "hello", "hello": o{"version": "1.0", "auth": o{"url": "https://x.org/"}}}, "error invalid_format"},
			{"type", o{"type": "hello", "hello": o{"version": "1.0", "auth": o{"type": "internal", "url": "https://x.org/", "params": o{"random": "x"}}}}, "error invalid_client_type"},
			{"address", o{"type": "hello", "hello": o{"version": "1.0", "auth": o{"url": "", "params": ticket}}}, "error invalid_backend"},
			{"ticket of another", hello("1.0", o{"userid": "bob", "ticket": field(ticket, "ticket")}), "error invalid_ticket"},
			{"token", hello("2.0", o{"token": "x.y.z"}), "error invalid_token"},
			{"resume", o{"type": "hello", "hello": o{"version": "1.0", "resumeid": "nothing"}}, "error no_such_session"},
			{"1.0", hello("1.0", ticket), "hello"},
			{"2.0", hello("2.0", token), "hello"},
		} {
			w := s.Dial()
			w.Send(c.message)
			got := w.Next()
			if talktest.KindOf(got) != c.want {
				t.Errorf("%s: %s", c.name, text(got))
			}
			if c.want == "hello" {
				server, _ := field(got, "hello", "server").(map[string]any)
				if got["id"] != "7" || field(got, "hello", "userid") != "alice" || server["version"] == "" || !strings.Contains(text(server["features"]), "chat-relay") {
					t.Errorf("%s: %s", c.name, text(got))
				}
			}
			w.Drop()
		}
		w := s.Dial()
		w.SendBinary([]byte("{}"))
		w.Expect("error invalid_format")
		w.AwaitWhile("bye hello_timeout", func() { s.Advance(time.Second) })
		w.Ends()
	})
}

// TestRoom: who comes into a conversation, in which order it is told, and who is refused.
func TestRoom(t *testing.T) {
	each(t, func(t *testing.T, s *talktest.Server) {
		token := room(s, "bob")
		alice, bob := s.Dial().Hello(s.As("alice")), s.Dial().Hello(s.As("bob"))
		first := alice.Enter(s.As("alice"), token)
		if e := alice.Await("event room/join"); text(field(e, "event", "join")) != text([]any{o{"sessionid": alice.PublicID, "userid": "alice", "user": o{"displayname": "Alice"}, "roomsessionid": first}}) {
			t.Errorf("own join: %s", text(e))
		}
		bob.Send(o{"id": "5", "type": "room", "room": o{"roomid": token, "sessionid": first}})
		bob.Await("error no_such_room") // it is somebody else's
		bob.Send(o{"id": "5", "type": "room", "room": o{"roomid": "nothing", "sessionid": first}})
		bob.Await("error no_such_room")
		bob.Send(o{"id": "5", "type": "room", "room": o{"roomid": token, "federation": o{"url": "x"}}})
		bob.Await("error federation_unsupported")
		alice.Never("event room/join")
		second := s.As("bob").Post("v4/room/" + token + "/participants/active").OK().Text("sessionId")
		bob.Send(o{"id": "6", "type": "room", "room": o{"roomid": token, "sessionid": second}})
		if r := bob.Await("room"); r["id"] != "6" || field(r, "room", "properties", "name") != "Room" {
			t.Errorf("join: %s", text(r))
		}
		if e := bob.Await("event room/join"); !strings.Contains(text(e), bob.PublicID) {
			t.Errorf("bob is not told of himself first: %s", text(e))
		}
		if e := bob.Await("event room/join"); !strings.Contains(text(e), alice.PublicID) || strings.Contains(text(e), bob.PublicID) {
			t.Errorf("bob is not told of alice: %s", text(e))
		}
		if e := alice.Await("event room/join"); !strings.Contains(text(e), bob.PublicID) {
			t.Errorf("alice is not told of bob: %s", text(e))
		}
		bob.Send(o{"id": "8", "type": "room", "room": o{"roomid": token, "sessionid": second}})
		if e := bob.Await("error already_joined"); field(e, "error", "details", "room", "roomid") != token {
			t.Errorf("again: %s", text(e))
		}
		s.As("alice").Put("v4/room/"+token, p{"roomName": "Other"}).OK()
		if r := bob.Await("room"); field(r, "room", "properties", "name") != "Other" {
			t.Errorf("renamed: %s", text(r))
		}
		bob.Send(o{"id": "9", "type": "room", "room": o{"roomid": ""}})
		bob.Await("room")
		if e := alice.Await("event room/leave"); text(field(e, "event", "leave")) != text([]string{bob.PublicID}) {
			t.Errorf("left: %s", text(e))
		}
		if all := s.As("alice").Get("v4/room/" + token + "/participants").OK().List(); slices.ContainsFunc(all, func(a talktest.Object) bool {
			return a["actorId"] == "bob" && len(a["sessionIds"].([]any)) > 0
		}) {
			t.Error("bob has a session after he has left")
		}
	})
}

// TestCallAndMessages: two are in a call, and talk to each other.
func TestCallAndMessages(t *testing.T) {
	each(t, func(t *testing.T, s *talktest.Server) {
		token := room(s, "bob", "carol")
		alice, bob, carol := s.Dial().Hello(s.As("alice")), s.Dial().Hello(s.As("bob")), s.Dial().Hello(s.As("carol"))
		sessions := map[string]string{"alice": alice.Enter(s.As("alice"), token), "bob": bob.Enter(s.As("bob"), token)}
		carol.Enter(s.As("carol"), token)
		alice.Await("event room/join")
		s.As("alice").Post("v4/call/"+token, p{"flags": 7}).OK()
		e := carol.Await("event participants/update")
		users, _ := field(e, "event", "update", "users").([]any)
		if len(users) != 1 || field(users[0], "sessionId") != alice.PublicID || field(users[0], "inCall") != 7.0 || field(users[0], "nextcloudSessionId") != sessions["alice"] {
			t.Errorf("in the call: %s", text(e))
		}
		s.As("bob").Post("v4/call/"+token, p{"flags": 3}).OK()
		for users = nil; len(users) != 2; {
			users, _ = field(alice.Await("event participants/update"), "event", "update", "users").([]any)
		}
		say := func(to, kind string, data any) o {
			return o{"type": kind, kind: o{"recipient": o{"type": "session", "sessionid": to}, "data": data}}
		}
		bob.Send(say(alice.PublicID, "message", o{"type": "offer", "roomType": "video", "payload": o{"type": "offer", "sdp": "v=0\r\nm=audio 9 X 1\r\n"}}))
		m := alice.Await("message")
		if field(m, "message", "sender", "sessionid") != bob.PublicID || field(m, "message", "sender", "userid") != "bob" || field(m, "message", "data", "payload", "type") != "offer" {
			t.Errorf("message: %s", text(m))
		}
		bob.Send(o{"type": "message", "message": o{"recipient": o{"type": "call"}, "data": o{"type": "raiseHand"}}})
		alice.Await("message")
		bob.Send(o{"type": "message", "message": o{"recipient": o{"type": "room"}, "data": o{"type": "nickChanged"}}})
		alice.Await("message")
		if got := field(carol.Await("message"), "message", "data", "type"); got != "nickChanged" {
			t.Errorf("carol, who is in no call, heard %v", got)
		}
		// Orders come from moderators alone, in both forms.
		bob.Send(say(carol.PublicID, "control", o{"action": "forceMute"}))
		bob.Send(say(carol.PublicID, "message", o{"type": "control", "payload": o{"action": "forceMute"}}))
		alice.Send(say(carol.PublicID, "control", o{"action": "forceMute"}))
		if c := carol.Await("control"); field(c, "control", "sender", "userid") != "alice" {
			t.Errorf("order: %s", text(c))
		}
		bob.Send(say(carol.PublicID, "message", o{"type": "last"})) // what bob says comes in order
		if m := carol.Await("message"); field(m, "message", "data", "type") != "last" {
			t.Errorf("an order of somebody who gives none: %s", text(m))
		}
		carol.Never("message", "control")
		// Whoever may not publish offers nothing.
		all := s.As("alice").Get("v4/room/" + token + "/participants").OK().List()
		at := slices.IndexFunc(all, func(a talktest.Object) bool { return a["actorId"] == "bob" })
		s.As("alice").Put("v4/room/"+token+"/attendees/permissions", p{"attendeeId": all[at]["attendeeId"], "method": "set", "permissions": 1 + 4}).OK()
		for permissions := any(nil); permissions != 5.0; {
			users, _ = field(bob.Await("event participants/update"), "event", "update", "users").([]any)
			for _, u := range users {
				if field(u, "userId") == "bob" {
					permissions = field(u, "participantPermissions")
				}
			}
		}
		bob.Send(say(alice.PublicID, "message", o{"type": "offer", "roomType": "video", "payload": o{"type": "offer", "sdp": "v=0\r\nm=audio 9 X 1\r\n"}}))
		bob.Await("error not_allowed")
		s.As("alice").Delete("v4/call/"+token, p{"all": true}).OK()
		for over := false; !over; {
			e := bob.Await("event participants/update")
			over = field(e, "event", "update", "all") == true || text(field(e, "event", "update", "users")) == "[]" || !strings.Contains(text(e), `"inCall":7`) && !strings.Contains(text(e), `"inCall":3`)
		}
	})
}

// TestChatRelay: who said so gets messages as they are, others a sign.
func TestChatRelay(t *testing.T) {
	each(t, func(t *testing.T, s *talktest.Server) {
		token := room(s, "bob")
		alice, bob := s.Dial().Hello(s.As("alice"), "chat-relay"), s.Dial().Hello(s.As("bob"))
		alice.Enter(s.As("alice"), token)
		bob.Enter(s.As("bob"), token)
		alice.Await("event room/join")
		alice.Await("event room/join")
		bob.Await("event room/join")
		bob.Await("event room/join")
		s.As("bob").Post("v1/chat/"+token, p{"message": "Hello"}).Created()
		e := alice.Await("event room/message")
		if got := field(e, "event", "message", "data", "chat", "comment", "message"); got != "Hello" || field(e, "event", "message", "roomid") != token {
			t.Errorf("relayed: %s", text(e))
		}
		if e := bob.Await("event room/message"); field(e, "event", "message", "data", "chat", "refresh") != true {
			t.Errorf("sign: %s", text(e))
		}
	})
}

// TestChatAtOnce: no message is missed by a client that has just come, the first one in a conversation or a later one.
func TestChatAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s *talktest.Server) {
		for range 15 {
			token := room(s, "bob")
			for _, who := range []string{"alice", "bob"} {
				w := s.Dial().Hello(s.As(who), "chat-relay")
				w.Enter(s.As(who), token)
				s.As("alice").Post("v1/chat/"+token, p{"message": "Hello"}).Created()
				w.Await("event room/message")
			}
		}
	})
}

// TestEnds: how sessions end, and who is told.
func TestEnds(t *testing.T) {
	each(t, func(t *testing.T, s *talktest.Server) {
		token := room(s, "bob", "carol")
		alice, bob := s.Dial().Hello(s.As("alice")), s.Dial().Hello(s.As("bob"))
		alice.Enter(s.As("alice"), token)
		session := bob.Enter(s.As("bob"), token)
		bob.Await("event room/join")
		for told := false; !told; { // she can speak to nobody whom she does not know of
			told = strings.Contains(text(alice.Await("event room/join")), bob.PublicID)
		}
		// A lost connection is nothing that others notice, and what is said meanwhile is kept.
		again, kept := bob, o(nil)
		for try := 0; kept == nil && try < 20; try++ { // what was written before the server noticed is lost with the connection
			again.Drop()
			alice.Send(o{"type": "message", "message": o{"recipient": o{"type": "session", "sessionid": bob.PublicID}, "data": o{"type": "kept"}}})
			alice.Never("event room/leave")
			again = s.Dial().Resume(bob)
			kept = again.Told("message")
		}
		if again.PublicID != bob.PublicID || field(kept, "message", "data", "type") != "kept" {
			t.Errorf("the session was not resumed: %s", text(kept))
		}
		other := s.Dial().Resume(bob)
		again.Await("bye session_resumed")
		again.Ends()
		// Another connection with the session of the conversation.
		third := s.Dial().Hello(s.As("bob"))
		third.Send(o{"type": "room", "room": o{"roomid": token, "sessionid": session}})
		third.Await("room")
		other.Await("bye room_session_reconnected")
		if e := alice.Await("event room/leave"); !strings.Contains(text(e), bob.PublicID) {
			t.Errorf("left: %s", text(e))
		}
		third.Drop()
		if e := alice.AwaitWhile("event room/leave", func() { s.Advance(10 * time.Second) }); !strings.Contains(text(e), third.PublicID) {
			t.Errorf("left: %s", text(e))
		}
		carol := s.Dial().Hello(s.As("carol"))
		carol.Enter(s.As("carol"), token)
		carol.Await("event room/join")
		all := s.As("alice").Get("v4/room/" + token + "/participants").OK().List()
		at := slices.IndexFunc(all, func(a talktest.Object) bool { return a["actorId"] == "carol" })
		s.As("alice").Delete("v4/room/"+token+"/attendees", p{"attendeeId": all[at]["attendeeId"]}).OK()
		if e := carol.Await("event roomlist/disinvite"); field(e, "event", "disinvite", "reason") != "disinvited" {
			t.Errorf("removed: %s", text(e))
		}
		carol.Ends()
		s.As("alice").Post("v4/room/"+token+"/participants", p{"newParticipant": "carol"}).OK()
		guest := s.Dial().Hello(s.Guest())
		guest.AwaitWhile("bye room_join_timeout", func() { s.Advance(5 * time.Second) })
		guest.Ends()
		alice.Send(o{"id": "b", "type": "bye", "bye": o{}})
		alice.Await("bye")
		alice.Ends()
	})
}

// TestLists: accounts are told that their lists of conversations have changed.
func TestLists(t *testing.T) {
	each(t, func(t *testing.T, s *talktest.Server) {
		token := room(s)
		bob := s.Dial().Hello(s.As("bob"))
		s.As("alice").Post("v4/room/"+token+"/participants", p{"newParticipant": "bob"}).OK()
		if e := bob.Await("event roomlist/invite"); field(e, "event", "invite", "roomid") != token {
			t.Errorf("invited: %s", text(e))
		}
		s.As("alice").Put("v4/room/"+token, p{"roomName": "Other"}).OK()
		bob.Await("event roomlist/update")
		s.As("alice").Delete("v4/room/" + token).OK()
		if e := bob.Await("event roomlist/disinvite"); field(e, "event", "disinvite", "reason") != "deleted" {
			t.Errorf("deleted: %s", text(e))
		}
	})
}

// TestTwoNodes: clients of two nodes see and hear each other, and a session is only at one of them.
func TestTwoNodes(t *testing.T) {
	url := talktest.Databases()[1].URL(t)
	one, two := talktest.Start(t, talktest.On(url), builtin), talktest.Start(t, talktest.On(url), builtin)
	token := room(one, "bob")
	alice, bob := one.Dial().Hello(one.As("alice"), "chat-relay"), two.Dial().Hello(two.As("bob"), "chat-relay")
	alice.Enter(one.As("alice"), token)
	session := bob.Enter(two.As("bob"), token)
	for told := false; !told; {
		told = strings.Contains(text(alice.Await("event room/join")), bob.PublicID)
	}
	for told := false; !told; {
		told = strings.Contains(text(bob.Await("event room/join")), alice.PublicID)
	}
	two.As("bob").Post("v4/call/"+token, p{"flags": 7}).OK()
	if e := alice.Await("event participants/update"); !strings.Contains(text(e), bob.PublicID) {
		t.Errorf("in the call: %s", text(e))
	}
	// Neither node takes the clients of the other one for those of a dead node.
	for _, s := range []*talktest.Server{one, two} {
		if err := s.Housekeep(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		alice.Send(o{"type": "message", "message": o{"recipient": o{"type": "session", "sessionid": bob.PublicID}, "data": o{"type": "candidate", "n": i}}})
	}
	for i := range 20 {
		if m := bob.Await("message"); field(m, "message", "data", "n") != float64(i) {
			t.Fatalf("message %d: %s", i, text(m))
		}
	}
	one.As("alice").Post("v1/chat/"+token, p{"message": "Hello"}).Created()
	for heard := false; !heard; { // the call has a message of its own
		heard = field(bob.Await("event room/message"), "event", "message", "data", "chat", "comment", "message") == "Hello"
	}
	again := one.Dial().Hello(one.As("bob"))
	again.Send(o{"type": "room", "room": o{"roomid": token, "sessionid": session}})
	again.Await("room")
	bob.Await("bye room_session_reconnected")
	bob.Ends()
	if e := alice.Await("event room/leave"); !strings.Contains(text(e), bob.PublicID) {
		t.Errorf("left: %s", text(e))
	}
}

// TestPrivateName: a one-to-one has no name that both would see, neither for whoever joins nor when something changes.
func TestPrivateName(t *testing.T) {
	each(t, func(t *testing.T, s *talktest.Server) {
		s.As("bob")
		token := s.As("alice").Post("v4/room", p{"roomType": 1, "invite": "bob"}).Created().Text("token")
		alice := s.Dial().Hello(s.As("alice"))
		session := s.As("alice").Post("v4/room/" + token + "/participants/active").OK().Text("sessionId")
		alice.Send(o{"type": "room", "room": o{"roomid": token, "sessionid": session}})
		if r := alice.Await("room"); field(r, "room", "properties", "name") != "Private conversation" {
			t.Errorf("join: %s", text(r))
		}
		alice.Await("event room/join")
		s.As("alice").Put("v4/room/"+token+"/description", p{"description": "About"}).Open()
		s.As("alice").Post("v4/call/"+token, p{"flags": 7}).OK()
		if r := alice.Await("room"); field(r, "room", "properties", "name") != "Private conversation" {
			t.Errorf("changed: %s", text(r))
		}
	})
}
