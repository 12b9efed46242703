package secret

import (
	"crypto/rand"
	"math/bits"
)

// Alphabets for [Token].
const (
	// Alphanumeric is every ASCII letter and digit: session ids, app passwords,
	// cookies. Nothing in it needs escaping in a URL.
	Alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	// RoomAlphabet is for conversation tokens, which people read aloud: lower
	// case only, without characters that look alike.
	RoomAlphabet = "abcdefghijkmnopqrstuvwxyz23456789"
	// AccessAlphabet is for the access token of an attendee.
	AccessAlphabet = "abcdefgijkmnopqrstwxyzABCDEFGHJKLMNPQRSTWXYZ23456789"
)

// pinDigits is how many digits a dial-in PIN has.
const pinDigits = 7

// Token returns n characters chosen evenly and independently from alphabet,
// which holds 2 to 256 different ASCII characters. It panics for another alphabet.
func Token(n int, alphabet string) string {
	if len(alphabet) < 2 || len(alphabet) > 256 {
		panic("secret: an alphabet has 2 to 256 characters")
	}
	source := newRandomness(n + n/2)
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[source.below(len(alphabet))]
	}
	return string(out)
}

// PIN returns the seven digits with which a person identifies on the phone. The
// first is never 0, and neighbours differ, because a digit that is held down or
// heard twice must not make another valid PIN.
func PIN() string { return DigitToken(pinDigits) }

// DigitToken returns n digits of which the first is 1 to 9 and no two neighbours
// are equal; it is the token of conversations that can be dialled. It returns ""
// for n < 1.
func DigitToken(n int) string {
	if n < 1 {
		return ""
	}
	source := newRandomness(2 * n)
	out := make([]byte, n)
	out[0] = '1' + byte(source.below(9))
	for i := 1; i < n; i++ {
		// Nine digits are left after the neighbour is taken out: those from
		// the neighbour on move up by one.
		d := '0' + byte(source.below(9))
		if d >= out[i-1] {
			d++
		}
		out[i] = d
	}
	return string(out)
}

// randomness hands out even random numbers from batches of random bytes, because
// asking the system for each byte costs more than all the rest.
type randomness struct {
	buf  []byte
	next int
}

// newRandomness returns a source that draws n bytes, at least 16, at a time.
func newRandomness(n int) *randomness {
	r := &randomness{buf: make([]byte, max(n, 16))}
	rand.Read(r.buf)
	return r
}

// below returns an even random number from 0 to limit-1; limit is 1 to 256.
// Bytes are masked to the bits that limit needs and dropped when they are still too
// large, so no value is likelier than another, as the remainder of a division would be.
func (r *randomness) below(limit int) int {
	mask := byte(1<<bits.Len8(uint8(limit-1)) - 1)
	for {
		if r.next == len(r.buf) {
			rand.Read(r.buf)
			r.next = 0
		}
		v := r.buf[r.next] & mask
		r.next++
		if int(v) < limit {
			return int(v)
		}
	}
}
