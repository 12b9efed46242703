package conversation_test

import (
	"net/http"
	"slices"
	"testing"

	"parley/internal/talktest"
)

// newTeam lets alice make a team with accounts, groups ("groups:id") or teams
// ("circles:id") in it.
func newTeam(srv *talktest.Server, name string, members ...talktest.P) string {
	id := srv.As("alice").Post("/apps/circles/circles", talktest.P{"name": name}).OK().Text("id")
	for _, m := range members {
		srv.As("alice").Post("/apps/circles/circles/"+id+"/members", m).OK()
	}
	return id
}

func user(id string) talktest.P  { return talktest.P{"userId": id, "type": 1} }
func group(id string) talktest.P { return talktest.P{"userId": id, "type": 2} }
func team(id string) talktest.P  { return talktest.P{"userId": id, "type": 16} }

// newRoom lets alice create a conversation.
func newRoom(srv *talktest.Server, params ...talktest.P) string {
	all := append([]talktest.P{{"roomType": 2, "roomName": "Plans"}}, params...)
	return srv.As("alice").Post("v4/room", all...).Expect(http.StatusCreated).Text("token")
}

// people returns the sorted participants of a conversation as type/id; teams
// are called by their names.
func people(srv *talktest.Server, token string) []string {
	var out []string
	for _, p := range srv.As("alice").Get("v4/room/" + token + "/participants").OK().List() {
		id := p.Text("actorId")
		if p.Text("actorType") == "circles" {
			id = p.Text("displayName")
		}
		out = append(out, p.Text("actorType")+"/"+id)
	}
	slices.Sort(out)
	return out
}

func expectPeople(t *testing.T, srv *talktest.Server, token string, want ...string) {
	t.Helper()
	if got := people(srv, token); !slices.Equal(got, want) {
		t.Fatalf("participants %q, want %q", got, want)
	}
}

func addTo(srv *talktest.Server, token, source, id string) *talktest.Reply {
	return srv.As("alice").Post("v4/room/"+token+"/participants", talktest.P{"source": source, "newParticipant": id})
}

func TestTeamInConversation(t *testing.T) {
	srv := talktest.Start(t)
	srv.AddGroup("staff", "bob")
	srv.As("carol")
	srv.As("dave")
	inner := newTeam(srv, "Inner", group("staff"))
	outer := newTeam(srv, "Outer", user("carol"), team(inner))
	token := newRoom(srv)

	srv.As("alice").Post("v3/room/"+token+"/participants", talktest.P{"source": "teams", "newParticipant": outer}).Expect(http.StatusBadRequest)
	addTo(srv, token, "teams", outer).OK()
	addTo(srv, token, "circles", outer).OK()
	expectPeople(t, srv, token, "circles/Outer", "users/alice", "users/bob", "users/carol")

	admin := srv.As("admin")
	admin.Post("/cloud/users/dave/groups", talktest.P{"groupid": "staff"}).OK()
	expectPeople(t, srv, token, "circles/Outer", "users/alice", "users/bob", "users/carol", "users/dave")
	admin.Delete("/cloud/users/bob/groups", talktest.P{"groupid": "staff"}).OK()
	expectPeople(t, srv, token, "circles/Outer", "users/alice", "users/carol", "users/dave")

	alice := srv.As("alice")
	alice.Put("/apps/circles/circles/"+outer+"/name", talktest.P{"value": "Outside"}).OK()
	addTo(srv, token, "groups", "staff").OK()
	alice.Delete("/apps/circles/circles/" + outer + "/members/circles:" + inner).OK()
	expectPeople(t, srv, token, "circles/Outside", "groups/staff", "users/alice", "users/carol", "users/dave")
	admin.Delete("/cloud/groups/staff").OK()
	expectPeople(t, srv, token, "circles/Outside", "users/alice", "users/carol")
	alice.Delete("/apps/circles/circles/" + outer).OK()
	expectPeople(t, srv, token, "users/alice")
}

func TestTeamRowIsRemovedWithItsPeople(t *testing.T) {
	srv := talktest.Start(t)
	for _, u := range []string{"bob", "carol", "dave"} {
		srv.As(u)
	}
	token := newRoom(srv)
	addTo(srv, token, "teams", newTeam(srv, "One", user("bob"), user("carol"), user("dave"))).OK()
	addTo(srv, token, "teams", newTeam(srv, "Two", user("carol"))).OK()
	var one, dave int64
	for _, p := range srv.As("alice").Get("v4/room/" + token + "/participants").OK().List() {
		switch p.Text("displayName") {
		case "One":
			one = p.Number("attendeeId")
		case "Dave":
			dave = p.Number("attendeeId")
		}
	}
	path := "v4/room/" + token
	srv.As("alice").Post(path+"/moderators", talktest.P{"attendeeId": one}).Expect(http.StatusBadRequest)
	srv.As("alice").Post(path+"/moderators", talktest.P{"attendeeId": dave}).OK()
	srv.As("alice").Delete(path+"/attendees", talktest.P{"attendeeId": one}).OK()
	expectPeople(t, srv, token, "circles/Two", "users/alice", "users/carol", "users/dave")
}

func TestTeamsBelongToTheirMembers(t *testing.T) {
	srv := talktest.Start(t)
	bob, carol := srv.As("bob"), srv.As("carol")
	id := newTeam(srv, "Ours", user("bob"))
	path := "/apps/circles/circles/" + id
	token := bob.Post("v4/room", talktest.P{"roomType": 2, "roomName": "Bob's", "participants": talktest.P{"teams": []string{id}}}).Created().Text("token")
	expectPeople(t, srv, token, "circles/Ours", "users/alice", "users/bob")

	carol.Post("v4/room", talktest.P{"roomType": 2, "roomName": "x", "participants": talktest.P{"teams": []string{id}}}).Fails(http.StatusNotFound, "invite")
	carol.Get(path+"/members").Fails(http.StatusNotFound, "team")
	carol.Delete(path).Fails(http.StatusNotFound, "team")
	bob.Delete(path).Fails(http.StatusForbidden, "owner")
	bob.Post(path+"/members", user("carol")).Fails(http.StatusForbidden, "owner")
	alice := srv.As("alice")
	alice.Post(path+"/members", user("nobody")).Fails(http.StatusNotFound, "member")
	alice.Post(path+"/members", talktest.P{"userId": "bob", "type": 4}).Fails(http.StatusBadRequest, "type")
	alice.Delete(path+"/members/users:alice").Fails(http.StatusBadRequest, "owner")
	alice.Delete(path+"/members/users:carol").Fails(http.StatusNotFound, "member")
	alice.Post("/apps/circles/circles", talktest.P{"name": " "}).Fails(http.StatusBadRequest, "name")
	if n := len(bob.Get("/apps/circles/probecircles").OK().List()); n != 1 {
		t.Errorf("bob sees %d teams", n)
	}
	bob.Delete(path + "/members/users:bob").OK()
	if n := len(bob.Get("/apps/circles/circles").OK().List()); n != 0 {
		t.Errorf("bob still sees %d teams", n)
	}
}

func TestLegacyTeamInvitation(t *testing.T) {
	srv := talktest.Start(t)
	srv.As("bob")
	id := newTeam(srv, "Old", user("bob"))
	reply := srv.As("alice").Post("v1/room", talktest.P{"roomType": 2, "source": "circles", "invite": id}).Created()
	if name := reply.Text("name"); name != "Old" {
		t.Errorf("the conversation is called %q", name)
	}
}
