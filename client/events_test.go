package client_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"parley/client"
	"parley/internal/talktest"
)

// TestEvents: all that happens comes with what it is about, also after the connection was lost.
func TestEvents(t *testing.T) {
	s, ctx := talktest.Start(t), t.Context()
	alice, bob := as(t, s, "alice"), as(t, s, "bob")
	room := get[*client.Conversation](t)(alice.Create(ctx, client.NewConversation{Type: client.Group, Name: "Plans"}))
	must(t, alice.Add(ctx, room.Token, client.FromUsers, "bob"))
	// A proxy that cuts every connection after some answers.
	var cut atomic.Pointer[http.Request]
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		time.AfterFunc(300*time.Millisecond, cancel)
		q, err := http.NewRequestWithContext(ctx, r.Method, s.URL+r.URL.String(), http.NoBody)
		if err != nil {
			t.Error(err)
			return
		}
		q.Header = r.Header.Clone()
		answer, err := http.DefaultTransport.RoundTrip(q)
		if err != nil {
			return // it was cut
		}
		defer answer.Body.Close()
		w.Header().Set("Content-Type", answer.Header.Get("Content-Type"))
		w.WriteHeader(answer.StatusCode)
		buf := make([]byte, 4096)
		for {
			n, err := answer.Body.Read(buf)
			if _, errWrite := w.Write(buf[:n]); errWrite != nil || err != nil {
				break
			}
			must(t, http.NewResponseController(w).Flush())
		}
		cut.Store(r)
	}))
	defer proxy.Close()
	reader := clientOf(t, client.Options{Address: proxy.URL, User: "bob", Password: talktest.PasswordOf("bob")})
	events, failed := make(chan client.Event, 100), make(chan error, 1)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		for e, err := range reader.Events(ctx, client.EventOptions{Tokens: []string{room.Token}}) {
			if err != nil {
				failed <- err
				return
			}
			events <- e
		}
		close(events)
	}()
	next := func(kind client.EventType) client.Event {
		t.Helper()
		select {
		case e := <-events:
			if e.Type != kind || e.Token != room.Token || e.ID == "" || e.Version == 0 || e.Actor == nil {
				t.Errorf("%+v, want %s", e, kind)
			}
			return e
		case err := <-failed:
			t.Fatal(err)
		case <-time.After(20 * time.Second):
			t.Fatalf("no %s", kind)
		}
		return client.Event{}
	}
	for s.Events.Streams() == 0 {
		time.Sleep(time.Millisecond)
	}
	m := get[*client.Message](t)(alice.Send(ctx, room.Token, client.Draft{Text: "hello @bob"}))
	if e := next(client.EventMessage); e.Message == nil || e.Message.ID != m.ID || e.Message.Plain() != "hello Bob" {
		t.Errorf("the message: %+v", e.Message)
	}
	for cut.Load() == nil {
		time.Sleep(time.Millisecond)
	}
	must(t, bob.React(ctx, room.Token, m.ID, "👍")) // nobody listens now, or another connection does
	if e := next(client.EventReaction); e.Reaction != "👍" || e.Message.Reactions["👍"] != 1 {
		t.Errorf("the reaction: %+v", e)
	}
	must(t, alice.Rename(ctx, room.Token, "New"))
	if e := next(client.EventSettings); e.Conversation == nil || e.Conversation.Name != "New" {
		t.Errorf("the conversation: %+v", e.Conversation)
	}
	next(client.EventMessage)
	stop()
	for range events { // it ends
	}
}

// TestEventsRefused: what will not pass ends the events.
func TestEventsRefused(t *testing.T) {
	s := talktest.Start(t)
	bob := as(t, s, "bob")
	for _, err := range bob.Events(t.Context(), client.EventOptions{Tokens: []string{"nothere"}}) {
		refused(t, err, 404, "")
	}
	foreign := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ocs":{"meta":{},"data":[]}}`)
	}))
	defer foreign.Close()
	ended := 0
	for _, err := range clientOf(t, client.Options{Address: foreign.URL}).Events(t.Context(), client.EventOptions{}) {
		if ended++; err == nil {
			t.Error("a server without events has some")
		}
	}
	if ended != 1 {
		t.Errorf("%d failures", ended)
	}
}

// TestEventsMissed: whoever was away for too long is told so.
func TestEventsMissed(t *testing.T) {
	s := talktest.Start(t)
	bob := as(t, s, "bob")
	for e, err := range bob.Events(t.Context(), client.EventOptions{After: "7-7-7"}) {
		if err != nil || e.Type != client.EventMissed {
			t.Errorf("%+v, %v", e, err)
		}
		break
	}
}
