// Package jwt signs JSON web tokens (RFC 7519) with the algorithms that a signaling server
// knows: ES256, ES384, RS256, RS384, RS512 and EdDSA, and reads those that it has signed.
package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"

	// The hashes that the algorithms use.
	_ "crypto/sha256"
	_ "crypto/sha512"
)

// algorithms are the names that keys can be made for, the usual one first.
var algorithms = []string{"ES256", "ES384", "RS256", "RS384", "RS512", "EdDSA"}

// Known reports whether there is an algorithm with the name.
func Known(algorithm string) bool { return slices.Contains(algorithms, algorithm) }

// hashes are what is signed of a token, by the algorithm; EdDSA signs all of it.
var hashes = map[string]crypto.Hash{
	"ES256": crypto.SHA256, "ES384": crypto.SHA384, "RS256": crypto.SHA256, "RS384": crypto.SHA384, "RS512": crypto.SHA512,
}

var curves = map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384()}

// rsaBits is the size of RSA keys.
const rsaBits = 2048

// Key signs tokens by one algorithm. It is safe for concurrent use.
type Key struct {
	algorithm string
	signer    crypto.Signer
}

// NewKey makes a key. It fails for an algorithm that is not known.
func NewKey(algorithm string) (*Key, error) {
	var signer crypto.Signer
	var err error
	switch curve := curves[algorithm]; {
	case curve != nil:
		signer, err = ecdsa.GenerateKey(curve, rand.Reader)
	case algorithm == "EdDSA":
		_, signer, err = ed25519.GenerateKey(rand.Reader)
	case Known(algorithm):
		signer, err = rsa.GenerateKey(rand.Reader, rsaBits)
	default:
		return nil, fmt.Errorf("jwt: algorithm %q is not known", algorithm)
	}
	return &Key{algorithm, signer}, err
}

// errKey is the failure of reading a key. It does not show what was read.
var errKey = errors.New("jwt: the key cannot be read, or is for another algorithm")

// ParseKey reads what [Key.Private] wrote. It fails if the key cannot sign by the algorithm.
func ParseKey(algorithm, private string) (*Key, error) {
	block, _ := pem.Decode([]byte(private))
	if block == nil {
		return nil, errKey
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errKey
	}
	switch k := parsed.(type) {
	case *ecdsa.PrivateKey:
		if curves[algorithm] == k.Curve {
			return &Key{algorithm, k}, nil
		}
	case ed25519.PrivateKey:
		if algorithm == "EdDSA" {
			return &Key{algorithm, k}, nil
		}
	case *rsa.PrivateKey:
		if Known(algorithm) && algorithm[0] == 'R' {
			return &Key{algorithm, k}, nil
		}
	}
	return nil, errKey
}

// Private is the key as a text (PKCS #8 in PEM), for whoever keeps it.
func (k *Key) Private() (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.signer)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), err
}

// Public is what others check tokens with: PEM, or the bare key in base64 for EdDSA.
func (k *Key) Public() (string, error) {
	if bare, ok := k.signer.Public().(ed25519.PublicKey); ok {
		return base64.StdEncoding.EncodeToString(bare), nil
	}
	der, err := x509.MarshalPKIXPublicKey(k.signer.Public())
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), err
}

// Sign returns a token with the claims.
func (k *Key) Sign(claims any) (string, error) {
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	head := fmt.Sprintf(`{"typ":"JWT","alg":%q}`, k.algorithm)
	text := encode([]byte(head)) + "." + encode(body)
	signature, err := k.sign([]byte(text))
	return text + "." + encode(signature), err
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (k *Key) sign(text []byte) ([]byte, error) {
	hash := hashes[k.algorithm]
	if hash == 0 {
		return k.signer.Sign(rand.Reader, text, crypto.Hash(0))
	}
	h := hash.New()
	h.Write(text)
	sum := h.Sum(nil)
	curve, ok := k.signer.(*ecdsa.PrivateKey)
	if !ok {
		return k.signer.Sign(rand.Reader, sum, hash)
	}
	// Tokens have both numbers of the signature side by side (RFC 7518, section 3.4).
	r, s, err := ecdsa.Sign(rand.Reader, curve, sum)
	if err != nil {
		return nil, err
	}
	size := (curve.Curve.Params().BitSize + 7) / 8
	out := make([]byte, 2*size)
	r.FillBytes(out[:size])
	s.FillBytes(out[size:])
	return out, nil
}

// ErrToken is the failure of reading a token that the key has not signed. Callers test it with
// errors.Is.
var ErrToken = errors.New("jwt: not a token of this key")

// Read reads the claims of a token that the key has signed; whether they still hold is up to the
// caller. Failure: ErrToken.
func (k *Key) Read(token string, claims any) error {
	text, tail, ok := cutLast(token)
	head, body, okToo := strings.Cut(text, ".")
	signature, err := base64.RawURLEncoding.DecodeString(tail)
	if !ok || !okToo || err != nil || !k.signed([]byte(text), signature) {
		return ErrToken
	}
	var kind struct {
		Algorithm string `json:"alg"`
	}
	if decode(head, &kind) != nil || kind.Algorithm != k.algorithm || decode(body, claims) != nil {
		return ErrToken
	}
	return nil
}

func cutLast(token string) (before, after string, found bool) {
	at := strings.LastIndexByte(token, '.')
	if at < 0 {
		return "", "", false
	}
	return token[:at], token[at+1:], true
}

func decode(part string, v any) error {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, v)
}

// signed reports whether the key has made a signature.
func (k *Key) signed(text, signature []byte) bool {
	hash := hashes[k.algorithm]
	if hash == 0 {
		public, ok := k.signer.Public().(ed25519.PublicKey)
		return ok && ed25519.Verify(public, text, signature)
	}
	h := hash.New()
	h.Write(text)
	sum := h.Sum(nil)
	switch public := k.signer.Public().(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(public, hash, sum, signature) == nil
	case *ecdsa.PublicKey:
		size := (public.Curve.Params().BitSize + 7) / 8
		return len(signature) == 2*size &&
			ecdsa.Verify(public, sum, new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:]))
	}
	return false
}
