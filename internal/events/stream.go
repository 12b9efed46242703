package events

import (
	"context"
	"errors"
	"slices"
	"time"

	"parley/internal/db"
	"parley/internal/store/eventlog"
	"parley/internal/talk"
)

// Limits of streams.
const (
	// MaxPerAccount is how many streams an account may have on one node.
	MaxPerAccount = 20
	// MaxStreams is how many streams one node has.
	MaxStreams = 50_000
	// maxWaiting is how many events wait for somebody who reads slowly.
	maxWaiting = 1000
	// openPatience is for how long opening waits for transactions that began before events
	// were kept.
	openPatience = 5 * time.Second
)

// Why a stream has ended. Whoever reads it opens another one and goes on.
var (
	// ErrSlow: too many events waited.
	ErrSlow = errors.New("events: they are read too slowly")
	// ErrEnded: the server stops.
	ErrEnded = errors.New("events: the server stops")
)

// Stream is the events that concern one account, from a place in the log on. Whoever opened
// it closes it.
type Stream struct {
	svc     *Service
	account string
	// tokens narrow it to some conversations, nil for all.
	tokens map[string]bool
	// Missed tells that there were events since the place that the reader knew which are
	// forgotten by now.
	Missed bool

	// at is the place up to which everything was returned by Next or is of no concern.
	at eventlog.Cursor
	// until is up to where the log is read by the stream itself; what is newer is handed out.
	until eventlog.Cursor

	// What follows is guarded by the mutex of the service.

	rooms   map[int64]struct{}
	waiting []*Event
	// flag has a value when there is something new.
	flag  chan struct{}
	ended error
}

// push gives the stream an event.
func (s *Stream) push(e *Event) {
	if s.ended != nil || s.tokens != nil && !s.tokens[e.Token] {
		return
	}
	if len(s.waiting) >= maxWaiting {
		s.end(ErrSlow)
		return
	}
	s.waiting = append(s.waiting, e)
	s.wake()
}

func (s *Stream) wake() {
	select {
	case s.flag <- struct{}{}:
	default: // it will look
	}
}

func (s *Stream) end(cause error) {
	if s.ended == nil {
		s.ended, s.waiting = cause, nil
		s.wake()
	}
}

// Close ends the stream.
func (s *Stream) Close() {
	s.svc.mu.Lock()
	defer s.svc.mu.Unlock()
	s.end(ErrEnded)
	s.svc.feed.remove(s)
}

// At is where a reader goes on who has seen all that Next returned.
func (s *Stream) At() eventlog.Cursor { return s.at }

// Request is what somebody wants to be told of.
type Request struct {
	Account string
	// Tokens narrow it to some conversations, nil for all that the account is in.
	Tokens []string
	// After is the place up to which the reader knows everything, as a stream told it; "" for
	// the present.
	After string
}

// Open begins a stream. Failures: TooOften for an account that has too many, Unavailable.
func (svc *Service) Open(ctx context.Context, r Request) (*Stream, error) {
	s := &Stream{svc: svc, account: r.Account, flag: make(chan struct{}, 1), rooms: map[int64]struct{}{}}
	if r.Tokens != nil {
		s.tokens = map[string]bool{}
		for _, token := range r.Tokens {
			s.tokens[token] = true
		}
	}
	if err := svc.begin(ctx); err != nil {
		return nil, err
	}
	known, given := eventlog.ParseCursor(r.After)
	var rooms []int64
	err := svc.store.Read(ctx, func(tx *db.Tx) (err error) {
		if s.at, err = eventlog.Newest(tx); err != nil {
			return err
		}
		rooms, err = eventlog.RoomsOf(tx, r.Account)
		if err != nil || r.After == "" {
			return err
		}
		there := false
		if given {
			there, err = eventlog.Has(tx, known)
		}
		s.Missed = !there
		return err
	})
	if err != nil {
		return nil, err
	}
	newest := s.at
	if r.After != "" && !s.Missed {
		s.at = known
	}
	return s, svc.enter(s, newest, rooms)
}

