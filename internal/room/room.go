// Package room opens one conversation under a guard, to read it ([Service.View]) or to
// change it ([Service.Change]), and remembers what requests found out about it.
//
// Changes of a conversation begin with a lock on it, and every fact that a change
// depends on is read again under that lock.
package room

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/singleflight"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/talk"
)

// Options are what a Service is made of.
type Options struct {
	Store    *db.DB
	Settings *settings.Service
	Now      func() time.Time
	// Record is called at the end of each change of a conversation in which something
	// happened, inside of the transaction; nil for nobody.
	Record []Recorder
	// Publish tells those who wait, after the commit; nil for nobody. It does not wait.
	Publish func(...bus.Hint)
	// Memory bounds what is remembered of conversations, in bytes; 0 means
	// DefaultMemory.
	Memory int
}

// DefaultMemory is how many bytes are remembered of conversations, roughly.
const DefaultMemory = 64 << 20

// Service opens conversations to those who read and change them. It is safe for
// concurrent use.
type Service struct {
	store    *db.DB
	settings *settings.Service
	now      func() time.Time
	pings    pings
	cache    caches
	record   []Recorder
	publish  func(...bus.Hint)
	// making are the answers that are being made.
	making singleflight.Group
}

// New returns a Service. FlushPings has to run beside it every few seconds.
func New(o Options) *Service {
	if o.Memory == 0 {
		o.Memory = DefaultMemory
	}
	if o.Publish == nil {
		o.Publish = func(...bus.Hint) {}
	}
	return &Service{
		store: o.Store, settings: o.Settings, now: o.Now, cache: newCaches(o.Memory), record: o.Record, publish: o.Publish,
	}
}

// Now is the time that the use cases go by.
func (svc *Service) Now() time.Time { return svc.now() }

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
	// Snapshot is what the request knows of the state of the database already, zero if
	// nothing. Only Enter makes use of it: whoever writes knows better.
	Snapshot db.SnapshotID
}

// Access is a conversation as a caller found it when the guard let them in.
type Access struct {
	Room *talk.Room
	// Me is nil for callers who do not take part.
	Me *talk.Participant
	// Final are the final permissions of the caller, 0 without Me.
	Final talk.Permissions
	// Settings are those of the server.
	Settings *settings.Settings
	// Newest is the id of the newest message.
	Newest int64
	// state is what it was made from, zero when nothing may be
	// remembered of it.
	state state
}

