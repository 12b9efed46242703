package chat_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/internal/auth"
	"parley/internal/talktest"
)

type p = talktest.P

// group makes a group of alice with bob and carol and returns its token.
func group(s *talktest.Server) string {
	s.As("bob")
	s.As("carol")
	return s.As("alice").Post("v4/room", p{"roomType": 2, "roomName": "Plans", "participants": map[string][]string{"users": {"bob", "carol"}}}).
		Created().Text("token")
}

// send sends a message and returns its id.
func send(c *talktest.Client, token, text string, more ...p) string {
	reply := c.Post("v1/chat/"+token, append([]p{{"message": text}}, more...)...).Created()
	return strconv.FormatInt(reply.Number("id"), 10)
}

// history is what somebody reads, newest first: text or key of each message.
func history(c *talktest.Client, token string) []string {
	var out []string
	for _, m := range c.Get("v1/chat/"+token, p{"lookIntoFuture": 0, "limit": 4}).OK().List() {
		text := m.Text("message")
		if key := m.Text("systemMessage"); key != "" {
			text = key
		}
		out = append(out, text)
	}
	return out
}

func TestMessageFromHandToHand(t *testing.T) {
	s := talktest.Start(t)
	token := group(s)
	alice, bob := s.As("alice"), s.As("bob")
	first := send(alice, token, " Lunch, @bob? ", p{"referenceId": "ref"})
	m := bob.Get("v1/chat/"+token, p{"lookIntoFuture": 0, "limit": 1}).OK().List()[0]
	if m.Text("message") != "Lunch, {mention-user1}?" || m.Text("referenceId") != "ref" || m["isReplyable"] != true {
		t.Errorf("bob reads %v", m)
	}
	room := bob.Get("v4/room/" + token).OK().Object()
	if room.Number("unreadMessages") != 1 || room["unreadMentionDirect"] != true {
		t.Errorf("bob's unread messages: %v, %v", room["unreadMessages"], room["unreadMentionDirect"])
	}
	send(bob, token, "Yes", p{"replyTo": first})
	answer := alice.Get("v1/chat/"+token, p{"lookIntoFuture": 1, "timeout": 0, "lastKnownMessageId": first}).OK().List()
	if len(answer) != 1 || answer[0]["parent"].(map[string]any)["id"] != m["id"] {
		t.Errorf("alice reads %v", answer)
	}
	alice.Get("v1/chat/"+token, p{"lookIntoFuture": 1, "timeout": 0, "lastKnownMessageId": answer[0]["id"]}).Expect(http.StatusNotModified)

	path := "v1/chat/" + token + "/" + first
	edited := alice.Put(path, p{"message": "Dinner?"}).OK().Object()["parent"].(map[string]any)
	if edited["message"] != "Dinner?" || edited["lastEditActorId"] != "alice" {
		t.Errorf("the edited message is %v", edited)
	}
	bob.Put(path, p{"message": "No"}).Fails(403, "permission")
	bob.Delete(path).Fails(403, "permission")
	alice.Put("v1/chat/"+token+"/999999", p{"message": "x"}).Fails(404, "message")
	alice.Delete(path).OK()
	alice.Delete(path).Fails(405, "message")
	if got, want := history(bob, token), []string{"message_deleted", "message_edited", "Yes", "Message deleted by author"}; !slices.Equal(got, want) {
		t.Errorf("the history is %v, want %v", got, want)
	}
	around := bob.Get("v1/chat/"+token+"/"+first+"/context", p{"limit": 1}).OK()
	if list := around.List(); len(list) != 2 || around.Header.Get("X-Chat-Last-Given") == "" {
		t.Errorf("around the message there are %d", len(list))
	}
	bob.Delete("v1/chat/"+token).Fails(403, "")
	alice.Delete("v1/chat/" + token).OK()
	if got, want := history(bob, token), []string{"history_cleared"}; !slices.Equal(got, want) {
		t.Errorf("after clearing the history is %v", got)
	}
}

