package room

import (
	"context"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/store"
)

// Lookout wakes those of this node who wait for something in conversations, since a hint can be
// lost.
type Lookout struct {
	store *db.DB
	bus   *bus.Bus
	// topic is one that all of them have subscribed to.
	topic bus.Topic
	// last is what was there when it looked the last time.
	last lastSeen
}

type lastSeen struct {
	snapshot db.SnapshotID
	// rooms are the versions of the conversations that somebody waited for.
	rooms map[string]store.RoomVersion
}

// NewLookout returns a lookout for those who have subscribed to a topic.
func NewLookout(st *db.DB, b *bus.Bus, topic bus.Topic) *Lookout {
	return &Lookout{store: st, bus: b, topic: topic}
}

// Look wakes those who wait in conversations that have changed since the last time: one
// question for all who wait on this node, whatever they are. It has to run every few seconds,
// one at a time.
func (l *Lookout) Look(ctx context.Context) error {
	tokens, last := l.bus.Tokens(l.topic), l.last
	snapshot, err := l.store.Snapshot(ctx, db.SnapshotID{})
	if err != nil {
		return err
	}
	if snapshot == last.snapshot {
		return nil // nothing has changed at all: whoever came since has read what is there
	}
	now := lastSeen{snapshot, make(map[string]store.RoomVersion, len(tokens))}
	err = l.store.Look(ctx, func(tx *db.Tx) error {
		return store.RoomVersions(tx, tokens, func(token string, v store.RoomVersion) { now.rooms[token] = v })
	})
	if err != nil {
		return err
	}
	everything := store.GlobalVersionAt(snapshot) != store.GlobalVersionAt(last.snapshot)
	var changed []bus.Hint
	for _, token := range tokens {
		// One that was not looked at before may have changed since somebody read it.
		if before, known := last.rooms[token]; everything || !known || before != now.rooms[token] {
			changed = append(changed, bus.Hint{Topic: l.topic, Token: token})
		}
	}
	l.last = now
	l.bus.Wake(changed...)
	return nil
}

// Apart runs f on a stack of its own: asking the database needs much more of it than
// waiting, and a stack that has grown stays large for as long as somebody waits on it.
func Apart[T any](f func() (T, error)) (v T, err error) {
	var failed any
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { failed = recover() }()
		v, err = f()
	}()
	<-done
	if failed != nil {
		panic(failed) // where the request is, whose server knows what to do
	}
	return v, err
}
