package events_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/events"
	"parley/internal/talk"
	"parley/internal/talktest"
)

type p = talktest.P

// team makes a group of alice and others, and returns its token.
func team(s *talktest.Server, others ...string) string {
	for _, user := range others {
		s.As(user)
	}
	return s.As("alice").Post("v4/room", p{"roomType": 2, "roomName": "Team", "participants": map[string][]string{"users": others}}).
		Created().Text("token")
}

func each(t *testing.T, f func(*testing.T, *talktest.Server)) {
	t.Helper()
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) { f(t, talktest.Start(t, talktest.On(d.URL(t)))) })
	}
}

// attendee is the number of a participant.
func attendee(c *talktest.Client, token, user string) int64 {
	for _, o := range c.Get("v4/room/" + token + "/participants").OK().List() {
		if o.Text("actorId") == user {
			return o.Number("attendeeId")
		}
	}
	return 0
}

// TestEvents: each change is told once, with what the API shows of it.
func TestEvents(t *testing.T) {
	each(t, func(t *testing.T, s *talktest.Server) {
		token := team(s, "bob", "carol")
		alice, room, chat := s.As("alice"), "v4/room/"+token, "v1/chat/"+token
		bob := s.As("bob").Events()
		if h := bob.Header; h.Get("Content-Type") != "text/event-stream; charset=utf-8" || !strings.Contains(h.Get("Cache-Control"), "no-store") {
			t.Errorf("headers %v", h)
		}
		own := s.As("dave").Events()
		made := s.As("dave").Post("v4/room", p{"roomType": 2, "roomName": "Own"}).Created().Text("token")
		for _, name := range []string{"participant_added", "message"} {
			if got := own.Next(name).Data.Text("token"); got != made {
				t.Errorf("%s in %s, want %s", name, got, made)
			}
		}
		version := int64(0)
		next := func(name string) talktest.Object {
			t.Helper()
			e := bob.Next(name)
			d := e.Data
			if d.Text("type") != name || d.Text("token") != token || d.Number("version") < version || d.Number("timestamp") != s.Now().Unix() || e.ID == "" {
				t.Errorf("%s: %v after version %d", name, e, version)
			}
			version = d.Number("version")
			return d
		}
		object := func(d talktest.Object, name string) talktest.Object {
			t.Helper()
			o, ok := d[name].(map[string]any)
			if !ok {
				t.Fatalf("no %s in %v", name, d)
			}
			return o
		}
		actor := func(d talktest.Object, field, id string) {
			t.Helper()
			if got := object(d, field); got.Text("type") != "users" || got.Text("id") != id {
				t.Errorf("%s is %v, want %s", field, got, id)
			}
		}

		id := alice.Post(chat, p{"message": "hello @bob"}).Created().Number("id")
		d := next("message")
		actor(d, "actor", "alice")
		if m := object(d, "message"); m.Number("id") != id || m.Text("message") != "hello {mention-user1}" {
			t.Errorf("the message is %v", m)
		}
		path := fmt.Sprint(chat, "/", id)
		alice.Put(path, p{"message": "hello all"}).OK()
		if m := object(next("edit"), "message"); m.Number("id") != id || m.Text("message") != "hello all" {
			t.Errorf("the edited message is %v", m)
		}
		reaction := fmt.Sprint("v1/reaction/", token, "/", id)
		s.As("bob").Post(reaction, p{"reaction": "👍"}).Created()
		d = next("reaction")
		if m := object(d, "message"); d.Text("reaction") != "👍" || fmt.Sprint(m["reactionsSelf"]) != "[👍]" {
			t.Errorf("the reaction is %v", d)
		}
		s.As("bob").Delete(reaction, p{"reaction": "👍"}).OK()
		if d = next("reaction_removed"); d.Text("reaction") != "👍" {
			t.Errorf("the reaction taken back is %v", d)
		}
		alice.Delete(path).OK()
		if m := object(next("delete"), "message"); m.Number("id") != id || m.Text("messageType") != "comment_deleted" {
			t.Errorf("the deleted message is %v", m)
		}

		poll := s.As("carol").Post("v1/poll/"+token, p{"question": "?", "options": []string{"a", "b"}, "resultMode": 0, "maxVotes": 1}).Created().Number("id")
		next("message")
		alice.Post(fmt.Sprint("v1/poll/", token, "/", poll), p{"optionIds": []string{"1"}}).OK()
		if d := object(next("poll"), "poll"); d.Number("id") != poll {
			t.Errorf("the poll is %v", d)
		}
		next("message")

		s.As("dave")
		alice.Post(room+"/participants", p{"newParticipant": "dave"}).OK()
		d = next("participant_added")
		actor(d, "about", "dave")
		if got := object(d, "participant"); got.Number("attendeeId") != attendee(alice, token, "dave") || got.Text("actorId") != "dave" {
			t.Errorf("dave is %v", got)
		}
		next("message")
		who := p{"attendeeId": attendee(alice, token, "dave")}
		alice.Post(room+"/moderators", who).OK()
		if got := object(next("participant_promoted"), "participant"); got.Number("participantType") != int64(talk.Moderator) {
			t.Errorf("promoted: %v", got)
		}
		next("message")
		alice.Delete(room+"/moderators", who).OK()
		next("participant_demoted")
		next("message")
		alice.Put(room+"/attendees/permissions", who, p{"method": "set", "permissions": 128}).OK()
		if got := object(next("participant_permissions"), "participant"); got.Number("permissions") != 129 {
			t.Errorf("permissions: %v", got)
		}
		s.As("dave").Post(room + "/participants/active").OK()
		if got := object(next("participant_joined"), "participant"); len(got["sessionIds"].([]any)) != 1 {
			t.Errorf("joined: %v", got)
		}
		s.As("dave").Delete(room + "/participants/active").OK()
		next("participant_left")
		alice.Delete(room+"/attendees", who).OK()
		d = next("participant_removed")
		if actor(d, "about", "dave"); d["participant"] != nil {
			t.Errorf("removed: %v", d)
		}
		next("message")
		alice.Put(room, p{"roomName": "New"}).OK()
		if got := object(next("settings"), "conversation"); got.Text("name") != "New" || got.Text("actorId") != "bob" {
			t.Errorf("renamed: %v", got)
		}
		next("message")
		alice.Put(room+"/permissions/default", p{"permissions": 247}).OK()
		if got := object(next("participant_permissions"), "conversation"); got.Number("defaultPermissions") != 247 {
			t.Errorf("permissions of all: %v", got)
		}
		alice.Delete(chat).OK()
		next("clear")
		next("message")
		alice.Put(room+"/webinar/lobby", p{"state": 1}).OK()
		if got := object(next("lobby"), "conversation"); got.Number("lobbyState") != 1 {
			t.Errorf("lobby: %v", got)
		}
		alice.Post(chat, p{"message": "bob must not read this"}).Created()
		alice.Delete(room).OK()
		if got := bob.Next("room_deleted").Data; got.Text("token") != token {
			t.Errorf("deleted: %v", got)
		}
	})
}

