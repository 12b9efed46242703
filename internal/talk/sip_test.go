package talk_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"parley/internal/talk"
)

// prove signs like a SIP bridge does.
func prove(secret, random, data string) talk.BridgeProof {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(random + data))
	return talk.BridgeProof{Random: random, Checksum: hex.EncodeToString(mac.Sum(nil))}
}

func TestBridgeProof(t *testing.T) {
	random := strings.Repeat("r", 32)
	good := prove("secret", random, "12345")
	for _, c := range []struct {
		name   string
		proof  talk.BridgeProof
		secret string
		data   string
		want   bool
	}{
		{"right", good, "secret", "12345", true},
		{"longer random", prove("secret", random+"x", "12345"), "secret", "12345", true},
		{"nothing", talk.BridgeProof{}, "secret", "12345", false},
		{"another secret", good, "Secret", "12345", false},
		{"no secret", prove("", random, "12345"), "", "12345", false},
		{"another room", good, "secret", "12346", false},
		{"moved border", talk.BridgeProof{Random: random + "1", Checksum: good.Checksum}, "secret", "2345", true},
		{"short random", prove("secret", random[:31], "12345"), "secret", "12345", false},
		{"no checksum", talk.BridgeProof{Random: random}, "secret", "12345", false},
		{"no random", talk.BridgeProof{Checksum: good.Checksum}, "secret", "12345", false},
		{"truncated", talk.BridgeProof{Random: random, Checksum: good.Checksum[:63]}, "secret", "12345", false},
		{"prolonged", talk.BridgeProof{Random: random, Checksum: good.Checksum + "0"}, "secret", "12345", false},
		{"upper case", talk.BridgeProof{Random: random, Checksum: strings.ToUpper(good.Checksum)}, "secret", "12345", false},
		{"no hexadecimal", talk.BridgeProof{Random: random, Checksum: strings.Repeat("z", 64)}, "secret", "12345", false},
	} {
		if got := c.proof.Valid(c.secret, c.data); got != c.want {
			t.Errorf("%s: valid %v, want %v", c.name, got, c.want)
		}
	}
}

func TestBridgeProofIsGivenWithEitherHeader(t *testing.T) {
	for proof, want := range map[talk.BridgeProof]bool{
		{}:              false,
		{Random: "r"}:   true,
		{Checksum: "c"}: true,
	} {
		if got := proof.Given(); got != want {
			t.Errorf("%v is given: %v, want %v", proof, got, want)
		}
	}
}

func TestDialableToken(t *testing.T) {
	for token, want := range map[string]bool{
		"1234567890": true, "9": true, "10": true,
		"": false, "0123": false, "1123": false, "12344": false, "12a4": false, "abcd": false, "１２３": false,
	} {
		if got := talk.DialableToken(token); got != want {
			t.Errorf("%q is dialable: %v, want %v", token, got, want)
		}
	}
}

func TestCanSetSIP(t *testing.T) {
	for _, kind := range roomTypes {
		for _, object := range objectTypes {
			for _, token := range []string{"1234567890", "abcdefgh"} {
				for state := talk.SIPState(-1); state <= 3; state++ {
					want := ""
					switch {
					case object == "room":
						want = "invalid: breakout-room"
					case kind != 2 && kind != 3:
						want = "invalid: type"
					case state < 0 || state > 2:
						want = "invalid: value"
					case state > 0 && token == "abcdefgh":
						want = "invalid: token"
					}
					r := &talk.Room{Type: kind, ObjectType: object, Token: token}
					wantOutcome(t, talk.CanSetSIP(r, state), want, "type %d, object %q, token %q, state %d", kind, object, token, state)
				}
			}
		}
	}
}

func TestNeedsPIN(t *testing.T) {
	for _, kind := range actors {
		for _, pin := range []string{"", "1234567"} {
			a := talk.Attendee{Actor: talk.Actor{Type: kind, ID: "x"}, PIN: pin}
			if got, want := a.NeedsPIN(), pin == "" && (kind == "users" || kind == "emails"); got != want {
				t.Errorf("%s with PIN %q needs one: %v, want %v", kind, pin, got, want)
			}
		}
	}
}
