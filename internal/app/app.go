// Package app holds the use cases of parley: each loads what it needs, asks the
// rules of package talk, changes the store and says what happened.
//
// A use case owns its transaction. Changes of a conversation begin with a lock
// on it, and every fact that a change depends on is read again under that lock.
package app

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
)

// Options are what an App is made of.
type Options struct {
	Store  *db.DB
	Hasher *secret.Hasher
	Log    *slog.Logger
	Now    func() time.Time
	// Defaults are settings that the configuration of the server has.
	Defaults Defaults
	// MailQueued is called when there may be new mail to send; nil for nobody.
	MailQueued func()
	// PasswordMin is how many characters the password of an account has at least;
	// 0 switches all rules about passwords off.
	PasswordMin int
	// Memory bounds what is remembered of conversations, in bytes; 0 means
	// DefaultMemory.
	Memory int
}

// DefaultMemory is how many bytes are remembered of conversations, roughly.
const DefaultMemory = 64 << 20

// App runs the use cases. It is safe for concurrent use.
type App struct {
	store  *db.DB
	hasher *secret.Hasher
	log    *slog.Logger
	now    func() time.Time
	pings  pings

	defaults Defaults
	// lastSettings are the settings that were read last.
	lastSettings atomic.Pointer[Settings]
	// mailQueued tells that there may be new mail to send.
	mailQueued  func()
	passwordMin int
	memory      memories
	// making are the answers that are being made.
	making singleflight.Group
}

// New returns an App. Housekeep has to run beside it on one node at least.
func New(o Options) *App {
	if o.MailQueued == nil {
		o.MailQueued = func() {}
	}
	if o.Memory == 0 {
		o.Memory = DefaultMemory
	}
	return &App{
		store: o.Store, hasher: o.Hasher, log: o.Log, now: o.Now, defaults: o.Defaults, mailQueued: o.MailQueued,
		passwordMin: o.PasswordMin,
		memory:      newMemories(o.Memory),
	}
}

// Request returns the context for all that one goroutine does for one request:
// it asks only once whether what is remembered still counts.
func Request(ctx context.Context) context.Context { return db.Request(ctx) }

// Now is the time that the use cases go by.
func (a *App) Now() time.Time { return a.now() }

// Scope is the place of a request: who asks, in which conversation, and what
// must hold for the request to be looked at.
type Scope struct {
	Caller talk.Caller
	Token  string
	Guard  talk.Guard
	// Legacy applies the rules of API v1 to v3 where they differ: one session
	// per attendee, guests who end with their session, no promotion of the
	// self-joined, groups without a row.
	Legacy bool
}

// Visit is a conversation as a caller found it when the guard let them in.
type Visit struct {
	Room *talk.Room
	// Me is nil for callers who do not take part.
	Me *talk.Participant
	// Final are the final permissions of the caller, 0 without Me.
	Final talk.Permissions
	// Settings are those of the server.
	Settings *Settings
	// state is what the visit was made from, zero when nothing may be
	// remembered of it.
	state state
}

