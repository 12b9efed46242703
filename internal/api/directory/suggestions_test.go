package directory_test

import (
	"slices"
	"testing"

	"parley/internal/talktest"
)

func TestAutocomplete(t *testing.T) {
	for _, database := range talktest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			srv := talktest.Start(t, talktest.On(database.URL(t)))
			srv.AddGroup("bob", "bob", "bobby", "carol", "dave")
			alice := srv.As("alice")
			srv.As("admin").Put("/cloud/users/carol", talktest.P{"key": "email", "value": "carol@example.org"})
			newTeam(srv, "Bobsleigh")
			srv.As("dave").Post("/apps/circles/circles", talktest.P{"name": "Bob's rivals"}).OK()
			token := newRoom(srv)
			addTo(srv, token, "users", "bobby").OK()
			open := newRoom(srv, talktest.P{"roomType": 3})
			srv.As("bob").Post("v4/room/" + open + "/participants/active").OK()

			for _, c := range []struct {
				search string
				more   talktest.P
				want   []string
			}{
				{"", nil, []string{"users/admin", "users/bob", "users/bobby", "users/carol", "users/dave"}},
				{"", talktest.P{"limit": 2}, []string{"users/admin", "users/bob"}},
				{"", talktest.P{"limit": -1}, []string{"users/admin"}},
				{"alice", nil, nil},
				{"BOB", nil, []string{"users/bob", "users/bobby"}},
				{"bobby", nil, []string{"users/bobby"}},
				{"b_b", nil, nil},
				{"bobby", talktest.P{"itemType": "call", "itemId": token}, nil},
				{"bobby", talktest.P{"itemType": "other", "itemId": token}, []string{"users/bobby"}},
				{"bobby", talktest.P{"itemType": "call", "itemId": "new"}, []string{"users/bobby"}},
				{"bob", talktest.P{"itemType": "call", "itemId": open}, []string{"users/bob", "users/bobby"}},
				{"bob", talktest.P{"shareTypes": []string{"0", "1", "4", "7", "[0, 1, 4, 7]"}},
					[]string{"users/bob", "groups/bob", "users/bobby", "circles/Bobsleigh"}},
				{"bob", talktest.P{"shareTypes": []string{"1", "6", "x"}}, []string{"groups/bob"}},
				{"erin@example.org", talktest.P{"shareTypes": []string{"0", "4"}}, []string{"emails/erin@example.org"}},
				{"carol@example.org", talktest.P{"shareTypes": []string{"0", "4"}}, []string{"users/carol"}},
				{"@example.org", talktest.P{"shareTypes": []string{"0", "4"}}, nil},
			} {
				var got []string
				for _, s := range alice.Get("/core/autocomplete/get", talktest.P{"search": c.search}, c.more).OK().List() {
					id := s.Text("id")
					if s.Text("source") == "circles" {
						id = s.Text("label")
					}
					got = append(got, s.Text("source")+"/"+id)
				}
				if !slices.Equal(got, c.want) {
					t.Errorf("%q %v: %q, want %q", c.search, c.more, got, c.want)
				}
			}
			// An address that is private is nobody else's business, but for the administrators.
			unique := func(c *talktest.Client, search, types string) (out string) {
				for _, s := range c.Get("/core/autocomplete/get", talktest.P{"search": search, "shareTypes": []string{"0", types}}).OK().List() {
					out += s.Text("source") + " " + s.Text("shareWithDisplayNameUnique") + " "
				}
				return out
			}
			for _, c := range []struct{ scope, alice, exact string }{
				{"v2-local", "users carol@example.org ", "users carol@example.org "},
				{"v2-private", "users  ", "emails  "},
			} {
				srv.As("carol").Put("/cloud/users/carol", edit("emailScope", c.scope)).OK()
				admin := unique(srv.As("admin"), "carol@example.org", "4")
				if got := unique(alice, "carol", "0"); got != c.alice || admin != "users carol@example.org " {
					t.Errorf("%s: alice sees %q, an administrator %q", c.scope, got, admin)
				}
				if got := unique(alice, "carol@example.org", "4"); got != c.exact {
					t.Errorf("%s: the whole address finds %q", c.scope, got)
				}
			}
			srv.Guest().Get("/core/autocomplete/get", talktest.P{"search": ""}).Expect(401)
		})
	}
}
