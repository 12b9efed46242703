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
)

// ErrMalformedKey is returned by [ParseKey] for anything but 64 hexadecimal digits.
var ErrMalformedKey = errors.New("secret: a key is 64 hexadecimal digits")

// signPurpose keeps the tags of Sign apart from every value of Digest, whose
// callers choose other purposes.
const signPurpose = "\x00sign"

// hidden is what every log and error text shows of a key.
const hidden = "secret.Key(hidden)"

// Key is a secret of this installation from which digests and signatures are
// made. Formatting a Key shows nothing of it.
type Key [32]byte

// NewKey returns a fresh random key.
func NewKey() Key {
	var k Key
	rand.Read(k[:])
	return k
}

// ParseKey reads the form that [Key.Hex] writes. It returns [ErrMalformedKey].
func ParseKey(s string) (Key, error) {
	var k Key
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(k) {
		return Key{}, ErrMalformedKey
	}
	copy(k[:], b)
	return k, nil
}

// Hex returns the key itself in 64 hexadecimal digits, for the place where it is
// kept. Every other way to print a key hides it.
func (k Key) Hex() string { return hex.EncodeToString(k[:]) }

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
	return hex.EncodeToString(k.mac(purpose, parts...))
}

// Sign returns value with a signature, in characters that a cookie may hold
// ([A-Za-z0-9_-] and one dot). The value is readable for whoever holds it.
func (k Key) Sign(value string) string {
	b64 := base64.RawURLEncoding
	return b64.EncodeToString([]byte(value)) + "." + b64.EncodeToString(k.mac(signPurpose, value))
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
	if err != nil || !hmac.Equal(given, k.mac(signPurpose, string(raw))) {
		return "", false
	}
	return string(raw), true
}

// mac returns the HMAC-SHA256 of purpose and parts.
func (k Key) mac(purpose string, parts ...string) []byte {
	m := hmac.New(sha256.New, k[:])
	writePart(m, purpose)
	for _, p := range parts {
		writePart(m, p)
	}
	return m.Sum(nil)
}

// writePart writes the length of s in eight bytes and then s; a hash never fails.
func writePart(m hash.Hash, s string) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(s)))
	m.Write(length[:])
	m.Write([]byte(s))
}
