package signal

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // TURN servers compare an HMAC of SHA-1, see draft-uberti-behave-turn-rest
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/settings"
	"parley/internal/talk"
)

const (
	// ticketRandom is how many random characters a ticket begins with.
	ticketRandom = 16
	// tokenLife is for how many seconds a token lets somebody say hello to a signaling server.
	tokenLife = 60
	// turnLife is for how many seconds a TURN server knows somebody.
	turnLife = 24 * 3600
)

// Path is where clients reach this server by websockets, below its address.
const Path = "/signaling"

// Hello is how a client gets in touch with others.
type Hello struct {
	// Server is the signaling server, "" for this one.
	Server string
	// Ticket and Token show a signaling server who the client is: whatever it is, this server
	// knows its own tickets again, and whoever has its public key its tokens.
	Ticket, Token string
	STUN          []string
	TURN          []TURN
	DialIn        string
}

// TURN is a server that relays what clients send each other.
type TURN struct {
	URLs                 []string
	Username, Credential string
}

// Hello tells the caller how to get in touch with others: in the conversation of the scope, or
// anywhere without a token. base is the address that the server was asked at. Failure: NotFound
// where the caller may not know of the conversation.
func (svc *Service) Hello(ctx context.Context, s room.Scope, base string) (*Hello, error) {
	var now *settings.Settings
	err := svc.rooms.Inspect(ctx, s, func(_ *db.Tx, f *room.Facts) error {
		if now = f.Settings; s.Token != "" && (f.Room == nil || !f.Room.VisibleTo(s.Caller, f.Me != nil)) {
			return talk.Fail(talk.NotFound, "")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	h := &Hello{Ticket: svc.ticket(s.Caller.UserID), STUN: now.STUN, DialIn: dialIn(now)}
	if h.Token, err = svc.token(ctx, s.Caller, base); err != nil {
		return nil, err
	}
	switch {
	case now.ExternalSignaling():
		h.Server = now.Signaling.Servers[0].URL
	case now.BuiltinSignaling():
		h.Server = base + Path
	}
	for i := range now.TURN {
		h.TURN = append(h.TURN, svc.turn(&now.TURN[i]))
	}
	return h, nil
}

func dialIn(s *settings.Settings) string {
	if s.SIPConfigured() {
		return s.SIPDialinInfo
	}
	return ""
}

// ticket is a proof of who a client is that only this server can check.
func (svc *Service) ticket(userID string) string {
	text := fmt.Sprintf("%s:%d:%s", secret.Token(ticketRandom, secret.Alphanumeric), svc.now().Unix(), userID)
	return text + ":" + svc.ticketProof(text, userID)
}

// ticketProof signs a ticket. An account is part of it as well as what its id stands in, so that
// nothing in an id can make the ticket of another one.
func (svc *Service) ticketProof(text, userID string) string {
	return svc.key.Digest("signaling ticket", userID, text)
}

// checkTicket reports whether a ticket was made for an account, "" for guests.
func (svc *Service) checkTicket(ticket, userID string) bool {
	at := strings.LastIndexByte(ticket, ':')
	if at < 0 || !strings.HasSuffix(ticket[:at], ":"+userID) {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(svc.ticketProof(ticket[:at], userID)), []byte(ticket[at+1:])) == 1
}

// claims are what a token says.
type claims struct {
	Issuer   string    `json:"iss"`
	IssuedAt int64     `json:"iat"`
	Expires  int64     `json:"exp"`
	Subject  string    `json:"sub,omitempty"`
	User     *userData `json:"userdata,omitempty"`
}

// userData is what others are shown of an account.
type userData struct {
	DisplayName string `json:"displayname"`
}

// token is a proof of who a client is that everybody can check who has the public key of this
// server, which the capabilities have.
func (svc *Service) token(ctx context.Context, c talk.Caller, base string) (string, error) {
	key, err := svc.settings.TokenKey(ctx)
	if err != nil {
		return "", err
	}
	now := svc.now().Unix()
	all := claims{Issuer: base + "/", IssuedAt: now, Expires: now + tokenLife}
	if c.LoggedIn() {
		all.Subject, all.User = c.UserID, &userData{c.DisplayName}
	}
	return key.Sign(all)
}

// turn makes credentials that a TURN server knows for a day.
func (svc *Service) turn(s *settings.TURNServer) TURN {
	t := TURN{Username: strconv.FormatInt(svc.now().Unix()+turnLife, 10) + ":" + secret.Token(ticketRandom, secret.Alphanumeric)}
	mac := hmac.New(sha1.New, []byte(s.Secret))
	mac.Write([]byte(t.Username))
	t.Credential = base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for scheme := range strings.SplitSeq(s.Schemes, ",") {
		for protocol := range strings.SplitSeq(s.Protocols, ",") {
			t.URLs = append(t.URLs, scheme+":"+s.Server+"?transport="+protocol)
		}
	}
	return t
}