// TestEventsOfOwnConversations: an account is told of its own conversations alone, from the
// moment it is in them until it is not.
func TestEventsOfOwnConversations(t *testing.T) {
	each(t, func(t *testing.T, s *talktest.Server) {
		first, second := team(s), team(s, "carol")
		alice, eve := s.As("alice"), s.As("eve").Events()
		say := func(token string) { alice.Post("v1/chat/"+token, p{"message": "x"}).Created() }
		say(first)
		say(second)
		alice.Post("v4/room/"+first+"/participants", p{"newParticipant": "eve"}).OK()
		eve.Next("participant_added")
		eve.Next("message")
		say(second)
		say(first)
		if got := eve.Next("message").Data.Text("token"); got != first {
			t.Errorf("eve is told of %s", got)
		}
		remove := func() {
			alice.Delete("v4/room/"+first+"/attendees", p{"attendeeId": attendee(alice, first, "eve")}).OK()
		}
		remove()
		eve.Next("participant_removed")
		say(first)
		alice.Post("v4/room/"+first+"/participants", p{"newParticipant": "eve"}).OK()
		eve.Next("participant_added")
		eve.Next("message")
		remove()
		alice.Delete("v4/room/" + first).OK()
		alice.Post("v4/room/"+second+"/participants", p{"newParticipant": "eve"}).OK()
		eve.Next("participant_removed")
		if got := eve.Next("participant_added").Data.Text("token"); got != second {
			t.Errorf("eve is told of %s", got)
		}
	})
}

