package signal

import (
	"context"
	"errors"
	"time"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store/signals"
	"parley/internal/talk"
)

const (
	// defaultWait is how long a client waits for something new.
	defaultWait = 30 * time.Second
	// aliveEvery is how often somebody who waits counts as alive.
	aliveEvery = 12 * time.Second
	// toldCost is what it costs to remember what a session was told of.
	toldCost = 100
)

// ErrReplaced is the failure of a client that waits while another window of it opens the
// conversation.
var ErrReplaced = errors.New("signal: the session was replaced")

// Pulled is what a client is told.
type Pulled struct {
	*room.Access
	// Messages are JSON texts, in the order in which they were sent.
	Messages []string
}

// Pull returns the messages that wait for the session of the caller, or waits for some, or for
// a change of the conversation; v is how the caller has found it. Failures: ErrElsewhere; NotFound without a session, also when
// it ends meanwhile; ErrReplaced.
func (svc *Service) Pull(ctx context.Context, s room.Scope, v *room.Access) (*Pulled, error) {
	p, err := room.Apart(func() (*Pulled, error) { return svc.take(ctx, v) })
	if err != nil || svc.isNews(p) {
		return svc.tell(p, err)
	}
	session := p.Me.Session.ID
	woken, err := svc.bus.Subscribe(
		hintFor(session), bus.Hint{Topic: bus.Roster, Token: s.Token}, bus.Hint{Topic: bus.Call, Token: s.Token},
	)
	switch {
	case errors.Is(err, bus.ErrClosed):
		return svc.tell(p, nil)
	case err != nil:
		return nil, &talk.Error{Kind: talk.Unavailable, Err: err}
	}
	defer woken.Close()
	ctx, cancel := context.WithTimeout(ctx, svc.wait)
	defer cancel()
	for {
		s.Snapshot = db.SnapshotID{}
		p, err = room.Apart(func() (*Pulled, error) { return svc.look(ctx, s, session) })
		if err != nil || svc.isNews(p) {
			return svc.tell(p, err)
		}
		err = svc.sleep(ctx, woken, p)
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, bus.ErrClosed) {
			return svc.tell(p, nil)
		}
		if err != nil {
			return nil, err
		}
	}
}

// Absent notes that somebody asks without a session, or with none any more. A guest who was
// banned is banned by address too then.
func (svc *Service) Absent(ctx context.Context, s room.Scope) error { return svc.banned(ctx, s) }

// sleep waits until something may have changed. Whoever waits is alive.
func (svc *Service) sleep(ctx context.Context, woken *bus.Subscription, p *Pulled) error {
	for {
		timer := time.NewTimer(aliveEvery)
		select {
		case _, open := <-woken.C():
			timer.Stop()
			if !open {
				return bus.ErrClosed
			}
			return nil
		case <-timer.C:
			svc.rooms.NoteAlive(p.Me)
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// look is a further look of somebody who waits with a session.
func (svc *Service) look(ctx context.Context, s room.Scope, session int64) (*Pulled, error) {
	v, err := svc.rooms.Enter(ctx, s)
	switch {
	case err != nil:
		return nil, err
	case v.Me.Session != nil && v.Me.Session.ID != session:
		return nil, ErrReplaced
	}
	return svc.take(ctx, v)
}

// take takes what waits for the session of somebody.
func (svc *Service) take(ctx context.Context, v *room.Access) (*Pulled, error) {
	switch {
	case !v.Settings.PolledSignaling():
		return nil, ErrElsewhere
	case v.Me.Session == nil:
		return nil, talk.Fail(talk.NotFound, "")
	}
	p := &Pulled{Access: v}
	waits := false
	err := svc.store.Look(ctx, func(tx *db.Tx) (err error) {
		waits, err = signals.Wait(tx, v.Me.Session.ID)
		return err
	})
	if err != nil || !waits {
		return p, err
	}
	err = svc.store.Write(context.WithoutCancel(ctx), func(tx *db.Tx) (err error) {
		p.Messages, err = signals.Take(tx, v.Me.Session.ID, talk.MaxSignalsTaken)
		return err
	})
	return p, err
}

// isNews reports whether there is anything that the session was not told of.
func (svc *Service) isNews(p *Pulled) bool {
	if len(p.Messages) > 0 {
		return true
	}
	version, known := svc.told.Get(p.Me.Session.ID)
	return !known || version != p.Room.Version
}

// tell notes what a session is told of.
func (svc *Service) tell(p *Pulled, err error) (*Pulled, error) {
	if err != nil {
		return nil, err
	}
	svc.told.Put(p.Me.Session.ID, p.Room.Version, toldCost)
	return p, nil
}

// Present returns the sessions in the conversation of somebody who may know of them; their own
// is among them.
func (svc *Service) Present(ctx context.Context, v *room.Access) (all []signals.Presence, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		all, err = signals.Present(tx, v.Room.ID, v.Me.Session.ID)
		return err
	})
	return all, err
}

// LookForNews wakes those who wait on this node and may have missed a hint. It has to run every
// few seconds.
func (svc *Service) LookForNews(ctx context.Context) error {
	if err := svc.news.Look(ctx); err != nil || svc.bus.Waiting(bus.Session) == 0 {
		return err
	}
	var sessions []int64
	err := svc.store.Look(ctx, func(tx *db.Tx) (err error) {
		sessions, err = signals.Receivers(tx, maxReceivers)
		return err
	})
	for _, session := range sessions {
		svc.bus.Wake(hintFor(session))
	}
	return err
}

// Bounds of housekeeping.
const (
	maxReceivers = 10_000
	forgetAtOnce = 1000
)

// Forget removes messages that nobody has taken in time.
func (svc *Service) Forget(ctx context.Context) error {
	for {
		var n int64
		err := svc.store.Write(ctx, func(tx *db.Tx) (err error) {
			n, err = signals.Forget(tx, forgetAtOnce)
			return err
		})
		if err != nil || n < forgetAtOnce {
			return err
		}
	}
}