// Enter checks the guard of the scope on a snapshot. Use cases check it again
// under the lock; this answers those early who may not even try.
func (a *App) Enter(ctx context.Context, s Scope) (*Visit, error) {
	f, state, err := a.known(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := f.check(s.Guard); err != nil {
		return nil, err
	}
	if s.Guard.Need != talk.NeedNothing { // which says nothing about the caller
		a.Expect(s, true)
	}
	v := f.visit()
	v.state = state
	a.seen(v.Me)
	return v, nil
}

// facts are the values that guards are checked against.
type facts struct {
	talk.Facts
	settings *Settings
}

func (f *facts) check(g talk.Guard) error { return g.Check(&f.Facts) }

func (f *facts) visit() *Visit {
	v := &Visit{Room: f.Room, Me: f.Me, Settings: f.settings}
	if f.Me != nil {
		v.Final = f.Final()
	}
	return v
}

// view runs f on a snapshot of the conversation, after the guard of the scope has let
// the caller in.
func (a *App) view(ctx context.Context, s Scope, f func(*db.Tx, *facts) error) error {
	return a.inspect(ctx, s, func(tx *db.Tx, known *facts) error {
		if err := known.check(s.Guard); err != nil {
			return err
		}
		return f(tx, known)
	})
}

// inspect is view for an f that decides itself what the caller may see, also where
// there is no conversation. A lobby whose timer has passed is switched off first.
func (a *App) inspect(ctx context.Context, s Scope, f func(*db.Tx, *facts) error) error {
	for {
		lobbyDue := false
		err := a.store.Read(ctx, func(tx *db.Tx) error {
			known, err := a.load(tx, s)
			if err != nil {
				return err
			}
			if lobbyDue = known.Room != nil && known.Room.LobbyDue(tx.Now()); lobbyDue {
				return nil
			}
			return f(tx, known)
		})
		if err != nil || !lobbyDue {
			return err
		}
		if err := a.endLobby(ctx, s); err != nil {
			return err
		}
	}
}

// load reads the conversation and the caller's place in it. A conversation that
// does not exist is no error; the guard decides.
func (a *App) load(tx *db.Tx, s Scope) (*facts, error) {
	f, err := a.place(tx, s.Token, s.Caller, s.Guard)
	if err == nil {
		err = f.settings.allow(tx, s.Caller)
	}
	return f, err
}

// place finds the conversation and the caller's row in it, see common.md §5.3.
func (a *App) place(tx *db.Tx, token string, c talk.Caller, g talk.Guard) (*facts, error) {
	p, err := placeOf(tx, token, c, g)
	if errors.Is(err, db.ErrNotFound) {
		s, err := a.settings(tx)
		return &facts{settings: s}, err
	}
	if err != nil {
		return nil, err
	}
	s, err := a.settingsOf(tx, p.Settings)
	if err != nil {
		return nil, err
	}
	f := &facts{Facts: talk.Facts{Room: &p.Room, Me: p.Me, ServerPermissions: s.DefaultPermissions}, settings: s}
	f.Banned, err = banned(tx, &p.Room, p.Me, c)
	return f, err
}

// placeOf looks for the caller by their account, or else by the session that
// their client holds.
func placeOf(tx *db.Tx, token string, c talk.Caller, g talk.Guard) (store.Place, error) {
	switch {
	case c.LoggedIn():
		return store.UserPlace(tx, token, c)
	case g.NeedsAccount() || c.Fresh:
		return store.StrangerPlace(tx, token)
	}
	return store.GuestPlace(tx, token, c)
}

// change is a running change of one conversation, made by one caller.
type change struct {
	Tx     *db.Tx
	app    *App
	room   *talk.Room
	me     *talk.Participant
	caller talk.Caller
	legacy bool
	// settings are those of the server.
	settings *Settings
	// posted is the newest message of this change that the room does not tell of
	// yet, see newest.
	posted *talk.Message
}

// change locks the conversation, checks the guard on what it now is, and runs f.
func (a *App) change(ctx context.Context, s Scope, f func(*change) error) error {
	return a.store.WriteKey(ctx, s.Token, func(tx *db.Tx) error { return a.changeIn(tx, s, f) })
}

func (a *App) changeIn(tx *db.Tx, s Scope, f func(*change) error) error {
	c, known, err := a.lockAdmitted(tx, s)
	if err != nil {
		return err
	}
	if err := known.check(s.Guard); err != nil {
		a.Expect(s, false)
		return err
	}
	a.seen(c.me)
	return f(c)
}

// lockAdmitted is lock for a caller who may not be let in at all.
func (a *App) lockAdmitted(tx *db.Tx, s Scope) (*change, *facts, error) {
	c, known, err := a.lock(tx, s)
	if err == nil {
		err = c.settings.allow(tx, s.Caller)
	}
	return c, known, err
}

// lock locks the conversation of a scope. The change has no room when there is
// none.
func (a *App) lock(tx *db.Tx, s Scope) (*change, *facts, error) {
	if err := store.RaiseVersion(tx, s.Token); err != nil {
		return nil, nil, err
	}
	known, err := a.place(tx, s.Token, s.Caller, s.Guard)
	if err != nil {
		return nil, nil, err
	}
	c := &change{
		Tx: tx, app: a, room: known.Room, me: known.Me,
		caller: s.Caller, legacy: s.Legacy, settings: known.settings,
	}
	if c.room == nil {
		return c, known, nil
	}
	return c, known, c.lobbyTimer()
}

// changeOf is a change of a conversation that the transaction has made or locked.
func (a *App) changeOf(tx *db.Tx, r *talk.Room, caller talk.Caller, s *Settings) *change {
	return &change{Tx: tx, app: a, room: r, caller: caller, settings: s}
}

// of is a change of another conversation that the transaction has made or locked, by
// the same caller.
func (c *change) of(r *talk.Room) *change { return c.app.changeOf(c.Tx, r, c.caller, c.settings) }

// beside opens another conversation of the family within this change. It has no
// room when there is none with the token.
func (c *change) beside(token string) (*change, error) {
	b, _, err := c.app.lock(c.Tx, Scope{Caller: c.caller, Token: token})
	return b, err
}

// actor is who the change is made by.
func (c *change) actor() talk.Actor {
	if c.me != nil {
		return c.me.Actor
	}
	return c.caller.Actor()
}

// say stores a system message by the actor of the change.
func (c *change) say(key talk.SystemKey) error { return c.sayAbout(key, talk.Actor{}) }

// sayAbout stores a system message that speaks of somebody.
func (c *change) sayAbout(key talk.SystemKey, about talk.Actor) error {
	return c.post(talk.Message{Actor: c.actor(), System: key, About: about})
}

// post stores a message as the newest one of the conversation.
func (c *change) post(m talk.Message) error {
	m.RoomID = c.room.ID
	c.posted = &m
	return store.InsertMessage(c.Tx, &m)
}

// sayOf stores a system message for each of those that it speaks of.
func (c *change) sayOf(key talk.SystemKey, about []talk.Actor) error {
	all := make([]*talk.Message, len(about))
	for i, who := range about {
		all[i] = &talk.Message{RoomID: c.room.ID, Actor: c.actor(), System: key, About: who}
		c.posted = all[i]
	}
	return store.InsertMessages(c.Tx, all)
}

// newest brings what is known of the newest message up to date.
func (c *change) newest() error {
	if c.posted == nil {
		return nil
	}
	err := c.Tx.Flush()
	c.room.LastMessageID, c.room.LastActivity = c.posted.ID, c.posted.Timestamp
	c.posted = nil
	return err
}
