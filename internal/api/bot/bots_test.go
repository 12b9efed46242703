package bot_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/internal/talk"
	"parley/internal/talktest"
)

type p = talktest.P

// letter is what a bot was sent.
type letter struct {
	header http.Header
	body   string
	event  map[string]any
}

// listener is a bot that takes what it is sent.
type listener struct {
	*httptest.Server
	letters chan letter
}

func listen(t *testing.T) *listener {
	l := &listener{letters: make(chan letter, 100)}
	l.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got := letter{header: r.Header, body: string(body)}
		if err := json.Unmarshal(body, &got.event); err != nil {
			t.Error(err)
		}
		l.letters <- got
	}))
	t.Cleanup(l.Close)
	return l
}

// next returns the next letter, which has to be of a type.
func (l *listener) next(t *testing.T, kind string) letter {
	t.Helper()
	select {
	case got := <-l.letters:
		if got.event["type"] != kind {
			t.Errorf("the bot was told %v, want %s", got.event, kind)
		}
		return got
	case <-time.After(20 * time.Second):
		t.Fatalf("the bot was not told of %s", kind)
	}
	return letter{}
}

// install makes a bot and returns its path in a new group of alice and bob.
func install(t *testing.T, s *talktest.Server, url string, features talk.BotFeatures) (b talk.Bot, token string) {
	t.Helper()
	b = talk.Bot{Name: "Echo", URL: url, Features: features, State: talk.BotEnabled}
	if err := s.Bots.Install(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	s.As("bob")
	token = s.As("alice").Post("v4/room", p{"roomType": 2, "roomName": "Plans", "participants": map[string][]string{"users": {"bob"}}}).
		Created().Text("token")
	return b, token
}

func path(token string, b *talk.Bot) string {
	return "v1/bot/" + token + "/" + strconv.FormatInt(b.ID, 10)
}

func TestBotIsTold(t *testing.T) {
	s := talktest.Start(t, talktest.AllowLoopback)
	l := listen(t)
	b, token := install(t, s, l.URL, talk.BotWebhook|talk.BotResponse|talk.BotReaction)
	alice := s.As("alice")
	s.As("bob").Post(path(token, &b)).Fails(403, "")
	alice.Post(path(token, &b)).Created()
	alice.Post(path(token, &b)).OK()
	if got := alice.Get("v1/bot/" + token).OK().List(); len(got) != 1 || got[0].Number("state") != 1 {
		t.Errorf("the bots: %v", got)
	}
	join := l.next(t, "Join")
	random := join.header.Get("X-Nextcloud-Talk-Random")
	if got := join.header.Get("X-Nextcloud-Talk-Signature"); got != talk.Sign(b.Secret, random, join.body) || len(random) != 64 {
		t.Errorf("the signature %q of %q", got, random)
	}
	id := strconv.FormatInt(alice.Post("v1/chat/"+token, p{"message": "hi @bob"}).Created().Number("id"), 10)
	create := l.next(t, "Create").event
	actor, object := create["actor"].(map[string]any), create["object"].(map[string]any)
	if actor["id"] != "users/alice" || actor["talkParticipantType"] != "1" || object["id"] != id || object["name"] != "message" ||
		!strings.Contains(object["content"].(string), `"message":"hi {mention-user1}"`) || create["target"].(map[string]any)["id"] != token {
		t.Errorf("the bot was told %v", create)
	}
	alice.Post("v1/chat/"+token, p{"message": "answer", "replyTo": id}).Created()
	if got := l.next(t, "Create").event["object"].(map[string]any)["inReplyTo"]; got == nil {
		t.Error("the answer tells nothing of what it answers")
	}
	alice.Put("v4/room/"+token+"/description", p{"description": "x"}).OK()
	if got := l.next(t, "Activity").event["object"].(map[string]any)["name"]; got != "description_set" {
		t.Errorf("the activity is %v", got)
	}
	s.As("bob").Post("v1/reaction/"+token+"/"+id, p{"reaction": "👍"}).Created()
	if got := l.next(t, "Like").event; got["content"] != "👍" {
		t.Errorf("the bot was told %v", got)
	}
	s.As("bob").Delete("v1/reaction/"+token+"/"+id, p{"reaction": "👍"}).OK()
	l.next(t, "Activity")
	l.next(t, "Undo")
	alice.Put("v1/chat/"+token+"/"+id, p{"message": "hello"}).Expect(http.StatusAccepted)
	l.next(t, "Activity")
	alice.Delete(path(token, &b)).OK()
	l.next(t, "Leave")
}

// signed sends a request of a bot that proves with random and secret that it wrote the text.
func signed(t *testing.T, s *talktest.Server, method, where, text string, params p, random, secret string) *talktest.Reply {
	t.Helper()
	body, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	return s.Anonymous().Raw(method, "/ocs/v2.php/apps/spreed/api/v1/bot/"+where, talktest.Header("OCS-APIRequest", "true"),
		talktest.Header("Accept", "application/json"), talktest.Header("X-Nextcloud-Talk-Bot-Random", random),
		talktest.Header("X-Nextcloud-Talk-Bot-Signature", talk.Sign(secret, random, text)), talktest.Body("application/json", string(body)))
}

// Forging is counted whatever the conversation, and ends with a block.
func TestForgedSignaturesAreBlocked(t *testing.T) {
	s := talktest.Start(t, talktest.BruteForce)
	b, token := install(t, s, "https://bots.example.org/", talk.BotResponse)
	s.As("alice").Post(path(token, &b)).Created()
	random := strings.Repeat("r", 32)
	forge := func(i int) *talktest.Reply {
		where := []string{token, "unknown8"}[i%2]
		method, params, text := "POST", p{"message": "hello"}, "hello"
		switch i % 3 {
		case 0:
			where += "/message"
		case 1:
			method = "DELETE"
			fallthrough
		default:
			where, params, text = where+"/reaction/1", p{"reaction": "👍"}, "👍"
		}
		return signed(t, s, method, where, text, params, random, "another secret")
	}
	for i := range 11 {
		forge(i).Expect(http.StatusUnauthorized)
	}
	forge(0).Expect(http.StatusTooManyRequests)
	signed(t, s, "POST", token+"/message", "hello", p{"message": "hello"}, random, b.Secret).Expect(http.StatusTooManyRequests)
	s.As("alice").Get("v4/room/" + token).OK()
}

func TestBotAnswers(t *testing.T) {
	s := talktest.Start(t)
	b, token := install(t, s, "https://bots.example.org/", talk.BotResponse)
	alice := s.As("alice")
	alice.Post(path(token, &b)).Created()
	random := strings.Repeat("r", 32)
	as := func(method, where, text string, params p, random, secret string) *talktest.Reply {
		return signed(t, s, method, where, text, params, random, secret)
	}
	say := func(where, text, random, secret string) *talktest.Reply {
		return as("POST", where+"/message", text, p{"message": text}, random, secret)
	}
	say(token, "hello @bob", random, b.Secret).Expect(http.StatusCreated)
	say(token, "hello", random, "another secret").Expect(http.StatusUnauthorized)
	say("unknown8", "hello", random, b.Secret).Expect(http.StatusUnauthorized)
	say(token, "hello", "short", b.Secret).Expect(http.StatusBadRequest)
	say(token, " ", random, b.Secret).Expect(http.StatusBadRequest)
	say(token, strings.Repeat("x", 32001), random, b.Secret).Expect(http.StatusRequestEntityTooLarge)
	m := alice.Get("v1/chat/"+token, p{"lookIntoFuture": 0, "limit": 1}).OK().List()[0]
	if m.Text("actorType") != "bots" || m.Text("actorId") != "bot-"+b.URLHash || m.Text("actorDisplayName") != "Echo (Bot)" || m["isReplyable"] != true {
		t.Errorf("alice reads %v", m)
	}
	if alice.Get("v4/room/"+token).OK().Number("unreadMessages") != 1 || s.As("bob").Get("v4/room/" + token).OK().Object()["unreadMention"] != true {
		t.Error("the bot's message is not unread, or mentions nobody")
	}
	id := strconv.FormatInt(m.Number("id"), 10)
	reaction := token + "/reaction/" + id
	as("POST", reaction, "👍", p{"reaction": "👍"}, random, b.Secret).Expect(http.StatusCreated)
	as("POST", reaction, "👍", p{"reaction": "👍"}, random, b.Secret).Expect(http.StatusOK)
	as("POST", reaction, "x", p{"reaction": "x"}, random, b.Secret).Expect(http.StatusBadRequest)
	as("DELETE", reaction, "👍", p{"reaction": "👍"}, random, b.Secret).Expect(http.StatusOK)
	as("DELETE", reaction, "👍", p{"reaction": "👍"}, random, b.Secret).Expect(http.StatusNotFound)
	if err := s.Bots.Remove(t.Context(), b.ID); err != nil {
		t.Fatal(err)
	}
	say(token, "hello", random, b.Secret).Expect(http.StatusUnauthorized)
	if got := alice.Get("v1/chat/"+token+"/"+id+"/context", p{"limit": 1}).OK().List()[0]; got.Text("actorDisplayName") != "bot-"+b.URLHash+"-bot" {
		t.Errorf("the bot that is gone is called %q", got.Text("actorDisplayName"))
	}
}

// TestBotThatFails is counted, and delays nobody.
func TestBotThatFails(t *testing.T) {
	s := talktest.Start(t)                                    // it may not reach this machine
	b, token := install(t, s, listen(t).URL, talk.BotWebhook) // which is private
	alice := s.As("alice")
	alice.Post(path(token, &b)).Created()
	alice.Post("v1/chat/"+token, p{"message": "hello"}).Created()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		all := s.As("admin").Get("v1/bot/admin").OK().List()
		if all[0].Number("error_count") > 0 {
			if text := all[0].Text("last_error_message"); !strings.Contains(text, "private network") {
				t.Errorf("the failure is %q", text)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the failure was not counted")
		}
	}
	alice.Post("v1/chat/"+token, p{"message": "still there"}).Created()
}