func TestRefusedMessages(t *testing.T) {
	s := talktest.Start(t)
	token := group(s)
	alice, bob := s.As("alice"), s.As("bob")
	alice.Post("v1/chat/"+token, p{"message": " \n"}).Fails(400, "message")
	alice.Post("v1/chat/"+token, p{"message": strings.Repeat("ä", 32001)}).Fails(413, "message")
	alice.Post("v1/chat/"+token, p{"message": "x", "replyTo": 999999}).Fails(400, "reply-to")
	elsewhere := send(alice, group(s), "elsewhere")
	alice.Post("v1/chat/"+token, p{"message": "x", "replyTo": elsewhere}).Fails(400, "reply-to")
	s.As("erin").Post("v1/chat/"+token, p{"message": "x"}).Fails(404, "")
	s.Guest().Post("v1/chat/"+token, p{"message": "x"}).Fails(404, "")
	alice.Put("v4/room/"+token+"/webinar/lobby", p{"state": 1}).OK()
	bob.Post("v1/chat/"+token, p{"message": "x"}).Fails(412, "")
	alice.Put("v4/room/"+token+"/webinar/lobby", p{"state": 0}).OK()
	alice.Put("v4/room/"+token+"/permissions/default", p{"permissions": 5}).OK()
	bob.Post("v1/chat/"+token, p{"message": "x"}).Fails(403, "")
	alice.Put("v4/room/"+token+"/read-only", p{"state": 1}).OK()
	alice.Post("v1/chat/"+token, p{"message": "x"}).Fails(403, "")
}

func TestReactions(t *testing.T) {
	s := talktest.Start(t)
	token := group(s)
	alice, bob := s.As("alice"), s.As("bob")
	id := send(alice, token, "one")
	path := "v1/reaction/" + token + "/" + id
	if got := bob.Post(path, p{"reaction": "👍"}).Created().Object()["👍"].([]any); len(got) != 1 {
		t.Errorf("reactions: %v", got)
	}
	bob.Post(path, p{"reaction": "👍"}).OK()
	bob.Post(path, p{"reaction": "+1"}).Fails(400, "")
	bob.Post("v1/reaction/"+token+"/999999", p{"reaction": "👍"}).Fails(404, "")
	alice.Delete(path, p{"reaction": "👍"}).Fails(404, "")
	if got := bob.Get("v1/chat/"+token, p{"lookIntoFuture": 0, "limit": 1, "lastKnownMessageId": id, "includeLastKnown": 1}).OK().List()[0]; fmt.Sprint(got["reactionsSelf"]) != "[👍]" {
		t.Errorf("bob's own reactions: %v", got["reactionsSelf"])
	}
	bob.Delete(path, p{"reaction": "👍"}).OK()
	if got := alice.Get(path).OK().Object(); len(got) != 0 {
		t.Errorf("reactions that are left: %v", got)
	}
}

func TestPolls(t *testing.T) {
	s := talktest.Start(t)
	token := group(s)
	alice, bob := s.As("alice"), s.As("bob")
	ask := p{"question": "Lunch?", "options": []string{"Pizza", "Soup"}, "resultMode": 0, "maxVotes": 1}
	id := func(r *talktest.Reply) string { return strconv.FormatInt(r.Number("id"), 10) }
	poll := "v1/poll/" + token + "/" + id(alice.Post("v1/poll/"+token, ask).Created())
	if got := bob.Post(poll, p{"optionIds": []int{1}}).OK().Object(); fmt.Sprint(got["votes"]) != "map[option-1:1]" {
		t.Errorf("votes: %v", got["votes"])
	}
	bob.Post(poll, p{"optionIds": []int{0, 1}}).Fails(400, "options")
	if got := alice.Get(poll).OK().Object(); fmt.Sprint(got["votes"]) != "[]" || got.Number("numVoters") != 1 {
		t.Errorf("before she votes, alice sees %v and %v", got["votes"], got["numVoters"])
	}
	bob.Delete(poll).Fails(403, "poll")
	if got := alice.Delete(poll).OK().Object(); len(got["details"].([]any)) != 1 {
		t.Errorf("details: %v", got["details"])
	}
	alice.Delete(poll).Fails(400, "poll")

	ask["draft"] = true
	bob.Post("v1/poll/"+token, ask).Fails(400, "draft")
	draft := id(alice.Post("v1/poll/"+token, ask).OK())
	alice.Post("v1/poll/"+token+"/draft/"+draft, p{"question": "Dinner?", "options": []string{"a", "b"}, "resultMode": 1, "maxVotes": 0}).OK()
	if got := alice.Get("v1/poll/" + token + "/drafts").OK().List(); len(got) != 1 || got[0].Text("question") != "Dinner?" {
		t.Errorf("drafts: %v", got)
	}
	bob.Get("v1/poll/"+token+"/"+draft).Fails(404, "poll")
	alice.Delete("v1/poll/" + token + "/" + draft).Expect(http.StatusAccepted)
	alice.Post("v1/poll/"+token, p{"question": "Q", "options": slices.Repeat([]string{"x"}, 1001), "resultMode": 0, "maxVotes": 0}).Fails(400, "options")
}

