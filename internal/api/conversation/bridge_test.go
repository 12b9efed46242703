package conversation_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"parley/internal/talktest"
)

// bridge imitates a SIP bridge: it signs what it asks about.
type bridge struct {
	client *talktest.Client
	secret string
	// spell writes the name of a header.
	spell func(string) string
}

func newBridge(s *talktest.Server) *bridge {
	return &bridge{client: s.Anonymous(), secret: bridgeSecret, spell: func(name string) string { return name }}
}

// sign returns the headers that prove who signs data.
func (b *bridge) sign(data string) func(*http.Request) {
	random := rand.Text() + rand.Text()
	mac := hmac.New(sha256.New, []byte(b.secret))
	mac.Write([]byte(random + data))
	return b.proof(random, hex.EncodeToString(mac.Sum(nil)))
}

func (b *bridge) proof(random, checksum string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header[b.spell("Talk-Sipbridge-Random")] = []string{random}
		r.Header[b.spell("Talk-Sipbridge-Checksum")] = []string{checksum}
	}
}

// answer is the status and the data of an answer.
type answer struct {
	status int
	data   talktest.Object
	raw    string
	header http.Header
}

// ask sends a request with JSON parameters to v4.
func (b *bridge) ask(method, path string, params talktest.P, signed ...func(*http.Request)) answer {
	body, err := json.Marshal(params)
	if err != nil {
		panic(err)
	}
	changes := append([]func(*http.Request){
		talktest.Header("OCS-APIRequest", "true"), talktest.Header("Accept", "application/json"),
		talktest.Body("application/json", string(body)),
	}, signed...)
	r := b.client.Raw(method, "/ocs/v2.php/apps/spreed/api/v4/room/"+path, changes...)
	var envelope struct {
		OCS struct{ Data json.RawMessage }
	}
	a := answer{status: r.Status, header: r.Header}
	if json.Unmarshal(r.Body, &envelope) == nil {
		a.raw = string(envelope.OCS.Data)
		_ = json.Unmarshal(envelope.OCS.Data, &a.data) // null and lists are no objects
	}
	return a
}

// is checks an answer that has no payload.
func (a answer) is(t *testing.T, what string, status int, raw string) {
	t.Helper()
	if a.status != status || a.raw != raw {
		t.Errorf("%s: %d %s, want %d %s", what, a.status, a.raw, status, raw)
	}
}

func TestWithoutBridge(t *testing.T) {
	s := talktest.Start(t)
	token, b := publicRoom(s), newBridge(s)
	path := "v4/room/" + token + "/webinar/sip"
	s.As("alice").Put(path, talktest.P{"state": 1}).Fails(412, "config")
	s.As("alice").Post("v4/room/"+token+"/participants", talktest.P{"source": "phones", "newParticipant": "+4930123456"}).Fails(501, "sip")
	b.ask("GET", token+"/pin/1234567", nil, b.sign(token)).is(t, "PIN", 501, "null")
	b.ask("GET", "unknown/pin/1234567", nil, b.sign(token)).is(t, "PIN of an unknown room", 501, "null")
	b.ask("POST", token+"/verify-dialin", talktest.P{"pin": "1234567"}, b.sign(token)).is(t, "dial-in", 501, "null")
	b.ask("POST", token+"/verify-dialout", talktest.P{"number": "+1"}, b.sign(token)).is(t, "dial-out", 501, "null")
	b.ask("POST", "direct-dial-in", talktest.P{"phoneNumber": "+1", "caller": "x"}, b.sign("+1")).is(t, "direct dial-in", 501, "null")
	b.ask("DELETE", token+"/rejected-dialout", talktest.P{"callId": "x"}, b.sign(token)).is(t, "rejection", 501, "null")
	b.ask("POST", token+"/open-dial-in", nil, b.sign(token)).is(t, "open dial-in", 401, "null")
	b.ask("GET", token, nil, b.sign(token)).is(t, "room", 401, "[]")
}

func TestPINLookUp(t *testing.T) {
	s := talktest.Start(t, telephony)
	token, other := sipRoom(s, 1), sipRoom(s, 1)
	pin := s.As("alice").Get("v4/room/" + token).OK().Text("attendeePin")
	otherPIN := s.As("alice").Get("v4/room/" + other).OK().Text("attendeePin")
	b := newBridge(s)
	dashed, underscored := b.spell, func(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }
	for name, spell := range map[string]func(string) string{"dashed": dashed, "underscored": underscored} {
		b.spell = spell
		for _, a := range []answer{
			b.ask("GET", token+"/pin/"+pin, nil, b.sign(token)),
			b.ask("POST", token+"/verify-dialin", talktest.P{"pin": pin}, b.sign(token)),
		} {
			if a.status != 200 || a.data.Text("actorId") != "alice" || a.data.Text("attendeePin") != pin || a.data.Number("participantType") != 1 {
				t.Errorf("%s: %d %s", name, a.status, a.raw)
			}
			if _, shown := a.data["lastMessage"]; shown {
				t.Errorf("%s: the bridge reads the last message", name)
			}
		}
	}
	b.spell = dashed
	b.ask("GET", token+"/pin/"+otherPIN, nil, b.sign(token)).is(t, "PIN of another room", 404, "null")
	b.ask("GET", token+"/pin/"+pin, nil, b.sign(other)).is(t, "signature of another room", 401, "null")
	b.ask("GET", token+"/pin/"+pin, nil).is(t, "no signature", 401, "null")
	b.ask("GET", "unknown/pin/"+pin, nil, b.sign("unknown")).is(t, "unknown room", 404, "[]")
	if a := b.ask("GET", token+"/pin/123456", nil, b.sign(token)); a.status != 404 || a.raw != "[]" {
		t.Errorf("a PIN that is none: %d %s", a.status, a.raw)
	}
}