// TestEventsResume: whoever comes back misses nothing, or is told that they did.
func TestEventsResume(t *testing.T) {
	each(t, func(t *testing.T, s *talktest.Server) {
		token, other := team(s, "bob"), team(s, "bob")
		alice, bob := s.As("alice"), s.As("bob")
		say := func(token, text string) { alice.Post("v1/chat/"+token, p{"message": text}).Created() }
		text := func(e talktest.Event) string {
			m, _ := e.Data["message"].(map[string]any)
			return talktest.Object(m).Text("message")
		}
		stream := bob.Events()
		begin, _ := stream.Any()
		say(token, "one")
		one := stream.Next("message")
		stream.Close()
		say(token, "two")
		say(other, "three")
		alice.Delete("v4/room/" + other).OK()
		for name, resumed := range map[string]*talktest.Events{
			"header": bob.Events(talktest.Header("Last-Event-ID", one.ID)),
			"query":  bob.Events(talktest.Query("lastEventId", one.ID)),
		} {
			if got := text(resumed.Next("message")); got != "two" {
				t.Errorf("%s: %q after one", name, got)
			}
			if got := resumed.Next("room_deleted").Data.Text("token"); got != other {
				t.Errorf("%s: %q was deleted", name, got)
			}
			say(token, "four")
			if got := text(resumed.Next("message")); got != "four" {
				t.Errorf("%s: %q in the end", name, got)
			}
			resumed.Close()
		}
		if got := text(bob.Events(talktest.Header("Last-Event-ID", begin.ID)).Next("message")); got != "one" {
			t.Errorf("%q after the beginning", got)
		}
		for _, id := range []string{"x", "0-0-0", "-1-5-7", "999999999-999999999-1", one.ID + "0", strings.Repeat("9", 30) + "-1-1"} {
			lost := bob.Events(talktest.Header("Last-Event-ID", id))
			if lost.Next("missed").ID == "" {
				t.Errorf("%q: no place to go on", id)
			}
			say(token, "again")
			if got := text(lost.Next("message")); got != "again" {
				t.Errorf("%q: %q", id, got)
			}
			lost.Close()
		}
		s.Advance(events.Keep + time.Minute)
		lost := bob.Events(talktest.Header("Last-Event-ID", one.ID))
		lost.Next("missed")
		last, _ := bob.Events().Any()
		say(token, "late")
		if got := text(bob.Events(talktest.Header("Last-Event-ID", last.ID)).Next("message")); got != "late" {
			t.Errorf("%q after the newest event, which is kept", got)
		}
	})
}

