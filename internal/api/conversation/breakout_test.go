package conversation_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"parley/internal/talktest"
)

// split is a conversation of alice (owner), bob, carol and dave with two
// breakout rooms.
type split struct {
	t        *testing.T
	srv      *talktest.Server
	parent   string
	children []string
	ids      map[string]int64
}

// newSplit makes breakout rooms in the given mode; in manual mode bob is in the
// first and carol in the second.
func newSplit(t *testing.T, mode int) *split {
	t.Helper()
	srv := talktest.Start(t)
	s := &split{t: t, srv: srv, parent: newRoom(srv), ids: map[string]int64{}}
	for _, user := range []string{"bob", "carol", "dave"} {
		srv.As(user)
		addTo(srv, s.parent, "users", user).OK()
	}
	for _, p := range srv.As("alice").Get("v4/room/" + s.parent + "/participants").OK().List() {
		s.ids[p.Text("actorId")] = p.Number("attendeeId")
	}
	rooms := srv.As("alice").Post("v1/breakout-rooms/"+s.parent, talktest.P{
		"mode": mode, "amount": 2, "attendeeMap": s.where("bob", 0, "carol", 1),
	}).OK().List()
	for i, r := range rooms {
		if i > 0 {
			s.children = append(s.children, r.Text("token"))
		}
	}
	if rooms[0].Text("token") != s.parent || len(s.children) != 2 {
		t.Fatalf("split into %v", rooms)
	}
	return s
}

// where spells a distribution of user, index pairs.
func (s *split) where(pairs ...any) string {
	d := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		d[fmt.Sprint(s.ids[pairs[i].(string)])] = pairs[i+1]
	}
	text, err := json.Marshal(d)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func (s *split) alice(method func(*talktest.Client, string, ...talktest.P) *talktest.Reply, what string, p ...talktest.P) *talktest.Reply {
	return method(s.srv.As("alice"), "v1/breakout-rooms/"+s.parent+what, p...)
}

// expect checks who is in the two breakout rooms beside alice.
func (s *split) expect(first, second []string) {
	s.t.Helper()
	for i, want := range [][]string{first, second} {
		got := people(s.srv, s.children[i])
		want = append([]string{"users/alice"}, want...)
		if !slices.Equal(got, want) {
			s.t.Fatalf("breakout room %d has %q, want %q", i+1, got, want)
		}
	}
}

func (s *split) messages(token string) (keys []string) {
	for _, m := range s.srv.As("alice").Get("v1/chat/"+token, talktest.P{"lookIntoFuture": 0}).OK().List() {
		keys = append(keys, m.Text("systemMessage"))
	}
	return keys
}

func TestBreakoutLife(t *testing.T) {
	s := newSplit(t, 2)
	s.expect([]string{"users/bob"}, []string{"users/carol"})
	bob, dave := s.srv.As("bob"), s.srv.As("dave")
	list := "v4/room/" + s.parent + "/breakout-rooms"
	bob.Get(list).Fails(400, "status")
	bob.Get(list+"/participants").Fails(400, "status")
	bob.Post("v1/breakout-rooms/" + s.parent + "/rooms").Expect(403)
	bob.Post("v1/breakout-rooms/" + s.children[0] + "/request-assistance").Expect(412)
	bob.Post("v1/breakout-rooms/"+s.parent+"/request-assistance").Fails(400, "room")
	if got := tokensOf(bob.Get("v4/room").OK()); !slices.Equal(got, []string{s.parent, s.children[0]}) {
		t.Errorf("bob's list has %q", got)
	}
	if got := tokensOf(s.srv.As("alice").Get("v4/room").OK()); !slices.Equal(got, append([]string{s.parent}, s.children...)) {
		t.Errorf("alice's list has %q", got)
	}
	if got := tokensOf(dave.Get("v4/room").OK()); !slices.Equal(got, []string{s.parent}) {
		t.Errorf("dave's list has %q", got)
	}

	s.alice((*talktest.Client).Post, "/rooms").OK()
	s.alice((*talktest.Client).Post, "/rooms").OK()
	visible := bob.Get(list).OK().List()
	if len(visible) != 1 || visible[0].Text("token") != s.children[0] || visible[0].Number("lobbyState") != 0 {
		t.Errorf("bob sees %v", visible)
	}
	if n := len(dave.Get(list).OK().List()); n != 0 {
		t.Errorf("dave sees %d breakout rooms", n)
	}
	seen := map[string]int{}
	for _, p := range bob.Get(list + "/participants").OK().List() {
		seen[p.Text("roomToken")]++
	}
	if seen[s.parent] != 4 || seen[s.children[0]] != 2 || len(seen) != 2 {
		t.Errorf("bob sees participants %v", seen)
	}
	if r := bob.Post("v1/breakout-rooms/" + s.children[0] + "/request-assistance").OK(); r.Number("breakoutRoomStatus") != 2 {
		t.Errorf("assistance: %s", r.Body)
	}
	bob.Post("v1/breakout-rooms/"+s.parent+"/switch", talktest.P{"target": s.children[1]}).Fails(400, "mode")

	for _, r := range s.alice((*talktest.Client).Delete, "/rooms").OK().List() {
		if r.Number("breakoutRoomStatus") != 0 {
			t.Errorf("after the end: %v", r)
		}
	}
	got := s.messages(s.children[0])
	want := []string{"breakout_rooms_stopped", "breakout_rooms_started", "user_added", "conversation_created"}
	if !slices.Equal(got, want) {
		t.Errorf("messages %q, want %q", got, want)
	}
	if r := s.alice((*talktest.Client).Delete, "").OK(); r.Number("breakoutRoomMode") != 0 {
		t.Errorf("merged: %s", r.Body)
	}
	bob.Get("v4/room/" + s.children[0]).Expect(404)
	s.alice((*talktest.Client).Delete, "").OK()
	s.alice((*talktest.Client).Post, "/rooms").Fails(400, "mode")
	s.srv.As("alice").Get(list).Fails(400, "mode")
}

