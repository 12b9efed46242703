package conversation_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"parley/internal/talktest"
)

func TestInviteesWhoAreNotInvitedAreTold(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	s.As("bob")
	s.As("carol")
	one := func(kind, id string) talktest.P { return talktest.P{kind: []string{id}} }
	for _, p := range []talktest.P{
		one("federated_users", "kim@cloud.example"), one("users", "nobody"), one("users", ""), one("users", " bob"), one("groups", "none"),
		one("teams", "none"), one("emails", "a@b@c"), one("phones", "+4930123456"), one("phones", "1"), one("bots", "b"), one("circles", "c"),
	} {
		for _, kind := range []int{1, 2, 3} {
			alice.Post("v4/room", talktest.P{"roomType": kind, "roomName": "c", "participants": p}).Fails(404, "invite")
		}
		for kind, list := range p {
			both := talktest.P{"users": []string{"bob"}}
			if kind == "users" {
				both["users"] = append([]string{"bob"}, list.([]string)...)
			} else {
				both[kind] = list
			}
			for _, roomType := range []int{1, 2, 3} {
				got := alice.Post("v4/room", talktest.P{"roomType": roomType, "roomName": "c", "participants": both}).Expect(202).Object()
				if want := map[string]any{kind: []any{list.([]string)[0]}}; !reflect.DeepEqual(got["invalidParticipants"], want) {
					t.Errorf("%v in company, type %d: told are %v", p, roomType, got["invalidParticipants"])
				}
			}
		}
	}
	got := alice.Post("v4/room", talktest.P{"roomType": 1, "participants": talktest.P{"users": []string{"bob", "BOB", "carol", "nobody"}}}).Expect(202)
	if want := map[string]any{"users": []any{"carol", "nobody"}}; !reflect.DeepEqual(got.Object()["invalidParticipants"], want) {
		t.Errorf("told of a one-to-one are %v", got.Object()["invalidParticipants"])
	}
	alice.Post("v4/room", talktest.P{"roomType": 1, "participants": talktest.P{"users": []string{"bob"}}}).Expect(200)
}

