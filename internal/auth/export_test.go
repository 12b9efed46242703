package auth

import (
	"context"
	"net/http"
	"net/netip"

	"parley/internal/secret"
)

// What the tests of pure functions and of the memory's bounds need to see.
const (
	MemorySize = memorySize
	CookieLife = cookieLife
	MemoryLife = memoryLife
)

// Reread parses the text of a ticket and writes it again.
func Reread(text string) (string, bool) {
	t, ok := parseTicket(text)
	return t.String(), ok
}

// TicketText returns the text of a ticket for the user.
func TicketText(id, user string) string { return ticket{id: id, user: user}.String() }

// CookieNameOf returns the name of the cookie of an installation, and SharedName is
// the one that all had.
func CookieNameOf(key secret.Key) string { return cookieName(key) }

// SharedName is the name of cookies that all installations had.
const SharedName = sharedName

// Subnet returns the network that failures of the address are counted for.
func Subnet(address string) string { return subnet(address) }

// ClientAddress returns the address of the sender of r.
func ClientAddress(r *http.Request, trusted []netip.Prefix) string { return clientAddress(r, trusted) }

// Remember puts a digest into the memory of verified passwords.
func Remember(s *Service, digest string) { s.memory.add(digest) }

// Remembered returns how many verified passwords are in memory.
func Remembered(s *Service) int { return len(s.memory.until) }

// MaxQueue is how many may wait for one key.
const MaxQueue = maxQueue

// Turns returns how many keys somebody has or waits for.
func Turns(s *Service) int { return s.turns.count() + s.protection.turns.count() }

func (t *keyQueues) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.keys)
}

// Take waits for a key.
func Take(ctx context.Context, s *Service, key string) (done func(), err error) {
	return s.turns.take(ctx, key, alone)
}

// Refuse counts a failed login at the target.
func Refuse(ctx context.Context, s *Service, address, target string) error {
	return s.refuse(ctx, address, target)
}

// Recognises reports whether a verified password is in memory and still counts.
func Recognises(s *Service, digest string) bool { return s.memory.knows(digest) }
