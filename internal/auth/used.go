package auth

import (
	"context"
	"sync"
	"time"

	"parley/internal/db"
	"parley/internal/store"
)

// usedPeriod is how exactly the database tells when a credential was last used:
// most requests log in, and none of them should cost a write.
const usedPeriod = 10 * time.Minute

// used gathers when credentials were used, and better hashes of passwords, until
// [Service.WriteLogins] writes them.
type used struct {
	now func() time.Time
	mu  sync.Mutex
	// noted are the last uses that were written or wait, due those that wait.
	noted, due store.Logins
	// pruned is when noted was rid of what is too old to matter.
	pruned time.Time
}

func newUsed(now func() time.Time) *used {
	return &used{now: now, noted: noLogins(), due: noLogins(), pruned: now()}
}

func noLogins() store.Logins {
	return store.Logins{Accounts: map[string]int64{}, AppPasswords: map[int64]int64{}, Hashes: map[string]store.NewHash{}}
}

// note takes down that the credentials of a login were verified.
func (u *used) note(who login) {
	if who.account.UserID == "" {
		return
	}
	now := u.now().Unix()
	u.mu.Lock()
	defer u.mu.Unlock()
	mark(u.noted.Accounts, u.due.Accounts, who.account.UserID, now)
	if who.appPassword != 0 {
		mark(u.noted.AppPasswords, u.due.AppPasswords, who.appPassword, now)
	}
}

// mark notes a use unless the last one is young. A last one that lies in the
// future was noted before the clock was set back.
func mark[K comparable](noted, due map[K]int64, key K, now int64) {
	if last, ok := noted[key]; !ok || now-last >= int64(usedPeriod/time.Second) || now < last {
		noted[key], due[key] = now, now
	}
}

// take returns what waits, which then waits no longer.
func (u *used) take() store.Logins {
	u.mu.Lock()
	defer u.mu.Unlock()
	if now := u.now(); now.Sub(u.pruned) > usedPeriod {
		u.pruned = now
		prune(u.noted.Accounts, now)
		prune(u.noted.AppPasswords, now)
	}
	if isNothing(u.due) {
		return store.Logins{} // those of u.due belong to its mutex
	}
	due := u.due
	u.due = noLogins()
	return due
}

func isNothing(l store.Logins) bool { return len(l.Accounts)+len(l.AppPasswords)+len(l.Hashes) == 0 }

// renew takes down a better hash.
func (u *used) renew(userID string, hash store.NewHash) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.due.Hashes[userID] = hash
}

func prune[K comparable](noted map[K]int64, now time.Time) {
	for key, at := range noted {
		if now.Sub(time.Unix(at, 0)) >= usedPeriod {
			delete(noted, key)
		}
	}
}

// WriteLogins writes what log-ins left since the last time. What cannot
// be written is given up: it is not worth a second try.
func (s *Service) WriteLogins(ctx context.Context) error {
	due := s.used.take()
	if isNothing(due) {
		return nil
	}
	return s.store.Write(ctx, func(tx *db.Tx) error { return store.WriteLogins(tx, due) })
}

// LastLogin returns when the account logged in last, in Unix seconds, where
// stored is what the database knew.
func (s *Service) LastLogin(userID string, stored int64) int64 {
	s.used.mu.Lock()
	defer s.used.mu.Unlock()
	return max(stored, s.used.noted.Accounts[userID])
}