func TestSharedThings(t *testing.T) {
	s := talktest.Start(t)
	token := group(s)
	alice := s.As("alice")
	share := "v1/chat/" + token + "/share"
	alice.Get(share, p{"objectType": "location"}).OK()
	place := p{"objectType": "geo-location", "objectId": "geo:52.5,13.4", "metaData": `{"name":"Berlin","latitude":"52.5","longitude":"13.4"}`}
	id := alice.Post(share, place).Created().Number("id")
	if got := alice.Get(share, p{"objectType": "location"}).OK().Object(); got[strconv.FormatInt(id, 10)] == nil {
		t.Errorf("locations: %v", got)
	}
	if got := alice.Get(share + "/overview").OK().Object(); len(got) != 9 || len(got["location"].([]any)) != 1 {
		t.Errorf("overview: %v", got)
	}
	for link, want := range map[string]string{"https://elsewhere.example/x": "link", "javascript:alert(1)": "link", "/local": "link"} {
		alice.Post(share, p{"objectType": "highlight", "objectId": "1", "metaData": `{"name":"x","link":"` + link + `"}`}).Fails(400, want)
	}
	alice.Post(share, p{"objectType": "nothing", "objectId": "1", "metaData": `{"name":"x"}`}).Fails(400, "object")
	alice.Post(share, p{"objectType": "highlight", "objectId": "1", "metaData": `{"name":"` + strings.Repeat("x", 33000) + `"}`}).Fails(413, "message")
}

func TestReadMarkers(t *testing.T) {
	s := talktest.Start(t)
	token := group(s)
	alice, bob := s.As("alice"), s.As("bob")
	read := "v1/chat/" + token + "/read"
	one, two := send(alice, token, "one"), send(alice, token, "two")
	if got := bob.Post(read, p{"lastReadMessage": one}).OK(); got.Number("unreadMessages") != 1 {
		t.Errorf("unread after the first: %v", got.Number("unreadMessages"))
	}
	if got := bob.Post(read).OK(); strconv.FormatInt(got.Number("lastReadMessage"), 10) != two || got.Number("unreadMessages") != 0 {
		t.Errorf("the marker is %d", got.Number("lastReadMessage"))
	}
	if got := bob.Delete(read).OK(); got.Number("unreadMessages") != 1 {
		t.Errorf("marked as unread: %d", got.Number("unreadMessages"))
	}
	below := bob.Raw(http.MethodPost, "/ocs/v1.php/apps/spreed/api/"+read+"?lastReadMessage=-3", talktest.Header("OCS-APIRequest", "true"))
	if len(below.Body) != 0 {
		t.Errorf("a marker that cannot be: %s", below.Body)
	}
	s.Guest().Post(read).Fails(404, "")
}

func TestReminders(t *testing.T) {
	s := talktest.Start(t)
	token := group(s)
	alice := s.As("alice")
	id := send(alice, token, "later")
	path := "v1/chat/" + token + "/" + id + "/reminder"
	alice.Get(path).Fails(404, "reminder")
	alice.Post(path, p{"timestamp": s.Now().Unix() + 3600}).Created()
	if got := alice.Get("v1/chat/upcoming-reminders").OK().List(); len(got) != 1 || got[0].Text("message") != "later" {
		t.Errorf("upcoming: %v", got)
	}
	s.Advance(2 * time.Hour)
	if got := alice.Get("/apps/notifications/api/v2/notifications").OK().List(); len(got) != 1 || got[0].Text("object_type") != "reminder" {
		t.Errorf("notifications: %v", got)
	}
	alice.Get(path).Fails(404, "reminder")
	alice.Delete(path).OK()
	s.Guest().Get(path).Expect(401)
}

