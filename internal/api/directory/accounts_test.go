package directory_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/talktest"
)

// request is a request of one client to the provisioning API.
type request struct {
	by, method, path string
	params           talktest.P
}

func (r request) send(s *talktest.Server) *talktest.Reply {
	c := s.As(r.by)
	switch r.method {
	case http.MethodGet:
		return c.Get(r.path, r.params)
	case http.MethodPost:
		return c.Post(r.path, r.params)
	case http.MethodPut:
		return c.Put(r.path, r.params)
	default:
		return c.Delete(r.path, r.params)
	}
}

// edit is a change of one property.
func edit(key, value string) talktest.P { return talktest.P{"key": key, "value": value} }

// listOf returns a list of the answer, such as {"users": [...]}.
func listOf(r *talktest.Reply, name string) []string {
	return talktest.Decode[map[string][]string](r.OK())[name]
}

func empty(t *testing.T, r *talktest.Reply) {
	t.Helper()
	if got := string(r.OK().Data); got != "[]" {
		t.Errorf("data %s, want []", got)
	}
}

// TestProvisioningRefusals holds the answers of refused requests against Talk's.
func TestProvisioningRefusals(t *testing.T) {
	s := talktest.Start(t)
	s.AddGroup("crew", "alice", "bob")
	long := strings.Repeat("x", 300)
	user := func(id string, more ...talktest.P) talktest.P {
		p := talktest.P{"userid": id, "password": "a good one"}
		for _, m := range more {
			for k, v := range m {
				p[k] = v
			}
		}
		return p
	}
	for _, c := range []struct {
		request
		status, code int
	}{
		{request{"admin", "POST", "/cloud/users", talktest.P{"password": "a good one"}}, 400, 101},
		{request{"admin", "POST", "/cloud/users", user("a/b")}, 400, 101},
		{request{"admin", "POST", "/cloud/users", user("Bridge-Bot")}, 400, 101},
		{request{"admin", "POST", "/cloud/users", user("..")}, 400, 101},
		{request{"admin", "POST", "/cloud/users", user(" eve")}, 400, 101},
		{request{"admin", "POST", "/cloud/users", user(long)}, 400, 101},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"email": "nobody"})}, 400, 101},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"email": "a@b..c"})}, 400, 101},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"quota": "much"})}, 400, 101},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"language": "klingon"})}, 400, 101},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"manager": "nobody"})}, 400, 101},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"manager": "eve"})}, 400, 101},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"subadmin": []string{"none"}})}, 400, 109},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"subadmin": []string{"admin"}})}, 400, 103},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"subadmin": []string{"crew"}})}, 400, 105},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"password": "short"})}, 400, 107},
		{request{"admin", "POST", "/cloud/users", user("evelyn.doe", talktest.P{"password": "Evelyn.Doe"})}, 400, 107},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"password": "password1"})}, 400, 107},
		{request{"admin", "POST", "/cloud/users", user("details")}, 400, 101},
		{request{"admin", "POST", "/cloud/groups", talktest.P{"groupid": "details"}}, 400, 101},
		{request{"admin", "POST", "/cloud/groups", talktest.P{"groupid": ".."}}, 400, 101},
		{request{"admin", "POST", "/cloud/groups", talktest.P{"groupid": "%2e"}}, 400, 101},
		{request{"admin", "PUT", "/cloud/users/alice", edit("email", "a@b@c")}, 400, 101},
		{request{"admin", "PUT", "/cloud/users/alice", edit("timezone", "Mars/Olympus")}, 400, 101},
		{request{"admin", "PUT", "/cloud/users/alice", edit("manager", "alice")}, 400, 101},
		{request{"alice", "PUT", "/cloud/users/alice", edit("quota", "5 GB")}, 400, 103},
		{request{"admin", "POST", "/cloud/users", user("ALICE")}, 400, 102},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"groups": []string{"crew", "none"}})}, 400, 104},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"password": strings.Repeat(long, 20)})}, 400, 107},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"password": ""})}, 400, 108},
		{request{"admin", "POST", "/cloud/users", user("eve", talktest.P{"displayName": long})}, 400, 112},
		{request{"alice", "POST", "/cloud/users", user("eve")}, 403, 403},
		{request{"alice", "GET", "/cloud/users", nil}, 403, 403},
		{request{"alice", "GET", "/cloud/users/details", nil}, 403, 403},

		{request{"admin", "GET", "/cloud/users/eve", nil}, 404, 404},
		{request{"alice", "GET", "/cloud/users/eve", nil}, 404, 404},
		{request{"alice", "GET", "/cloud/users/bob", nil}, 404, 998},
		{request{"alice", "GET", "/cloud/user/fields/bob", nil}, 404, 998},
		{request{"alice", "GET", "/cloud/users/bob/groups", nil}, 404, 998},
		{request{"admin", "GET", "/cloud/users/eve/groups", nil}, 404, 998},
		{request{"alice", "PUT", "/cloud/users/bob", edit("phone", "+49 30 123456")}, 404, 998},
		{request{"admin", "PUT", "/cloud/users/eve", edit("phone", "+49 30 123456")}, 404, 998},
		{request{"alice", "PUT", "/cloud/users/alice", edit("enabled", "0")}, 400, 103},
		{request{"alice", "PUT", "/cloud/users/alice", edit("shoeScope", "v2-local")}, 400, 103},
		{request{"alice", "PUT", "/cloud/users/alice", edit("phoneScope", "everybody")}, 400, 101},
		{request{"admin", "PUT", "/cloud/users/alice", edit("email", "nobody")}, 400, 101},
		{request{"alice", "PUT", "/cloud/users/alice", edit("displayname", " ")}, 400, 101},
		{request{"alice", "PUT", "/cloud/users/alice", edit("biography", strings.Repeat(long, 4))}, 400, 101},
		{request{"admin", "PUT", "/cloud/users/alice", edit("password", "")}, 400, 107},

		{request{"admin", "PUT", "/cloud/users/Admin/disable", nil}, 400, 101},
		{request{"admin", "PUT", "/cloud/users/eve/enable", nil}, 400, 101},
		{request{"alice", "PUT", "/cloud/users/bob/disable", nil}, 403, 403},
		{request{"admin", "DELETE", "/cloud/users/eve", nil}, 404, 998},
		{request{"admin", "DELETE", "/cloud/users/ADMIN", nil}, 400, 101},
		{request{"alice", "DELETE", "/cloud/users/alice", nil}, 403, 403},

		{request{"admin", "POST", "/cloud/users/alice/groups", nil}, 400, 101},
		{request{"admin", "POST", "/cloud/users/alice/groups", talktest.P{"groupid": "none"}}, 400, 102},
		{request{"admin", "POST", "/cloud/users/eve/groups", talktest.P{"groupid": "crew"}}, 400, 103},
		{request{"alice", "POST", "/cloud/users/alice/groups", talktest.P{"groupid": "admin"}}, 403, 403},
		{request{"admin", "DELETE", "/cloud/users/alice/groups", nil}, 400, 101},
		{request{"admin", "DELETE", "/cloud/users/alice/groups", talktest.P{"groupid": "none"}}, 400, 102},
		{request{"admin", "DELETE", "/cloud/users/eve/groups", talktest.P{"groupid": "crew"}}, 400, 103},
		{request{"admin", "DELETE", "/cloud/users/aDmin/groups", talktest.P{"groupid": "admin"}}, 400, 105},

		{request{"alice", "GET", "/cloud/groups", nil}, 403, 403},
		{request{"alice", "GET", "/cloud/groups/details", nil}, 403, 403},
		{request{"alice", "GET", "/cloud/groups/crew", nil}, 403, 403},
		{request{"admin", "GET", "/cloud/groups/none", nil}, 404, 998},
		{request{"alice", "GET", "/cloud/groups/none/users", nil}, 404, 998},
		{request{"alice", "GET", "/cloud/groups/admin/users", nil}, 403, 403},
		{request{"admin", "POST", "/cloud/groups", talktest.P{"groupid": " "}}, 400, 101},
		{request{"admin", "POST", "/cloud/groups", talktest.P{"groupid": long}}, 400, 101},
		{request{"admin", "POST", "/cloud/groups", talktest.P{"groupid": "x", "displayname": long}}, 400, 101},
		{request{"admin", "POST", "/cloud/groups", talktest.P{"groupid": "crew"}}, 400, 102},
		{request{"alice", "POST", "/cloud/groups", talktest.P{"groupid": "x"}}, 403, 403},
		{request{"admin", "PUT", "/cloud/groups/none", edit("displayname", "x")}, 400, 101},
		{request{"admin", "PUT", "/cloud/groups/crew", edit("displayname", "")}, 400, 101},
		{request{"admin", "PUT", "/cloud/groups/crew", edit("color", "red")}, 400, 101},
		{request{"admin", "DELETE", "/cloud/groups/none", nil}, 400, 101},
		{request{"admin", "DELETE", "/cloud/groups/admin", nil}, 400, 102},
		{request{"alice", "DELETE", "/cloud/groups/crew", nil}, 403, 403},
	} {
		t.Run(c.by+" "+c.method+" "+c.path, func(t *testing.T) {
			r := c.send(s)
			if r.Status != c.status || r.Meta.StatusCode != c.code || string(r.Data) != "[]" {
				t.Errorf("%v: status %d, code %d, want %d and %d: %s", c.params, r.Status, r.Meta.StatusCode, c.status, c.code, r.Body)
			}
			if subadmin := strings.HasSuffix(r.Meta.Message, "at least a sub admin"); subadmin != (c.code == 403) {
				t.Errorf("message %q", r.Meta.Message)
			}
		})
	}
	// What was refused changed nothing.
	if got, want := listOf(s.As("admin").Get("/cloud/users"), "users"), []string{"admin", "alice", "bob"}; !cmp.Equal(got, want) {
		t.Errorf("accounts %v, want %v", got, want)
	}
	if got, want := listOf(s.As("admin").Get("/cloud/groups"), "groups"), []string{"admin", "crew"}; !cmp.Equal(got, want) {
		t.Errorf("groups %v, want %v", got, want)
	}
}

