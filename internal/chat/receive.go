package chat

import (
	"context"
	"errors"
	"time"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// Limits of reading.
const (
	// MaxHistory is the largest number of messages in one answer.
	MaxHistory = 200
	// MaxContext is the largest number of messages on each side of one.
	MaxContext = 100
	// MaxWait is how long a request may wait for messages.
	MaxWait = 30 * time.Second
)

// Selection is a part of a conversation's history.
type Selection struct {
	// Bound is the message that it ends before, 0 for the newest part; or, of Newer
	// messages, that it begins after.
	Bound int64
	// Newer selects on from Bound, oldest first, in the place of newest first.
	Newer bool
	// Inclusive takes the message with the id Bound as well, of newer messages only
	// together with others.
	Inclusive bool
	Limit     int
	// Shared shows the part as those read it who see nothing of their own in it.
	Shared bool
}

// Page is a part of a conversation's history as one reader sees it.
type Page struct {
	Messages []talk.Rendered
	// Last is the last message of the part in its order, also if nobody sees it any more,
	// 0 for none.
	Last int64
	Room talk.Room
	Reading
	// Everybody tells that all readers may see something of their own in it, and Some are
	// the accounts that do so otherwise.
	Everybody bool
	Some      []talk.Actor
}

// Read returns a part of the history.
func (svc *Service) Read(ctx context.Context, s room.Scope, o Selection) (page *Page, err error) {
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		h := store.History{RoomID: f.Room.ID, Limit: min(max(o.Limit, 1), MaxHistory), Newer: o.Newer, Inclusive: o.Inclusive}
		if h.Before = o.Bound; o.Newer {
			h.After = o.Bound
		}
		found, err := store.HistoryOf(tx, h)
		if err == nil && o.Newer && o.Inclusive && len(found) == 1 && found[0].ID == o.Bound {
			found = nil
		}
		if err == nil {
			page, err = pageFor(tx, f, o.reader(s.Caller), o.actor(f.Me), found)
		}
		return err
	})
	return page, err
}

// reader is whom the part is shown to, nobody when it is shared.
func (o *Selection) reader(caller talk.Caller) talk.Caller {
	if o.Shared {
		return talk.Caller{}
	}
	return caller
}

// actor is who is shown their own reactions, nobody when the part is shared.
func (o *Selection) actor(me *talk.Participant) talk.Actor {
	if o.Shared {
		return talk.Actor{}
	}
	return me.Actor
}

// Context returns a message with those around it, oldest first.
func (svc *Service) Context(ctx context.Context, s room.Scope, id int64, limit int) (page *Page, err error) {
	limit = min(max(limit, 1), MaxContext)
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		older, err := store.HistoryOf(tx, store.History{RoomID: f.Room.ID, Before: max(id, 1), Inclusive: true, Limit: limit})
		if err != nil {
			return err
		}
		newer, err := store.HistoryOf(tx, store.History{RoomID: f.Room.ID, After: id, Newer: true, Limit: limit})
		if err != nil {
			return err
		}
		found := make([]store.NamedMessage, 0, len(older)+len(newer))
		for i := range older {
			found = append(found, older[len(older)-1-i])
		}
		page, err = pageOf(tx, f, s.Caller, append(found, newer...))
		return err
	})
	return page, err
}

// Message returns a page with one message, empty when there is none. Shared shows it as those
// read it who see nothing of their own in it.
func (svc *Service) Message(ctx context.Context, s room.Scope, id int64, shared bool) (page *Page, err error) {
	o := Selection{Shared: shared}
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		found, err := store.MessagesByID(tx, f.Room.ID, []int64{id})
		var all []store.NamedMessage
		for _, m := range found {
			all = append(all, *m)
		}
		if err == nil {
			page, err = pageFor(tx, f, o.reader(s.Caller), o.actor(f.Me), all)
		}
		return err
	})
	return page, err
}

// pageOf shows messages to a caller.
func pageOf(tx *db.Tx, f *room.Facts, caller talk.Caller, found []store.NamedMessage) (*Page, error) {
	return pageFor(tx, f, caller, f.Me.Actor, found)
}

