package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"time"
)

// proofLife is how long a push service accepts a proof; RFC 8292 allows a day.
const proofLife = 12 * time.Hour

// ErrServerKey is the failure for a kept key of a server that is none.
var ErrServerKey = errors.New("webpush: the server's key cannot be read")

// ServerKey is what push services recognise a server by. Formatting one shows nothing of
// it. The zero value is not valid.
type ServerKey struct{ key *ecdsa.PrivateKey }

// NewServerKey returns a fresh random key.
func NewServerKey() (ServerKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return ServerKey{key}, err
}

// ParseServerKey reads the form that [ServerKey.Secret] writes. Failure: ErrServerKey.
func ParseServerKey(text string) (ServerKey, error) {
	raw, err := decode(text)
	if err != nil {
		return ServerKey{}, ErrServerKey
	}
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return ServerKey{}, ErrServerKey
	}
	return ServerKey{key}, nil
}

// Secret returns the key in the form in which it is kept.
func (k ServerKey) Secret() (string, error) {
	raw, err := k.key.Bytes()
	return base64.RawURLEncoding.EncodeToString(raw), err
}

// Public returns the half of the key that apps give to their push service.
func (k ServerKey) Public() (string, error) {
	raw, err := k.key.PublicKey.Bytes()
	return base64.RawURLEncoding.EncodeToString(raw), err
}

// String shows nothing of the key.
func (k ServerKey) String() string { return "webpush.ServerKey(hidden)" }

// GoString shows nothing of the key.
func (k ServerKey) GoString() string { return k.String() }

// Authorization returns the header that proves to the push service of an endpoint who
// sends. Contact is an address of whoever runs the server: "https:" or "mailto:".
func (k ServerKey) Authorization(endpoint, contact string, now time.Time) (string, error) {
	to, err := url.Parse(endpoint)
	if err != nil {
		return "", errors.New("webpush: the endpoint is no address")
	}
	claims, err := json.Marshal(map[string]any{
		"aud": to.Scheme + "://" + to.Host, "exp": now.Add(proofLife).Unix(), "sub": contact,
	})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + encode(claims)
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, k.key, digest[:])
	if err != nil {
		return "", err
	}
	var signature [64]byte
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	public, err := k.Public()
	return "vapid t=" + text + "." + encode(signature[:]) + ", k=" + public, err
}
