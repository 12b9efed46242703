package talktest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/obs"
	"parley/internal/secret"
	"parley/internal/server"
	"parley/internal/store"
)

// Server is a real server on a free port of 127.0.0.1, with a database and a clock of
// its own. It stops when the test ends.
type Server struct {
	*server.Server
	*Clock
	// URL is the address of the server without a slash at the end.
	URL string

	t         testing.TB
	transport *http.Transport
	mu        sync.Mutex
	clients   map[string]*Client
}

// Option changes the configuration of a server before it starts.
type Option func(*config.Config)

// BruteForce switches the protection against guessing on.
func BruteForce(c *config.Config) { c.BruteForce = true }

// On makes the server use the database at url instead of a temporary SQLite file.
func On(url string) Option {
	return func(c *config.Config) { c.Database = url }
}

// Start starts a server with the account "admin", an administrator. The protection
// against guessing is off, and passwords are hashed cheaply. On a temporary SQLite
// file every write runs twice, the first time in vain, so that a write that keeps
// results of an attempt that failed answers wrong.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	cfg := config.Default()
	cfg.Data, cfg.Listen, cfg.Admin, cfg.BruteForce = t.TempDir(), "127.0.0.1:0", "admin:"+PasswordOf("admin"), false
	for _, option := range options {
		option(&cfg)
	}
	clock := NewClock()
	how := []server.Option{server.WithClock(clock.Now), server.WithHashing(secret.TestOptions()), server.WithKeepAlive(keepAlive), server.WithSignalingWait(signalingWait)}
	if cfg.Database == "" {
		PlaceEmpty(t, filepath.Join(cfg.Data, "parley.db"))
		how = append(how, server.WithRehearsals())
	}
	srv, err := server.New(t.Context(), cfg, obs.NewLogger("text", slog.LevelWarn, t.Output()), how...)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Server: srv, Clock: clock, t: t, transport: &http.Transport{}, clients: map[string]*Client{}}
	s.run()
	return s
}

// signalingWait is how long clients wait for signaling in tests.
const signalingWait = 1500 * time.Millisecond

// keepAlive is how often a stream of events shows that it is alive in tests.
const keepAlive = 200 * time.Millisecond

// For returns the same server for a part of the test, so that what fails there ends
// that part alone. Its clients are those of the server.
func (s *Server) For(t testing.TB) *Server {
	s.mu.Lock()
	defer s.mu.Unlock()
	part := &Server{Server: s.Server, Clock: s.Clock, URL: s.URL, t: t, transport: s.transport, clients: map[string]*Client{}}
	for user, c := range s.clients {
		part.clients[user] = &Client{User: c.User, Password: c.Password, t: t, url: c.url, http: c.http}
	}
	return part
}

// run serves until the test ends.
func (s *Server) run() {
	s.t.Helper()
	address, err := s.Listen(s.t.Context())
	if err != nil {
		s.t.Fatal(errors.Join(err, s.Close()))
	}
	s.URL = "http://" + address.String()
	ctx, stop := context.WithCancel(context.WithoutCancel(s.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	s.t.Cleanup(func() {
		s.transport.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			s.t.Errorf("the server did not end well: %v", err)
		}
	})
}

// PasswordOf returns the password of an account that [Server.As] made.
func PasswordOf(user string) string { return user + "-password" }

// As returns the client of an account, always the same one: it logs in with an app
// password and keeps cookies. The account is made if need be; its display name is the
// id with a capital letter.
func (s *Server) As(user string) *Client {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients[user] == nil {
		s.addAccount(user)
		s.clients[user] = s.Device(user)
	}
	return s.clients[user]
}

// Device returns another client of an existing account, with an app password and
// cookies of its own.
func (s *Server) Device(user string) *Client {
	s.t.Helper()
	password, err := s.Auth.CreateAppPassword(s.t.Context(), user, "test")
	if err != nil {
		s.t.Fatalf("app password of %s: %v", user, err)
	}
	c := s.Guest()
	c.User, c.Password = user, password
	return c
}

// LoggedIn returns a client of an account, made if need be, that shows its password
// with each request and keeps cookies.
func (s *Server) LoggedIn(user string) *Client {
	s.t.Helper()
	s.As(user)
	c := s.Guest()
	c.User, c.Password = user, PasswordOf(user)
	return c
}

// Guest returns a client without an account that keeps cookies, like a browser.
func (s *Server) Guest() *Client {
	c := s.Anonymous()
	// A jar without options cannot fail.
	c.http.Jar, _ = cookiejar.New(nil)
	return c
}

// Anonymous returns a client without an account that forgets cookies.
func (s *Server) Anonymous() *Client {
	return &Client{t: s.t, url: s.URL, http: &http.Client{
		Transport: s.transport, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// addAccount stores an account unless there is one with the id.
func (s *Server) addAccount(user string) {
	s.t.Helper()
	hash, err := s.Hasher.Hash(s.t.Context(), PasswordOf(user))
	if err != nil {
		s.t.Fatal(err)
	}
	account := store.Account{UserID: user, DisplayName: strings.ToUpper(user[:1]) + user[1:], PasswordHash: hash, Enabled: true}
	err = s.Store.Write(s.t.Context(), func(tx *db.Tx) error { return store.InsertAccount(tx, account) })
	if err != nil && !errors.Is(err, db.ErrDuplicate) {
		s.t.Fatalf("account %s: %v", user, err)
	}
}

// AddGroup makes a group of accounts, which are made if need be.
func (s *Server) AddGroup(id string, members ...string) {
	s.t.Helper()
	for _, user := range members {
		s.As(user)
	}
	err := s.Store.Write(s.t.Context(), func(tx *db.Tx) error {
		err := store.InsertGroup(tx, store.Group{ID: id, DisplayName: id})
		for _, user := range members {
			if err == nil {
				_, err = store.AddGroupMember(tx, id, user)
			}
		}
		return err
	})
	if err != nil {
		s.t.Fatalf("group %s: %v", id, err)
	}
}

// Advance moves the clock and does the housekeeping that a server does meanwhile.
func (s *Server) Advance(d time.Duration) {
	s.t.Helper()
	s.Clock.Advance(d)
	if err := s.Housekeep(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}
