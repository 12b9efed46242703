package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"parley/internal/talk"
)

// Locks are taken in one order, so that nobody waits for somebody who waits for
// them: the memberships of groups and teams, then accounts, then conversations by
// their ids, then what belongs to a conversation, and last the versions that are
// counted for the whole server.
//
// A write often learns only in the middle that it needs another lock. Where it
// can no longer take it in order it is undone and begins again, with all that it
// needs locked before it begins.

// plan is what a write has to lock before it begins.
type plan struct {
	memberships bool
	accounts    []string
	// ending are accounts to lock as EndAccount does.
	ending []string
	rooms  []string
	// families are conversations to lock together with their breakout rooms.
	families []string
}

// needs is the failure of a write that has to begin again.
type needs struct{ plan }

func (n *needs) Error() string {
	return fmt.Sprintf("store: a write has to begin again with these locks: %+v", n.plan)
}

// errUnlocked is the failure of a change of a conversation that the transaction
// has not locked.
var errUnlocked = errors.New("store: change of a conversation that is not locked")

// maxPlans is how often a write may begin.
const maxPlans = 16

// locks are what a transaction has locked.
type locks struct {
	// only is the conversation of a write that shares its transaction with
	// others, from which the locks of other conversations would not separate it.
	// Those who run alone have none.
	only        string
	memberships bool
	// accounts are those that are kept or locked, ending those of EndAccount.
	accounts map[string]bool
	ending   map[string]bool
	// rooms are the locked conversations by their tokens, with those that the
	// transaction has made; ids has the ids of those that exist.
	rooms    map[string]bool
	ids      map[int64]bool
	families map[string]bool
	// made are conversations that the transaction has made. Nobody else sees them,
	// so that they can be locked at any time.
	made map[string]bool
	// versions are counted when the transaction ends.
	versions map[string]bool
}

// put adds to a set that may be nil.
func put[K comparable](set *map[K]bool, key K) {
	if *set == nil {
		*set = map[K]bool{}
	}
	(*set)[key] = true
}

// hasRooms reports whether the transaction has locked conversations that others
// may wait for.
func (h *locks) hasRooms() bool { return len(h.rooms) > len(h.made) }

// plan returns what is held and more.
func (h *locks) plan(more plan) plan {
	p := plan{memberships: h.memberships || more.memberships}
	p.accounts = append(slices.Collect(maps.Keys(h.accounts)), more.accounts...)
	p.ending = slices.Collect(maps.Keys(h.ending))
	for token := range h.rooms {
		if !h.made[token] {
			p.rooms = append(p.rooms, token)
		}
	}
	p.rooms = append(p.rooms, more.rooms...)
	p.families = append(slices.Collect(maps.Keys(h.families)), more.families...)
	return p
}

// require ends this attempt of the write: the next one begins with what is held
// now and more.
func (tx *Tx) require(more plan) error {
	if tx.failed == nil {
		tx.failed = &needs{tx.held.plan(more)}
	}
	return tx.failed
}

// follow locks what a plan says, in order.
func (tx *Tx) follow(p plan) error {
	if p.memberships {
		if err := tx.LockMemberships(); err != nil {
			return err
		}
	}
	for _, id := range p.ending {
		if err := tx.EndAccount(id); err != nil && !isNone(err) {
			return err
		}
	}
	if len(p.accounts) > 0 {
		if _, err := tx.KeepAccounts(p.accounts); err != nil {
			return err
		}
	}
	if len(p.rooms)+len(p.families) == 0 {
		return nil
	}
	return tx.lockRooms(p.rooms, p.families)
}

// LockMemberships keeps all groups and teams as they are until the transaction
// ends. Whoever changes the members of a group or team needs it, whoever brings
// one into a conversation, and whoever ends an account.
func (tx *Tx) LockMemberships() error {
	h := &tx.held
	if h.memberships {
		return nil
	}
	if h.only != "" || h.hasRooms() || len(h.accounts) > 0 {
		return tx.require(plan{memberships: true})
	}
	h.memberships = true
	return tx.run("UPDATE server_state SET value = '' WHERE name = 'memberships'")
}

// LockRooms locks conversations together with their breakout rooms. Those that do
// not exist are left out.
func (tx *Tx) LockRooms(tokens []string) error {
	more := plan{families: without(tokens, tx.held.families, tx.held.made)}
	return tx.lockMore(more)
}

// lockMore locks conversations that are not locked yet.
func (tx *Tx) lockMore(more plan) error {
	switch {
	case len(more.rooms)+len(more.families) == 0:
		return nil
	case tx.held.only != "" || tx.held.hasRooms():
		return tx.require(more)
	}
	return tx.lockRooms(more.rooms, more.families)
}

// without returns the keys that are in none of the sets.
func without(keys []string, sets ...map[string]bool) (out []string) {
	for _, key := range keys {
		if !slices.ContainsFunc(sets, func(set map[string]bool) bool { return set[key] }) {
			out = append(out, key)
		}
	}
	return out
}

