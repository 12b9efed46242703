package talktest

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
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

// SignalingServer imitates the signaling server beside the server: it checks what it is told,
// keeps it, passes it on to its clients, and asks what such a server asks.
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

	t       testing.TB
	closing chan struct{}
	mu      sync.Mutex
	told    []Told
	base    string
	// clients are those who are connected, backends the servers that it asks by turns.
	clients  []*SignalingClient
	backends []*Server
	turn     atomic.Int64
	// wrong tells that something was wrong already.
	wrong   atomic.Bool
	dialled atomic.Pointer[Object]
}

// StartSignaling starts an imitation of a signaling server.
func StartSignaling(t testing.TB) *SignalingServer {
	t.Helper()
	s := &SignalingServer{t: t, closing: make(chan struct{})}
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		close(s.closing)
		server.Close()
	})
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
	body, err := io.ReadAll(io.LimitReader(r.Body, maxTold+1)) // from now on it notices when nobody waits for the answer
	if err != nil {
		return
	}
	select {
	case <-time.After(time.Duration(s.Slow.Load())):
	case <-r.Context().Done():
		return
	case <-s.closing:
		return
	}
	if s.Garbage.Load() {
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(bytes.Repeat([]byte("\x00garbage"), 10_000))
		return
	}
	if status := s.Status.Load(); status != 0 {
		w.WriteHeader(int(status))
		return
	}
	s.take(w, r, body)
}

func (s *SignalingServer) take(w http.ResponseWriter, r *http.Request, body []byte) {
	told, err := readTold(r, body, s.base)
	if err != nil {
		if s.wrong.CompareAndSwap(false, true) { // the first one says it
			s.t.Errorf("the signaling server is told by %s %s: %v", r.Method, r.URL.Path, err)
		}
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if told.Type == "dialout" {
		s.dialled.Store(&told.Body)
		_, _ = w.Write([]byte(`{"type":"dialout","dialout":` + *s.Dialout.Load() + "}"))
		return
	}
	s.mu.Lock()
	s.told = append(s.told, told)
	s.mu.Unlock()
	s.pass(told)
	_, _ = w.Write([]byte("{}"))
}

// readTold reads and checks what the server under test tells.
func readTold(r *http.Request, body []byte, base string) (told Told, err error) {
	if err := checkRequest(r, body, base); err != nil {
		return told, err
	}
	var message Object
	if err := json.Unmarshal(body, &message); err != nil {
		return told, err
	}
	told = Told{path.Base(r.URL.Path), message.Text("type"), at(message, message.Text("type"))}
	if err := errors.Join(fields(message, "type "+told.Type), checkMessage(told.Type, told.Body)); err != nil {
		return told, fmt.Errorf("%s: %w", body, err)
	}
	return told, nil
}

// Dialled is with what it was asked to have a telephone called the last time.
func (s *SignalingServer) Dialled() Object { return *s.dialled.Load() }

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
