package webpush_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"parley/internal/talktest"
	"parley/internal/webpush"
)

// The example of RFC 8291, appendix A.
const (
	exampleText   = "When I grow up, I want to be a watermelon"
	exampleSender = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
	exampleKey    = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
	exampleOwn    = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
	exampleAuth   = "BTBZMqHH6r4Tts7J_aSIgg"
	exampleSalt   = "DGv6ra1nlYgDCS1FRnbzlw"
	exampleBody   = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml" +
		"mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT" +
		"pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)

func bytesOf(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func exampleReceiver(t testing.TB) webpush.Receiver {
	t.Helper()
	r, err := webpush.ParseReceiver(exampleKey, exampleAuth)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// open decrypts a body as an app does.
func open(t testing.TB, body []byte) []byte {
	t.Helper()
	own, err := ecdh.P256().NewPrivateKey(bytesOf(t, exampleOwn))
	if err != nil {
		t.Fatal(err)
	}
	text, err := talktest.OpenPush(own, bytesOf(t, exampleAuth), body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestExampleOfRFC8291(t *testing.T) {
	sender, err := ecdh.P256().NewPrivateKey(bytesOf(t, exampleSender))
	if err != nil {
		t.Fatal(err)
	}
	body, err := exampleReceiver(t).EncryptBy([]byte(exampleText), sender, [16]byte(bytesOf(t, exampleSalt)))
	if err != nil {
		t.Fatal(err)
	}
	if want := bytesOf(t, exampleBody); !bytes.Equal(body, want) {
		t.Errorf("the body is\n%x, not\n%x", body, want)
	}
	if got := open(t, body); string(got) != exampleText {
		t.Errorf("the app reads %q", got)
	}
}

func TestEncrypt(t *testing.T) {
	r := exampleReceiver(t)
	for _, n := range []int{0, 1, 100, webpush.MaxText} {
		text := bytes.Repeat([]byte("x"), n)
		first, err := r.Encrypt(text)
		if err != nil {
			t.Fatal(err)
		}
		second, err := r.Encrypt(text)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Equal(first, second) {
			t.Error("two bodies of a text are the same")
		}
		if got := open(t, first); !bytes.Equal(got, text) {
			t.Errorf("of %d bytes the app reads %d", n, len(got))
		}
		if len(first) != n+webpush.Overhead || len(first) > webpush.MaxBody {
			t.Errorf("a text of %d bytes makes a body of %d", n, len(first))
		}
	}
	if _, err := r.Encrypt(make([]byte, webpush.MaxText+1)); !errors.Is(err, webpush.ErrTooLong) {
		t.Errorf("a text that is too long: %v", err)
	}
}

func TestParseReceiver(t *testing.T) {
	other := base64.RawURLEncoding.EncodeToString(make([]byte, 65))
	for _, test := range []struct {
		name, key, auth string
		want            error
	}{
		{"padding", exampleKey + "=", exampleAuth + "==", nil},
		{"no key", "", exampleAuth, webpush.ErrKey},
		{"no base64", exampleKey[1:] + "!", exampleAuth, webpush.ErrKey},
		{"no point of the curve", other, exampleAuth, webpush.ErrKey},
		{"part of a key", exampleKey[:40], exampleAuth, webpush.ErrKey},
		{"no secret", exampleKey, "", webpush.ErrAuth},
		{"long secret", exampleKey, exampleAuth + exampleAuth, webpush.ErrAuth},
	} {
		if _, err := webpush.ParseReceiver(test.key, test.auth); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, not %v", test.name, err, test.want)
		}
	}
}

func TestAuthorization(t *testing.T) {
	key, err := webpush.NewServerKey()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := key.Secret()
	if err != nil {
		t.Fatal(err)
	}
	again, err := webpush.ParseServerKey(kept)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1_700_000_000, 0)
	header, err := again.Authorization("https://push.example.org:8443/send/abc", "https://talk.example.org", now)
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.Public()
	if err != nil {
		t.Fatal(err)
	}
	token, found := strings.CutPrefix(header, "vapid t=")
	token, end, cut := strings.Cut(token, ", ")
	if !found || !cut || end != "k="+public {
		t.Fatalf("the header is %q", header)
	}
	parts := strings.Split(token, ".")
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if err := json.Unmarshal(bytesOf(t, parts[1]), &claims); err != nil {
		t.Fatal(err)
	}
	if claims.Aud != "https://push.example.org:8443" || claims.Sub != "https://talk.example.org" {
		t.Errorf("claims: %+v", claims)
	}
	if life := claims.Exp - now.Unix(); life <= 0 || life > 24*60*60 {
		t.Errorf("it ends after %d seconds", life)
	}
	point, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), bytesOf(t, public))
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature := bytesOf(t, parts[2])
	if !ecdsa.Verify(point, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Error("the signature is not valid")
	}
	if shown := fmt.Sprintf("%v %+v %#v %s", key, key, key, key); strings.Contains(shown, kept) || !strings.Contains(shown, "hidden") {
		t.Errorf("a key shows itself: %s", shown)
	}
}

func TestParseServerKey(t *testing.T) {
	for _, text := range []string{"", "AAAA", "!", exampleKey, base64.RawURLEncoding.EncodeToString(make([]byte, 32))} {
		if _, err := webpush.ParseServerKey(text); !errors.Is(err, webpush.ErrServerKey) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzEncrypt(f *testing.F) {
	f.Add([]byte(exampleText))
	f.Add(make([]byte, webpush.MaxText+1))
	f.Fuzz(func(t *testing.T, text []byte) {
		body, err := exampleReceiver(t).Encrypt(text)
		if len(text) > webpush.MaxText {
			if !errors.Is(err, webpush.ErrTooLong) {
				t.Errorf("%d bytes: %v", len(text), err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := open(t, body); !bytes.Equal(got, text) {
			t.Errorf("of %q the app reads %q", text, got)
		}
	})
}

func FuzzParseReceiver(f *testing.F) {
	f.Add(exampleKey, exampleAuth)
	f.Add("", "")
	f.Fuzz(func(t *testing.T, key, auth string) {
		r, err := webpush.ParseReceiver(key, auth)
		if err != nil {
			return
		}
		if _, err := r.Encrypt([]byte("x")); err != nil {
			t.Errorf("%q, %q: %v", key, auth, err)
		}
	})
}