func TestSuggestionsAndSearch(t *testing.T) {
	s := talktest.Start(t)
	token := group(s)
	alice, bob := s.As("alice"), s.As("bob")
	var ids []string
	for _, m := range alice.Get("v1/chat/"+token+"/mentions", p{"search": "", "includeStatus": true}).OK().List() {
		ids = append(ids, m.Text("mentionId"))
	}
	if want := []string{"bob", "carol", "alice", "all"}; !slices.Equal(ids, want) {
		t.Errorf("suggestions %v, want %v", ids, want)
	}
	send(alice, token, "the quick 100% fox")
	found := func(c *talktest.Client, provider, term string, more ...p) int {
		reply := c.Get("/search/providers/"+provider+"/search", append(more, p{"term": term})...).OK()
		return len(reply.Object()["entries"].([]any))
	}
	for term, want := range map[string]int{"QUICK": 1, "100%": 1, "%": 1, "_": 0, "slow": 0, "": 0} {
		if got := found(bob, "talk-message", term); got != want {
			t.Errorf("messages with %q: %d, want %d", term, got, want)
		}
	}
	if found(s.As("erin"), "talk-message", "quick") != 0 {
		t.Error("a stranger finds messages")
	}
	if found(bob, "talk-message-current", "quick", p{"from": "/call/" + token}) != 1 || found(bob, "talk-message-current", "quick", p{"from": "/call/zzzz"}) != 0 {
		t.Error("the search in one conversation")
	}
	if found(bob, "talk-conversations", "plan") != 1 || found(bob, "talk-conversations", "zzz") != 0 {
		t.Error("the search for conversations")
	}
}

func TestGuestsWrite(t *testing.T) {
	s := talktest.Start(t)
	token := s.As("alice").Post("v4/room", p{"roomType": 3, "roomName": "Open"}).Created().Text("token")
	guest := s.Guest()
	guest.Post("v4/room/" + token + "/participants/active").OK()
	id := send(guest, token, "hello", p{"actorDisplayName": "Greta"})
	m := s.As("alice").Get("v1/chat/"+token, p{"lookIntoFuture": 0, "limit": 1}).OK().List()[0]
	if m.Text("actorType") != "guests" || m.Text("actorDisplayName") != "Greta" {
		t.Errorf("alice reads %v", m)
	}
	guest.Put("v1/chat/"+token+"/"+id, p{"message": "x"}).Fails(404, "")
	guest.Post("v1/reaction/"+token+"/"+id, p{"reaction": "🎉"}).Created()
	s.As("alice").Delete("v1/chat/" + token + "/" + id).OK()
}

func TestBroadcastToBreakoutRooms(t *testing.T) {
	s := talktest.Start(t)
	token := group(s)
	alice := s.As("alice")
	path := "v1/breakout-rooms/" + token
	alice.Post(path+"/broadcast", p{"message": "x"}).Fails(400, "mode")
	rooms := alice.Post(path, p{"mode": 1, "amount": 2}).OK().List()
	alice.Post(path+"/broadcast", p{"message": strings.Repeat("x", 32001)}).Fails(413, "message")
	alice.Post(path+"/broadcast", p{"message": "ten minutes"}).Created()
	for _, r := range rooms[1:] {
		if got := history(alice, r.Text("token")); got[0] != "ten minutes" {
			t.Errorf("%s reads %v", r.Text("name"), got)
		}
	}
	s.As("bob").Post(path+"/broadcast", p{"message": "x"}).Fails(403, "")
}