func TestTheSamePersonTwiceOverHTTP(t *testing.T) {
	s := talktest.Start(t)
	s.AddGroup("g", "bob")
	alice := s.As("alice")
	for _, p := range []talktest.P{
		{"users": []string{"bob", "bob"}}, {"users": []string{"bob", "BOB"}}, {"users": []string{"alice", "bob", "alice"}},
		{"users": []string{"bob"}, "groups": []string{"g", "g"}},
	} {
		room := alice.Post("v4/room", talktest.P{"roomType": 2, "roomName": "c", "participants": p}).Created().Text("token")
		n := 0
		for _, at := range alice.Get("v4/room/" + room + "/participants").OK().List() {
			if at.Text("actorId") == "bob" {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%v: bob is there %d times", p, n)
		}
	}
	s.As("admin").Post("/cloud/users", talktest.P{"userid": "twice", "password": "a long password", "groups": []string{"g", "g"}}).OK()
}

func TestLongListsAreRefused(t *testing.T) {
	s := talktest.Start(t)
	s.As("bob")
	alice, path := s.As("alice"), room(s, 2)
	list := make([]string, 1001)
	pairs := make([]string, 1001)
	for i := range list {
		list[i], pairs[i] = "bob", fmt.Sprintf(`"%d":0`, i+1_000_000)
	}
	create := func(n int) *talktest.Reply {
		return alice.Post("v4/room", talktest.P{"roomType": 2, "roomName": "c", "participants": talktest.P{"users": list[:n]}})
	}
	create(1000).Created()
	create(1001).Fails(400, "invite")

	breakout := strings.Replace(path, "v4/room", "v1/breakout-rooms", 1)
	split := func(n int) *talktest.Reply {
		return alice.Post(breakout, talktest.P{"mode": 2, "amount": 1, "attendeeMap": "{" + strings.Join(pairs[:n], ",") + "}"})
	}
	split(1001).Fails(400, "attendeeMap")
	split(1000).OK()
	alice.Post(breakout+"/attendees", talktest.P{"attendeeMap": "{" + strings.Join(pairs, ",") + "}"}).Fails(400, "attendeeMap")
}

func TestEnforcedPasswordsHaveNoWayRound(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	before := room(s, 2)
	open := room(s, 3)
	configure(s, "force_passwords", "1")
	for _, path := range []string{before, room(s, 2)} {
		token := strings.TrimPrefix(path, "v4/room/")
		addEmail(alice, path, "e@example.org").Fails(400, "password")
		alice.Post(path+"/public").Fails(400, "password")
		for _, v := range []string{"v1", "v2", "v3"} {
			alice.Post(v + "/room/" + token + "/public").Expect(400)
			alice.Post(v+"/room/"+token+"/participants", talktest.P{"newParticipant": "e@example.org", "source": "emails"}).Expect(400)
		}
		for _, test := range []string{"0", "1"} {
			imports(alice, path, "email\ne@example.org\n", test).Fails(400, "password")
		}
		if got := alice.Get(path).OK().Number("type"); got != 2 {
			t.Errorf("the conversation has type %d", got)
		}
		if n := len(alice.Get(path + "/participants").OK().List()); n != 1 {
			t.Errorf("%d people are in it", n)
		}
		s.Guest().Post(path+"/participants/active").Fails(404, "")
	}
	for _, p := range []talktest.P{
		{"roomType": 3}, {"roomType": 2, "participants": talktest.P{"emails": []string{"e@example.org"}}},
		{"roomType": 3, "objectType": "event", "objectId": "1#2"}, {"roomType": 3, "sipEnabled": 1},
	} {
		p["roomName"] = "c"
		alice.Post("v4/room", p).Fails(400, "password")
	}
	alice.Post("v1/room", talktest.P{"roomType": 3, "roomName": "c"}).Expect(400)

	// What has a password may be public, and what was public stays.
	path := room(s, 3, talktest.P{"password": "a long password"})
	alice.Put(path+"/password", talktest.P{"password": ""}).Fails(400, "value")
	addEmail(alice, path, "e@example.org").OK()
	alice.Delete(path + "/public").OK()
	addEmail(alice, path, "e@example.org").OK()
	if got := alice.Get(path).OK().Object(); got.Number("type") != 3 || got["hasPassword"] != true {
		t.Errorf("type %v, password %v", got["type"], got["hasPassword"])
	}
	addEmail(alice, open, "e@example.org").OK()
}

func TestHiddenCharactersInNames(t *testing.T) {
	s := talktest.Start(t)
	s.AddGroup("team", "bob")
	admin, alice := s.As("admin"), s.As("alice")
	guest, path := s.Guest(), room(s, 3)
	guest.Post(path + "/participants/active").OK()
	token := strings.TrimPrefix(path, "v4/room/")
	mine := alice.Post("/apps/circles/circles", talktest.P{"name": "team"}).OK().Text("id")
	for _, bad := range []string{"a\x1b[2Jb", "a\nb", "a\tb", "a\x7fb", "a\u009bb", "gpj.\u202eexe", "\u2066a", "a\u200bb", "a\u2028b"} {
		alice.Post("v4/room", talktest.P{"roomType": 2, "roomName": bad}).Fails(400, "name")
		alice.Put(path, talktest.P{"roomName": bad}).Fails(400, "value")
		for _, v := range []string{"v1", "v2", "v3"} {
			alice.Post(v+"/room", talktest.P{"roomType": 3, "roomName": bad}).Expect(400)
			alice.Put(v+"/room/"+token, talktest.P{"roomName": bad}).Expect(400)
		}
		guest.Post("v1/guest/"+token+"/name", talktest.P{"displayName": bad}).Fails(400, "displayName")
		admin.Post("/cloud/users", talktest.P{"userid": "u1", "password": "a long password", "displayName": bad}).Expect(400)
		admin.Post("/cloud/users", talktest.P{"userid": bad, "password": "a long password"}).Expect(400)
		admin.Put("/cloud/users/alice", talktest.P{"key": "displayname", "value": bad}).Expect(400)
		admin.Post("/cloud/groups", talktest.P{"groupid": "g1", "displayname": bad}).Expect(400)
		admin.Post("/cloud/groups", talktest.P{"groupid": bad}).Expect(400)
		admin.Put("/cloud/groups/team", talktest.P{"key": "displayname", "value": bad}).Expect(400)
		alice.Post("/apps/circles/circles", talktest.P{"name": bad}).Expect(400)
		alice.Put("/apps/circles/circles/"+mine+"/name", talktest.P{"value": bad}).Expect(400)
		alice.Put("/apps/user_status/api/v1/user_status/message/custom", talktest.P{"message": bad}).Expect(400)
	}
	for _, row := range []string{"\"a\x1b[2Jb\"", "\"a\nb\"", "gpj.\u202eexe"} {
		if got := imports(alice, path, "email,name\ne@example.org,"+row+"\n", "0").OK().Number("invalid"); got != 1 {
			t.Errorf("%d rows are bad with the name %+q", got, row)
		}
	}
	alice.Put(path+"/description", talktest.P{"description": "a\x1b[2J"}).Fails(400, "value")
	alice.Post("v4/room", talktest.P{"roomType": 2, "roomName": "c", "description": "a\x1b[2J"}).Fails(400, "description")
	alice.Put(path+"/description", talktest.P{"description": "one\ntwo\r\n\tthree"}).OK()
	alice.Put(path, talktest.P{"roomName": "👩\u200d💻 می\u200cخواهم ✈️"}).OK()
	guest.Post("v1/guest/"+token+"/name", talktest.P{"displayName": "می\u200cخواهم"}).OK()
}

func TestEmojiOverHTTP(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	const status = "/apps/user_status/api/v1/user_status/message/custom"
	for _, icon := range []string{"™️", "ℹ️", "〰️", "㊗️", "Ⓜ️", "👍🏽", "1️⃣", "🇩🇪"} {
		alice.Put(status, talktest.P{"statusIcon": icon, "message": "m", "clearAt": nil}).OK()
		alice.Post("v4/room", talktest.P{"roomType": 2, "roomName": "e", "emoji": icon}).Created()
	}
	for _, icon := range []string{"a", "1", "ℹ", "ℹ︎", "〰", "a️", "ℹ️ℹ️"} {
		alice.Put(status, talktest.P{"statusIcon": icon, "message": "m"}).Expect(400)
		alice.Post("v4/room", talktest.P{"roomType": 2, "roomName": "e", "emoji": icon}).Fails(400, "avatar")
	}
}

func TestPreferencesAsTextsAndNumbers(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	for _, c := range []struct {
		key, json string
		status    int
	}{
		{"typing_privacy", `1`, 200}, {"typing_privacy", `0`, 200}, {"typing_privacy", `"1"`, 200}, {"typing_privacy", `"0"`, 200},
		{"read_status_privacy", `1`, 200}, {"read_status_privacy", `0`, 200}, {"read_status_privacy", `"1"`, 200},
		{"play_sounds", `"no"`, 200}, {"play_sounds", `1`, 400}, {"blur_virtual_background", `0`, 400}, {"calls_start_without_media", `1`, 400},
		{"conversations_list_style", `1`, 400},
		{"typing_privacy", `null`, 400}, {"typing_privacy", `2`, 400}, {"typing_privacy", `-1`, 400}, {"typing_privacy", `"x"`, 400},
		{"typing_privacy", `1.0`, 400}, {"typing_privacy", `1e0`, 400}, {"typing_privacy", `1.5`, 400}, {"typing_privacy", `true`, 400},
		{"typing_privacy", `[1]`, 400}, {"typing_privacy", `{}`, 400}, {"typing_privacy", `99999999999999999999999999`, 400},
	} {
		alice.Raw("POST", "/ocs/v2.php/apps/spreed/api/v1/settings/user", talktest.Header("OCS-APIRequest", "true"),
			talktest.Header("Accept", "application/json"), talktest.Body("application/json", `{"key":"`+c.key+`","value":`+c.json+`}`)).Expect(c.status)
	}
	alice.Post("v1/settings/user", talktest.P{"key": "typing_privacy", "value": 1}).OK()
	if chat := talk(t, alice)["chat"].(map[string]any); chat["typing-privacy"] != 1.0 {
		t.Errorf("announced is %v", chat["typing-privacy"])
	}
}

func TestBansInEverySpelling(t *testing.T) {
	s := talktest.Start(t)
	alice, bob := s.As("alice"), s.As("bob")
	path := room(s, 3)
	bans := strings.Replace(path, "v4/room", "v1/ban", 1)
	ban := func(kind, id string) *talktest.Reply {
		return alice.Post(bans, talktest.P{"actorType": kind, "actorId": id})
	}

	ban("emails", " Bar@Example.org").OK()
	ban("emails", "bar@example.org").Fails(400, "bannedActor")
	addEmail(alice, path, "bar@example.org").Fails(400, "ban")
	if got := imports(alice, path, "email\nBAR@example.org\n", "0").OK(); got.Status != 200 || len(emailGuests(alice, path)) != 0 {
		t.Errorf("a banned address was imported")
	}

	guest := s.Guest()
	guest.Post(path + "/participants/active").OK()
	id := alice.Get(path + "/participants").OK().List()[1].Text("actorId")
	ban("guests", strings.ToUpper(id)).OK()
	ban("guests", id).Fails(400, "bannedActor")
	guest.Post(path+"/participants/active").Fails(403, "ban")

	for _, c := range [][2]string{
		{"users", " bob"}, {"users", "bob "}, {"users", "b\tob"}, {"users", ""}, {"users", "."}, {"users", "bridge-bot"}, {"Users", "bob"},
		{"guests", " " + id}, {"guests", "abc"}, {"guests", "cli"}, {"emails", "bar"}, {"emails", id}, {"phones", "+4930123456"},
		{"groups", "g"}, {"circles", "t"}, {"teams", "t"}, {"bots", "b"}, {"federated_users", "kim@cloud.example"}, {"deleted_users", "x"},
		{"ip", "192.0.2.7 "}, {"ip", "192.000.002.007"}, {"ip", "::ffff:0:0/90"}, {"ip", "fe80::1%eth0"}, {"ip", "localhost"},
	} {
		ban(c[0], c[1]).Fails(400, "bannedActor")
	}
	bob.Post(path + "/participants/active").OK()
	ban("users", "BOB").OK()
	bob.Post(path+"/participants/active").Fails(403, "ban")

	// Somebody who has no account yet is banned in whatever case they get one.
	ban("users", "Zoe").OK()
	ban("users", "ZOE").Fails(400, "bannedActor")
	zoe := s.As("zoe")
	zoe.Post(path+"/participants/active").Fails(403, "ban")
	alice.Post(path+"/participants", talktest.P{"newParticipant": "zoe"}).Fails(400, "ban")
	s.AddGroup("g", "zoe")
	alice.Post(path+"/participants", talktest.P{"newParticipant": "g", "source": "groups"}).OK()
	for _, at := range alice.Get(path + "/participants").OK().List() {
		if at.Text("actorId") == "zoe" {
			t.Error("a banned user came with a group")
		}
	}
}
