package events_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/store/deliveries"
	"parley/internal/store/eventlog"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// receiver is where a webhook leads.
type receiver struct {
	*httptest.Server
	t      *testing.T
	hook   talk.Webhook
	status atomic.Int32
	asked  atomic.Int32
	got    chan talktest.Object
	ids    map[string]bool
}

// hook adds a webhook for some events.
func hook(t *testing.T, s *talktest.Server, kinds ...talk.EventKind) *receiver {
	t.Helper()
	r := &receiver{t: t, got: make(chan talktest.Object, 1000), ids: map[string]bool{}}
	r.status.Store(http.StatusNoContent)
	r.Server = httptest.NewServer(http.HandlerFunc(r.take))
	t.Cleanup(r.Close)
	r.hook = talk.Webhook{Name: "Archive", URL: r.URL + "/in?a=b", Kinds: kinds}
	if err := s.Events.AddWebhook(t.Context(), &r.hook); err != nil {
		t.Fatal(err)
	}
	return r
}

// take checks the signature as libraries of the convention do.
func (r *receiver) take(w http.ResponseWriter, q *http.Request) {
	r.asked.Add(1)
	body, err := io.ReadAll(q.Body)
	if err != nil {
		r.t.Error(err)
	}
	h := q.Header
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.hook.Secret, "whsec_"))
	if err != nil {
		r.t.Error(err)
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", h.Get("webhook-id"), h.Get("webhook-timestamp"), body)
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); h.Get("webhook-signature") != want || h.Get("Content-Type") != "application/json" {
		r.t.Errorf("headers %v, want the signature %s", h, want)
	}
	status := int(r.status.Load())
	w.WriteHeader(status)
	var event talktest.Object
	if err := json.Unmarshal(body, &event); err != nil {
		r.t.Errorf("%s: %v", body, err)
	}
	if status == http.StatusNoContent {
		if r.ids[h.Get("webhook-id")] {
			r.t.Errorf("%s came twice", h.Get("webhook-id"))
		}
		r.ids[h.Get("webhook-id")] = true
		r.got <- event
	}
}

// next returns the next event, which has to be of a type.
func (r *receiver) next(kind string) talktest.Object {
	r.t.Helper()
	select {
	case e := <-r.got:
		if e.Text("type") != kind {
			r.t.Fatalf("%v came, want %s", e, kind)
		}
		return e
	case <-time.After(20 * time.Second):
		r.t.Fatalf("no %s came", kind)
	}
	return nil
}

// TestWebhooks: an address gets the events of all conversations, as somebody sees them who is
// in none.
func TestWebhooks(t *testing.T) {
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			s := talktest.Start(t, talktest.On(d.URL(t)), talktest.AllowLoopback)
			all, some := hook(t, s), hook(t, s, talk.EventAdded, talk.EventRoomDeleted)
			token := team(s, "bob")
			all.next("participant_added") // alice
			added := all.next("participant_added")
			if o := talktest.Object(added["participant"].(map[string]any)); o.Text("actorId") != "bob" || o.Text("attendeePin") != "" {
				t.Errorf("bob is %v", added)
			}
			all.next("message") // created
			all.next("message") // added
			alice := s.As("alice")
			alice.Post("v1/chat/"+token, p{"message": "hello @bob"}).Created()
			message := all.next("message")
			if o := talktest.Object(message["message"].(map[string]any)); o.Text("message") != "hello {mention-user1}" || message.Number("version") <= added.Number("version") {
				t.Errorf("the message is %v", message)
			}
			alice.Put("v4/room/"+token, p{"roomName": "New"}).OK()
			if o := talktest.Object(all.next("settings")["conversation"].(map[string]any)); o.Text("name") != "New" || o.Number("attendeeId") != 0 {
				t.Errorf("the conversation is %v", o)
			}
			all.next("message")
			alice.Delete("v4/room/" + token).OK()
			all.next("room_deleted")
			some.next("participant_added")
			some.next("participant_added")
			some.next("room_deleted")
		})
	}
}