// begin has events kept, if they are not yet, and waits until nothing is under way that
// would not be.
func (svc *Service) begin(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, openPatience)
	defer cancel()
	for {
		used, begun := false, true
		err := svc.store.Read(ctx, func(tx *db.Tx) (err error) {
			if used, err = eventlog.Used(tx); err != nil || !used {
				return err
			}
			_, err = eventlog.Newest(tx)
			if begun = !db.IsNone(err); !begun {
				err = nil
			}
			return err
		})
		if err == nil && !used {
			err = svc.store.Write(ctx, eventlog.Use)
		}
		if err == nil && used && begun {
			return nil
		}
		if err == nil {
			err = sleep(ctx, firstLook)
		}
		if err != nil {
			return &talk.Error{Kind: talk.Unavailable, Err: err}
		}
	}
}

// enter lets a stream take part in what is handed out. newest is the place in the log at
// which the account was in the rooms.
func (svc *Service) enter(s *Stream, newest eventlog.Cursor, rooms []int64) error {
	svc.mu.Lock()
	defer svc.mu.Unlock()
	f := &svc.feed
	switch {
	case f.ended, len(f.all) >= MaxStreams:
		return talk.Fail(talk.Unavailable, "")
	case len(f.byAccount[s.account]) >= MaxPerAccount:
		return talk.Fail(talk.TooOften, "streams")
	}
	if len(f.all) == 0 {
		f.at = newest
		f.opened++
	}
	f.enter(s, rooms)
	s.until = f.at
	return nil
}

// Next returns the events that come next, none after a timeout. Failures: ErrSlow, ErrEnded,
// and why ctx ended.
func (s *Stream) Next(ctx context.Context, timeout time.Duration) ([]*Event, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		events, err := s.now(ctx)
		if len(events) > 0 || err != nil {
			return events, err
		}
		select {
		case <-s.flag:
		case <-timer.C:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// now returns what there is.
func (s *Stream) now(ctx context.Context) ([]*Event, error) {
	for s.at.Before(s.until) {
		events, err := s.readLog(ctx)
		if len(events) > 0 || err != nil {
			return events, err
		}
	}
	s.svc.mu.Lock()
	defer s.svc.mu.Unlock()
	if s.ended != nil {
		return nil, s.ended
	}
	events := s.waiting
	s.waiting = nil
	// The log may have been read less far than the reader knows it.
	events = slices.DeleteFunc(events, func(e *Event) bool { return !s.at.Before(e.Cursor) })
	if s.at.Before(s.svc.feed.at) {
		s.at = s.svc.feed.at
	}
	return events, nil
}

// readLog returns the next page of what happened before the stream took part.
func (s *Stream) readLog(ctx context.Context) ([]*Event, error) {
	var page []eventlog.Event
	err := s.svc.store.Read(ctx, func(tx *db.Tx) (err error) {
		page, err = eventlog.AfterFor(tx, s.account, s.at, s.until, pageSize)
		return err
	})
	if err != nil {
		return nil, err
	}
	events := inOrder(s.at, page)
	s.at = s.until
	if len(page) == pageSize {
		s.at = page[len(page)-1].Cursor
	}
	s.svc.mu.Lock()
	defer s.svc.mu.Unlock()
	for _, e := range events {
		s.noteMembership(e)
	}
	return slices.DeleteFunc(events, func(e *Event) bool { return s.tokens != nil && !s.tokens[e.Token] }), nil
}

// noteMembership notes that the account has come into a conversation since the stream asked.
// Those that it has left it gets nothing of, whoever hands it out.
func (s *Stream) noteMembership(e *Event) {
	_, there := s.svc.feed.all[s]
	if there && e.Kind == talk.EventAdded && e.About == talk.User(s.account) {
		s.svc.feed.join(s, e.RoomID)
	}
}
