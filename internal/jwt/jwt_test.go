package jwt_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"testing"

	"parley/internal/jwt"
)

// verify checks a token with what others know of its key.
func verify(t *testing.T, algorithm, public, token string) bool {
	t.Helper()
	parts := strings.Split(token, ".")
	text, signature := []byte(parts[0]+"."+parts[1]), decode(t, parts[2])
	if algorithm == "EdDSA" {
		raw, err := base64.StdEncoding.DecodeString(public)
		if err != nil || len(raw) != ed25519.PublicKeySize {
			t.Fatalf("the key is %q", public)
		}
		return ed25519.Verify(raw, text, signature)
	}
	block, rest := pem.Decode([]byte(public))
	if block == nil || len(rest) > 0 {
		t.Fatalf("the key is %q", public)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	h := map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}[algorithm[2:]]
	sum := h.New()
	sum.Write(text)
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		half := len(signature) / 2
		return ecdsa.Verify(k, sum.Sum(nil), new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:]))
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, h, sum.Sum(nil), signature) == nil
	}
	t.Fatalf("a key of type %T", key)
	return false
}

func decode(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestTokens: what a key signs others can check with its public half, and with no other.
func TestTokens(t *testing.T) {
	for _, algorithm := range []string{"ES256", "ES384", "RS256", "RS384", "RS512", "EdDSA"} {
		made, err := jwt.NewKey(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		private, err := made.Private()
		if err != nil {
			t.Fatal(err)
		}
		key, err := jwt.ParseKey(algorithm, private)
		if err != nil {
			t.Fatal(err)
		}
		public, err := key.Public()
		if err != nil {
			t.Fatal(err)
		}
		token, err := key.Sign(map[string]any{"iss": "https://talk.example.org/", "exp": 60})
		if err != nil {
			t.Fatal(err)
		}
		if !verify(t, algorithm, public, token) {
			t.Errorf("%s: the signature is wrong", algorithm)
		}
		parts := strings.Split(token, ".")
		forged := parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"admin"}`)) + "." + parts[2]
		if verify(t, algorithm, public, forged) {
			t.Errorf("%s: another text has the signature", algorithm)
		}
		other, err := jwt.NewKey(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		if foreign, err := other.Sign(struct{}{}); err != nil || verify(t, algorithm, public, foreign) {
			t.Errorf("%s: another key signs as well: %v", algorithm, err)
		}
		var head struct{ Typ, Alg string }
		if err := json.Unmarshal(decode(t, parts[0]), &head); err != nil || head.Typ != "JWT" || head.Alg != algorithm {
			t.Errorf("%s: the head is %+v, %v", algorithm, head, err)
		}
		for _, another := range []string{"ES256", "ES384", "RS256", "EdDSA", "none", ""} {
			fits := another == algorithm || strings.HasPrefix(another, "RS") && strings.HasPrefix(algorithm, "RS")
			if _, err := jwt.ParseKey(another, private); (err == nil) != fits {
				t.Errorf("a key for %s signs by %q: %v", algorithm, another, err == nil)
			}
		}
	}
}

func TestBadKeys(t *testing.T) {
	if _, err := jwt.NewKey("none"); err == nil {
		t.Error("tokens without signatures")
	}
	for _, text := range []string{"", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if _, err := jwt.ParseKey("ES256", text); err == nil || strings.Contains(err.Error(), "AAAA") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestRead: a key reads what it has signed, and nothing that somebody has touched or signed otherwise.
func TestRead(t *testing.T) {
	for _, algorithm := range []string{"ES256", "ES384", "RS256", "RS384", "RS512", "EdDSA"} {
		key, err := jwt.NewKey(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		other, err := jwt.NewKey(algorithm)
		if err != nil {
			t.Fatal(err)
		}
		token, err := key.Sign(map[string]any{"sub": "alice"})
		if err != nil {
			t.Fatal(err)
		}
		var claims struct {
			Subject string `json:"sub"`
		}
		if err := key.Read(token, &claims); err != nil || claims.Subject != "alice" {
			t.Errorf("%s: %v, %q", algorithm, err, claims.Subject)
		}
		foreign, err := other.Sign(map[string]any{"sub": "alice"})
		if err != nil {
			t.Fatal(err)
		}
		head, rest, _ := strings.Cut(token, ".")
		body, signature, _ := strings.Cut(rest, ".")
		none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
		forged := base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"admin"}`))
		for _, bad := range []string{
			"", ".", "..", head, foreign, head + "." + forged + "." + signature, none + "." + body + ".", none + "." + body + "." + signature,
			head + "." + body + ".", token + "A", token + ".x", head + "." + body + "." + signature[:len(signature)-4],
		} {
			if err := key.Read(bad, &claims); !errors.Is(err, jwt.ErrToken) {
				t.Errorf("%s reads %q: %v", algorithm, bad, err)
			}
		}
	}
}