// LockFamily locks a conversation together with its breakout rooms, which are
// changed after it. Whoever changes another conversation than the one that the
// write began with calls it first.
func (tx *Tx) LockFamily(parent string) error { return tx.LockRooms([]string{parent}) }

// lockRooms locks conversations by their ids.
func (tx *Tx) lockRooms(tokens, families []string) error {
	var ids []int64
	find := func(condition string, keys []string) error {
		return chunks(keys, func(part []string) error {
			found, err := collect(tx, scanNumber,
				"SELECT id FROM rooms WHERE "+condition+" IN ("+list(1, len(part))+")", anys(nil, part)...)
			ids = append(ids, found...)
			return err
		})
	}
	err := find("token", slices.Concat(tokens, families))
	if err == nil {
		err = find("object_type = 'room' AND object_id", families)
	}
	if err != nil {
		return err
	}
	// What is not there, or no longer, needs no lock and must not be asked for again.
	for _, token := range tokens {
		put(&tx.held.rooms, token)
	}
	for _, token := range families {
		put(&tx.held.rooms, token)
		put(&tx.held.families, token)
	}
	slices.Sort(ids)
	return chunks(slices.Compact(ids), func(part []int64) error {
		return tx.each(func(row scanner) error {
			var id int64
			var token string
			err := row.Scan(&id, &token)
			put(&tx.held.rooms, token)
			put(&tx.held.ids, id)
			return err
		}, "SELECT id, token FROM rooms WHERE id IN ("+list(1, len(part))+") ORDER BY id"+tx.dialect.rowLock(lockChanged),
			anys(nil, part)...)
	})
}

func scanNumber(row scanner, n *int64) error { return row.Scan(n) }

// RaiseVersion locks the conversation with the token, if there is one, and
// raises its version, so that whoever remembers the old one notices. Until the
// transaction ends no other can lock it. Whoever waits for the next answer holds
// the lock.
func (tx *Tx) RaiseVersion(token string) error {
	h := &tx.held
	if !h.rooms[token] {
		if h.only != "" && token != h.only || h.hasRooms() {
			return tx.require(plan{rooms: []string{token}})
		}
		put(&h.rooms, token)
	}
	return tx.later(&statement{
		text: "UPDATE rooms SET version = version + 1 WHERE token = $1", free: raiseFreeVersion,
		args: []any{token}, count: new(int64),
	})
}

// LockRoom is RaiseVersion for those who want to see the conversation.
// ErrNotFound when there is none.
func (tx *Tx) LockRoom(token string) (talk.Room, error) {
	if err := tx.RaiseVersion(token); err != nil {
		return talk.Room{}, err
	}
	return tx.Room(token)
}

// saw notes the id of a conversation that may be a locked one.
func (tx *Tx) saw(token string, id int64) {
	if tx.held.rooms[token] {
		put(&tx.held.ids, id)
	}
}

// locked fails unless the conversation is locked. All statements that change
// what belongs to one ask.
func (tx *Tx) locked(roomID int64) error {
	if tx.failed == nil && !tx.held.ids[roomID] {
		tx.failed = fmt.Errorf("%w: %d", errUnlocked, roomID)
	}
	return tx.failed
}

// change runs a statement that changes what belongs to a conversation.
func (tx *Tx) change(roomID int64, query string, args ...any) error {
	if err := tx.locked(roomID); err != nil {
		return err
	}
	return tx.run(query, args...)
}

// mayAwaitAccounts reports whether it is in order to wait for the lock of an
// account. Accounts end under the lock of the memberships, so that who holds it
// does not wait at all.
func (tx *Tx) mayAwaitAccounts() bool {
	return tx.held.memberships || tx.held.only == "" && !tx.held.hasRooms()
}

// keeping is what follows a SELECT that keeps accounts. Where it is too late to
// wait it finds those that nobody ends.
func (tx *Tx) keeping(l rowLock) string {
	text := tx.dialect.rowLock(l)
	if text != "" && !tx.mayAwaitAccounts() {
		text += skipLocked
	}
	return text
}

// awaitEnd begins the write again if accounts that could not be kept are about to
// end: nobody knows whether they will. The condition has the ids as its only
// parameters.
func (tx *Tx) awaitEnd(condition string, ids ...string) error {
	if tx.dialect != dialectPostgres || tx.mayAwaitAccounts() || len(ids) == 0 {
		return nil
	}
	ending, err := collect(tx, scanString,
		"SELECT user_id FROM accounts WHERE "+condition+" IN ("+list(1, len(ids))+")", anys(nil, ids)...)
	if err != nil || len(ending) == 0 {
		return err
	}
	return tx.require(plan{accounts: ending})
}

// newVersion counts a version up when the transaction ends: whoever writes them
// would wait for each other from here on.
func (tx *Tx) newVersion(name string) error {
	put(&tx.held.versions, name)
	return tx.failed
}

// finish does what the end of a transaction is for.
func (tx *Tx) finish() error {
	for _, name := range slices.Sorted(maps.Keys(tx.held.versions)) {
		if err := tx.countVersion(name); err != nil {
			return err
		}
	}
	return tx.failed
}