func TestBreakoutFollowsItsParent(t *testing.T) {
	s := newSplit(t, 2)
	alice, path := s.srv.As("alice"), "v4/room/"+s.parent
	alice.Post(path+"/public").Fails(400, "breakout-room")
	alice.Post("v4/room/"+s.children[0]+"/public").Fails(400, "breakout-room")
	alice.Post(path+"/moderators", talktest.P{"attendeeId": s.ids["bob"]}).OK()
	s.expect([]string{"users/bob"}, []string{"users/bob", "users/carol"})
	addTo(s.srv, s.children[0], "users", "carol").OK()
	s.expect([]string{"users/bob", "users/carol"}, []string{"users/bob"})
	addTo(s.srv, s.children[1], "users", "bob").Fails(400, "moderator")
	addTo(s.srv, s.children[1], "groups", "staff").Fails(400, "source")
	alice.Delete(path+"/moderators", talktest.P{"attendeeId": s.ids["bob"]}).OK()
	s.expect([]string{"users/carol"}, nil)
	s.srv.As("erin")
	addTo(s.srv, s.children[1], "users", "erin").OK()
	s.expect([]string{"users/carol"}, []string{"users/erin"})
	expectPeople(t, s.srv, s.parent, "users/alice", "users/bob", "users/carol", "users/dave", "users/erin")
	alice.Delete(path+"/attendees", talktest.P{"attendeeId": s.ids["carol"]}).OK()
	s.srv.As("erin").Delete(path + "/participants/self").OK()
	s.expect(nil, nil)
	alice.Delete(path).OK()
	alice.Get("v4/room/" + s.children[1]).Expect(404)
}

func TestBreakoutDistributions(t *testing.T) {
	s := newSplit(t, 2)
	s.alice((*talktest.Client).Post, "/attendees", talktest.P{"attendeeMap": s.where("bob", 1, "dave", 0)}).OK()
	s.expect([]string{"users/dave"}, []string{"users/bob"})
	for text, reason := range map[string]string{
		s.where("bob", 2): "attendeeMap", "[1]": "attendeeMap", `{"x":1}`: "attendeeMap", s.where("alice", 0): "moderator",
	} {
		s.alice((*talktest.Client).Post, "/attendees", talktest.P{"attendeeMap": text}).Fails(400, reason)
	}
	s.expect([]string{"users/dave"}, []string{"users/bob"})
	s.alice((*talktest.Client).Post, "", talktest.P{"mode": 1, "amount": 1}).Fails(400, "room")

	addTo(s.srv, s.parent, "emails", "guest@example.org").OK()
	if kind := s.srv.As("alice").Get("v4/room/" + s.parent).OK().Number("type"); kind != 2 {
		t.Errorf("an e-mail guest made the parent type %d", kind)
	}

	free := newRoom(s.srv)
	s.srv.As("alice").Post("v1/breakout-rooms/"+free, talktest.P{"mode": 0, "amount": 0}).Fails(400, "mode")
	s.srv.As("alice").Post("v1/breakout-rooms/"+free, talktest.P{"mode": 1, "amount": 21}).Fails(400, "amount")
	s.srv.As("alice").Post("v1/breakout-rooms/"+free, talktest.P{"mode": 2, "amount": 1, "attendeeMap": "{"}).Fails(400, "attendeeMap")
	if mode := s.srv.As("alice").Get("v4/room/" + free).OK().Number("breakoutRoomMode"); mode != 0 {
		t.Errorf("refused breakout rooms left mode %d", mode)
	}
}