// TestPageForEverybodyIsNobodysOwn: what is made once for all readers says "you" to nobody,
// and each reads their own reactions.
func TestPageForEverybodyIsNobodysOwn(t *testing.T) {
	s := talktest.Start(t)
	token := group(s)
	alice, bob, carol := s.As("alice"), s.As("bob"), s.As("carol")
	alice.Put("v4/room/"+token+"/description", p{"description": "about us"}).OK()
	texts := func(c *talktest.Client) string {
		return c.Get("v1/chat/"+token, p{"lookIntoFuture": 0, "limit": 1}).OK().List()[0].Text("message")
	}
	for range 2 { // made, then remembered
		if a, b := texts(alice), texts(bob); !strings.HasPrefix(a, "You ") || !strings.HasPrefix(b, "{actor} ") {
			t.Errorf("alice reads %q, bob %q", a, b)
		}
	}
	id := send(alice, token, "one")
	bob.Post("v1/reaction/"+token+"/"+id, p{"reaction": "👍"}).Created()
	for _, c := range []*talktest.Client{carol, bob, carol, bob} {
		m := c.Get("v1/chat/"+token, p{"lookIntoFuture": 0, "limit": 1, "lastKnownMessageId": id, "includeLastKnown": 1}).OK().List()[0]
		if own := m["reactionsSelf"] != nil; own != (c == bob) {
			t.Errorf("own reactions: %v", m["reactionsSelf"])
		}
	}
}

// Guests who mention people all day are stopped, by network; what they say otherwise goes on.
func TestGuestsWhoMentionAllDay(t *testing.T) {
	s := talktest.Start(t, talktest.BruteForce)
	alice, guest := s.As("alice"), s.Guest()
	token := alice.Post("v4/room", p{"roomType": 3, "roomName": "r"}).Created().Text("token")
	guest.Post("v4/room/" + token + "/participants/active").OK()
	for range auth.LimitGuestMentions.Count {
		guest.Post("v1/chat/"+token, p{"message": "@alice look"}).Created()
	}
	guest.Post("v1/chat/"+token, p{"message": "@alice look"}).Fails(http.StatusTooManyRequests, "mentions")
	guest.Post("v1/chat/"+token, p{"message": "look"}).Created()
	alice.Post("v1/chat/"+token, p{"message": "@all look"}).Created()
	s.Clock.Advance(auth.LimitGuestMentions.Window)
	guest.Post("v4/room/" + token + "/participants/active").OK()
	guest.Post("v1/chat/"+token, p{"message": "@alice look"}).Created()
}

func TestRemindersAllTheTime(t *testing.T) {
	s := talktest.Start(t, talktest.BruteForce)
	alice, bob := s.As("alice"), s.As("bob")
	token := alice.Post("v4/room", p{"roomType": 3, "roomName": "r"}).Created().Text("token")
	bob.Post("v4/room/" + token + "/participants/active").OK()
	id := strconv.FormatInt(alice.Post("v1/chat/"+token, p{"message": "x"}).Created().Number("id"), 10)
	path, when := "v1/chat/"+token+"/"+id+"/reminder", p{"timestamp": 1_900_000_000}
	for range auth.LimitReminders.Count {
		alice.Post(path, when).Created()
	}
	alice.Post(path, when).Fails(http.StatusTooManyRequests, "")
	bob.Post(path, when).Created()
	s.Clock.Advance(auth.LimitReminders.Window)
	alice.Post(path, when).Created()
}

// Mobile apps send no heartbeat: what shows that they live is that they wait in a conversation.
func TestMobileWaitingIsASignOfLife(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	token := alice.Post("v4/room", p{"roomType": 2, "roomName": "r"}).Created().Text("token")
	const mobile, status = "Mozilla/5.0 (Android) Nextcloud-Talk v20.0.0", "/apps/user_status/api/v1/user_status"
	wait := func(agent, more string) {
		t.Helper()
		reply := alice.Raw(http.MethodGet, "/ocs/v2.php/apps/spreed/api/v1/chat/"+token+"?timeout=0&lastKnownMessageId=99999&"+more,
			talktest.Header("OCS-APIRequest", "true"), talktest.Header("User-Agent", agent))
		if reply.Status != http.StatusNotModified && reply.Status != http.StatusOK {
			t.Errorf("status %d: %s", reply.Status, reply.Body)
		}
	}
	wait(mobile, "lookIntoFuture=1") // without a session
	alice.Post("v4/room/" + token + "/participants/active").OK()
	wait("curl", "lookIntoFuture=1")
	wait(mobile, "lookIntoFuture=0")
	wait(mobile, "lookIntoFuture=1&noStatusUpdate=1")
	alice.Get(status).Expect(http.StatusNotFound)
	wait(mobile, "lookIntoFuture=1")
	if got := alice.Get(status).OK().Text("status"); got != "online" {
		t.Errorf("who waits is %s", got)
	}
}
