package talktest

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"parley/internal/secret"
)

// SignalingClient is connected to a [SignalingServer], as what its name says. What it was told is
// kept until [SignalingClient.Hears] has looked.
type SignalingClient struct {
	// Name is what tests call it, ID its public session id, User its account, "" for guests.
	Name, ID, User string

	server *SignalingServer
	// room is the conversation that it has joined, session its session there.
	room, session string
	permissions   []string
	heard         []string
}

// leeway is by how much the clock of a signaling server may differ from that of a token.
const leeway = time.Minute

// Connect connects a client, which says hello with a ticket that the back end checks (version
// 1.0) or with a token that the signaling server checks (2.0).
func (s *SignalingServer) Connect(name, version string, c *Client, token string) *SignalingClient {
	s.t.Helper()
	hello := c.Get("v3/signaling/settings", P{"token": token}).OK().Object()
	if hello.Text("signalingMode") != "external" || hello.Text("server") != s.URL {
		s.t.Fatalf("%s is sent to %v", name, hello)
	}
	params := at(hello, "helloAuthParams", version)
	user, err := s.checkToken(params.Text("token"))
	if version == "1.0" {
		user, err = s.checkTicket(params)
	}
	if err != nil || user != c.User {
		s.t.Fatalf("the hello %s of %s is that of %q: %v", version, name, user, err)
	}
	x := &SignalingClient{Name: name, ID: "public-" + secret.Token(16, secret.Alphanumeric), User: user, server: s}
	s.mu.Lock()
	s.clients = append(s.clients, x)
	s.mu.Unlock()
	return x
}

// checkTicket asks the back end whose a ticket is.
func (s *SignalingServer) checkTicket(params Object) (user string, err error) {
	answer := s.askBackend("auth", P{"version": "1.0", "params": params})
	auth := at(answer, "auth")
	if answer.Text("type") != "auth" || auth.Text("version") != "1.0" {
		return "", fmt.Errorf("the back end says %v", answer)
	}
	user = auth.Text("userid")
	if shown := at(auth, "user").Text("displayname"); (shown == "") != (user == "") {
		return "", fmt.Errorf("the back end says %v", auth)
	}
	return user, nil
}

// askBackend asks one of the back ends after the other.
func (s *SignalingServer) askBackend(kind string, body any) Object {
	s.t.Helper()
	n := int(s.turn.Add(1))
	return s.Ask(s.backends[n%len(s.backends)], SignalingSecret, P{"type": kind, kind: body}).OK().Object()
}

// Behind tells which servers are the back ends.
func (s *SignalingServer) Behind(servers ...*Server) { s.backends = servers }

// checkToken checks a token with the key that the back end publishes, and returns whose it is.
func (s *SignalingServer) checkToken(token string) (user string, err error) {
	capabilities := s.backends[0].Anonymous().Get("/cloud/capabilities").OK().Object()
	key := at(capabilities, "capabilities", "spreed", "config", "signaling").Text("hello-v2-token-key")
	var head struct{ Typ, Alg string }
	var claims struct {
		Iss, Sub string
		Iat, Exp int64
		Userdata map[string]string
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 || !decodePart(parts[0], &head) || !decodePart(parts[1], &claims) || head.Typ != "JWT" || head.Alg != "ES256" {
		return "", fmt.Errorf("no token: %q", token)
	}
	if err := checkES256(key, parts[0]+"."+parts[1], parts[2]); err != nil {
		return "", err
	}
	now := s.backends[0].Now()
	switch early, late := time.Unix(claims.Iat, 0).Add(-leeway), time.Unix(claims.Exp, 0).Add(leeway); {
	case claims.Iss != s.base || claims.Exp != claims.Iat+60 || (claims.Sub == "") != (claims.Userdata["displayname"] == ""):
		return "", fmt.Errorf("it claims %+v", claims)
	case now.Before(early):
		return "", errors.New("token_not_valid_yet")
	case now.After(late):
		return "", errors.New("token_expired")
	}
	return claims.Sub, nil
}

func decodePart(part string, into any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, into) == nil
}

