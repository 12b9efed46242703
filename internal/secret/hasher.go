package secret

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"runtime"

	"golang.org/x/crypto/argon2"
)

// MaxPasswordBytes is the longest password, in bytes, that is hashed or verified.
// A password is free of charge for the sender and not for the hasher, so its
// length has to end somewhere.
const MaxPasswordBytes = 1024

// ErrPasswordTooLong is returned for passwords of more than [MaxPasswordBytes] bytes.
var ErrPasswordTooLong = errors.New("secret: password is longer than 1024 bytes")

// ErrBusy is returned when too many passwords wait to be hashed already.
var ErrBusy error = busy{}

// busy is an error that a later attempt may not have.
type busy struct{}

func (busy) Error() string { return "secret: too many passwords wait to be hashed" }

// Unavailable tells the rest of the server which kind of failure this is.
func (busy) Unavailable() bool { return true }

// maxWaiting is how many computations may wait for their turn.
const maxWaiting = 128

// Sizes of the parts that Hash makes, in bytes.
const (
	saltBytes = 16
	hashBytes = 32
)

// Options chooses the cost of new hashes and how many are computed at a time.
// Each zero field takes its default. Hashes that already exist are verified with
// the cost written in them, whatever the options say.
type Options struct {
	// Memory is the memory of one computation in KiB, default 19 MiB.
	Memory uint32
	// Passes is the number of passes over the memory, default 2.
	Passes uint32
	// Lanes is the degree of parallelism, default 1.
	Lanes uint8
	// Concurrent is how many computations may run at a time, default the
	// number of usable processors, but at least 2.
	Concurrent int
}

// TestOptions returns the cheapest cost that argon2id allows, so that tests with
// many accounts do not spend their time on hashing. It is never safe for real accounts.
func TestOptions() Options {
	return Options{Memory: 8, Passes: 1, Lanes: 1}
}

// Hasher hashes and verifies passwords with argon2id. It limits how many
// computations run at a time and how many wait for that, so that a flood of logins
// costs time and not all of the memory. It is safe for concurrent use; make one with [NewHasher].
type Hasher struct {
	cost cost
	free chan struct{}
	// places is full of those who compute or wait.
	places chan struct{}
}

// NewHasher returns a Hasher for the given options. It panics when the options
// exceed the bounds that Verify accepts, because such hashes could never be
// verified again; that is a mistake of the programmer, not of a user.
func NewHasher(o Options) *Hasher {
	c := cost{memory: or(o.Memory, 19*1024), passes: or(o.Passes, 2), lanes: or(o.Lanes, 1)}
	if err := c.check(); err != nil {
		panic(err)
	}
	n := or(o.Concurrent, max(2, runtime.GOMAXPROCS(0)))
	return &Hasher{cost: c, free: make(chan struct{}, n), places: make(chan struct{}, n+maxWaiting)}
}

// Hash returns the argon2id hash of password with a fresh salt as a PHC string
// ($argon2id$v=19$m=…,t=…,p=…$salt$hash). It returns [ErrPasswordTooLong],
// [ErrBusy], or the error of ctx when ctx ends before the computation's turn comes.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	sum, err := h.compute(ctx, password, phc{cost: h.cost, salt: salt, hash: make([]byte, hashBytes)})
	if err != nil {
		return "", err
	}
	return phc{cost: h.cost, salt: salt, hash: sum}.String(), nil
}

// Verify reports whether password belongs to encoded, a PHC string made by Hash
// or by another argon2id implementation. A wrong password is (false, nil). It returns
// [ErrMalformedHash] for a string that is no acceptable hash, [ErrPasswordTooLong],
// [ErrBusy], or the error of ctx when ctx ends before the computation's turn comes.
func (h *Hasher) Verify(ctx context.Context, encoded, password string) (bool, error) {
	want, err := parsePHC(encoded)
	if err != nil {
		return false, err
	}
	sum, err := h.compute(ctx, password, want)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(sum, want.hash) == 1, nil
}

// NeedsRehash reports whether encoded was made with another cost than this
// Hasher uses for new hashes, so that a login can renew it. A string that is no
// hash needs one, too.
func (h *Hasher) NeedsRehash(encoded string) bool {
	p, err := parsePHC(encoded)
	return err != nil || p.cost != h.cost
}

// compute waits for its turn and returns argon2id of password with the cost,
// the salt and the hash length of p.
func (h *Hasher) compute(ctx context.Context, password string, p phc) ([]byte, error) {
	if len(password) > MaxPasswordBytes {
		return nil, ErrPasswordTooLong
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("secret: hashing a password: %w", err)
	}
	select {
	case h.places <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	defer func() { <-h.places }()
	select {
	case h.free <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("secret: waiting to hash a password: %w", ctx.Err())
	}
	defer func() { <-h.free }()
	return argon2.IDKey([]byte(password), p.salt, p.passes, p.memory, p.lanes, uint32(len(p.hash))), nil
}

// or returns v, or fallback when v is zero.
func or[T uint8 | uint32 | int](v, fallback T) T {
	if v == 0 {
		return fallback
	}
	return v
}
