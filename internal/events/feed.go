package events

import (
	"context"
	"time"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/store/eventlog"
	"parley/internal/talk"
)

const (
	// lookEvery is how often a node with streams looks for events by itself: a hint can be lost.
	lookEvery = 2 * time.Second
	// firstLook is how soon it looks again while events are hidden by a transaction that is
	// not over. The pause doubles up to lookEvery.
	firstLook = 5 * time.Millisecond
	// readPause is the least time between two looks: many changes are read together then,
	// and cost those who make them little.
	readPause = 10 * time.Millisecond
	// pageSize is how many events are read at a time.
	pageSize = 500
)

// feed hands the events out to the streams of this node. All fields are guarded by the mutex
// of the service.
type feed struct {
	// at is how far the log was read. It means nothing while there are no streams.
	at eventlog.Cursor
	// opened counts how often at was set by a first stream.
	opened int
	// ended tells that there will be no streams any more.
	ended     bool
	all       set
	byRoom    map[int64]set
	byAccount map[string]set
}

type set map[*Stream]struct{}

func newFeed() feed {
	return feed{all: set{}, byRoom: map[int64]set{}, byAccount: map[string]set{}}
}

func put[K comparable](places map[K]set, key K, s *Stream) {
	if places[key] == nil {
		places[key] = set{}
	}
	places[key][s] = struct{}{}
}

func take[K comparable](places map[K]set, key K, s *Stream) {
	delete(places[key], s)
	if len(places[key]) == 0 {
		delete(places, key)
	}
}

// enter puts a stream at the places where its events come by.
func (f *feed) enter(s *Stream, rooms []int64) {
	f.all[s] = struct{}{}
	put(f.byAccount, s.account, s)
	for _, id := range rooms {
		f.join(s, id)
	}
}

func (f *feed) join(s *Stream, room int64) {
	s.rooms[room] = struct{}{}
	put(f.byRoom, room, s)
}

func (f *feed) leave(s *Stream, room int64) {
	delete(s.rooms, room)
	take(f.byRoom, room, s)
}

// remove takes a stream away from everywhere.
func (f *feed) remove(s *Stream) {
	delete(f.all, s)
	take(f.byAccount, s.account, s)
	for id := range s.rooms {
		take(f.byRoom, id, s)
	}
}

// handOut gives an event to the streams that it concerns.
func (f *feed) handOut(e *Event) {
	if e.Recipient != "" {
		for s := range f.byAccount[e.Recipient] {
			s.push(e)
			f.leave(s, e.RoomID) // only who has left is told alone
		}
		return
	}
	if e.Kind == talk.EventAdded && e.About.Type == talk.ActorUsers {
		for s := range f.byAccount[e.About.ID] {
			f.join(s, e.RoomID)
		}
	}
	for s := range f.byRoom[e.RoomID] {
		s.push(e)
	}
}

// Run hands events out to streams until ctx ends or the bus is closed, and ends all streams
// then.
func (svc *Service) Run(ctx context.Context) {
	defer svc.end()
	woken, err := svc.bus.Subscribe(bus.Hint{Topic: bus.Events})
	if err != nil {
		if ctx.Err() == nil {
			svc.log.WarnContext(ctx, "no streams of events: nobody can wait", "err", err.Error())
		}
		return
	}
	defer woken.Close()
	for pause := lookEvery; woken.Wait(ctx, pause) == nil; {
		hidden, err := svc.catchUp(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			svc.log.WarnContext(ctx, "events cannot be read", "err", err.Error())
			pause = lookEvery
		case !hidden:
			pause = lookEvery
		case pause == lookEvery:
			pause = firstLook
		default:
			pause = min(2*pause, lookEvery)
		}
		if sleep(ctx, readPause) != nil {
			return
		}
	}
}

// end ends all streams and lets nobody open one any more.
func (svc *Service) end() {
	svc.mu.Lock()
	defer svc.mu.Unlock()
	svc.feed.ended = true
	for s := range svc.feed.all {
		s.end(ErrEnded)
	}
}

// catchUp reads what is new in the log and hands it out. hidden tells that there is more
// that cannot be read yet.
func (svc *Service) catchUp(ctx context.Context) (hidden bool, err error) {
	for {
		svc.mu.Lock()
		at, opened, nobody := svc.feed.at, svc.feed.opened, len(svc.feed.all) == 0
		svc.mu.Unlock()
		if nobody {
			return false, nil
		}
		var page []eventlog.Event
		err := svc.store.Look(ctx, func(tx *db.Tx) error {
			page, hidden, err = eventlog.After(tx, at, pageSize)
			return err
		})
		if err != nil {
			return false, err
		}
		svc.handOut(page, opened)
		if len(page) < pageSize {
			return hidden, nil
		}
	}
}

// handOut gives a page of events to the streams, unless they have all become others since it
// was read.
func (svc *Service) handOut(page []eventlog.Event, opened int) {
	svc.mu.Lock()
	defer svc.mu.Unlock()
	if svc.feed.opened != opened || len(page) == 0 {
		return
	}
	for _, e := range inOrder(svc.feed.at, page) {
		svc.feed.handOut(e)
	}
	svc.feed.at = page[len(page)-1].Cursor
}
