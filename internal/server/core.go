package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"parley/internal/api"
	"parley/internal/auth"
	"parley/internal/bus"
	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/mail"
	"parley/internal/outbox"
	"parley/internal/secret"
	"parley/internal/settings"
	"parley/internal/signal"
	"parley/internal/signaling"
	"parley/internal/store"
	"parley/internal/talk"
)

// Core is the server without its network face: the use cases over an open database.
// Several processes may have one open on the same database.
type Core struct {
	api.Services
	Auth   *auth.Service
	Store  *db.DB
	Hasher *secret.Hasher
	// Bus wakes those who wait for changes, on all nodes.
	Bus *bus.Bus
	// Outbox delivers what waits, such as mail, while the server runs.
	Outbox *outbox.Worker
	// hub has the websockets of clients, nil unless this is a server.
	hub *signaling.Hub
}

// tell tells the clients of this server what happened to a conversation.
func (c *Core) tell(token string, all []signal.Notice) {
	if c.hub != nil {
		c.hub.Tell(token, all)
	}
}

// openSettings are what a configuration cannot say; see [Option].
type openSettings struct {
	now     func() time.Time
	hashing secret.Options
	notice  io.Writer
	// keepAlive is that of streams of events.
	keepAlive time.Duration
	// wait is how long clients wait for signaling.
	wait time.Duration
	// rehearse runs every write twice.
	rehearse bool
	// passwordFile is where the first password goes instead of notice, if not empty.
	passwordFile string
	// exclusive keeps other servers from the database, though not admin commands.
	exclusive bool
	schema    db.Schema
}

// Option changes what no configuration can reach: tests and the demo need it.
type Option func(*openSettings)

// WithClock replaces the clock of the machine.
func WithClock(now func() time.Time) Option {
	return func(s *openSettings) { s.now = now }
}

// WithKeepAlive replaces how often a stream of events shows that it is alive.
func WithKeepAlive(d time.Duration) Option {
	return func(s *openSettings) { s.keepAlive = d }
}

// WithSignalingWait replaces how long clients wait for signaling.
func WithSignalingWait(d time.Duration) Option {
	return func(s *openSettings) { s.wait = d }
}

// WithHashing replaces the cost of new password hashes.
func WithHashing(o secret.Options) Option {
	return func(s *openSettings) { s.hashing = o }
}

// WithNotice sends what only the person at the terminal may read, the first password,
// to w instead of the standard error stream.
func WithNotice(w io.Writer) Option {
	return func(s *openSettings) { s.notice = w }
}

// WithRehearsals runs every write twice, the first time in vain, see
// [db.Options].
func WithRehearsals() Option {
	return func(s *openSettings) { s.rehearse = true }
}

// WithPasswordFile writes the first password into a new file for its owner alone,
// because what goes to the notice ends in a log.
func WithPasswordFile(path string) Option {
	return func(s *openSettings) { s.passwordFile = path }
}

// Existing keeps from making a database or changing its schema: opening fails when
// that would be necessary.
func Existing() Option {
	return func(s *openSettings) { s.schema = db.SchemaRequire }
}

// settingsOf returns the defaults with the options applied.
func settingsOf(options []Option) openSettings {
	s := openSettings{now: time.Now, notice: os.Stderr}
	for _, option := range options {
		option(&s)
	}
	return s
}

// Open opens the database, brings its schema up to date and makes the use cases.
func Open(ctx context.Context, where config.Storage, log *slog.Logger, options ...Option) (*Core, error) {
	c := config.Default()
	c.Storage = where
	return open(ctx, c, log, settingsOf(options))
}

