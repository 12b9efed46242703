package room

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// pings gathers signs of life until they are written in batches.
type pings struct {
	mu sync.Mutex
	// waiting are those that have to be written, written those of the last time,
	// both by the row id of the session, in Unix seconds.
	waiting, written map[int64]int64
	// flushing is held by the one who writes.
	flushing sync.Mutex
}

const (
	// maxPings bounds the gathered pings; a full map drops new ones, which the
	// next request of the same session repeats.
	maxPings = 200_000
	// pingBatch bounds the pings of one transaction, so that other writes get in
	// between.
	pingBatch = 100
	// pingEvery is how old a session's ping has to be before a request renews it,
	// in seconds.
	pingEvery = 5
)

// NoteAlive notes that a participant's client is alive.
func (svc *Service) NoteAlive(p *talk.Participant) {
	if p == nil || p.Session == nil {
		return
	}
	if now := svc.now().Unix(); now >= p.Session.LastPing+pingEvery {
		svc.pings.note(p.Session.ID, now)
	}
}

// note keeps a sign of life, unless one was written a moment ago that whoever
// saw the session does not know of yet.
func (p *pings) note(session, now int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last, ok := p.written[session]; ok && last <= now && now < last+pingEvery {
		return
	}
	p.keep(session, now)
}

// keep stores a sign of life, if there is room for it.
func (p *pings) keep(session, at int64) {
	if p.waiting == nil {
		p.waiting = map[int64]int64{}
	}
	last, known := p.waiting[session]
	if known || len(p.waiting) < maxPings {
		p.waiting[session] = max(at, last)
	}
}

// take returns all that waits, in the order of the sessions.
func (p *pings) take() []store.Ping {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]store.Ping, 0, len(p.waiting))
	for session, at := range p.waiting {
		all = append(all, store.Ping{SessionRow: session, At: at})
	}
	p.waiting, p.written = nil, p.waiting
	slices.SortFunc(all, func(a, b store.Ping) int { return cmp.Compare(a.SessionRow, b.SessionRow) })
	return all
}

// giveBack keeps what could not be written for the next time, but for what no
// longer says that anybody is alive.
func (p *pings) giveBack(rest []store.Ping, now int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range rest {
		if r.At > now-talk.DeadAfter {
			p.keep(r.SessionRow, min(r.At, now))
		}
	}
}

// FlushPings writes the gathered pings. What cannot be written, since the
// database fails or somebody else is changing the session, waits for the next
// time. A crash loses the pings that wait, and nothing else.
func (svc *Service) FlushPings(ctx context.Context) error {
	svc.pings.flushing.Lock()
	defer svc.pings.flushing.Unlock()
	all := svc.pings.take()
	for len(all) > 0 {
		n := min(pingBatch, len(all))
		var held []store.Ping
		err := svc.store.Write(ctx, func(tx *db.Tx) (err error) {
			held, err = store.WritePings(tx, all[:n])
			return err
		})
		if err != nil {
			svc.pings.giveBack(all, svc.now().Unix())
			return err
		}
		svc.pings.giveBack(held, svc.now().Unix())
		all = all[n:]
	}
	return nil
}

// shownCost is what it costs to remember that a client has shown its cookie.
const shownCost = 200

// ShowCookie notes that a client came with its cookie. From then on nothing that
// another program with the same credential does takes its sessions for its own,
// on no node: it is stored before the request is answered. Only the first
// request with a cookie asks the database. It reports whether it changed anything.
func (svc *Service) ShowCookie(ctx context.Context, c talk.Caller) (changed bool, err error) {
	if c.Fresh || !c.LoggedIn() || c.Client == "" {
		return false, nil
	}
	if _, ok := svc.cache.shown.Get(c.Client); ok {
		return false, nil
	}
	var tokens []string
	err = svc.store.Look(ctx, func(tx *db.Tx) (err error) {
		tokens, err = store.UnshownSessions(tx, c.Client)
		return err
	})
	for _, token := range tokens {
		if err == nil {
			err = svc.store.WriteKey(ctx, token, func(tx *db.Tx) error {
				if err := store.RaiseVersion(tx, token); err != nil {
					return err
				}
				return store.ShowCookie(tx, token, c.Client)
			})
		}
	}
	if err == nil {
		svc.cache.shown.Put(c.Client, true, shownCost)
	}
	return len(tokens) > 0, err
}

// agedAtOnce bounds the sessions that one transaction of CorrectTimes changes.
const agedAtOnce = 200

// CorrectTimes makes what is noted as done in the future as old as now. It has to
// run at the start and every now and then, since clocks are set back: or else
// dead sessions would stay, and failures block, until the clock has caught up.
func (svc *Service) CorrectTimes(ctx context.Context) error {
	for aged := agedAtOnce; aged == agedAtOnce; {
		err := svc.store.Write(ctx, func(tx *db.Tx) (err error) {
			aged, err = store.AgePings(tx, agedAtOnce)
			return err
		})
		if err != nil {
			return err
		}
	}
	var ahead []store.TimeColumn
	err := svc.store.Read(ctx, func(tx *db.Tx) (err error) {
		ahead, err = store.TimesAhead(tx)
		return err
	})
	if err != nil || len(ahead) == 0 {
		return err
	}
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		var failed []error
		for _, c := range ahead {
			failed = append(failed, store.CorrectTimes(tx, c))
		}
		return errors.Join(failed...)
	})
}

// SweepRooms bounds how many conversations one sweep looks at.
const SweepRooms = 200

// EachRoom changes, in the name of the server, some of the conversations that
// find returns the tokens of.
func (svc *Service) EachRoom(ctx context.Context, find func(*db.Tx, int) ([]string, error), f func(*Change) error) error {
	var tokens []string
	err := svc.store.Read(ctx, func(tx *db.Tx) (err error) {
		tokens, err = find(tx, SweepRooms)
		return err
	})
	failed := []error{err}
	for _, token := range tokens {
		if ctx.Err() != nil {
			break
		}
		failed = append(failed, svc.store.WriteKey(ctx, token, func(tx *db.Tx) error {
			c, _, err := svc.Lock(tx, Scope{Token: token, Caller: talk.Caller{System: talk.GuestSystem}})
			if err != nil || c.Room == nil {
				return err
			}
			return f(c)
		}))
	}
	return errors.Join(failed...)
}
