package conversation_test

import (
	"slices"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/dbadmin"
	"parley/internal/talktest"
)

// roles returns the roles of the people in a conversation by their ids.
func roles(c *talktest.Client, token string) map[string]int64 {
	all := map[string]int64{}
	for _, p := range c.Get("v4/room/" + token + "/participants").OK().List() {
		all[p.Text("actorId")] = p.Number("participantType")
	}
	return all
}

// healthy fails the test when there is a conversation that nobody can manage.
func healthy(t *testing.T, url string) {
	t.Helper()
	found, err := dbadmin.Examine(t.Context(), db.Options{URL: url, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Check == "conversations with members have an owner or a moderator" && len(f.Problems) > 0 {
			t.Errorf("%s: %q", f.Check, f.Problems)
		}
	}
}

// When the account of the last moderator is deleted, the member who was there first
// moderates the conversation and its breakout rooms.
func TestModeratorWhoseAccountIsDeleted(t *testing.T) {
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			url := kind.URL(t)
			srv := talktest.Start(t, talktest.On(url))
			owner, mia, tom := srv.As("owner"), srv.As("mia"), srv.As("tom")
			members := talktest.P{"participants": talktest.P{"users": []string{"mia", "tom"}}}
			plain, split, two := newGroup(owner, members), newGroup(owner, members), newGroup(owner, members)
			breakouts := owner.Post("v1/breakout-rooms/"+split, talktest.P{"mode": 3, "amount": 2}).OK().List()
			for _, p := range owner.Get("v4/room/" + two + "/participants").OK().List() {
				if p.Text("actorId") == "tom" {
					owner.Post("v4/room/"+two+"/moderators", talktest.P{"attendeeId": p.Number("attendeeId")}).OK()
				}
			}
			alone := newGroup(owner)
			srv.As("admin").Delete("/cloud/users/owner").OK()
			for _, token := range []string{plain, split} {
				if got := roles(mia, token); got["mia"] != 2 || got["tom"] != 3 {
					t.Errorf("roles %v", got)
				}
			}
			if got := roles(mia, two); got["mia"] != 3 || got["tom"] != 2 {
				t.Errorf("roles beside another moderator: %v", got)
			}
			for _, b := range breakouts[1:] {
				if got := roles(mia, b.Text("token")); got["mia"] != 2 {
					t.Errorf("roles in a breakout room: %v", got)
				}
			}
			newest := mia.Get("v1/chat/"+plain, talktest.P{"lookIntoFuture": 0}).OK().List()[0]
			if newest.Text("systemMessage") != "moderator_promoted" || newest.Text("actorId") != "system" {
				t.Errorf("message %v", newest)
			}
			mia.Put("v4/room/"+plain, talktest.P{"roomName": "Mine"}).OK()
			tom.Get("v4/room/" + alone).Expect(404)
			healthy(t, url)
		})
	}
}

// A conversation that only a guest moderates is left to its members when the guest
// goes, whatever way.
func TestGuestModeratorWhoGoes(t *testing.T) {
	srv := talktest.Start(t)
	for name, end := range map[string]func(*guestStage){
		"leaves":     func(v *guestStage) { v.guest.Delete(v.room() + "/participants/active").OK() },
		"leaves, v3": func(v *guestStage) { v.guest.Delete("v3/room/" + v.token + "/participants/active").OK() },
		"is silent":  func(v *guestStage) { v.srv.Advance(2 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			v := guestStageOn(t, srv)
			v.give("a role")
			bob := v.srv.As("bob")
			v.alice.Post(v.room()+"/participants", talktest.P{"newParticipant": "bob", "source": "users"}).OK()
			me := v.alice.Get(v.room()).OK().Number("attendeeId")
			promoted := slices.IndexFunc(v.alice.Get(v.room()+"/participants").OK().List(), func(p talktest.Object) bool { return p.Text("actorId") == "bob" })
			bobID := v.alice.Get(v.room() + "/participants").OK().List()[promoted].Number("attendeeId")
			v.alice.Post(v.room()+"/moderators", talktest.P{"attendeeId": bobID}).OK()
			v.alice.Delete(v.room()+"/attendees", talktest.P{"attendeeId": me}).OK()
			v.guest.Delete(v.room()+"/moderators", talktest.P{"attendeeId": bobID}).OK()
			if got := roles(bob, v.token); got["bob"] != 3 {
				t.Fatalf("bob still moderates: %v", got)
			}
			end(v)
			if got := bob.Get(v.room()).OK().Number("participantType"); got != 2 {
				t.Errorf("bob has the role %d", got)
			}
		})
	}
}
