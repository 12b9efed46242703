package signaling

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/internal/signal"
	"parley/internal/talk"
)

// TestNoMessageIsMissed: a client is told of what was said after it was admitted, whenever it is that the conversation
// is looked at for the first time.
func TestNoMessageIsMissed(t *testing.T) {
	newest := int64(5)
	h := New(Options{
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Steady: time.Now,
		Chat: func(_ context.Context, _ string, after int64, wanted bool, _ int) (News, error) {
			news := News{Newest: newest}
			if wanted && newest > after {
				news.Messages = []Message{{Data: json.RawMessage(`{"message":"Hello"}`), Alike: func(talk.Actor) bool { return true }}}
			}
			return news, nil
		},
	})
	p := newPlace(h, "room", newest)
	roster := &signal.Roster{Room: &talk.Room{}, Properties: json.RawMessage("{}")}
	come := func(id string) *session {
		s := &session{hub: h, public: id, features: []string{relayFeature}}
		p.locals[s] = &local{s: s, seat: int64(len(p.locals) + 1)}
		roster.Members = append(roster.Members, signal.Member{PublicID: id, SessionID: id, Attends: true, Connected: true, UserID: id, Actor: talk.User(id)})
		return s
	}
	said := func(s *session) (out string) {
		for _, f := range s.queue.frames {
			if strings.Contains(string(f.data), `"type":"chat"`) {
				out += string(f.data)
			}
		}
		s.queue = queue{}
		return out
	}
	relay := func() {
		t.Helper()
		if err := p.relay(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	first := come("first")
	newest = 6 // before anybody has looked
	p.apply(roster)
	relay()
	if got := said(first); !strings.Contains(got, "Hello") {
		t.Errorf("the first one was told %q", got)
	}
	second := come("second")
	newest = 7
	relay() // in a look that began before the second one came
	p.apply(roster)
	if got := said(first); !strings.Contains(got, "Hello") {
		t.Errorf("the first one was told %q", got)
	}
	if got := said(second); !strings.Contains(got, `"refresh":true`) {
		t.Errorf("the second one was told %q", got)
	}
	newest = 8
	relay()
	if got := said(second); !strings.Contains(got, "Hello") {
		t.Errorf("the second one was told %q", got)
	}
}