// checkES256 checks a signature with a public key in PEM.
func checkES256(key, text, signature string) error {
	block, _ := pem.Decode([]byte(key))
	if block == nil {
		return fmt.Errorf("no key: %q", key)
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return err
	}
	public, ok := parsed.(*ecdsa.PublicKey)
	sum := sha256.Sum256([]byte(text))
	signed, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !ok || len(signed) != 64 || !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(signed[:32]), new(big.Int).SetBytes(signed[32:])) {
		return errors.New("invalid_token")
	}
	return nil
}

// Join brings the client into a conversation with the session that it has there, which the back
// end has to confirm. Those who are there already are told.
func (x *SignalingClient) Join(token, session string) {
	s := x.server
	s.t.Helper()
	answer := s.askBackend("room", P{"version": "1.0", "roomid": token, "userid": x.User, "sessionid": session, "action": "join"})
	room := at(answer, "room")
	_, ok := room["permissions"].([]any)
	if answer.Text("type") != "room" || room.Text("version") != "1.0" || room.Text("roomid") != token || !ok {
		s.t.Fatalf("%s joins: the back end says %v", x.Name, answer)
	}
	if err := checkProperties(at(room, "properties"), "description"); err != nil {
		s.t.Errorf("%s joins: %v", x.Name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x.room, x.session, x.permissions = token, session, names(room["permissions"])
	for _, y := range s.clients {
		if y.room == token && y != x {
			y.heard = append(y.heard, "join "+x.Name)
		}
	}
}

// Leave takes the client out of its conversation. The back end is told, and so are the others.
func (x *SignalingClient) Leave() {
	x.server.t.Helper()
	x.out("leave", "")
}

// out takes the client out of its conversation and tells it why, if there is a reason.
func (x *SignalingClient) out(told, why string) {
	s := x.server
	s.mu.Lock()
	room, session := x.room, x.session
	x.room, x.session, x.permissions = "", "", nil
	if why != "" {
		x.heard = append(x.heard, why)
	}
	for _, y := range s.clients {
		if room != "" && y.room == room {
			y.heard = append(y.heard, told+" "+x.Name)
		}
	}
	s.mu.Unlock()
	if room != "" {
		// What is answered does not matter: the session may be gone already.
		s.askBackend("room", P{"version": "1.0", "roomid": room, "userid": x.User, "sessionid": session, "action": "leave"})
	}
}

// Ping tells the back end which clients are in a conversation.
func (s *SignalingServer) Ping(token string) {
	s.t.Helper()
	entries := []P{}
	s.mu.Lock()
	for _, x := range s.clients {
		if x.room == token {
			entries = append(entries, P{"userid": x.User, "sessionid": x.session})
		}
	}
	s.mu.Unlock()
	answer := s.askBackend("ping", P{"version": "1.0", "roomid": token, "entries": entries})
	if room := at(answer, "room"); answer.Text("type") != "room" || len(room) != 1 || room.Text("version") != "1.0" {
		s.t.Errorf("pinging: the back end says %v", answer)
	}
}

// Say sends a message of a kind to another client, and reports whether it was passed on: both
// have to be in the same conversation, and whoever orders or offers must be allowed to.
func (x *SignalingClient) Say(kind string, to *SignalingClient) bool {
	s := x.server
	s.mu.Lock()
	defer s.mu.Unlock()
	needs := map[string]string{"offer": "publish-audio", "screen": "publish-screen", "control": "control"}[kind]
	if x.room == "" || x.room != to.room || needs != "" && !slices.Contains(x.permissions, needs) {
		return false
	}
	to.heard = append(to.heard, kind+" of "+x.Name)
	return true
}

// Hears fails the test unless the client is told exactly this, in this order, and nothing since
// the last time. It waits for what is missing.
func (x *SignalingClient) Hears(want ...string) {
	s := x.server
	s.t.Helper()
	var heard []string
	for range 2000 {
		s.mu.Lock()
		if heard = slices.Clone(x.heard); len(heard) >= len(want) {
			x.heard = nil
		}
		s.mu.Unlock()
		if len(heard) >= len(want) {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if !slices.Equal(heard, want) {
		s.t.Errorf("%s hears\n\t%s\nwant\n\t%s", x.Name, strings.Join(heard, "\n\t"), strings.Join(want, "\n\t"))
	}
}
