package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/client"
	"parley/internal/talktest"
)

// as returns the client of an account of a server.
func as(t *testing.T, s *talktest.Server, user string) *client.Client {
	t.Helper()
	s.As(user)
	return clientOf(t, client.Options{Address: s.URL, User: user, Password: talktest.PasswordOf(user)})
}

func clientOf(t *testing.T, o client.Options) *client.Client {
	t.Helper()
	c, err := client.New(o)
	must(t, err)
	return c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// get ends the test unless something was returned without a failure.
func get[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// refused checks the status and the reason of a refusal.
func refused(t *testing.T, err error, status int, reason string) {
	t.Helper()
	if e, ok := errors.AsType[*client.Error](err); !ok || e.Status != status || e.Reason != reason {
		t.Errorf("%v, want %d %q", err, status, reason)
	}
}

func TestConversationsAndParticipants(t *testing.T) {
	s, ctx := talktest.Start(t), t.Context()
	alice, bob := as(t, s, "alice"), as(t, s, "bob")
	s.As("carol")
	s.AddGroup("crew", "carol")
	room := get[*client.Conversation](t)
	made := room(alice.Create(ctx, client.NewConversation{Type: client.Public, Name: "Plans", Password: "Right-Password-1"}))
	token := made.Token
	must(t, alice.Rename(ctx, token, "Better plans"))
	must(t, alice.Describe(ctx, token, "What we do"))
	must(t, alice.Add(ctx, token, client.FromUsers, "bob"))
	must(t, alice.Add(ctx, token, client.FromGroups, "crew"))
	seen := room(bob.Conversation(ctx, token))
	if seen.Name != "Better plans" || seen.Description != "What we do" || seen.Role != client.Member || !seen.HasPassword || seen.LastMessage == nil {
		t.Errorf("bob sees %+v", seen)
	}
	if all := get[[]client.Conversation](t)(bob.Conversations(ctx)); len(all) != 1 || all[0].Token != token {
		t.Errorf("bob's conversations: %+v", all)
	}
	attendee := func(id string) client.Participant {
		t.Helper()
		for _, p := range get[[]client.Participant](t)(alice.Participants(ctx, token)) {
			if p.ActorID == id {
				return p
			}
		}
		t.Fatalf("%s is no participant", id)
		return client.Participant{}
	}
	who := attendee("bob").AttendeeID
	must(t, alice.Promote(ctx, token, who))
	if attendee("bob").Role != client.Moderator {
		t.Error("bob is no moderator")
	}
	must(t, alice.Demote(ctx, token, who))
	must(t, alice.SetPermissions(ctx, token, who, client.MayChat|client.MayJoinCall))
	if got := attendee("bob").Permissions; got&client.MayChat == 0 || got&client.MaySpeak != 0 {
		t.Errorf("bob may %d", got)
	}
	if joined := room(bob.Join(ctx, token, "")); joined.SessionID == "0" || len(attendee("bob").SessionIDs) != 1 {
		t.Errorf("bob joined: %+v", joined)
	}
	must(t, bob.Leave(ctx, token))
	if len(attendee("bob").SessionIDs) != 0 {
		t.Error("bob is still there")
	}
	guest := clientOf(t, client.Options{Address: s.URL + "/"})
	_, err := guest.Join(ctx, token, "wrong")
	refused(t, err, 403, "password")
	if joined := room(guest.Join(ctx, token, "Right-Password-1")); joined.Role != client.Guest {
		t.Errorf("the guest joined: %+v", joined)
	}
	must(t, guest.SetGuestName(ctx, token, "Gerd"))
	must(t, alice.Remove(ctx, token, who))
	if all := get[[]client.Conversation](t)(bob.Conversations(ctx)); len(all) != 0 {
		t.Errorf("bob is still in %+v", all)
	}
	refused(t, alice.RemoveSelf(ctx, "unknown8"), 404, "")
	must(t, alice.Delete(ctx, token))
	_, err = alice.Conversation(ctx, token)
	refused(t, err, 404, "")
}

func TestChat(t *testing.T) {
	s, ctx := talktest.Start(t), t.Context()
	alice, bob := as(t, s, "alice"), as(t, s, "bob")
	token := get[*client.Conversation](t)(alice.Create(ctx, client.NewConversation{Type: client.OneToOne, Invite: "bob"})).Token
	message := get[*client.Message](t)
	first := message(alice.Send(ctx, token, client.Draft{Text: "Lunch, @bob?", ReferenceID: "ref"}))
	if first.Plain() != "Lunch, Bob?" || first.ReferenceID != "ref" || first.ActorID != "alice" || first.Parameters["mention-user1"]["id"] != "bob" {
		t.Errorf("sent %+v", first)
	}
	reply := message(bob.Send(ctx, token, client.Draft{Text: "Yes", ReplyTo: first.ID, Silent: true}))
	if reply.Parent == nil || reply.Parent.ID != first.ID || !reply.Silent {
		t.Errorf("replied %+v", reply)
	}
	must(t, alice.React(ctx, token, reply.ID, "🎉"))
	must(t, bob.React(ctx, token, reply.ID, "👍"))
	must(t, bob.Unreact(ctx, token, reply.ID, "👍"))
	if edited := message(bob.Edit(ctx, token, reply.ID, "Yes!")); edited.System != "message_edited" || edited.Parent.Text != "Yes!" {
		t.Errorf("edited %+v", edited)
	}
	must(t, bob.MarkRead(ctx, token, 0))
	page := get[client.Page](t)(bob.History(ctx, token, 0, 200))
	var found *client.Message
	for i := range page.Messages {
		if page.Messages[i].ID == reply.ID {
			found = &page.Messages[i]
		}
	}
	if found == nil || found.Reactions["🎉"] != 1 || len(found.Reactions) != 1 || found.Text != "Yes!" {
		t.Errorf("read %+v", found)
	}
	if one := get[client.Page](t)(bob.History(ctx, token, reply.ID, 1)); len(one.Messages) != 1 || one.Last != first.ID {
		t.Errorf("before the answer: %+v", one)
	}
	if gone := message(alice.DeleteMessage(ctx, token, first.ID)); !gone.Parent.Deleted {
		t.Errorf("deleted %+v", gone)
	}
	poll := get[*client.Poll](t)
	group := get[*client.Conversation](t)(alice.Create(ctx, client.NewConversation{Type: client.Group, Name: "r"})).Token
	asked := poll(alice.CreatePoll(ctx, group, client.Poll{Question: "Tea?", Options: []string{"yes", "no"}, MaxVotes: 1}))
	poll(alice.Vote(ctx, group, asked.ID, 1))
	poll(alice.Vote(ctx, group, asked.ID))
	poll(alice.Vote(ctx, group, asked.ID, 0))
	poll(alice.ClosePoll(ctx, group, asked.ID))
	if result := poll(alice.Poll(ctx, group, asked.ID)); result.Status != 1 || result.Votes["option-0"] != 1 || len(result.VotedSelf) != 1 {
		t.Errorf("the poll: %+v", result)
	}
	_, err := alice.Send(ctx, token, client.Draft{Text: strings.Repeat("x", 32_001)})
	refused(t, err, 413, "message")
	_, err = alice.Send(ctx, token, client.Draft{Text: "x", ReplyTo: 999_999})
	refused(t, err, 400, "reply-to")
	_, err = clientOf(t, client.Options{Address: s.URL, User: "alice", Password: "wrong"}).Conversations(ctx)
	refused(t, err, 401, "")
	if strings.Contains(err.Error(), "wrong") {
		t.Errorf("the password is in %q", err)
	}
}

// Whoever waits has each message once, in order, and ends with the context or the
// conversation.
func TestMessages(t *testing.T) {
	s, ctx := talktest.Start(t), t.Context()
	alice, bob := as(t, s, "alice"), as(t, s, "bob")
	token := get[*client.Conversation](t)(alice.Create(ctx, client.NewConversation{Type: client.Group, Name: "r"})).Token
	must(t, alice.Add(ctx, token, client.FromUsers, "bob"))
	last := get[*client.Message](t)(alice.Send(ctx, token, client.Draft{Text: "begin"})).ID
	texts, ended := make(chan string), make(chan error, 1)
	go func() {
		for m, err := range bob.Messages(ctx, token, last) {
			if err != nil {
				ended <- err
				return
			}
			texts <- m.Text
		}
		ended <- nil
	}()
	for _, text := range []string{"one", "two", "three"} {
		get[*client.Message](t)(alice.Send(ctx, token, client.Draft{Text: text}))
		if got := <-texts; got != text {
			t.Fatalf("got %q, want %q", got, text)
		}
	}
	must(t, alice.Delete(ctx, token))
	refused(t, <-ended, 404, "")

	quiet := get[*client.Conversation](t)(alice.Create(ctx, client.NewConversation{Type: client.Group, Name: "r"}))
	short, cancel := context.WithCancel(ctx)
	time.AfterFunc(50*time.Millisecond, cancel)
	for m, err := range alice.Messages(short, quiet.Token, quiet.LastID()) {
		t.Errorf("in silence: %+v, %v", m, err)
	}
}

// Servers that are none, or fall silent, are failures and nothing worse; those that may come
// back are waited for.
func TestBadServers(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter)
		want   string
	}{
		"another page": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, "<html>") }, "right address"},
		"no envelope":  {func(w http.ResponseWriter) { _, _ = io.WriteString(w, "{}") }, "right address"},
		"another form": {func(w http.ResponseWriter) { _, _ = io.WriteString(w, `{"ocs":{"data":{"id":1}}}`) }, "another form"},
		"a refusal":    {func(w http.ResponseWriter) { w.WriteHeader(http.StatusTeapot) }, "418"},
		"endless": {func(w http.ResponseWriter) {
			for range 17 << 10 {
				if _, err := w.Write(make([]byte, 1<<10)); err != nil {
					return
				}
			}
		}, "too long"},
		"broken off": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "{")
		}, "broke off"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { c.answer(w) }))
		_, err := clientOf(t, client.Options{Address: server.URL}).Conversations(t.Context())
		server.Close()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want one with %q", name, err, c.want)
		}
	}
	attempts := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if attempts++; attempts == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, `{"ocs":{"meta":{},"data":[{"id":7,"message":"back","messageParameters":[],"reactions":[]}]}}`)
	}))
	defer server.Close()
	for m, err := range clientOf(t, client.Options{Address: server.URL}).Messages(t.Context(), "abcd1234", 1) {
		if err != nil || m.Text != "back" {
			t.Errorf("%+v, %v", m, err)
		}
		break
	}
	for _, address := range []string{"", "talk.example.org", "ftp://talk.example.org", "https://alice:secret@talk.example.org"} {
		if _, err := client.New(client.Options{Address: address}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("the address %q: %v", address, err)
		}
	}
}
