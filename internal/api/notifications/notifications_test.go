package notifications_test

import (
	"net/http"
	"slices"
	"strconv"
	"testing"

	"parley/internal/talktest"
)

type p = talktest.P

const list = "/apps/notifications/api/v2/notifications"

// told returns what an account is told, newest first: type and message of each.
func told(c *talktest.Client) []string {
	out := []string{}
	for _, n := range c.Get(list).OK().List() {
		out = append(out, n.Text("object_type")+" "+n.Text("message"))
	}
	return out
}

func group(s *talktest.Server, users ...string) string {
	for _, id := range users {
		s.As(id)
	}
	return s.As("alice").Post("v4/room", p{"roomType": 2, "roomName": "Plans", "participants": map[string][]string{"users": users}}).
		Created().Text("token")
}

func TestWhoIsTold(t *testing.T) {
	s := talktest.Start(t)
	token := group(s, "bob", "carol", "dave", "erin")
	s.AddGroup("staff", "frank")
	s.As("alice").Post("v4/room/"+token+"/participants", p{"newParticipant": "staff", "source": "groups"}).OK()
	alice := s.As("alice")
	s.As("grace")
	team := alice.Post("/apps/circles/circles", p{"name": "Gardeners"}).OK().Text("id")
	alice.Post("/apps/circles/circles/"+team+"/members", p{"userId": "grace", "type": 1}).OK()
	alice.Post("v4/room/"+token+"/participants", p{"newParticipant": team, "source": "teams"}).OK()
	everybody := []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace"}
	for _, id := range everybody {
		s.As(id).Delete(list).OK() // the invitations
	}
	s.As("carol").Post("v4/room/"+token+"/notify", p{"level": 1}).OK()
	s.As("dave").Post("v4/room/"+token+"/notify", p{"level": 3}).OK()
	say := func(text string, more ...p) string {
		reply := alice.Post("v1/chat/"+token, append(more, p{"message": text})...).Created()
		return strconv.FormatInt(reply.Number("id"), 10)
	}
	for _, test := range []struct {
		text string
		told []string
	}{
		{"plain", []string{"carol"}},
		{"@bob", []string{"bob", "carol"}},
		{"@dave", []string{"carol"}},
		{"@alice", []string{"carol"}},
		{`@"group/staff"`, []string{"carol", "frank"}},
		{`@"group/other"`, []string{"carol"}},
		{`@"team/` + team + `"`, []string{"carol", "grace"}},
		{"@all", []string{"bob", "carol", "erin", "frank", "grace"}},
		{`@all @bob @"group/staff"`, []string{"bob", "carol", "erin", "frank", "grace"}},
	} {
		say(test.text)
		var got []string
		for _, id := range everybody {
			if n := len(told(s.As(id))); n > 0 {
				got = append(got, id)
				if n > 1 {
					t.Errorf("%q: %s is told %d times", test.text, id, n)
				}
				s.As(id).Delete(list).OK()
			}
		}
		if !slices.Equal(got, test.told) {
			t.Errorf("%q tells %v, want %v", test.text, got, test.told)
		}
	}
	say("@bob quietly", p{"silent": true})
	if got := told(s.As("bob")); len(got) > 0 {
		t.Errorf("a silent message tells %v", got)
	}
	if s.As("bob").Get("v4/room/" + token).OK().Object()["unreadMention"] != true {
		t.Error("a silent mention is none")
	}
}