// webhook returns a webhook as it is stored.
func (r *receiver) webhook(s *talktest.Server) talk.Webhook {
	all, err := s.Events.Webhooks(r.t.Context())
	if err != nil || len(all) != 1 {
		r.t.Fatalf("webhooks %v, %v", all, err)
	}
	return all[0]
}

// TestWebhookInTrouble: what happens while it takes nothing comes in order when it does
// again, for a day.
func TestWebhookInTrouble(t *testing.T) {
	s := talktest.Start(t, talktest.AllowLoopback)
	token := team(s)
	r := hook(t, s, talk.EventMessage)
	say := func(text string) { s.As("alice").Post("v1/chat/"+token, p{"message": text}).Created() }
	text := func() string {
		return talktest.Object(r.next("message")["message"].(map[string]any)).Text("message")
	}
	failed := func(want int32) {
		await(t, "the failure is known", func() bool {
			return r.asked.Load() >= want && s.Queue(eventlog.WebhookKind).LastError != "" && r.webhook(s).FailingSince != 0
		})
	}
	say("one")
	if text() != "one" {
		t.Error("not in order")
	}
	r.status.Store(http.StatusInternalServerError)
	say("two")
	failed(2)
	say("three")
	r.status.Store(http.StatusNoContent)
	s.Advance(time.Hour)
	if a, b := text(), text(); a != "two" || b != "three" {
		t.Errorf("%q, %q came", a, b)
	}
	await(t, "it is well again", func() bool { return r.webhook(s).FailingSince == 0 })
	r.status.Store(http.StatusBadGateway)
	say("four")
	asked := r.asked.Load()
	failed(asked)
	s.Advance(25 * time.Hour)
	say("five")
	await(t, "it is switched off", func() bool { return !r.webhook(s).Active })
	// "five" may be tried at this very moment, and then waits from its failure on.
	s.AwaitQueue(eventlog.WebhookKind, "nothing waits", func(q deliveries.State) bool {
		s.Advance(time.Minute)
		return q.Waiting+q.Failed == 0
	})
}

// TestWebhookGone: one that says so is switched off, and can be switched on again.
func TestWebhookGone(t *testing.T) {
	s := talktest.Start(t, talktest.AllowLoopback)
	token := team(s)
	r := hook(t, s, talk.EventMessage)
	r.status.Store(http.StatusGone)
	say := func() { s.As("alice").Post("v1/chat/"+token, p{"message": "x"}).Created() }
	say()
	await(t, "it is switched off", func() bool { return !r.webhook(s).Active })
	if w := r.webhook(s); !strings.Contains(w.LastError, "410") {
		t.Errorf("the webhook is %+v", w)
	}
	asked := r.asked.Load()
	say()
	s.Advance(time.Hour)
	s.AwaitQueue(eventlog.WebhookKind, "nothing waits", func(q deliveries.State) bool { return q.Waiting == 0 })
	r.status.Store(http.StatusNoContent)
	if err := s.Events.SwitchWebhook(t.Context(), r.hook.ID, true); err != nil {
		t.Fatal(err)
	}
	say()
	r.next("message")
	if now := r.asked.Load(); now != asked+1 {
		t.Errorf("%d requests while it was off", now-asked-1)
	}
	r.status.Store(http.StatusInternalServerError)
	say()
	await(t, "a failure", func() bool { return r.webhook(s).FailingSince != 0 })
	if err := s.Events.RemoveWebhook(t.Context(), r.hook.ID); err != nil {
		t.Fatal(err)
	}
	say()
	s.AwaitQueue(eventlog.WebhookKind, "nothing waits", func(q deliveries.State) bool { return q.Waiting == 0 })
}

// TestWebhookInPrivateNetwork: the server sends nothing there.
func TestWebhookInPrivateNetwork(t *testing.T) {
	s := talktest.Start(t)
	token := team(s)
	r := hook(t, s)
	s.As("alice").Post("v1/chat/"+token, p{"message": "x"}).Created()
	await(t, "a failure", func() bool { return r.webhook(s).FailingSince != 0 })
	if r.asked.Load() != 0 {
		t.Error("a private address was asked")
	}
}
