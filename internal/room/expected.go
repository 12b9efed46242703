package room

import (
	"context"

	"parley/internal/db"
	"parley/internal/store"
)

// Expects reports whether the guard of the scope has let the caller in before.
// It promises nothing: whoever relies on it checks the guard all the same, only
// later, so that strangers do not reach as far as a lock.
func (svc *Service) Expects(s Scope) bool {
	yes, _ := svc.cache.expected.Get(expectationOf(s))
	return yes
}

// Expect notes whether the scope's guard lets the caller in, see Expects. Without
// a guard it is about whether the caller may know of the conversation.
func (svc *Service) Expect(s Scope, in bool) {
	svc.cache.expected.Put(expectationOf(s), in, expectedCost)
}

// TakesPart reports whether the caller is in the conversation now.
func (svc *Service) TakesPart(ctx context.Context, s Scope) (bool, error) {
	f, _, err := svc.known(ctx, s)
	return err == nil && f.Me != nil && !f.Banned, err
}

// Knew reports whether the caller's client was a guest of the conversation once,
// whatever became of it.
func (svc *Service) Knew(ctx context.Context, s Scope) (bool, error) {
	if s.Caller.LoggedIn() || s.Caller.Fresh {
		return false, nil
	}
	var known store.ClientRoom
	err := svc.store.Look(ctx, func(tx *db.Tx) (err error) {
		known, err = store.ClientRoomOf(tx, s.Caller.Client, s.Token)
		return err
	})
	return known != store.ClientRoom{}, err
}
