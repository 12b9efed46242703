package chat

import (
	"context"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/store"
)

// lastSeen is what was there when somebody looked for news the last time. It belongs to
// whoever looks, one at a time.
type lastSeen struct {
	snapshot db.SnapshotID
	// rooms are the versions of the conversations that somebody waited for.
	rooms map[string]store.RoomVersion
}

// LookForNews wakes those who wait for messages in conversations that have changed since the
// last time, since a hint can be lost: one question for all who wait on this node, whatever
// they are. It has to run every few seconds, one at a time.
func (svc *Service) LookForNews(ctx context.Context) error {
	tokens, last := svc.bus.Tokens(bus.Chat), svc.news
	snapshot, err := svc.store.Snapshot(ctx, db.SnapshotID{})
	if err != nil {
		return err
	}
	if snapshot == last.snapshot {
		return nil // nothing has changed at all: whoever came since has read what is there
	}
	now := lastSeen{snapshot, make(map[string]store.RoomVersion, len(tokens))}
	err = svc.store.Look(ctx, func(tx *db.Tx) error {
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
			changed = append(changed, bus.Hint{Topic: bus.Chat, Token: token})
		}
	}
	svc.news = now
	svc.bus.Wake(changed...)
	return nil
}
