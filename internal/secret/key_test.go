package secret_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/internal/secret"
)

func TestDigest(t *testing.T) {
	key, other := secret.NewKey(), secret.NewKey()
	base := key.Digest("app-password", "ab", "c")
	if len(base) != 64 || strings.Trim(base, "0123456789abcdef") != "" {
		t.Errorf("Digest = %q, want 64 lower-case hexadecimal digits", base)
	}
	if again := key.Digest("app-password", "ab", "c"); again != base {
		t.Errorf("the same digest twice: %q and %q", base, again)
	}
	for name, different := range map[string]string{
		"key":          other.Digest("app-password", "ab", "c"),
		"purpose":      key.Digest("cookie", "ab", "c"),
		"border":       key.Digest("app-password", "a", "bc"),
		"joined":       key.Digest("app-password", "abc"),
		"empty part":   key.Digest("app-password", "ab", "c", ""),
		"into purpose": key.Digest("app-passwordab", "c"),
		"order":        key.Digest("app-password", "c", "ab"),
	} {
		if different == base {
			t.Errorf("another %s gives the same digest", name)
		}
	}
}

func TestSignAndOpen(t *testing.T) {
	key := secret.NewKey()
	for _, value := range []string{"", "alice", "a.b", "ä\x00\n", strings.Repeat("x", 4000)} {
		signed := key.Sign(value)
		if strings.Trim(signed, secret.Alphanumeric+"-_.") != "" {
			t.Errorf("Sign(%.20q) needs escaping: %q", value, signed)
		}
		if got, ok := key.Open(signed); !ok || got != value {
			t.Errorf("Open(Sign(%.20q)) = %.20q, %v", value, got, ok)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	key := secret.NewKey()
	signed := key.Sign("alice")
	body, tag, _ := strings.Cut(signed, ".")
	for name, s := range map[string]string{
		"empty":         "",
		"no tag":        body,
		"empty tag":     body + ".",
		"short tag":     signed[:len(signed)-4],
		"longer tag":    signed + "AAAA",
		"other value":   "Ym9i." + tag,
		"other key":     secret.NewKey().Sign("alice"),
		"digest as tag": body + "." + key.Digest("", "alice"),
		"newline":       body + "\n." + tag,
		"two dots":      body + "." + tag + ".",
		"padding":       body + "=." + tag,
		"other bits":    signed[:len(signed)-1] + nextInAlphabet(signed[len(signed)-1]),
	} {
		if value, ok := key.Open(s); ok || value != "" {
			t.Errorf("%s: Open(%q) = %q, %v", name, s, value, ok)
		}
	}
}

func TestKeyText(t *testing.T) {
	key := secret.NewKey()
	if back, err := secret.ParseKey(key.Hex()); err != nil || back.Hex() != key.Hex() {
		t.Errorf("ParseKey(Hex()) is another key, err %v", err)
	}
	for _, format := range []string{"%v", "%s", "%+v", "%#v", "%x", "%d"} {
		if got := fmt.Sprintf(format, key); got != "secret.Key(hidden)" {
			t.Errorf("%s shows %s", format, got)
		}
	}
	if got, err := json.Marshal(key); err != nil || string(got) != `"secret.Key(hidden)"` {
		t.Errorf("JSON shows %s, %v", got, err)
	}
	for _, bad := range []string{"", "xyz", key.Hex()[1:], key.Hex() + "00", strings.Repeat("z", 64)} {
		if _, err := secret.ParseKey(bad); !errors.Is(err, secret.ErrMalformedKey) {
			t.Errorf("ParseKey(%q): %v", bad, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	key := secret.NewKey()
	for _, seed := range []string{key.Sign("alice"), key.Sign(""), ".", "", "Ym9i.AAAA"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, signed string) {
		value, ok := key.Open(signed)
		if ok && key.Sign(value) != signed {
			t.Errorf("Open accepts %q, which Sign never returns for %q", signed, value)
		}
		if !ok && value != "" {
			t.Errorf("a refused string gave the value %q", value)
		}
	})
}

// nextInAlphabet returns the base64url character after c, which differs from c
// in its lowest bit: a bit that a lax decoder of the last group would ignore.
func nextInAlphabet(c byte) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(alphabet[strings.IndexByte(alphabet, c)^1])
}