func pageFor(tx *db.Tx, f *room.Facts, caller talk.Caller, me talk.Actor, found []store.NamedMessage) (*Page, error) {
	page := &Page{Room: *f.Room}
	page.Public = f.Me.ReadPrivacy == 0
	if len(found) > 0 {
		page.Last = found[len(found)-1].ID
	}
	reader, err := readerOf(tx, f.Room, caller)
	if err != nil {
		return nil, err
	}
	shown, err := renderWithParents(tx, reader, me, found)
	if err != nil {
		return nil, err
	}
	page.Messages = make([]talk.Rendered, 0, len(shown))
	for i := range shown {
		if m := &shown[i]; !m.Expired(tx.Now()) {
			page.Messages = append(page.Messages, *m)
			page.noteReaders(m)
		}
	}
	err = store.CommonRead(tx, []int64{f.Room.ID}, func(_, message int64) { page.CommonRead = message })
	if err == nil {
		err = tx.Flush()
	}
	return page, err
}

// Note notes who sees the messages of the page differently from others.
func (p *Page) Note() {
	for i := range p.Messages {
		p.noteReaders(&p.Messages[i])
	}
}

// noteReaders notes who sees a message differently from others.
func (p *Page) noteReaders(m *talk.Rendered) {
	p.Some = append(p.Some, m.Addresses()...)
	p.Everybody = p.Everybody || len(m.Reactions) > 0 || m.Kind == talk.KindDeleted || m.MentionsAll && p.Room.IsOneToOne()
	if m.Parent != nil {
		p.noteReaders(m.Parent)
	}
}

// Until is the moment at which time alone changes the page, Unix seconds.
func (p *Page) Until() int64 {
	until := room.Forever
	for i := range p.Messages {
		if at := p.Messages[i].ExpiresAt; at > 0 {
			until = min(until, at)
		}
	}
	return until
}

// Polling is how somebody asks for new messages.
type Polling struct {
	// After is the newest message that they know.
	After int64
	// Wait is how long to wait for a newer one, at most MaxWait.
	Wait time.Duration
	// Mark moves the read marker to After, Dismiss takes notifications of the
	// conversation back.
	Mark, Dismiss bool
}

// Wait returns the conversation as it is when there are newer messages than those that the
// caller knows, or when the time is over. Failures: those of the guard, also if they come
// up while waiting.
func (svc *Service) Wait(ctx context.Context, s room.Scope, p Polling) (*room.Access, error) {
	v, err := room.Apart(func() (*room.Access, error) { return svc.seen(ctx, s, p) })
	if err != nil || p.Wait <= 0 || v.Newest > p.After {
		return v, err
	}
	woken, err := svc.bus.Subscribe(bus.Hint{Topic: bus.Chat, Token: s.Token}, bus.Hint{Topic: bus.Roster, Token: s.Token})
	switch {
	case errors.Is(err, bus.ErrClosed):
		return v, nil
	case err != nil:
		return nil, &talk.Error{Kind: talk.Unavailable, Err: err}
	}
	defer woken.Close()
	ctx, cancel := context.WithTimeout(ctx, min(p.Wait, MaxWait))
	defer cancel()
	for {
		s.Snapshot = db.SnapshotID{}
		if v, err = room.Apart(func() (*room.Access, error) { return svc.rooms.Enter(ctx, s) }); err != nil || v.Newest > p.After {
			return v, err
		}
		err = woken.Wait(ctx, MaxWait) // see also News
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, bus.ErrClosed) {
			return v, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// seen notes what somebody who polls has seen, and returns the conversation.
func (svc *Service) seen(ctx context.Context, s room.Scope, p Polling) (*room.Access, error) {
	var me talk.Attendee
	told := false
	err := svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) (err error) {
		me = f.Me.Attendee
		if p.Dismiss && me.Actor.Type == talk.ActorUsers {
			told, err = store.HasMessageNotifications(tx, f.Room.ID, me.Actor.ID)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if p.Mark && p.After > me.LastReadMessage {
		if err := svc.mark(ctx, s.Token, store.ReadMark{Attendee: me.ID, Reader: me.Actor, Message: p.After}); err != nil {
			return nil, err
		}
		s.Snapshot = db.SnapshotID{}
	}
	if told {
		dismiss := func(tx *db.Tx) error { return svc.pusher.DismissMessages(tx, me.RoomID, me.Actor.ID) }
		if err := svc.store.Write(ctx, dismiss); err != nil {
			return nil, err
		}
	}
	return svc.rooms.Enter(ctx, s)
}
