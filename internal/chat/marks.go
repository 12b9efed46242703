package chat

import (
	"context"
	"sync"
	"time"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// markTimeout bounds how long a batch of read markers may take: nobody's request ends it.
const markTimeout = 20 * time.Second

// markers gathers the read markers of a conversation while others are being written, so
// that many readers cost one transaction.
type markers struct {
	mu    sync.Mutex
	rooms map[string]*markQueue
}

// markQueue has the markers of one conversation.
type markQueue struct {
	// writing is full while a batch is written.
	writing chan struct{}
	// next is the batch that waits, nil for none.
	next  *markBatch
	users int
}

// markBatch are markers that are written together. done is closed after that.
type markBatch struct {
	marks map[int64]store.ReadMark
	done  chan struct{}
	err   error
}

// mark stores how far an attendee has read, and returns when that is durable.
func (svc *Service) mark(ctx context.Context, token string, m store.ReadMark) error {
	q, b, first := svc.marks.join(token, m)
	defer svc.marks.leave(token, q)
	if first {
		svc.writeMarks(context.WithoutCancel(ctx), token, q, b)
	}
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join adds a marker to the batch that waits. first tells that there was none.
func (ms *markers) join(token string, m store.ReadMark) (q *markQueue, b *markBatch, first bool) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if ms.rooms == nil {
		ms.rooms = map[string]*markQueue{}
	}
	if q = ms.rooms[token]; q == nil {
		q = &markQueue{writing: make(chan struct{}, 1)}
		ms.rooms[token] = q
	}
	q.users++
	if first = q.next == nil; first {
		q.next = &markBatch{marks: map[int64]store.ReadMark{}, done: make(chan struct{})}
	}
	q.next.marks[m.Attendee] = m
	return q, q.next, first
}

func (ms *markers) leave(token string, q *markQueue) {
	ms.mu.Lock()
	defer ms.mu.Unlock()
	if q.users--; q.users == 0 {
		delete(ms.rooms, token)
	}
}

// writeMarks waits for the batch before and writes this one. Whoever comes after it began
// waits for the next.
func (svc *Service) writeMarks(ctx context.Context, token string, q *markQueue, b *markBatch) {
	ctx, cancel := context.WithTimeout(ctx, markTimeout)
	defer cancel()
	defer close(b.done)
	q.writing <- struct{}{}
	defer func() { <-q.writing }()
	svc.marks.mu.Lock()
	q.next = nil
	svc.marks.mu.Unlock()
	b.err = svc.rooms.ChangeChat(ctx, room.Scope{Token: token, Caller: talk.Caller{System: talk.GuestSystem}}, func(c *room.Change) error {
		if c.Room == nil {
			return talk.Fail(talk.NotFound, "")
		}
		marks := make([]store.ReadMark, 0, len(b.marks))
		for _, m := range b.marks {
			marks = append(marks, m)
		}
		return store.MarkRead(c.Tx, c.Room.ID, marks)
	})
}

// ErrMarker is the failure of MarkRead for a marker that cannot be.
var ErrMarker = talk.Fail(talk.Invalid, "marker")

// MarkRead moves the read marker of the caller, to the newest activity for nil. Failure:
// ErrMarker.
func (svc *Service) MarkRead(ctx context.Context, s room.Scope, message *int64) error {
	return svc.moveMarker(ctx, s, func(_ *db.Tx, f *room.Facts) (int64, error) {
		switch {
		case message == nil:
			return orNothingRead(f.Room.LastMessageID), nil
		case *message < talk.NothingRead:
			return 0, ErrMarker
		}
		return orNothingRead(*message), nil
	})
}

// orNothingRead is the marker of somebody who read up to a message, 0 for none.
func orNothingRead(message int64) int64 {
	if message == 0 {
		return talk.NothingRead
	}
	return message
}

// MarkUnread moves the read marker of the caller before the newest message.
func (svc *Service) MarkUnread(ctx context.Context, s room.Scope) error {
	return svc.moveMarker(ctx, s, func(tx *db.Tx, f *room.Facts) (int64, error) {
		newest, err := store.NewestCounted(tx, f.Room.ID, 2)
		if err != nil {
			return 0, err
		}
		last := talk.Message{ID: f.Room.LastMessageID}
		if m, err := store.Message(tx, f.Room.ID, f.Room.LastMessageID); err == nil {
			last = m.Message
		} else if !db.IsNone(err) {
			return 0, err
		}
		before, err := store.MessageBefore(tx, f.Room.ID, last.ID)
		return talk.MarkUnread(&last, newest, before), err
	})
}

func (svc *Service) moveMarker(ctx context.Context, s room.Scope, to func(*db.Tx, *room.Facts) (int64, error)) error {
	var mark store.ReadMark
	err := svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) (err error) {
		mark.Attendee, mark.Reader = f.Me.ID, f.Me.Actor
		mark.Message, err = to(tx, f)
		return err
	})
	if err != nil {
		return err
	}
	return svc.mark(ctx, s.Token, mark)
}
