package room_test

import (
	"errors"
	"log/slog"
	"slices"
	"testing"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/server"
	"parley/internal/talk"
	"parley/internal/talktest"
)

var errUndone = errors.New("undone")

// What happened is recorded inside of the transaction and told after it, once for each
// topic; nothing comes of what was undone.
func TestEventsAreRecordedThenPublished(t *testing.T) {
	var recorded []talk.EventKind
	var published []bus.Hint
	refuse := false
	st := talktest.Open(t, db.Options{URL: "sqlite:" + t.TempDir() + "/test.db"})
	w := &fixture{t: t, st: st}
	w.Services = server.NewUseCases(server.UseCaseOptions{
		Store: st, Hasher: secret.NewHasher(secret.TestOptions()), Log: slog.New(slog.DiscardHandler), Now: talktest.NewClock().Now,
		Record: []room.Recorder{func(c *room.Change, events []room.Event) error {
			if len(published) > 0 {
				t.Error("published before the end of the change")
			}
			recorded = nil // a write may run twice
			for _, e := range events {
				recorded = append(recorded, e.Kind)
			}
			if refuse {
				return errUndone
			}
			return nil
		}},
		Bus: bus.New(&recordingCarrier{publish: func(hints []bus.Hint) { published = append(published, hints...) }}, 0),
	})
	w.account("alice")
	scope := room.Scope{Caller: as("alice"), Token: w.room(talk.Group)}
	published = nil
	change := func(c *room.Change) error {
		c.Emit(room.Event{Kind: talk.EventPromoted, Actor: c.Actor()})
		c.Emit(room.Event{Kind: talk.EventSettings, Actor: c.Actor()})
		return c.PostSystem(talk.DescriptionSet)
	}
	w.must(w.Rooms.Change(t.Context(), scope, change))
	want := []talk.EventKind{talk.EventPromoted, talk.EventSettings, talk.EventMessage}
	if !slices.Equal(recorded, want) {
		t.Errorf("recorded %v, want %v", recorded, want)
	}
	hints := []bus.Hint{{Topic: bus.Roster, Token: scope.Token}, {Topic: bus.Chat, Token: scope.Token}}
	if !slices.Equal(published, hints) {
		t.Errorf("published %v, want %v", published, hints)
	}

	published = nil
	undone := func(c *room.Change) error { return errors.Join(change(c), errUndone) }
	if err := w.Rooms.Change(t.Context(), scope, undone); !errors.Is(err, errUndone) || published != nil {
		t.Errorf("an undone change: %v, published %v", err, published)
	}
	refuse = true
	if err := w.Rooms.Change(t.Context(), scope, change); !errors.Is(err, errUndone) || published != nil {
		t.Errorf("a change that cannot be recorded: %v, published %v", err, published)
	}
}

// recordingCarrier takes hints for other nodes that are not there.
type recordingCarrier struct{ publish func([]bus.Hint) }

func (c *recordingCarrier) Start(func(bus.Batch)) {}

func (c *recordingCarrier) Publish(hints []bus.Hint) { c.publish(hints) }

func (c *recordingCarrier) Close() error { return nil }
