package conversation_test

import (
	"fmt"
	"testing"

	"parley/internal/talktest"
)

// The test client holds every answer against the document of the API; this walk makes
// it see the successes of all versions.
func TestAnswersAreAsDocumented(t *testing.T) {
	srv := talktest.Start(t)
	srv.As("dave")
	for version := 1; version <= 4; version++ {
		w := &walk{srv: srv, version: version}
		w.enter()
		w.settings()
		w.own()
		w.people()
		w.end()
	}
	device := srv.Anonymous()
	device.User, device.Password = "alice", talktest.PasswordOf("alice")
	device.Password = device.Get("/core/getapppassword").OK().Text("apppassword")
	device.Get("/core/getapppassword").Expect(403)
	device.Delete("/core/apppassword").OK()
	device.Delete("/core/apppassword").Expect(401)
}

// walk goes through a conversation of alice in one version of the API.
type walk struct {
	srv     *talktest.Server
	version int
	room    string
}

// only are the versions that know a step.
type only struct{ first, last int }

var (
	all    = only{1, 4}
	old    = only{1, 3}
	newer  = only{3, 4}
	newest = only{4, 4}
)

// step is a request of alice that succeeds with 200; {room} is in front of the path.
type step struct {
	in           only
	method, path string
	params       talktest.P
}

func (w *walk) take(steps []step) {
	alice := w.srv.As("alice")
	does := map[string]func(string, ...talktest.P) *talktest.Reply{
		"GET": alice.Get, "POST": alice.Post, "PUT": alice.Put, "DELETE": alice.Delete,
	}
	for _, s := range steps {
		if s.in.first <= w.version && w.version <= s.in.last {
			does[s.method](w.room+s.path, s.params).OK()
		}
	}
}

func (w *walk) base() string { return fmt.Sprintf("v%d/room", w.version) }

func (w *walk) enter() {
	alice := w.srv.As("alice")
	token := alice.Post(w.base(), talktest.P{"roomType": 3, "roomName": "Walk"}).Created().Text("token")
	w.room = w.base() + "/" + token
	alice.Post(w.room + "/participants/active").OK()
	alice.Get(w.base()).OK()
	alice.Get(w.room).OK()
}

func (w *walk) settings() {
	w.take([]step{
		{newer, "PUT", "/description", talktest.P{"description": "On and on"}},
		{all, "PUT", "", talktest.P{"roomName": "Wander"}},
		{all, "DELETE", "/public", nil},
		{all, "POST", "/public", nil},
		{all, "PUT", "/read-only", talktest.P{"state": 1}},
		{all, "PUT", "/read-only", talktest.P{"state": 0}},
		{all, "PUT", "/password", talktest.P{"password": "Long enough 1"}},
		{all, "PUT", "/password", talktest.P{"password": ""}},
		{newer, "PUT", "/listable", talktest.P{"scope": 1}},
		{all, "PUT", "/webinar/lobby", talktest.P{"state": 1}},
		{old, "PUT", "/webinary/lobby", talktest.P{"state": 1}},
		{all, "PUT", "/webinar/lobby", talktest.P{"state": 0}},
		{newest, "PUT", "/mention-permissions", talktest.P{"mentionPermissions": 1}},
		{newest, "POST", "/message-expiration", talktest.P{"seconds": 3600}},
		{newest, "PUT", "/permissions/default", talktest.P{"permissions": 1}},
		{newest, "GET", "/capabilities", nil},
	})
	if w.version >= 3 {
		w.srv.As("dave").Get(fmt.Sprintf("v%d/listed-room", w.version)).OK()
	}
}

func (w *walk) own() {
	var steps []step
	for name, in := range map[string]only{"favorite": all, "archive": newest, "important": newest, "sensitive": newest} {
		steps = append(steps, step{in, "POST", "/" + name, nil}, step{in, "DELETE", "/" + name, nil})
	}
	w.take(append(steps,
		step{all, "POST", "/notify", talktest.P{"level": 2}},
		step{newest, "POST", "/notify-calls", talktest.P{"level": 0}},
		step{newest, "PUT", "/participants/state", talktest.P{"state": 0}},
	))
}

func (w *walk) people() {
	bob, guest := w.srv.As("bob"), w.srv.Guest()
	w.srv.As("carol")
	session := guest.Post(w.room + "/participants/active").OK().Text("sessionId")
	add := func(user string) step {
		return step{all, "POST", "/participants", talktest.P{"newParticipant": user}}
	}
	w.take([]step{add("bob"), add("carol"), {all, "GET", "/participants", talktest.P{"includeStatus": true}}})
	id := w.attendee("bob")
	w.take([]step{
		{old, "POST", "/moderators", talktest.P{"participant": "bob"}},
		{old, "DELETE", "/moderators", talktest.P{"participant": "bob"}},
		{newest, "POST", "/moderators", talktest.P{"attendeeId": id}},
		{newest, "DELETE", "/moderators", talktest.P{"attendeeId": id}},
		{newest, "PUT", "/attendees/permissions", talktest.P{"attendeeId": id, "method": "set", "permissions": 1}},
		{newest, "PUT", "/attendees/permissions/all", talktest.P{"method": "add", "permissions": 2}},
		{all, "GET", "/participants", nil},
		{old, "DELETE", "/participants/guests", talktest.P{"participant": session}},
		{old, "DELETE", "/participants", talktest.P{"participant": "carol"}},
		add("carol"),
	})
	w.take([]step{{newer, "DELETE", "/attendees", talktest.P{"attendeeId": w.attendee("carol")}}})
	bob.Delete(w.room + "/participants/self").OK()
}

// attendee looks a participant up in the version that tells all ids.
func (w *walk) attendee(user string) int64 {
	token := w.room[len(w.base()):]
	for _, p := range w.srv.As("alice").Get("v4/room" + token + "/participants").OK().List() {
		if p.Text("actorId") == user {
			return p.Number("attendeeId")
		}
	}
	return 0
}

func (w *walk) end() {
	w.take([]step{{all, "DELETE", "/participants/active", nil}, {all, "DELETE", "", nil}})
}