// Enter checks the guard of the scope on a snapshot. Use cases check it again
// under the lock; this answers those early who may not even try. What messages and read
// markers change is empty in what it returns, but for Newest.
func (svc *Service) Enter(ctx context.Context, s Scope) (*Access, error) {
	f, state, err := svc.known(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := f.Check(s.Guard); err != nil {
		return nil, err
	}
	if s.Guard.Need != talk.NeedNothing { // which says nothing about the caller
		svc.Expect(s, true)
	}
	v := f.Access()
	v.state, v.Newest = state, state.Newest
	svc.NoteAlive(v.Me)
	return v, nil
}

// Facts are the values that guards are checked against.
type Facts struct {
	talk.Facts
	Settings *settings.Settings
}

// Check returns why the guard refuses the caller, nil when it lets them in.
func (f *Facts) Check(g talk.Guard) error { return g.Check(&f.Facts) }

// Access is what handlers may know of the facts.
func (f *Facts) Access() *Access {
	v := &Access{Room: f.Room, Me: f.Me, Settings: f.Settings}
	if f.Me != nil {
		v.Final = f.Final()
	}
	return v
}

// View runs f on a snapshot of the conversation, after the guard of the scope has let
// the caller in.
func (svc *Service) View(ctx context.Context, s Scope, f func(*db.Tx, *Facts) error) error {
	return svc.Inspect(ctx, s, func(tx *db.Tx, known *Facts) error {
		if err := known.Check(s.Guard); err != nil {
			return err
		}
		return f(tx, known)
	})
}

// Inspect is view for an f that decides itself what the caller may see, also where
// there is no conversation. A lobby whose timer has passed is switched off first.
func (svc *Service) Inspect(ctx context.Context, s Scope, f func(*db.Tx, *Facts) error) error {
	for {
		lobbyDue := false
		err := svc.store.Read(ctx, func(tx *db.Tx) error {
			known, err := svc.load(tx, s)
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
		if err := svc.EndLobby(ctx, s); err != nil {
			return err
		}
	}
}

// load is FactsOf for callers whom the administrator lets use conversations.
func (svc *Service) load(tx *db.Tx, s Scope) (*Facts, error) {
	f, err := svc.FactsOf(tx, s)
	if err == nil {
		err = f.Settings.Allow(tx, s.Caller)
	}
	return f, err
}

// FactsOf reads the conversation of a scope and the caller's row in it. A conversation
// that does not exist is no error; the guard decides.
func (svc *Service) FactsOf(tx *db.Tx, s Scope) (*Facts, error) {
	p, err := CallerRoomOf(tx, s.Token, s.Caller, s.Guard)
	if errors.Is(err, db.ErrNotFound) {
		now, err := svc.settings.In(tx)
		return &Facts{Settings: now}, err
	}
	if err != nil {
		return nil, err
	}
	now, err := svc.settings.OfVersion(tx, p.Settings)
	if err != nil {
		return nil, err
	}
	if s.Caller.Observes() {
		p.Me = talk.ObserverIn(p.Room.ID)
	}
	f := &Facts{Facts: talk.Facts{Room: &p.Room, Me: p.Me, ServerPermissions: now.DefaultPermissions}, Settings: now}
	f.Banned, err = banned(tx, &p.Room, p.Me, s.Caller)
	return f, err
}

// CallerRoomOf looks for the caller by their account, or else by the session that
// their client holds.
func CallerRoomOf(tx *db.Tx, token string, c talk.Caller, g talk.Guard) (store.CallerRoom, error) {
	switch {
	case c.LoggedIn():
		return store.RoomForUser(tx, token, c)
	case g.NeedsAccount() || c.Fresh:
		return store.RoomForStranger(tx, token)
	}
	return store.RoomForGuest(tx, token, c)
}

// Change is a running change of one conversation, made by one caller.
type Change struct {
	Tx     *db.Tx
	rooms  *Service
	Room   *talk.Room
	Me     *talk.Participant
	Caller talk.Caller
	Legacy bool
	// settings are those of the server.
	Settings *settings.Settings
	// chatOnly tells that only the version of the chat was raised, see notice.
	chatOnly bool
	// unraised tells that not even that was raised yet, which is left to the end.
	unraised bool
	// events are what happened so far, see Emit.
	events []Event
	// posted is the newest message of this change that the room does not tell of
	// yet, see RefreshNewest.
	newest *talk.Message
}

// Change locks the conversation, checks the guard on what it now is, and runs f.
func (svc *Service) Change(ctx context.Context, s Scope, f func(*Change) error) error {
	return svc.store.WriteKey(ctx, s.Token, func(tx *db.Tx) error { return svc.changeIn(tx, s, false, f) })
}

// ChangeChat is Change for an f that changes nothing but messages, reactions and read
// markers, so that lists of participants need not be made anew.
func (svc *Service) ChangeChat(ctx context.Context, s Scope, f func(*Change) error) error {
	return svc.store.WriteKey(ctx, s.Token, func(tx *db.Tx) error { return svc.changeIn(tx, s, true, f) })
}

func (svc *Service) changeIn(tx *db.Tx, s Scope, chatOnly bool, f func(*Change) error) error {
	c, known, err := svc.lock(tx, s, chatOnly)
	if err == nil {
		err = c.Settings.Allow(tx, s.Caller)
	}
	if err != nil {
		return err
	}
	if err := known.Check(s.Guard); err != nil {
		svc.Expect(s, false)
		return err
	}
	svc.NoteAlive(c.Me)
	return f(c)
}

// LockAdmitted is lock for a caller who may not be let in at all.
func (svc *Service) LockAdmitted(tx *db.Tx, s Scope) (*Change, *Facts, error) {
	c, known, err := svc.Lock(tx, s)
	if err == nil {
		err = c.Settings.Allow(tx, s.Caller)
	}
	return c, known, err
}

// Lock locks the conversation of a scope. The change has no room when there is
// none.
func (svc *Service) Lock(tx *db.Tx, s Scope) (*Change, *Facts, error) { return svc.lock(tx, s, false) }

func (svc *Service) lock(tx *db.Tx, s Scope, chatOnly bool) (*Change, *Facts, error) {
	begin := store.RaiseVersion
	if chatOnly {
		begin = store.KeepChat
	}
	if err := begin(tx, s.Token); err != nil {
		return nil, nil, err
	}
	known, err := svc.FactsOf(tx, s)
	if err != nil {
		return nil, nil, err
	}
	c := &Change{
		Tx: tx, rooms: svc, Room: known.Room, Me: known.Me,
		Caller: s.Caller, Legacy: s.Legacy, Settings: known.Settings, chatOnly: chatOnly,
	}
	if c.Room == nil {
		return c, known, nil
	}
	if chatOnly {
		c.unraised = true
		tx.BeforeCommit(c.raise)
	}
	return c, known, c.EndDueLobby()
}

// ChangeOf is a change of a conversation that the transaction has made or locked.
func (svc *Service) ChangeOf(tx *db.Tx, r *talk.Room, caller talk.Caller, s *settings.Settings) *Change {
	return &Change{Tx: tx, rooms: svc, Room: r, Caller: caller, Settings: s}
}

// Of is a change of another conversation that the transaction has made or locked, by
// the same caller.
func (c *Change) Of(r *talk.Room) *Change { return c.rooms.ChangeOf(c.Tx, r, c.Caller, c.Settings) }

// Beside opens another conversation of the family within this change. It has no
// room when there is none with the token.
func (c *Change) Beside(token string) (*Change, error) {
	b, _, err := c.rooms.Lock(c.Tx, Scope{Caller: c.Caller, Token: token})
	return b, err
}

// Actor is who the change is made by.
func (c *Change) Actor() talk.Actor {
	if c.Me != nil {
		return c.Me.Actor
	}
	return c.Caller.Actor()
}

// PostSystem stores a system message by the actor of the change.
func (c *Change) PostSystem(key talk.SystemKey) error { return c.PostSystemAbout(key, talk.Actor{}) }

// PostSystemAbout stores a system message that speaks of somebody.
func (c *Change) PostSystemAbout(key talk.SystemKey, about talk.Actor) error {
	return c.Post(&talk.Message{Actor: c.Actor(), System: key, About: about})
}

// PostSystemForEach stores a system message for each of those that it speaks of.
func (c *Change) PostSystemForEach(key talk.SystemKey, about []talk.Actor) error {
	all := make([]*talk.Message, len(about))
	for i, who := range about {
		all[i] = &talk.Message{Actor: c.Actor(), System: key, About: who}
	}
	return c.Post(all...)
}

// Post stores messages as the newest ones of the conversation, and tells of them. Their
// ids are there after the next statement that was waited for, see [db.Tx.Flush].
func (c *Change) Post(all ...*talk.Message) error { return c.post(nil, all) }

// PostTo is Post for a message that concerns somebody.
func (c *Change) PostTo(to *store.Audience, m *talk.Message) error {
	return c.post(to, []*talk.Message{m})
}

func (c *Change) post(to *store.Audience, all []*talk.Message) error {
	for _, m := range all {
		if m.System != "" {
			m.Kind = talk.KindSystem
		}
		c.newest = m
		c.Emit(Event{Kind: talk.EventMessage, Actor: m.Actor, About: m.About, Message: m, Audience: to})
	}
	c.unraised = false // new messages raise it
	return store.InsertMessages(c.Tx, c.Room, all)
}

// raise raises the version of the chat at the end of a change that posted nothing.
func (c *Change) raise() error {
	if !c.unraised {
		return nil
	}
	return store.RaiseChatVersion(c.Tx, c.Room.Token)
}

// RefreshNewest brings what is known of the newest message up to date.
func (c *Change) RefreshNewest() error {
	if c.newest == nil {
		return nil
	}
	err := c.Tx.Flush()
	c.Room.LastMessageID, c.Room.LastActivity = c.newest.ID, c.newest.Timestamp
	c.newest = nil
	return err
}

// Name is the display name of whoever makes the change.
func (c *Change) Name() string {
	if c.Caller.LoggedIn() {
		return c.Caller.DisplayName
	}
	return c.Me.DisplayName
}