func TestProvisioningByVersionOne(t *testing.T) {
	s := talktest.Start(t)
	for _, c := range []struct {
		path, form string
		code       string
	}{
		{"users", "userid=eve&password=a+good+one&displayName=Eve", "100"},
		{"users", "userid=eve&password=a+good+one", "102"},
		{"groups", "groupid=crew", "100"},
		{"groups", "groupid=", "101"},
	} {
		r := s.As("admin").Raw(http.MethodPost, "/ocs/v1.php/cloud/"+c.path, talktest.Header("OCS-APIRequest", "true"),
			talktest.Body("application/x-www-form-urlencoded", c.form)).OK()
		if !strings.Contains(string(r.Body), "<statuscode>"+c.code+"</statuscode>") {
			t.Errorf("%s %s: %s", c.path, c.form, r.Body)
		}
	}
}

func TestLifeOfAnAccount(t *testing.T) {
	s := talktest.Start(t)
	s.AddGroup("crew")
	admin := s.As("admin")
	made := admin.Post("/cloud/users", talktest.P{
		"userid": "Zoe", "password": "first password", "displayName": " Zoe Z. ", "email": "Zoe@Example.org",
		"groups": []string{"crew"}, "language": "de",
	}).OK()
	if string(made.Data) != `{"id":"Zoe"}` {
		t.Errorf("created %s", made.Data)
	}
	// The id may be spelled in any case.
	got := admin.Get("/cloud/users/zOE").OK().Object()
	for name, want := range map[string]any{
		"id": "Zoe", "enabled": true, "displayname": "Zoe Z.", "display-name": "Zoe Z.", "email": "zoe@example.org",
		"language": "de", "groups": []any{"crew"}, "backend": "Database", "phone": "", "profile_enabled": "1", "notify_email": nil,
	} {
		if !cmp.Equal(got[name], want) {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	login := func(password string) int {
		return s.Anonymous().Raw(http.MethodGet, "/ocs/v2.php/cloud/user", talktest.Header("OCS-APIRequest", "true"),
			func(r *http.Request) { r.SetBasicAuth("zoe", password) }).Status
	}
	for _, step := range []struct {
		path     string
		params   talktest.P
		password string
		want     int
	}{
		{"/cloud/users/Zoe", edit("phone", "+49 30 123456"), "first password", 200},
		{"/cloud/users/Zoe", edit("password", "second password"), "first password", 401},
		{"/cloud/users/Zoe", edit("phone", ""), "second password", 200},
		{"/cloud/users/zoe/disable", nil, "second password", 401},
		{"/cloud/users/zoe/enable", nil, "second password", 200},
	} {
		empty(t, admin.Put(step.path, step.params))
		if status := login(step.password); status != step.want {
			t.Errorf("after %s %v: login answers %d, want %d", step.path, step.params, status, step.want)
		}
	}
	empty(t, admin.Delete("/cloud/users/zoe"))
	if status := login("second password"); status != 401 {
		t.Errorf("the deleted account is let in with %d", status)
	}
	admin.Get("/cloud/users/Zoe").Expect(404)
}

func TestPeopleEditThemselves(t *testing.T) {
	s := talktest.Start(t)
	alice := s.LoggedIn("alice")
	for key, value := range map[string]string{
		"displayname": "Alice A.", "email": "alice@example.org", "phone": "+49 30 123456", "pronouns": "she", "timezone": "Europe/Berlin",
		"emailScope": "v2-private", "phoneScope": "v2-published", "avatarScope": "v2-local",
	} {
		empty(t, alice.Put("/cloud/users/ALICE", edit(key, value)))
		name := map[string]string{"displayname": "display-name"}[key]
		if name == "" {
			name = key
		}
		if got := alice.Get("/cloud/user").OK().Text(name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	fields := talktest.Decode[[]string](alice.Get("/cloud/user/fields").OK())
	if again := talktest.Decode[[]string](alice.Get("/cloud/user/fields/alice").OK()); !cmp.Equal(fields, again) {
		t.Errorf("own fields %v and %v", fields, again)
	}
	for _, name := range fields {
		value, ok := map[string]string{
			"email": "other@example.org", "phone": "+49 30 123456", "fediverse": "@alice@social.example",
			"bluesky": "alice.example", "profile_enabled": "0",
		}[name]
		if !ok {
			value = "text"
		}
		empty(t, alice.Put("/cloud/users/alice", edit(name, value)))
	}
}

// TestOrderOfAnAccount checks the members of the answer that clients know,
// including who may see what, which nobody but the owner learns.
func TestOrderOfAnAccount(t *testing.T) {
	s := talktest.Start(t)
	own := memberNames(t, s.As("alice").Get("/cloud/user").OK().Data)
	want := strings.Fields(`enabled id firstLoginTimestamp lastLoginTimestamp lastLogin backend subadmin quota manager avatarScope
		email emailScope additional_mail additional_mailScope displayname display-name displaynameScope phone phoneScope
		address addressScope website websiteScope twitter twitterScope bluesky blueskyScope fediverse fediverseScope
		organisation organisationScope role roleScope headline headlineScope biography biographyScope profile_enabled
		profile_enabledScope pronouns pronounsScope groups language locale timezone notify_email backendCapabilities`)
	if diff := cmp.Diff(want, own); diff != "" {
		t.Errorf("own account (-want +got):\n%s", diff)
	}
	var public []string
	for _, name := range want {
		if !strings.HasSuffix(name, "Scope") {
			public = append(public, name)
		}
	}
	if diff := cmp.Diff(public, memberNames(t, s.As("admin").Get("/cloud/users/alice").OK().Data)); diff != "" {
		t.Errorf("for an administrator (-want +got):\n%s", diff)
	}
}

// memberNames returns the names of the members of a JSON object in their order.
func memberNames(t *testing.T, data json.RawMessage) (names []string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(data)))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
		if err := d.Decode(new(json.RawMessage)); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

func TestListsOfAccounts(t *testing.T) {
	s := talktest.Start(t)
	admin := s.As("admin")
	for _, id := range []string{"dave", "Carol", "bob"} {
		s.As(id)
	}
	for _, c := range []struct {
		params talktest.P
		want   []string
	}{
		{nil, []string{"admin", "bob", "Carol", "dave"}},
		{talktest.P{"search": "A"}, []string{"admin", "Carol", "dave"}},
		{talktest.P{"limit": 2, "offset": 1}, []string{"bob", "Carol"}},
		{talktest.P{"limit": -1, "offset": -5}, []string{"admin", "bob", "Carol", "dave"}},
		{talktest.P{"search": "nobody"}, []string{}},
	} {
		if got := listOf(admin.Get("/cloud/users", c.params), "users"); !cmp.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.params, got, c.want)
		}
	}
	details := talktest.Decode[struct{ Users json.RawMessage }](admin.Get("/cloud/users/details", talktest.P{"limit": 3, "offset": 1}).OK())
	if got, want := memberNames(t, details.Users), []string{"bob", "Carol", "dave"}; !cmp.Equal(got, want) {
		t.Errorf("details of %v, want %v", got, want)
	}
	none := talktest.Decode[struct{ Users json.RawMessage }](admin.Get("/cloud/users/details", talktest.P{"search": "nobody"}).OK())
	if string(none.Users) != "[]" {
		t.Errorf("no details are %s", none.Users)
	}
}
