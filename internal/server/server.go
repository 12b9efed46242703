package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"parley/internal/api"
	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/obs"
	"parley/internal/store"
	"parley/internal/web"
)

// Limits of the public address. A request may take any time, since a long poll is
// answered when something happens; those for bodies and answers are in [bodyLimits]
// and at [connections].
const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
	// ownDescriptors is how many files and connections the server keeps for itself.
	ownDescriptors = 256
	// shutdownTimeout is how long running requests may take to finish at the end.
	shutdownTimeout = 20 * time.Second
)

// Server is a parley server. Make one with New, then call Run.
type Server struct {
	*Core
	cfg  config.Config
	log  *slog.Logger
	http *http.Server
	// bodies are those that are on their way.
	bodies *bodies
	// debug is nil when there is no debug address.
	debug    *http.Server
	listener net.Listener
	// public is the listener as the metrics see it, nil before there is one.
	public   atomic.Pointer[connections]
	stopping atomic.Bool
}

// New opens the database and makes a server that does not listen yet. On the first
// start it creates the first administrator.
func New(ctx context.Context, cfg config.Config, log *slog.Logger, options ...Option) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	chosen := settingsOf(options)
	chosen.exclusive = true
	core, err := open(ctx, cfg, log, chosen)
	if err != nil {
		return nil, err
	}
	if err := core.ensureAdmin(ctx, cfg.Admin, chosen); err != nil {
		return nil, errors.Join(err, core.Close())
	}
	s := &Server{Core: core, cfg: cfg, log: log}
	registry, public := obs.NewRegistry(), cfg.Address()
	s.hub = newHub(core, public.String(), log, core.Rooms.Now)
	place := public.Path()
	build := obs.ReadBuild()
	s.register(registry, build)
	obs.CountOutbox(registry, core.outboxCounts)
	protocol := api.New(api.Options{Services: core.Services, Auth: core.Auth, Log: log, Place: place, Address: public.String()})
	pages, err := web.New(web.Options{
		Rooms: core.Rooms, Avatars: core.Avatars, Conversations: core.Conversations, Auth: core.Auth, Place: place, Address: public.String(), Version: build.Version,
	})
	if err != nil {
		return nil, errors.Join(err, core.Close())
	}
	document, err := api.OpenAPI(place, core.Auth.CookieName())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot describe the API: %w", err), core.Close())
	}
	everything := obs.Middleware(s.handler(protocol, pages, document), log, obs.NewMetrics(registry), time.Now, core.Auth.Network)
	s.bodies = newBodies(inPlace(public, everything), defaultBodyLimits())
	s.http = s.httpServer(s.bodies)
	if cfg.Debug != "" {
		s.debug = s.httpServer(debugHandler(registry))
	}
	return s, nil
}

// httpServer returns a server with the limits of this package. What net/http itself
// has to say, such as a broken TLS handshake, is for debugging only.
func (s *Server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ConnState: noteState, ConnContext: noteConnection,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

// Handler returns what the server answers requests with, for those who bring
// requests by other ways than its listener.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// draining fails while the server shuts down.
func (s *Server) draining(context.Context) error {
	if s.stopping.Load() {
		return errors.New("the server stops")
	}
	return nil
}

// databaseAnswers fails when the database does not.
func (s *Server) databaseAnswers(ctx context.Context) error {
	return s.Store.Read(ctx, func(tx *db.Tx) error {
		_, err := store.ServerState(tx, "key")
		return err
	})
}