func TestForgedProofs(t *testing.T) {
	s := talktest.Start(t, telephony)
	token, b := sipRoom(s, 2), newBridge(s)
	random := strings.Repeat("r", 32)
	forger := newBridge(s)
	forger.secret = "guess"
	for name, proof := range map[string]func(*http.Request){
		"another secret":   forger.sign(token),
		"empty checksum":   b.proof(random, ""),
		"empty random":     b.proof("", strings.Repeat("0", 64)),
		"short random":     b.proof("r", strings.Repeat("0", 64)),
		"short checksum":   b.proof(random, "00"),
		"endless checksum": b.proof(random, strings.Repeat("0", 5000)),
		"wrong checksum":   b.proof(random, strings.Repeat("0", 64)),
		"strange bytes":    b.proof(random+"\xff", "\xff"),
	} {
		b.ask("POST", token+"/open-dial-in", nil, proof).is(t, name+", open dial-in", 401, "null")
		b.ask("GET", token, nil, proof).is(t, name+", room", 401, "[]")
		b.ask("GET", "unknown", nil, proof).is(t, name+", unknown room", 401, "[]")
	}
	if n := len(s.As("alice").Get("v4/room/" + token + "/participants").OK().List()); n != 1 {
		t.Errorf("%d participants after forged requests", n)
	}
}

func TestBridgeSeesTheOutlineOfAnyRoom(t *testing.T) {
	s := talktest.Start(t, telephony)
	token := s.As("alice").Post("v4/room", talktest.P{"roomType": 2, "roomName": "Closed", "sipEnabled": 1}).Created().Text("token")
	b := newBridge(s)
	a := b.ask("GET", token, nil, b.sign(token))
	if a.status != 200 || a.data.Text("name") != "Closed" || a.data.Number("sipEnabled") != 1 || a.data.Number("attendeeId") != 0 {
		t.Errorf("%d %s", a.status, a.raw)
	}
	b.ask("GET", token, nil).is(t, "a stranger", 404, "[]")
	b.ask("GET", "unknown", nil, b.sign("unknown")).is(t, "unknown room", 404, "[]")
}

func TestOpenDialin(t *testing.T) {
	s := talktest.Start(t, telephony)
	closed, open, b := sipRoom(s, 1), sipRoom(s, 2), newBridge(s)
	b.client = s.Guest() // a bridge may keep cookies: each telephone is another guest all the same
	b.ask("POST", closed+"/open-dial-in", nil, b.sign(closed)).is(t, "PIN needed", 400, "null")
	first := b.ask("POST", open+"/open-dial-in", nil, b.sign(open))
	second := b.ask("POST", open+"/open-dial-in", nil, b.sign(open))
	for _, a := range []answer{first, second} {
		if a.status != 200 || a.data.Text("actorType") != "guests" || len(a.data.Text("sessionId")) != 512 {
			t.Fatalf("%d %s", a.status, a.raw)
		}
	}
	if first.data.Number("attendeeId") == second.data.Number("attendeeId") {
		t.Error("two telephones are one guest")
	}
	if n := len(s.As("alice").Get("v4/room/" + open + "/participants").OK().List()); n != 3 {
		t.Errorf("%d participants, want 3", n)
	}
}

// Whoever guesses the secret is slowed down and refused; headers that claim
// another origin change nothing.
func TestGuessingTheBridgeSecret(t *testing.T) {
	s := talktest.Start(t, telephony, talktest.BruteForce)
	token, b, forger := sipRoom(s, 2), newBridge(s), newBridge(s)
	forger.secret = "guess"
	for i, want := range []string{"200ms", "600ms", "1200ms"} {
		origin := talktest.Header("X-Forwarded-For", "192.0.2."+strconv.Itoa(i))
		a := forger.ask("POST", token+"/open-dial-in", nil, forger.sign(token), origin)
		if got := a.header.Get("X-Nextcloud-Bruteforce-Throttled"); a.status != 401 || got != want {
			t.Errorf("attempt %d: %d, delayed by %q, want %q", i+1, a.status, got, want)
		}
	}
	b.ask("GET", token+"/pin/9876543", nil, b.sign(token)).is(t, "an unknown PIN", 404, "null")
	if got := b.ask("GET", token, nil, b.sign(token)).header.Get("X-Nextcloud-Bruteforce-Throttled"); got != "800ms" {
		t.Errorf("an unknown PIN counted: delayed by %q", got)
	}
	for range 8 {
		forger.ask("GET", token, nil, forger.sign(token)).is(t, "guess", 401, "[]")
	}
	for _, origin := range []string{"", "192.0.2.99"} {
		r := b.ask("POST", token+"/open-dial-in", nil, b.sign(token), talktest.Header("X-Forwarded-For", origin), talktest.Header("X-Real-IP", origin))
		r.is(t, "from "+origin, 429, "[]")
	}
}
