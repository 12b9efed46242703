package store

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"parley/internal/db"
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

// errUnlocked is the failure of a change of a conversation that the transaction
// has not locked.
var errUnlocked = errors.New("store: change of a conversation that is not locked")

// locks are what a transaction has locked. A write with a key, which is the token of
// a conversation, shares its transaction with others, from which the locks of other
// conversations would not separate it.
type locks struct {
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

// locksOf returns the locks of a transaction.
func locksOf(tx *db.Tx) *locks { return tx.Locks().(*locks) }

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
func require(tx *db.Tx, more plan) error {
	all := locksOf(tx).plan(more)
	return tx.Restart(fmt.Sprintf("locks %+v", all), all.follow)
}

// follow locks what a plan says, in order.
func (p plan) follow(tx *db.Tx) error {
	if p.memberships {
		if err := LockMemberships(tx); err != nil {
			return err
		}
	}
	for _, id := range p.ending {
		if err := EndAccount(tx, id); err != nil && !db.IsNone(err) {
			return err
		}
	}
	if len(p.accounts) > 0 {
		if _, err := KeepAccounts(tx, p.accounts); err != nil {
			return err
		}
	}
	if len(p.rooms)+len(p.families) == 0 {
		return nil
	}
	return lockRooms(tx, p.rooms, p.families)
}

// LockMemberships keeps all groups and teams as they are until the transaction
// ends. Whoever changes the members of a group or team needs it, whoever brings
// one into a conversation, and whoever ends an account.
func LockMemberships(tx *db.Tx) error {
	h := locksOf(tx)
	if h.memberships {
		return nil
	}
	if tx.Key() != "" || h.hasRooms() || len(h.accounts) > 0 {
		return require(tx, plan{memberships: true})
	}
	h.memberships = true
	return tx.Run("UPDATE server_state SET value = '' WHERE name = 'memberships'")
}

// LockRooms locks conversations together with their breakout rooms. Those that do
// not exist are left out.
func LockRooms(tx *db.Tx, tokens []string) error {
	more := plan{families: without(tokens, locksOf(tx).families, locksOf(tx).made)}
	return lockMore(tx, more)
}

// lockMore locks conversations that are not locked yet.
func lockMore(tx *db.Tx, more plan) error {
	switch {
	case len(more.rooms)+len(more.families) == 0:
		return nil
	case tx.Key() != "" || locksOf(tx).hasRooms():
		return require(tx, more)
	}
	return lockRooms(tx, more.rooms, more.families)
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
func LockFamily(tx *db.Tx, parent string) error { return LockRooms(tx, []string{parent}) }

// lockRooms locks conversations by their ids.
func lockRooms(tx *db.Tx, tokens, families []string) error {
	var ids []int64
	find := func(condition string, keys []string) error {
		return db.Chunks(keys, func(part []string) error {
			found, err := db.Collect(tx, db.ScanNumber,
				"SELECT id FROM rooms WHERE "+condition+" IN ("+db.Placeholders(1, len(part))+")", db.Args(nil, part)...)
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
		put(&locksOf(tx).rooms, token)
	}
	for _, token := range families {
		put(&locksOf(tx).rooms, token)
		put(&locksOf(tx).families, token)
	}
	slices.Sort(ids)
	return db.Chunks(slices.Compact(ids), func(part []int64) error {
		return tx.Each(func(row db.Row) error {
			var id int64
			var token string
			err := row.Scan(&id, &token)
			put(&locksOf(tx).rooms, token)
			put(&locksOf(tx).ids, id)
			return err
		}, "SELECT id, token FROM rooms WHERE id IN ("+db.Placeholders(1, len(part))+") ORDER BY id"+tx.Dialect.RowLock(db.LockChanged),
			db.Args(nil, part)...)
	})
}

// raising is the statement that raises a version, and the form of it that leaves out a
// conversation which is locked already. Only PostgreSQL needs that.
type raising struct{ text, free string }

func raisingOf(column string) raising {
	set := "UPDATE rooms SET " + column + " = " + column + " + 1 WHERE "
	return raising{set + "token = $1", set + "id = (SELECT id FROM rooms WHERE token = $1 FOR NO KEY UPDATE SKIP LOCKED)"}
}

var (
	raiseVersion     = raisingOf("version")
	raiseChatVersion = raisingOf("chat_version")
)

// RaiseVersion locks the conversation with the token, if there is one, and
// raises its version, so that whoever remembers the old one notices. Until the
// transaction ends no other can lock it. Whoever waits for the next answer holds
// the lock.
func RaiseVersion(tx *db.Tx, token string) error { return raiseVersion.run(tx, token) }

// RaiseChatVersion is RaiseVersion for a change of nothing but messages, reactions and
// read markers.
func RaiseChatVersion(tx *db.Tx, token string) error { return raiseChatVersion.run(tx, token) }

// KeepChat makes a write that changes nothing but messages, reactions and read markers the
// only one of the conversation until it ends. It raises no version: whoever posts a message
// does so anyway, and others call RaiseChatVersion.
func KeepChat(tx *db.Tx, token string) error {
	if err := keep(tx, token); err != nil || !tx.Dialect.LocksRows() {
		return err
	}
	return tx.Later(&db.Statement{Text: lockChat, Free: lockFreeChat, Args: []any{token}, Count: new(int64)})
}

// The statement that locks a conversation, and the form of it that leaves one out which is
// locked already.
var (
	lockChat     = "SELECT id FROM rooms WHERE token = $1" + string(db.LockChanged)
	lockFreeChat = "SELECT id FROM rooms WHERE token = $1" + string(db.LockFree)
)

// keep notes that a conversation is locked.
func keep(tx *db.Tx, token string) error {
	h := locksOf(tx)
	if h.rooms[token] {
		return nil
	}
	if tx.Key() != "" && token != tx.Key() || h.hasRooms() {
		return require(tx, plan{rooms: []string{token}})
	}
	put(&h.rooms, token)
	return nil
}

func (r raising) run(tx *db.Tx, token string) error {
	if err := keep(tx, token); err != nil {
		return err
	}
	return tx.Later(&db.Statement{Text: r.text, Free: r.free, Args: []any{token}, Count: new(int64)})
}

// LockRoom is RaiseVersion for those who want to see the conversation.
// ErrNotFound when there is none.
func LockRoom(tx *db.Tx, token string) (talk.Room, error) {
	if err := RaiseVersion(tx, token); err != nil {
		return talk.Room{}, err
	}
	return Room(tx, token)
}

// saw notes the id of a conversation that may be a locked one.
func saw(tx *db.Tx, token string, id int64) {
	if locksOf(tx).rooms[token] {
		put(&locksOf(tx).ids, id)
	}
}

// Locked fails unless the conversation is locked. All statements that change
// what belongs to one ask.
func Locked(tx *db.Tx, roomID int64) error {
	if tx.Err() == nil && !locksOf(tx).ids[roomID] {
		return tx.Fail(fmt.Errorf("%w: %d", errUnlocked, roomID))
	}
	return tx.Err()
}

// change runs a statement that changes what belongs to a conversation.
func change(tx *db.Tx, roomID int64, query string, args ...any) error {
	if err := Locked(tx, roomID); err != nil {
		return err
	}
	return tx.Run(query, args...)
}

// mayAwaitAccounts reports whether it is in order to wait for the lock of an
// account. Accounts end under the lock of the memberships, so that who holds it
// does not wait at all.
func mayAwaitAccounts(tx *db.Tx) bool {
	return locksOf(tx).memberships || tx.Key() == "" && !locksOf(tx).hasRooms()
}

// keeping is what follows a SELECT that keeps accounts. Where it is too late to
// wait it finds those that nobody ends.
func keeping(tx *db.Tx, l db.RowLock) string {
	text := tx.Dialect.RowLock(l)
	if text != "" && !mayAwaitAccounts(tx) {
		text += db.SkipLocked
	}
	return text
}

// awaitEnd begins the write again if accounts that could not be kept are about to
// end: nobody knows whether they will. The condition has the ids as its only
// parameters.
func awaitEnd(tx *db.Tx, condition string, ids ...string) error {
	if !tx.Dialect.LocksRows() || mayAwaitAccounts(tx) || len(ids) == 0 {
		return nil
	}
	ending, err := db.Collect(tx, db.ScanString,
		"SELECT user_id FROM accounts WHERE "+condition+" IN ("+db.Placeholders(1, len(ids))+")", db.Args(nil, ids)...)
	if err != nil || len(ending) == 0 {
		return err
	}
	return require(tx, plan{accounts: ending})
}

// newVersion counts a version up when the transaction ends: whoever writes them
// would wait for each other from here on.
func newVersion(tx *db.Tx, name string) error {
	put(&locksOf(tx).versions, name)
	return tx.Err()
}

// Finish counts the versions up.
func (h *locks) Finish(tx *db.Tx) error {
	for _, name := range slices.Sorted(maps.Keys(h.versions)) {
		if err := countVersion(tx, name); err != nil {
			return err
		}
	}
	return nil
}
