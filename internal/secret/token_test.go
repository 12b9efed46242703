package secret_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley/internal/secret"
)

func TestToken(t *testing.T) {
	for name, alphabet := range map[string]string{
		"alphanumeric": secret.Alphanumeric,
		"room":         secret.RoomAlphabet,
		"access":       secret.AccessAlphabet,
		"two":          "01",
		"all bytes":    allBytes(),
	} {
		for _, n := range []int{0, 1, 8, 72, 512} {
			got := secret.Token(n, alphabet)
			if len(got) != n {
				t.Errorf("%s: Token(%d) has %d characters", name, n, len(got))
			}
			for i := range len(got) {
				if strings.IndexByte(alphabet, got[i]) < 0 {
					t.Errorf("%s: %q is not in the alphabet", name, got[i])
				}
			}
		}
	}
}

func TestTokensDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		token := secret.Token(16, secret.RoomAlphabet)
		if seen[token] {
			t.Fatalf("token %q came twice", token)
		}
		seen[token] = true
	}
}

// The bound is more than ten standard deviations wide, while the remainder of a
// byte divided by 52 would make the first characters a quarter likelier than the last.
func TestTokenIsEven(t *testing.T) {
	const perCharacter = 4000
	alphabet := secret.AccessAlphabet
	token := secret.Token(perCharacter*len(alphabet), alphabet)
	for _, c := range alphabet {
		count := strings.Count(token, string(c))
		if count < perCharacter*84/100 || count > perCharacter*116/100 {
			t.Errorf("%q came %d times, expected about %d", c, count, perCharacter)
		}
	}
}

func TestTokenRefusesUselessAlphabets(t *testing.T) {
	for _, alphabet := range []string{"", "a", strings.Repeat("ab", 200)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic for an alphabet of %d characters", len(alphabet))
				}
			}()
			secret.Token(4, alphabet)
		}()
	}
}

func TestDigitTokenProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 64).Draw(t, "n")
		if problem := digitProblem(secret.DigitToken(n), n); problem != "" {
			t.Fatal(problem)
		}
	})
	for _, n := range []int{0, -1} {
		if got := secret.DigitToken(n); got != "" {
			t.Errorf("DigitToken(%d) = %q", n, got)
		}
	}
}

func TestPINProperties(t *testing.T) {
	digits := map[byte]bool{}
	for range 2000 {
		pin := secret.PIN()
		if problem := digitProblem(pin, 7); problem != "" {
			t.Fatal(problem)
		}
		digits[pin[1]] = true
	}
	if len(digits) != 10 {
		t.Errorf("second digits seen: %d, want all 10", len(digits))
	}
}

func BenchmarkToken(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		secret.Token(512, secret.Alphanumeric)
	}
}

// digitProblem says in words which rule of digit tokens s of n digits breaks.
func digitProblem(s string, n int) string {
	switch {
	case len(s) != n:
		return "wrong length: " + s
	case s[0] == '0':
		return "starts with 0: " + s
	case strings.Trim(s, "0123456789") != "":
		return "not only digits: " + s
	}
	for i := 1; i < len(s); i++ {
		if s[i] == s[i-1] {
			return "equal neighbours: " + s
		}
	}
	return ""
}

// allBytes returns each byte value once: the largest alphabet there is.
func allBytes() string {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return string(b)
}
