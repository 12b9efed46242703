package talk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// minBridgeRandom is the least number of bytes that a bridge adds to what it
// signs.
const minBridgeRandom = 32

// BridgeProof is how a SIP bridge, or a signaling server, shows that it knows the shared
// secret. The zero value is sent by everybody else.
type BridgeProof struct {
	// Random is text of the bridge's choice, Checksum the lower-case hexadecimal
	// HMAC-SHA256 of Random and the signed data.
	Random, Checksum string
}

// Given reports whether the request claims to come from the bridge.
func (p BridgeProof) Given() bool { return p != BridgeProof{} }

// Valid reports whether the proof was made with the secret for the data. No
// secret is valid for nobody.
func (p BridgeProof) Valid(secret, data string) bool {
	if secret == "" || len(p.Random) < minBridgeRandom {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(p.Random))
	mac.Write([]byte(data))
	return hmac.Equal([]byte(hex.EncodeToString(mac.Sum(nil))), []byte(p.Checksum))
}

// DialableToken reports whether a telephone can dial the token: digits only, no
// leading zero, no two equal ones side by side.
func DialableToken(token string) bool {
	if token == "" || token[0] == '0' {
		return false
	}
	for i := range len(token) {
		if token[i] < '0' || token[i] > '9' || i > 0 && token[i] == token[i-1] {
			return false
		}
	}
	return true
}

// CanSetSIP reports why the telephone access of the conversation may not change
// to state: Invalid breakout-room, type, value, token.
func CanSetSIP(r *Room, state SIPState) error {
	if r.IsBreakout() {
		return Fail(Invalid, "breakout-room")
	}
	if err := r.CanReconfigure(); err != nil {
		return err
	}
	if state < SIPDisabled || state > SIPWithoutPIN {
		return Fail(Invalid, "value")
	}
	if state != SIPDisabled && !DialableToken(r.Token) {
		return Fail(Invalid, "token")
	}
	return nil
}

// CanDialIn reports whether a telephone may be offered to the conversation at
// all: it can be configured for it and its token can be dialled.
func (r *Room) CanDialIn() bool { return r.IsShared() && DialableToken(r.Token) }

// NeedsPIN reports whether the attendee has to get a PIN once telephones may
// dial into their conversation.
func (a *Attendee) NeedsPIN() bool {
	return a.PIN == "" && (a.Actor.Type == ActorUsers || a.Actor.Type == ActorEmails)
}
