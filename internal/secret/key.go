package secret

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"sync"
)

// ErrMalformedKey is returned by [ParseKey] for anything but 64 hexadecimal digits.
var ErrMalformedKey = errors.New("secret: a key is 64 hexadecimal digits")

// signPurpose keeps the tags of Sign apart from every value of Digest, whose
// callers choose other purposes.
const signPurpose = "\x00sign"

// hidden is what every log and error text shows of a key.
const hidden = "secret.Key(hidden)"

// Key is a secret of this installation from which digests and signatures are
// made. Formatting a Key shows nothing of it. Make one with NewKey or ParseKey.
type Key struct {
	raw [32]byte
	// macs are hashes that have taken in the key already.
	macs *sync.Pool
}

// NewKey returns a fresh random key.
func NewKey() Key {
	var raw [32]byte
	rand.Read(raw[:])
	return keyOf(raw)
}

func keyOf(raw [32]byte) Key {
	return Key{raw, &sync.Pool{New: func() any { return &keyedHash{Hash: hmac.New(sha256.New, raw[:])} }}}
}

// keyedHash is a hash with room for what it takes in and gives out.
type keyedHash struct {
	hash.Hash
	buf []byte
}

// ParseKey reads the form that [Key.Hex] writes. It returns [ErrMalformedKey].
func ParseKey(s string) (Key, error) {
	var raw [32]byte
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(raw) {
		return Key{}, ErrMalformedKey
	}
	copy(raw[:], b)
	return keyOf(raw), nil
}

// Hex returns the key itself in 64 hexadecimal digits, for the place where it is
// kept. Every other way to print a key hides it.
func (k Key) Hex() string { return hex.EncodeToString(k.raw[:]) }

// Format implements [fmt.Formatter]: no verb shows the key.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText implements [encoding.TextMarshaler] and hides the key from JSON and
// from structured logs.
func (Key) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Digest returns the keyed HMAC-SHA256 of parts in 64 lower-case hexadecimal
// digits. Purpose separates digests that must never be exchanged for one another
// (an app password and a cookie, for example). Every part is hashed with its
// length, so that ("ab", "c") and ("a", "bc") differ. It is the form in which high
// entropy secrets are stored and looked up.
func (k Key) Digest(purpose string, parts ...string) string {
	sum := k.mac(purpose, parts...)
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	return string(text[:])
}

// Sign returns value with a signature, in characters that a cookie may hold
// ([A-Za-z0-9_-] and one dot). The value is readable for whoever holds it.
func (k Key) Sign(value string) string {
	b64 := base64.RawURLEncoding
	sum := k.mac(signPurpose, value)
	var room [512]byte // is enough for a cookie, and costs no allocation
	out := append(b64.AppendEncode(room[:0], []byte(value)), '.')
	return string(b64.AppendEncode(out, sum[:]))
}

// Open returns the value that Sign was given, and whether signed is exactly what
// Sign returned with the same key. The value is "" when it is not.
func (k Key) Open(signed string) (value string, ok bool) {
	body, tag, found := strings.Cut(signed, ".")
	b64 := base64.RawURLEncoding.Strict()
	raw, err := b64.DecodeString(body)
	if !found || err != nil || strings.ContainsAny(signed, "\r\n") {
		return "", false
	}
	given, err := b64.DecodeString(tag)
	if err != nil {
		return "", false
	}
	if sum := k.mac(signPurpose, string(raw)); !hmac.Equal(given, sum[:]) {
		return "", false
	}
	return string(raw), true
}

// mac returns the HMAC-SHA256 of purpose and parts, each behind its length in
// eight bytes.
func (k Key) mac(purpose string, parts ...string) (sum [sha256.Size]byte) {
	m := k.macs.Get().(*keyedHash)
	defer k.macs.Put(m)
	m.Reset()
	m.buf = appendPart(m.buf[:0], purpose)
	for _, p := range parts {
		m.buf = appendPart(m.buf, p)
	}
	m.Write(m.buf)
	m.buf = m.Sum(m.buf[:0])
	copy(sum[:], m.buf)
	return sum
}

func appendPart(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(s))), s...)
}
