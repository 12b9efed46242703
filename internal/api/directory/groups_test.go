package directory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/talktest"
)

func TestLifeOfAGroup(t *testing.T) {
	s := talktest.Start(t)
	admin, alice := s.As("admin"), s.As("alice")
	empty(t, admin.Post("/cloud/groups", talktest.P{"groupid": "Crew/1", "displayname": "The crew"}))
	s.As("bob")
	for _, id := range []string{"alice", "BOB", "alice"} {
		empty(t, admin.Post("/cloud/users/"+id+"/groups", talktest.P{"groupid": "Crew/1"}))
	}
	empty(t, admin.Put("/cloud/users/bob/disable"))
	empty(t, admin.Put("/cloud/groups/Crew%2F1", edit("displayname", "Crew")))

	details := talktest.Decode[struct{ Groups []talktest.Object }](admin.Get("/cloud/groups/details", talktest.P{"search": "crew"}).OK())
	want := []talktest.Object{{
		"id": "Crew/1", "displayname": "Crew", "usercount": 2.0, "disabled": 1.0, "canAdd": true, "canRemove": true,
	}}
	if diff := cmp.Diff(want, details.Groups); diff != "" {
		t.Errorf("details (-want +got):\n%s", diff)
	}
	for _, r := range []*talktest.Reply{
		admin.Get("/cloud/groups/Crew%2F1"), admin.Get("/cloud/groups/Crew%2F1/users"), alice.Get("/cloud/groups/Crew%2F1/users"),
	} {
		if got, want := listOf(r, "users"), []string{"alice", "bob"}; !cmp.Equal(got, want) {
			t.Errorf("members %v, want %v", got, want)
		}
	}
	if got, want := listOf(alice.Get("/cloud/users/Alice/groups"), "groups"), []string{"Crew/1"}; !cmp.Equal(got, want) {
		t.Errorf("groups of alice %v, want %v", got, want)
	}
	empty(t, admin.Delete("/cloud/users/alice/groups", talktest.P{"groupid": "Crew/1"}))
	if got := listOf(alice.Get("/cloud/users/alice/groups"), "groups"); len(got) != 0 {
		t.Errorf("alice is still in %v", got)
	}
	empty(t, admin.Delete("/cloud/groups/Crew%2F1"))
	if got, want := listOf(admin.Get("/cloud/groups", talktest.P{"limit": 5}), "groups"), []string{"admin"}; !cmp.Equal(got, want) {
		t.Errorf("groups %v, want %v", got, want)
	}
}

// TestAdministratorsFollowTheGroup checks that rights come and go with the
// membership, from the next request on.
func TestAdministratorsFollowTheGroup(t *testing.T) {
	s := talktest.Start(t)
	admin, alice := s.As("admin"), s.As("alice")
	alice.Get("/cloud/groups").Expect(403)
	empty(t, admin.Post("/cloud/users/alice/groups", talktest.P{"groupid": "admin"}))
	alice.Get("/cloud/groups").OK()
	empty(t, alice.Put("/cloud/users/admin/disable"))
	// The only administrator who can log in stays one.
	if r := alice.Delete("/cloud/users/alice/groups", talktest.P{"groupid": "admin"}); r.Meta.StatusCode != 105 {
		t.Errorf("code %d: %s", r.Meta.StatusCode, r.Body)
	}
	empty(t, alice.Put("/cloud/users/admin/enable"))
	empty(t, admin.Delete("/cloud/users/alice/groups", talktest.P{"groupid": "admin"}))
	alice.Get("/cloud/groups").Expect(403)
}
