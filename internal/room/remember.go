package room

import (
	"context"
	"errors"
	"fmt"

	"parley/internal/db"
	"parley/internal/memo"
	"parley/internal/store"
	"parley/internal/talk"
)

// What requests find out is remembered under keys that name the state it was
// found in: the version of the conversation, which grows with each committed
// change, and the version of everything else that answers depend on. Nothing is
// ever patched. Whether a state is still the present one is asked of the
// database each time, see store.Stamp, so that changes of other processes count
// at once.

// state names what the answers about a conversation are made from. The zero
// state belongs to no conversation.
type state struct {
	room, version int64
	global        store.GlobalVersion
}

// who tells callers apart for whom the same conversation looks different.
type who struct {
	user, client, device, address string
	fresh                         bool
}

func whoIs(c talk.Caller) who {
	w := who{user: c.UserID, client: c.Client, fresh: c.Fresh}
	if c.Fresh {
		w.client, w.device = "", c.Device
	}
	if !c.LoggedIn() {
		w.address = c.Address // bans may name the address of a guest
	}
	return w
}

// memories are the caches of a Service. Their costs are bytes, roughly.
type memories struct {
	states  *memo.Cache[string, stateAt]
	visits  *memo.Cache[visitKey, visitor]
	answers *memo.Cache[answerKey, remembered]
	lists   *memo.Cache[listKey, rememberedList]
	// expected are the guards that let somebody in the last time.
	expected *memo.Cache[expectation, bool]
	// shown are the clients whose first request with a cookie was noted.
	shown *memo.Cache[string, bool]
}

// expectation is a guard, a conversation and a caller.
type expectation struct {
	token string
	guard talk.Guard
	who   who
}

func expectationOf(s Scope) expectation { return expectation{s.Token, s.Guard, whoIs(s.Caller)} }

// stateAt is the state of a conversation as it was at a stamp.
type stateAt struct {
	stamp db.Stamp
	state state
}

type visitKey struct {
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
type visitor struct {
	facts *Facts
	span
}

type answerKey struct {
	state state
	name  string
}

// String is another text for each key.
func (k answerKey) String() string {
	return fmt.Sprintf("%d %d %q %q %s", k.state.room, k.state.version, k.state.global.Settings, k.state.global.Directory, k.name)
}

type remembered struct {
	data []byte
	span
}

type listKey struct {
	who  who
	name string
}

type rememberedList struct {
	stamp  db.Stamp
	digest store.Digest
	remembered
}

// sameAs reports whether two lists are made from the same.
func (r *rememberedList) sameAs(other *rememberedList) bool {
	return r.digest == other.digest && store.GlobalVersionAt(r.stamp) == store.GlobalVersionAt(other.stamp)
}

// Costs of remembered values that are not byte slices.
const (
	stateCost    = 200
	visitCost    = 2500
	expectedCost = 300
)

// shownBytes bounds what is remembered of clients that have shown their cookies.
const shownBytes = 8 << 20

// newMemories divides a number of bytes among the caches.
func newMemories(size int) memories {
	return memories{
		states: memo.New[string, stateAt](size / 16), visits: memo.New[visitKey, visitor](size / 4),
		answers: memo.New[answerKey, remembered](size / 2), lists: memo.New[listKey, rememberedList](size / 4),
		expected: memo.New[expectation, bool](size / 16), shown: memo.New[string, bool](shownBytes),
	}
}

// Forever is a moment that does not come.
const Forever = int64(1) << 62

// currentState returns the state that a conversation is in now, zero when there is
// none.
func (a *Service) currentState(ctx context.Context, token string) (state, error) {
	stamp, err := a.store.Stamp(ctx)
	if err != nil {
		return state{}, err
	}
	if h, ok := a.memory.states.Get(token); ok && h.stamp == stamp {
		return h.state, nil
	}
	h := stateAt{stamp, state{global: store.GlobalVersionAt(stamp)}}
	err = a.store.Look(ctx, func(tx *db.Tx) error {
		h.state.room, h.state.version, err = store.RoomVersion(tx, token)
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		return state{}, nil
	}
	if err == nil {
		a.memory.states.Put(token, h, stateCost)
	}
	return h.state, err
}

// known returns the facts about a caller and the state that they belong to.
func (a *Service) known(ctx context.Context, s Scope) (*Facts, state, error) {
	now, err := a.currentState(ctx, s.Token)
	if err != nil {
		return nil, now, err
	}
	key := visitKey{now, whoIs(s.Caller), s.Guard.NeedsAccount()}
	if v, ok := a.memory.visits.Get(key); ok && v.holds(a.now().Unix()) {
		return v.facts, now, nil
	}
	var f *Facts
	began := a.now().Unix()
	err = a.Inspect(ctx, s, func(_ *db.Tx, found *Facts) error {
		f = found
		return nil
	})
	if err != nil {
		return nil, now, err
	}
	if f.Room != nil && f.Room.ID == now.room && f.Room.Version == now.version && !f.Settings.AsksGroups() {
		a.memory.visits.Put(key, visitor{f, span{began, f.Until()}}, visitCost)
		return f, now, nil
	}
	return f, state{}, nil
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
func (a *Service) Remember(v *Visit, name string, make func() (data []byte, until int64, err error)) ([]byte, error) {
	if v.state == (state{}) {
		data, _, err := make()
		return data, err
	}
	key := answerKey{v.state, name}
	if r, ok := a.memory.answers.Get(key); ok && r.holds(a.now().Unix()) {
		return r.data, nil
	}
	made, err, shared := a.making.Do(key.String(), func() (any, error) {
		began := a.now().Unix()
		data, until, err := make()
		if err == nil {
			a.memory.answers.Put(key, remembered{data, answerSpan(began, until)}, len(data)+len(name)+stateCost)
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

// RememberRooms is Remember for the list of the caller's own conversations.
func (a *Service) RememberRooms(
	ctx context.Context, caller talk.Caller, name string, make func() (data []byte, until int64, err error),
) ([]byte, error) {
	stamp, err := a.store.Stamp(ctx)
	if err != nil {
		return nil, err
	}
	key, now := listKey{whoIs(caller), name}, a.now().Unix()
	last, ok := a.memory.lists.Get(key)
	ok = ok && last.holds(now)
	if ok && last.stamp == stamp {
		return last.data, nil
	}
	r := rememberedList{stamp: stamp}
	err = a.store.Look(ctx, func(tx *db.Tx) error {
		r.digest, err = store.MembershipsDigest(tx, talk.User(caller.UserID))
		return err
	})
	if err != nil {
		return nil, err
	}
	if r.remembered = last.remembered; !ok || !r.sameAs(&last) {
		if r.remembered, err = a.makeList(fmt.Sprintf("list %+v %+v %+v", key, stamp, r.digest), make); err != nil {
			return nil, err
		}
	}
	a.memory.lists.Put(key, r, len(r.data)+stateCost)
	return r.data, nil
}

// makeList makes a list once for all who ask for it under the same name at the same time.
func (a *Service) makeList(name string, make func() ([]byte, int64, error)) (remembered, error) {
	alone := func() (any, error) {
		began := a.now().Unix()
		data, until, err := make()
		return remembered{data, answerSpan(began, until)}, err
	}
	made, err, shared := a.making.Do(name, alone)
	if err != nil && shared {
		made, err = alone() // the one who made it may only have gone away
	}
	if err != nil {
		return remembered{}, err
	}
	return made.(remembered), nil
}