// open is Open with all that the server configures.
func open(ctx context.Context, cfg config.Config, log *slog.Logger, s openSettings) (*Core, error) {
	st, err := store.Open(ctx, db.Options{
		URL: cfg.DatabaseURL(), Now: s.now, Exclusive: s.exclusive, Schema: s.schema, Upgraded: logUpgrade(ctx, log),
		Rehearse: s.rehearse,
	})
	if err != nil {
		return nil, err
	}
	key, err := auth.LoadKey(ctx, st)
	if err != nil {
		return nil, errors.Join(keyError(err), st.Close())
	}
	sender, err := mailSender(cfg)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	hints, err := newBus(cfg, key, log, s.exclusive)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	hasher := secret.NewHasher(s.hashing)
	core := &Core{Store: st, Hasher: hasher, Bus: hints}
	core.Services = NewUseCases(UseCaseOptions{
		Store: st, Hasher: hasher, Key: key, Log: log, Now: s.now, Memory: cfg.Memory << 20, PasswordMin: cfg.PasswordMin,
		MailQueued: core.outboxChanged, OutboxQueued: core.outboxChanged, Tell: core.tell, Bus: hints,
		Address: cfg.Address().String(), AllowPrivate: cfg.AllowPrivate, KeepAlive: s.keepAlive, SignalingWait: s.wait,
		Defaults: settings.Defaults{
			SIPSecret: cfg.SIPSecret, SIPDialinInfo: cfg.SIPDialinInfo,
			SignalingURL: cfg.SignalingURL, SignalingSecret: cfg.SignalingSecret, Signaling: cfg.Signaling,
			STUN: stunServers(cfg.STUN), TURN: turnServer(cfg),
		},
	})
	core.Outbox = outbox.NewWorker(outbox.Options{Store: st, Log: log, Bus: hints, Kinds: []outbox.Kind{
		mail.Kind(mail.Options{Store: st, Sender: sender, BaseURL: cfg.Address().String(), DialIn: core.Conversations.DialInText}),
		core.Bots.Deliveries(), core.Notify.Deliveries(), core.Events.Deliveries(api.ShowEvent(core.Services)),
		core.Signal.Deliveries(),
	}})
	core.Auth = auth.New(auth.Options{
		Store: st, Hasher: hasher, Key: key, Now: s.now,
		Trusted: cfg.TrustedProxies, BruteForce: bool(cfg.BruteForce), NeverBlock: cfg.NeverBlock, CookieSecure: secureBy(cfg),
		CookiePath: cfg.Address().Path(),
	})
	return core, nil
}

// stunServers are the configured servers, nil for the usual ones.
func stunServers(list string) []string {
	switch list {
	case "":
		return nil
	case "none":
		return []string{}
	}
	servers := strings.Split(list, ",")
	for i := range servers {
		servers[i] = strings.TrimSpace(servers[i])
	}
	return servers
}

// turnServer is the configured server, nil for none.
func turnServer(cfg config.Config) *settings.TURNServer {
	scheme, server, protocols, ok := config.TURN(cfg.TURNURL)
	if !ok {
		return nil
	}
	return &settings.TURNServer{Schemes: scheme, Server: server, Secret: cfg.TURNSecret, Protocols: protocols}
}

// logUpgrade returns what notes a change of the schema.
func logUpgrade(ctx context.Context, log *slog.Logger) func(from, to int64) {
	return func(from, to int64) {
		if from == 0 {
			log.InfoContext(ctx, "the database was made", "schema", to)
			return
		}
		log.InfoContext(ctx, "the database was upgraded", "from", from, "to", to)
	}
}

// keyError words the failure of the first write to a database.
func keyError(err error) error {
	if talk.IsKind(err, talk.Unavailable) && !errors.Is(err, db.ErrReadOnly) {
		return fmt.Errorf("the database cannot be used now: %w", err)
	}
	return fmt.Errorf("the server's key cannot be kept: let this user write the whole database (%w)", err)
}

// mailSender returns nil when no mail server is configured.
func mailSender(cfg config.Config) (*mail.Sender, error) {
	if cfg.SMTPURL == "" {
		return nil, nil
	}
	return mail.NewSender(cfg.SMTPURL, cfg.MailFrom)
}

// Close tells other nodes what they were not told yet, waits for running transactions
// and closes the database.
func (c *Core) Close() error { return errors.Join(c.Bus.Close(), c.Store.Close()) }
