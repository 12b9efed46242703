package room

import (
	"context"
	"errors"
	"fmt"

	"parley/internal/cache"
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// What requests find out is remembered under keys that name the state it was
// found in: the version of the conversation, which grows with each committed
// change, and the version of everything else that answers depend on. Nothing is
// ever patched. Whether a state is still the present one is asked of the
// database each time, see store.Snapshot, so that changes of other processes count
// at once.

// state names what the answers about a conversation are made from. The zero
// state belongs to no conversation.
type state struct {
	store.RoomVersion
	global store.GlobalVersion
}

// roster is the state of everything but messages, reactions and read markers.
func (s state) roster() state {
	s.Chat, s.Newest = 0, 0
	return s
}

// who tells callers apart for whom the same conversation looks different.
type who struct {
	user, client, device, address string
	fresh, observes               bool
}

func whoIs(c talk.Caller) who {
	w := who{user: c.UserID, client: c.Client, fresh: c.Fresh, observes: c.Observes()}
	if c.Fresh {
		w.client, w.device = "", c.Device
	}
	if !c.LoggedIn() {
		w.address = c.Address // bans may name the address of a guest
	}
	return w
}

// memories are the caches of a Service. Their costs are bytes, roughly.
type caches struct {
	states  *cache.Cache[string, stateAt]
	facts   *cache.Cache[accessKey, cachedFacts]
	answers *cache.Cache[answerKey, cachedAnswer]
	lists   *cache.Cache[listKey, cachedList]
	// expected are the guards that let somebody in the last time.
	expected *cache.Cache[expectation, bool]
	// shown are the clients whose first request with a cookie was noted.
	shown *cache.Cache[string, bool]
}

// expectation is a guard, a conversation and a caller.
type expectation struct {
	token string
	guard talk.Guard
	who   who
}

func expectationOf(s Scope) expectation { return expectation{s.Token, s.Guard, whoIs(s.Caller)} }

// stateAt is the state of a conversation as it was at a snapshot.
type stateAt struct {
	snapshot db.SnapshotID
	state    state
}

type accessKey struct {
	state   state
	who     who
	account bool
}

// span is the time in which something remembered holds: from when it was made
// until time alone changes it, in Unix seconds. What was made in the future,
// before the clock was set back, does not hold.
type span struct{ from, until int64 }

func (s span) holds(now int64) bool { return s.from <= now && now < s.until }

// answerSpan is the span of an answer, which holds no longer than it may show the
// same signs of life: these are stored without a new version.
func answerSpan(now, until int64) span { return span{now, min(until, now+talk.PingShownFor)} }

// visitor are the facts about a caller.
type cachedFacts struct {
	facts *Facts
	span
}

type answerKey struct {
	state state
	name  string
}

// String is another text for each key.
func (k answerKey) String() string {
	return fmt.Sprintf("%d %d %d %q %q %s", k.state.Room, k.state.Version, k.state.Chat, k.state.global.Settings, k.state.global.Directory, k.name)
}

type cachedAnswer struct {
	data []byte
	span
}

type listKey struct {
	who  who
	name string
}

type cachedList struct {
	snapshot db.SnapshotID
	digest   store.Digest
	cachedAnswer
}

// sameAs reports whether two lists are made from the same.
func (r *cachedList) sameAs(other *cachedList) bool {
	return r.digest == other.digest && store.GlobalVersionAt(r.snapshot) == store.GlobalVersionAt(other.snapshot)
}

// Costs of remembered values that are not byte slices.
const (
	stateCost    = 200
	factsCost    = 2500
	expectedCost = 300
)

// shownBytes bounds what is remembered of clients that have shown their cookies.
const shownBytes = 8 << 20

// newMemories divides a number of bytes among the caches.
func newCaches(size int) caches {
	return caches{
		states: cache.New[string, stateAt](size / 16), facts: cache.New[accessKey, cachedFacts](size / 4),
		answers: cache.New[answerKey, cachedAnswer](size / 2), lists: cache.New[listKey, cachedList](size / 4),
		expected: cache.New[expectation, bool](size / 16), shown: cache.New[string, bool](shownBytes),
	}
}

// Forever is a moment that does not come.
const Forever = int64(1) << 62

// currentState returns the state that a conversation is in now, zero when there is
// none.
func (svc *Service) currentState(ctx context.Context, token string, seen db.SnapshotID) (state, error) {
	snapshot, err := svc.store.Snapshot(ctx, seen)
	if err != nil {
		return state{}, err
	}
	if h, ok := svc.cache.states.Get(token); ok && h.snapshot == snapshot {
		return h.state, nil
	}
	h := stateAt{snapshot, state{global: store.GlobalVersionAt(snapshot)}}
	err = svc.store.Look(ctx, func(tx *db.Tx) error {
		h.state.RoomVersion, err = store.RoomVersionOf(tx, token)
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		return state{}, nil
	}
	if err == nil {
		svc.cache.states.Put(token, h, stateCost)
	}
	return h.state, err
}

// known returns the facts about a caller and the state that they belong to.
func (svc *Service) known(ctx context.Context, s Scope) (*Facts, state, error) {
	now, err := svc.currentState(ctx, s.Token, s.Snapshot)
	if err != nil {
		return nil, now, err
	}
	key := accessKey{now.roster(), whoIs(s.Caller), s.Guard.NeedsAccount()}
	if v, ok := svc.cache.facts.Get(key); ok && v.holds(svc.now().Unix()) {
		return v.facts, now, nil
	}
	var f *Facts
	began := svc.now().Unix()
	err = svc.Inspect(ctx, s, func(_ *db.Tx, found *Facts) error {
		f = found
		return nil
	})
	if err != nil {
		return nil, now, err
	}
	f.forgetChat()
	if f.Room != nil && f.Room.ID == now.Room && f.Room.Version == now.Version && !f.Settings.AsksGroups() {
		svc.cache.facts.Put(key, cachedFacts{f, span{began, f.Until()}}, factsCost)
		return f, now, nil
	}
	return f, state{}, nil
}

// forgetChat empties what messages and read markers change, since the facts are
// remembered for longer than these hold.
func (f *Facts) forgetChat() {
	r := f.Room
	if r == nil {
		return
	}
	r.LastMessageID, r.NewestID, r.AllMentionedID, r.LastActivity, r.MessageNumber, r.LastGap, r.ChatVersion = 0, 0, 0, 0, 0, 0, 0
	if me := f.Me; me != nil {
		me.LastReadMessage, me.LastMentionMessage, me.LastMentionDirect = 0, 0, 0
	}
}

// Until is the moment at which time alone changes the facts.
func (f *Facts) Until() int64 {
	until := Forever
	if f.Room.LobbyState != talk.LobbyOff && f.Room.LobbyTimer > 0 {
		until = f.Room.LobbyTimer
	}
	if f.Me != nil && f.Me.Session != nil {
		until = min(until, f.Me.Session.LastPing+talk.DeadAfter)
	}
	return until
}

// Remember returns the bytes that make returned for the same state of the same
// conversation, or makes them, once for all who ask at the same time. until is the
// moment, Unix seconds, at which time alone changes them. The name tells apart
// what differs for different readers.
func (svc *Service) Remember(v *Access, name string, make func() (data []byte, until int64, err error)) ([]byte, error) {
	return svc.remember(v.state, name, make)
}

// RememberRoster is Remember for what messages, reactions and read markers do not change.
func (svc *Service) RememberRoster(v *Access, name string, make func() (data []byte, until int64, err error)) ([]byte, error) {
	return svc.remember(v.state.roster(), name, make)
}

func (svc *Service) remember(of state, name string, make func() (data []byte, until int64, err error)) ([]byte, error) {
	if of == (state{}) {
		data, _, err := make()
		return data, err
	}
	key := answerKey{of, name}
	if r, ok := svc.cache.answers.Get(key); ok && r.holds(svc.now().Unix()) {
		return r.data, nil
	}
	made, err, shared := svc.making.Do(key.String(), func() (any, error) {
		began := svc.now().Unix()
		data, until, err := make()
		if err == nil {
			svc.cache.answers.Put(key, cachedAnswer{data, answerSpan(began, until)}, len(data)+len(name)+stateCost)
		}
		return data, err
	})
	if err != nil && shared {
		made, _, err = make() // the one who made it may only have gone away
	}
	if err != nil {
		return nil, err
	}
	return made.([]byte), nil
}

// RememberRooms is Remember for the list of the caller's own conversations. seen is what
// the request knows of the state of the database already, zero if nothing.
func (svc *Service) RememberRooms(
	ctx context.Context, caller talk.Caller, seen db.SnapshotID, name string, make func() (data []byte, until int64, err error),
) ([]byte, error) {
	snapshot, err := svc.store.Snapshot(ctx, seen)
	if err != nil {
		return nil, err
	}
	key, now := listKey{whoIs(caller), name}, svc.now().Unix()
	last, ok := svc.cache.lists.Get(key)
	ok = ok && last.holds(now)
	if ok && last.snapshot == snapshot {
		return last.data, nil
	}
	r := cachedList{snapshot: snapshot}
	err = svc.store.Look(ctx, func(tx *db.Tx) error {
		r.digest, err = store.MembershipsDigest(tx, talk.User(caller.UserID))
		return err
	})
	if err != nil {
		return nil, err
	}
	if r.cachedAnswer = last.cachedAnswer; !ok || !r.sameAs(&last) {
		if r.cachedAnswer, err = svc.makeList(fmt.Sprintf("list %+v %+v %+v", key, snapshot, r.digest), make); err != nil {
			return nil, err
		}
	}
	svc.cache.lists.Put(key, r, len(r.data)+stateCost)
	return r.data, nil
}

// makeList makes a list once for all who ask for it under the same name at the same time.
func (svc *Service) makeList(name string, make func() ([]byte, int64, error)) (cachedAnswer, error) {
	alone := func() (any, error) {
		began := svc.now().Unix()
		data, until, err := make()
		return cachedAnswer{data, answerSpan(began, until)}, err
	}
	made, err, shared := svc.making.Do(name, alone)
	if err != nil && shared {
		made, err = alone() // the one who made it may only have gone away
	}
	if err != nil {
		return cachedAnswer{}, err
	}
	return made.(cachedAnswer), nil
}