func TestWhatIsToldGoesAway(t *testing.T) {
	s := talktest.Start(t)
	token := group(s, "bob")
	alice, bob := s.As("alice"), s.As("bob")
	if got := told(bob); !slices.Equal(got, []string{"room "}) {
		t.Errorf("after the invitation: %v", got)
	}
	bob.Post("v4/room/" + token + "/participants/active").OK()
	if got := told(bob); len(got) != 0 {
		t.Errorf("after coming: %v", got)
	}
	say := func(text string) string {
		return strconv.FormatInt(alice.Post("v1/chat/"+token, p{"message": text}).Created().Number("id"), 10)
	}
	first := say("hi @bob")
	second := say("again @bob")
	if got := told(bob); !slices.Equal(got, []string{"chat again @Bob", "chat hi @Bob"}) {
		t.Errorf("two mentions: %v", got)
	}
	bob.Post("v1/chat/"+token+"/read", p{"lastReadMessage": first}).OK()
	if got := told(bob); !slices.Equal(got, []string{"chat again @Bob"}) {
		t.Errorf("the first is read: %v", got)
	}
	alice.Put("v1/chat/"+token+"/"+second, p{"message": "never mind"}).OK()
	if got := told(bob); len(got) != 0 {
		t.Errorf("the mention was taken back: %v", got)
	}
	third := say("@bob")
	alice.Delete("v1/chat/" + token + "/" + third).OK()
	if got := told(bob); len(got) != 0 {
		t.Errorf("the message was deleted: %v", got)
	}
	say("@bob")
	bob.Get("v1/chat/"+token, p{"lookIntoFuture": 1, "timeout": 0, "lastKnownMessageId": 0, "setReadMarker": 0, "markNotificationsAsRead": 1}).OK()
	if got := told(bob); len(got) != 0 {
		t.Errorf("bob looked: %v", got)
	}
	say("@bob")
	attendee := bob.Get("v4/room/" + token).OK().Number("attendeeId")
	alice.Delete("v4/room/"+token+"/attendees", p{"attendeeId": attendee}).OK()
	if got := told(bob); len(got) != 0 {
		t.Errorf("bob was removed: %v", got)
	}
}

func TestOneNotification(t *testing.T) {
	s := talktest.Start(t)
	token := group(s, "bob", "carol")
	bob := s.As("bob")
	bob.Delete(list).OK()
	s.As("alice").Post("v1/chat/"+token, p{"message": "hi @bob"}).Created()
	reply := bob.Get(list).OK()
	tag := reply.Header.Get("ETag")
	if got := reply.Header.Get("X-Nextcloud-User-Status"); got != "offline" {
		t.Errorf("who never said so is %q", got)
	}
	bob.Put("/apps/user_status/api/v1/user_status/status", p{"statusType": "dnd"}).OK()
	if got := bob.Get(list).OK().Header.Get("X-Nextcloud-User-Status"); got != "dnd" {
		t.Errorf("who does not want to be disturbed is %q", got)
	}
	bob.Raw(http.MethodGet, "/ocs/v2.php"+list, talktest.Header("OCS-APIRequest", "true"), talktest.Header("If-None-Match", tag)).
		Expect(http.StatusNotModified)
	n := reply.List()[0]
	id := strconv.FormatInt(n.Number("notification_id"), 10)
	if n.Text("subjectRich") != "{user} mentioned you in {call}" || n.Text("subject") != "Alice mentioned you in Plans" {
		t.Errorf("subject %q, %q", n.Text("subjectRich"), n.Text("subject"))
	}
	bob.Get(list + "/" + id).OK()
	s.As("carol").Get(list+"/"+id).Fails(404, "")
	s.As("carol").Delete(list + "/" + id).OK()
	bob.Get(list + "/" + id).OK()
	if got := talktest.Decode[[]int64](bob.Post(list+"/exists", p{"ids": []string{id, "999999"}}).OK()); len(got) != 1 {
		t.Errorf("those that exist: %v", got)
	}
	bob.Post(list+"/exists", p{"ids": make([]int, 201)}).Expect(400)
	bob.Delete(list + "/" + id).OK()
	bob.Get(list+"/"+id).Fails(404, "")
	bob.Delete(list+"/0").Fails(404, "")
	bob.Post("v4/room/" + token + "/sensitive").OK()
	s.As("alice").Post("v1/chat/"+token, p{"message": "secret for @bob"}).Created()
	if n := bob.Get(list).OK().List()[0]; n.Text("message") != "" || n.Text("object_id") != token {
		t.Errorf("of a sensitive conversation: %v", n)
	}
}
