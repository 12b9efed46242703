package talktest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/config"
	"parley/internal/secret"
)

// SignalingSecret is what a [SignalingServer] shares with the server under test.
const SignalingSecret = "secret of both servers"

// Told is something that a signaling server was told.
type Told struct {
	// Token is the conversation, Type what it is, Body the rest.
	Token, Type string
	Body        Object
}

// SignalingServer imitates the signaling server beside the server: it checks what it is told and
// keeps it, and asks what such a server asks.
type SignalingServer struct {
	URL string
	// Status is what it answers with, 0 for 200.
	Status atomic.Int32
	// Slow makes it wait for so long before it answers.
	Slow atomic.Int64
	// Garbage makes it answer with what nobody can read.
	Garbage atomic.Bool
	// Dialout is what it answers who wants a telephone called.
	Dialout atomic.Pointer[string]
	// Asked is how often it was told something, also while it answers wrongly.
	Asked atomic.Int32

	t    testing.TB
	mu   sync.Mutex
	told []Told
	base string
}

// StartSignaling starts an imitation of a signaling server.
func StartSignaling(t testing.TB) *SignalingServer {
	t.Helper()
	s := &SignalingServer{t: t}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Option has a server use the signaling server.
func (s *SignalingServer) Option(c *config.Config) {
	c.SignalingURL, c.SignalingSecret = s.URL, SignalingSecret
	c.URL = "https://talk.example.org"
	s.base = c.URL + "/"
}

// ServeHTTP takes what the server under test tells.
func (s *SignalingServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Spreed-Signaling-Features", "audio-video-permissions, incall-all, hello-v2, switchto, federation")
	if r.URL.Path == "/api/v1/welcome" {
		_, _ = w.Write([]byte(`{"nextcloud-spreed-signaling":"Welcome","version":"2.0.0"}`))
		return
	}
	s.Asked.Add(1)
	time.Sleep(time.Duration(s.Slow.Load()))
	if s.Garbage.Load() {
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(bytes.Repeat([]byte("\x00garbage"), 10_000))
		return
	}
	if status := s.Status.Load(); status != 0 {
		w.WriteHeader(int(status))
		return
	}
	s.take(w, r)
}

func (s *SignalingServer) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	token, ok := strings.CutPrefix(r.URL.Path, "/api/v1/room/")
	h := r.Header
	switch {
	case err != nil || !ok || r.Method != http.MethodPost || r.ContentLength < 0:
		s.t.Errorf("told by %s %s: %v", r.Method, r.URL.Path, err)
	case h.Get("Spreed-Signaling-Backend") != s.base || h.Get("Content-Type") != "application/json" || len(h.Get("Spreed-Signaling-Random")) != 64:
		s.t.Errorf("told with the headers %v", h)
	case h.Get("Spreed-Signaling-Checksum") != Checksum(SignalingSecret, h.Get("Spreed-Signaling-Random"), body):
		w.WriteHeader(http.StatusForbidden)
		return
	}
	var message map[string]any
	if err := json.Unmarshal(body, &message); err != nil || len(message) != 2 {
		s.t.Errorf("told %s: %v", body, err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	kind, _ := message["type"].(string)
	inside, ok := message[kind].(map[string]any)
	if !ok {
		s.t.Errorf("told %s", body)
	}
	if kind == "dialout" {
		_, _ = w.Write([]byte(`{"type":"dialout","dialout":` + *s.Dialout.Load() + "}"))
		return
	}
	s.mu.Lock()
	s.told = append(s.told, Told{token, kind, inside})
	s.mu.Unlock()
	_, _ = w.Write([]byte("{}"))
}

// Checksum signs a body as both servers do.
func Checksum(key, random string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(random))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// Take returns what it was told of a conversation since the last time, once there are n things.
func (s *SignalingServer) Take(token string, n int) (out []Told) {
	s.t.Helper()
	for range 2000 {
		s.mu.Lock()
		out = out[:0]
		var others []Told
		for _, one := range s.told {
			if one.Token == token {
				out = append(out, one)
			} else {
				others = append(others, one)
			}
		}
		if len(out) >= n {
			s.told = others
			s.mu.Unlock()
			return out
		}
		s.mu.Unlock()
		time.Sleep(5 * time.Millisecond)
	}
	s.t.Fatalf("the signaling server was told %v, want %d", out, n)
	return nil
}

// Types are the types of what it was told of a conversation since the last time, once there are
// n things.
func (s *SignalingServer) Types(token string, n int) string {
	s.t.Helper()
	var names []string
	for _, one := range s.Take(token, n) {
		names = append(names, one.Type)
	}
	return strings.Join(names, " ")
}

// Ask asks the server under test, signed with a secret.
func (s *SignalingServer) Ask(server *Server, key string, message any) *Reply {
	s.t.Helper()
	body, err := json.Marshal(message)
	if err != nil {
		s.t.Fatal(err)
	}
	random := secret.Token(64, secret.Alphanumeric)
	return server.Anonymous().Raw("POST", "/ocs/v2.php/apps/spreed/api/v3/signaling/backend", Body("application/json", string(body)),
		Header("Accept", "application/json"), Header("OCS-APIRequest", "true"), Header("User-Agent", "nextcloud-spreed-signaling/2.0.0"),
		Header("Spreed-Signaling-Random", random), Header("Spreed-Signaling-Checksum", Checksum(key, random, body))).Open()
}