// TestEventsFilter: a stream can be narrowed to some conversations.
func TestEventsFilter(t *testing.T) {
	s := talktest.Start(t)
	first, second, third := team(s, "bob"), team(s, "bob"), team(s)
	alice, bob := s.As("alice"), s.As("bob")
	begin, _ := bob.Events().Any()
	say := func(token string) { alice.Post("v1/chat/"+token, p{"message": "x"}).Created() }
	say(first)
	say(second)
	narrowed := bob.Events(talktest.Query("token", second), talktest.Header("Last-Event-ID", begin.ID))
	both := bob.Events(talktest.Query("token", first+","+second))
	say(first)
	say(second)
	say(third)
	for _, want := range []struct {
		of     *talktest.Events
		tokens []string
	}{{narrowed, []string{second, second}}, {both, []string{first, second}}} {
		for _, token := range want.tokens {
			if got := want.of.Next("message").Data.Text("token"); got != token {
				t.Errorf("told of %s, want %s", got, token)
			}
		}
	}
	for _, tokens := range []string{third, first + ",nothere", ",", "x y"} {
		bob.Get("/apps/parley/api/v1/events", p{"token": tokens}).Fails(404, "")
	}
	bob.Get("/apps/parley/api/v1/events", p{"token": strings.Repeat(first+",", 100) + first}).Fails(400, "token")
}

// TestEventsAreForAccounts: nobody else reads them, and too many streams are refused.
func TestEventsAreForAccounts(t *testing.T) {
	s := talktest.Start(t)
	team(s, "bob")
	s.Guest().Get("/apps/parley/api/v1/events").Expect(401)
	if got := s.As("bob").Raw(http.MethodHead, talktest.EventsPath, talktest.Header("OCS-APIRequest", "true")); got.Status != 200 {
		t.Errorf("HEAD: %d", got.Status)
	}
	s.As("bob").Post("/apps/parley/api/v1/events").Expect(405)
	var all []*talktest.Events
	for range events.MaxPerAccount {
		all = append(all, s.As("bob").Events())
	}
	s.As("bob").Get("/apps/parley/api/v1/events").Fails(429, "streams")
	s.As("alice").Events()
	all[0].Close()
	await(t, "bob's place is free", func() bool { return s.Events.Streams() == events.MaxPerAccount })
	s.As("bob").Events()
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 2000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%s: never", what)
}

// TestEventsEndWithTheLogin: a stream ends when the credential does that it was opened with, and
// shows how far it came while there is nothing to tell.
func TestEventsEndWithTheLogin(t *testing.T) {
	s := talktest.Start(t)
	token := team(s)
	carol := s.As("carol").Events()
	begin, _ := carol.Any()
	s.As("alice").Post("v1/chat/"+token, p{"message": "not for carol"}).Created()
	for {
		e, ok := carol.Any()
		if !ok || e.Data != nil {
			t.Fatalf("%v, %v came", e, ok)
		}
		if e.ID != begin.ID {
			break
		}
	}
	s.As("admin").Put("/cloud/users/carol/disable").OK()
	carol.Ends()
}

// TestEventsEndWithTheServer: a server that stops ends the streams at once, and those who come
// back to another one go on where they were.
func TestEventsEndWithTheServer(t *testing.T) {
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			url := d.URL(t)
			var id, token string
			t.Run("first", func(t *testing.T) {
				s := talktest.Start(t, talktest.On(url))
				token = team(s, "bob")
				stream := s.As("bob").Events()
				begin, _ := stream.Any()
				id = begin.ID
				s.As("alice").Post("v1/chat/"+token, p{"message": "before"}).Created()
				stream.Next("message")
				s.Bus.StopWaiting()
				stream.Ends()
				s.As("bob").Get("/apps/parley/api/v1/events").Expect(503)
				s.As("alice").Post("v1/chat/"+token, p{"message": "in between"}).Created()
			})
			s := talktest.Start(t, talktest.On(url))
			stream := s.As("bob").Events(talktest.Header("Last-Event-ID", id))
			stream.Next("message")
			stream.Next("message")
		})
	}
}

// TestEventsNamed: every event that has a rule has a name of its own.
func TestEventsNamed(t *testing.T) {
	all := talk.EventKinds()
	slices.Sort(all)
	if len(slices.Compact(all)) != len(talk.EventKinds()) {
		t.Errorf("kinds %v", all)
	}
}
