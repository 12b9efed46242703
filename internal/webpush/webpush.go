// Package webpush makes messages that push services carry to the apps of people: bodies
// that only the app can read (RFC 8291, RFC 8188) and the proof of which server sends them
// (RFC 8292). It knows no accounts and makes no requests.
package webpush

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
)

// Sizes of RFC 8188 and RFC 8291, in bytes.
const (
	// MaxBody is how long a body may be for every push service to take it.
	MaxBody = 4096
	// MaxText is how long a text may be for its body to be no longer than MaxBody.
	MaxText = MaxBody - headerSize - overhead

	keySize    = 65 // an uncompressed point of P-256
	authSize   = 16
	saltSize   = 16
	headerSize = saltSize + 4 + 1 + keySize
	overhead   = 1 + 16 // the delimiter of the last record and the tag
)

// Failures.
var (
	// ErrKey is the failure for a key of an app that is none.
	ErrKey = errors.New("webpush: the key is no point of P-256")
	// ErrAuth is the failure for a secret of an app that is none.
	ErrAuth = errors.New("webpush: the secret has not 16 bytes")
	// ErrTooLong is the failure for a text of more than MaxText bytes.
	ErrTooLong = errors.New("webpush: the text is too long")
)

// Receiver is an app that reads messages.
type Receiver struct {
	key  *ecdh.PublicKey
	auth []byte
}

// ParseReceiver reads the public key and the secret of an app, both in base64url with or
// without padding. Failures: ErrKey, ErrAuth.
func ParseReceiver(key, auth string) (Receiver, error) {
	point, err := decode(key)
	if err != nil {
		return Receiver{}, ErrKey
	}
	public, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return Receiver{}, ErrKey
	}
	secret, err := decode(auth)
	if err != nil || len(secret) != authSize {
		return Receiver{}, ErrAuth
	}
	return Receiver{public, secret}, nil
}

// decode reads base64url, also with padding.
func decode(text string) ([]byte, error) {
	return base64.RawURLEncoding.Strict().DecodeString(strings.TrimRight(text, "="))
}

// Encrypt returns the body of a request that only the receiver can read. Failure:
// ErrTooLong.
func (r Receiver) Encrypt(text []byte) ([]byte, error) {
	sender, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	var salt [saltSize]byte
	rand.Read(salt[:])
	return r.encrypt(text, sender, salt)
}

func (r Receiver) encrypt(text []byte, sender *ecdh.PrivateKey, salt [saltSize]byte) ([]byte, error) {
	if len(text) > MaxText {
		return nil, ErrTooLong
	}
	seal, nonce, err := r.keys(sender, salt[:])
	if err != nil {
		return nil, err
	}
	body := make([]byte, 0, headerSize+len(text)+overhead)
	body = append(body, salt[:]...)
	body = binary.BigEndian.AppendUint32(body, MaxBody) // the size of records, of which there is one
	body = append(body, keySize)
	body = append(body, sender.PublicKey().Bytes()...)
	return seal.Seal(body, nonce, append(slices.Clone(text), 2), nil), nil
}

// keys derives what a message is sealed with, see RFC 8291 §3.4.
func (r Receiver) keys(sender *ecdh.PrivateKey, salt []byte) (cipher.AEAD, []byte, error) {
	shared, err := sender.ECDH(r.key)
	if err != nil {
		return nil, nil, err
	}
	info := "WebPush: info\x00" + string(r.key.Bytes()) + string(sender.PublicKey().Bytes())
	material, err := hkdf.Key(sha256.New, shared, r.auth, info, sha256.Size)
	if err != nil {
		return nil, nil, err
	}
	key, err := hkdf.Key(sha256.New, material, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, nil, err
	}
	nonce, err := hkdf.Key(sha256.New, material, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, err
	}
	seal, err := cipher.NewGCM(block)
	return seal, nonce, err
}