func TestAutomaticBreakoutRooms(t *testing.T) {
	s := newSplit(t, 1)
	first, second := people(s.srv, s.children[0]), people(s.srv, s.children[1])
	if len(first)+len(second) != 5 || len(first) < 2 || len(second) < 2 {
		t.Errorf("dealt %q and %q", first, second)
	}
}

func TestFreeBreakoutRooms(t *testing.T) {
	s := newSplit(t, 3)
	s.expect(nil, nil)
	bob, path := s.srv.As("bob"), "v1/breakout-rooms/"+s.parent+"/switch"
	bob.Post(path, talktest.P{"target": s.children[0]}).Fails(400, "status")
	s.alice((*talktest.Client).Post, "/rooms").OK()
	if n := len(bob.Get("v4/room/" + s.parent + "/breakout-rooms").OK().List()); n != 2 {
		t.Errorf("bob can choose from %d", n)
	}
	s.alice((*talktest.Client).Post, "/switch", talktest.P{"target": s.children[0]}).Fails(400, "moderator")
	bob.Post(path, talktest.P{"target": "elsewhere"}).Fails(400, "target")
	bob.Post(path, talktest.P{"target": s.children[0]}).OK()
	s.expect([]string{"users/bob"}, nil)
	if token := bob.Post(path, talktest.P{"target": s.children[1]}).OK().Text("token"); token != s.children[1] {
		t.Errorf("bob is sent to %q", token)
	}
	s.expect(nil, []string{"users/bob"})
}

func tokensOf(list *talktest.Reply) (tokens []string) {
	for _, room := range list.List() {
		tokens = append(tokens, room.Text("token"))
	}
	return tokens
}

// Moderators beside the one who makes the breakout rooms are told to be added.
func TestBreakoutMakersAreNotAdded(t *testing.T) {
	srv := talktest.Start(t)
	alice := srv.As("alice")
	srv.As("bob")
	token := newGroup(alice, talktest.P{"participants": talktest.P{"users": []string{"bob"}}})
	for _, p := range alice.Get("v4/room/" + token + "/participants").OK().List() {
		if p.Text("actorId") == "bob" {
			alice.Post("v4/room/"+token+"/moderators", talktest.P{"attendeeId": p.Number("attendeeId")}).OK()
		}
	}
	made := srv.As("bob").Post("v1/breakout-rooms/"+token, talktest.P{"mode": 3, "amount": 1}).OK().List()
	var about []string
	for _, m := range alice.Get("v1/chat/"+made[1].Text("token"), talktest.P{"lookIntoFuture": 0}).OK().List() {
		if m.Text("systemMessage") == "user_added" {
			about = append(about, fmt.Sprint(m["messageParameters"].(map[string]any)["user"].(map[string]any)["id"]))
		}
	}
	if !slices.Equal(about, []string{"alice"}) {
		t.Errorf("added: %q", about)
	}
}

// An administrator who wants no breakout rooms keeps people from making and
// distributing, not from using those that exist and getting rid of them.
func TestBreakoutSetting(t *testing.T) {
	s := newSplit(t, 2)
	alice := s.srv.As("alice")
	announced := func() bool {
		return callConfig(alice)["breakout-rooms"] == true
	}
	if !announced() {
		t.Error("not announced by default")
	}
	configure(s.srv, "breakout_rooms", "no")
	if announced() {
		t.Error("announced")
	}
	s.alice((*talktest.Client).Post, "", talktest.P{"mode": 1, "amount": 2}).Fails(400, "config")
	s.alice((*talktest.Client).Post, "/attendees", talktest.P{"attendeeMap": "{}"}).Fails(400, "config")
	s.srv.As("bob").Post("v1/breakout-rooms/"+s.parent, talktest.P{"mode": 1, "amount": 2}).Expect(403)
	s.alice((*talktest.Client).Post, "/rooms").OK()
	s.alice((*talktest.Client).Delete, "").OK()
	s.alice((*talktest.Client).Post, "", talktest.P{"mode": 1, "amount": 2}).Fails(400, "config")
	configure(s.srv, "breakout_rooms", "yes")
	s.alice((*talktest.Client).Post, "", talktest.P{"mode": 1, "amount": 2}).OK()
}
