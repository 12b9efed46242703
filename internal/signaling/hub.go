package signaling

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"parley/internal/bus"
	"parley/internal/signal"
	"parley/internal/talk"
)

// Limits of a hub, and its times.
const (
	// DefaultPerAddress is how many connections one address has, DefaultPerAccount how many sessions an account.
	DefaultPerAddress = 500
	DefaultPerAccount = 100
	// sweepEvery is how often the hub looks for those whose time is over.
	sweepEvery = 500 * time.Millisecond
	// helloTimeout, guestTimeout and lostTimeout are the times of the protocol: until hello, for guests until
	// a conversation, and until a lost connection has come back.
	helloTimeout = 2 * time.Second
	guestTimeout = 10 * time.Second
	lostTimeout  = 30 * time.Second
	// aliveEvery is how often it is noted that sessions are alive, beatEvery that the node is.
	aliveEvery = 20 * time.Second
	beatEvery  = 10 * time.Second
	// looksAtOnce is how many conversations are looked at at a time.
	looksAtOnce = 8
	// closePatience is how long clients have to take notice of the end.
	closePatience = 3 * time.Second
)

// Message is a message of a chat as most people read it.
type Message struct {
	Data json.RawMessage
	// Alike reports whether somebody reads it so.
	Alike func(talk.Actor) bool
}

// News is what is new in a chat.
type News struct {
	// Newest is the id of the newest message.
	Newest   int64
	Messages []Message
	// Partial tells that there are more.
	Partial bool
}

// Options are what a Hub is made of.
type Options struct {
	Signal *signal.Service
	Bus    *bus.Bus
	Log    *slog.Logger
	Now    func() time.Time
	// Steady is a clock that nobody sets, by which the hub spares itself.
	Steady func() time.Time
	// Network tells where a request comes from.
	Network func(*http.Request) string
	// Chat returns what is new in a chat after a message; without the messages if nobody wants them.
	Chat func(ctx context.Context, token string, after int64, messages bool, limit int) (News, error)
	// PerAddress and PerAccount are limits, 0 for the usual ones.
	PerAddress, PerAccount int
}

// Hub has the websockets of a node. It is safe for concurrent use.
type Hub struct {
	signal       *signal.Service
	bus          *bus.Bus
	log          *slog.Logger
	now          func() time.Time
	steady       func() time.Time
	network      func(*http.Request) string
	chat         func(context.Context, string, int64, bool, int) (News, error)
	perAddress   int
	perAccount   int
	helloTimeout time.Duration
	// node is the name of this hub among those of other servers.
	node string
	// work is everything that runs; stopped is closed when it has to end.
	work    sync.WaitGroup
	stopped chan struct{}
	looks   chan struct{}
	hints   *hints
	notices chan told
	counts  counts
	// seen tells that other nodes know that this one has clients.
	seen atomic.Bool

	mu sync.Mutex // guards what follows
	// stopping tells that nobody comes in any more.
	stopping    bool
	connections map[*connection]struct{}
	addresses   map[string]int
	byPublic    map[string]*session
	bySecret    map[string]*session
	byAccount   map[string]map[*session]struct{}
	places      map[string]*place
	// others are the nodes that have clients as well.
	others []string
}

// New returns a hub, which serves while Run does.
func New(o Options) *Hub {
	h := &Hub{
		signal: o.Signal, bus: o.Bus, log: o.Log, now: o.Now, steady: o.Steady, network: o.Network, chat: o.Chat, perAddress: o.PerAddress, perAccount: o.PerAccount,
		helloTimeout: helloTimeout, node: identifier(8), stopped: make(chan struct{}), looks: make(chan struct{}, looksAtOnce),
		hints: newHints(), notices: make(chan told, maxNotices), connections: map[*connection]struct{}{}, addresses: map[string]int{}, byPublic: map[string]*session{},
		bySecret: map[string]*session{}, byAccount: map[string]map[*session]struct{}{}, places: map[string]*place{},
	}
	if h.perAddress <= 0 {
		h.perAddress = DefaultPerAddress
	}
	if h.perAccount <= 0 {
		h.perAccount = DefaultPerAccount
	}
	return h
}

// identifier is what nobody can guess, of n bytes, in an alphabet that all clients sort alike.
func identifier(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // it never fails
	return hex.EncodeToString(raw)
}

func (h *Hub) serves(ctx context.Context) (bool, error) { return h.signal.Builtin(ctx) }

// Welcome answers those who ask what serves here.
func (h *Hub) Welcome(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("X-Spreed-Signaling-Features", strings.Join(features[:], ", "))
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = w.Write(encode(object{"nextcloud-spreed-signaling": "Welcome", "version": version}))
}

// admit counts a connection of a network, unless there are too many of it.
func (h *Hub) admit(network string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopping || h.addresses[network] >= h.perAddress {
		h.counts.refused.Add(1)
		return false
	}
	h.addresses[network]++
	return true
}

func (h *Hub) dismiss(network string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.addresses[network]--; h.addresses[network] <= 0 {
		delete(h.addresses, network)
	}
}

// begin serves a connection that was admitted. It reports false when the hub ends.
func (h *Hub) begin(c *connection) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopping {
		return false
	}
	h.connections[c] = struct{}{}
	h.work.Go(c.run)
	return true
}

// end is called when a connection has ended.
func (h *Hub) end(c *connection) {
	_ = c.ws.CloseNow()
	if c.session != nil {
		c.session.detach(c)
	}
	h.mu.Lock()
	delete(h.connections, c)
	h.mu.Unlock()
	h.dismiss(c.network)
}

// open makes a session of somebody. Failure: too many of the account.
func (h *Hub) open(who signal.Person, wanted []string) (*session, error) {
	s := &session{hub: h, public: identifier(16), secret: identifier(32), who: who, features: known(wanted), idleSince: h.now()}
	h.mu.Lock()
	defer h.mu.Unlock()
	if who.UserID != "" {
		own := h.byAccount[who.UserID]
		if len(own) >= h.perAccount {
			h.counts.refused.Add(1)
			return nil, signal.BackendError(tooManyRequests)
		}
		if own == nil {
			own = map[*session]struct{}{}
			h.byAccount[who.UserID] = own
		}
		own[s] = struct{}{}
	}
	h.byPublic[s.public], h.bySecret[s.secret] = s, s
	h.hints.used.Store(true)
	return s, nil
}

// resume returns the session of a client that comes back.
func (h *Hub) resume(_ context.Context, secret string) (*session, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.bySecret[secret]; s != nil {
		h.counts.resumed.Add(1)
		return s, nil
	}
	return nil, signal.NoSuchSession
}

// forget takes a session away that has ended.
func (h *Hub) forget(s *session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.byPublic, s.public)
	delete(h.bySecret, s.secret)
	h.hints.used.Store(len(h.byPublic) > 0)
	if own := h.byAccount[s.who.UserID]; own != nil {
		if delete(own, s); len(own) == 0 {
			delete(h.byAccount, s.who.UserID)
		}
	}
}

// seat puts a client into a conversation that it was admitted to, where it has a seat.
func (h *Hub) seat(s *session, in *signal.Admitted, roomSession string, seat int64) {
	h.mu.Lock()
	p := h.places[in.Token]
	if p == nil {
		p = newPlace(h, in.Token, in.Newest)
		h.places[in.Token] = p
	}
	s.mu.Lock()
	s.place, s.seat, s.roomSession = p, seat, roomSession
	ended := s.ended
	s.mu.Unlock()
	p.seat(s, seat)
	h.mu.Unlock()
	if ended { // meanwhile, so that nobody else takes it out
		s.leave(true)
	}
}

// leave forgets a conversation that nobody is in.
func (h *Hub) leave(p *place) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.locals) == 0 && h.places[p.token] == p {
		delete(h.places, p.token)
	}
}

// after calls f after some time, unless the hub ends before.
func (h *Hub) after(d time.Duration, f func()) {
	h.work.Go(func() {
		timer := time.NewTimer(max(d, 0))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-h.stopped:
			return
		}
		select {
		case h.looks <- struct{}{}:
		case <-h.stopped:
			return
		}
		defer func() { <-h.looks }()
		f()
	})
}

// Run keeps the times of the protocol until ctx ends, and looks where hints lead.
func (h *Hub) Run(ctx context.Context) {
	stop := h.bus.Observe(h.hints.add)
	defer stop()
	sweep := time.NewTicker(sweepEvery)
	defer sweep.Stop()
	var announcing sync.WaitGroup
	announcing.Go(func() { h.announceAll(ctx) })
	defer announcing.Wait()
	var alive, beat time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.hints.flag:
			h.follow(ctx)
			continue
		case <-sweep.C:
		}
		h.sweep()
		if now := h.steady(); now.Sub(alive) >= aliveEvery {
			alive = now
			h.noteAlive(ctx)
		}
		if now := h.steady(); now.Sub(beat) >= beatEvery {
			beat = now
			h.beat(ctx)
		}
	}
}

// Sweep ends the clients of nodes that have died. It has to run every few seconds.
func (h *Hub) Sweep(ctx context.Context) error { return h.signal.SweepWebsockets(ctx, h.node) }

// sweep ends those whose time is over.
func (h *Hub) sweep() {
	now := h.now()
	h.mu.Lock()
	var silent, asked []*connection
	for c := range h.connections {
		if by := c.greetBy.Load(); by != 0 && by <= now.UnixNano() {
			c.greetBy.Store(0)
			silent = append(silent, c)
		}
		if at := c.pingAt.Load(); at != 0 && at <= now.UnixNano() {
			c.pingAt.Store(now.Add(pingEvery).UnixNano())
			asked = append(asked, c)
		}
	}
	var all []*session
	for _, s := range h.byPublic {
		all = append(all, s)
	}
	h.mu.Unlock()
	for _, c := range silent {
		h.work.Go(func() { c.hangUp(byeHelloTimeout) })
	}
	for _, c := range asked {
		h.work.Go(c.ping)
	}
	for _, s := range all {
		switch s.due(now) {
		case dueLost:
			h.work.Go(func() { s.end(true) })
		case dueRoom:
			h.work.Go(func() { s.sayBye(bye(byeRoomTimeout), false) })
		}
	}
}

// The reasons for which the time of a session is over.
const (
	dueNothing = iota
	dueLost
	dueRoom
)

// due tells whether the time of the session is over.
func (s *session) due(now time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.conn == nil && !s.lostAt.IsZero() && now.Sub(s.lostAt) >= lostTimeout:
		return dueLost
	case s.place == nil && s.who.UserID == "" && now.Sub(s.idleSince) >= guestTimeout:
		return dueRoom
	}
	return dueNothing
}

// noteAlive notes that the sessions of the clients are alive.
func (h *Hub) noteAlive(ctx context.Context) {
	h.mu.Lock()
	all := make([]*session, 0, len(h.byPublic))
	for _, s := range h.byPublic {
		all = append(all, s)
	}
	h.mu.Unlock()
	ids := make([]string, 0, len(all))
	for _, s := range all {
		s.mu.Lock()
		if s.roomSession != "" {
			ids = append(ids, s.roomSession)
		}
		s.mu.Unlock()
	}
	if err := h.signal.Alive(ctx, ids); err != nil && ctx.Err() == nil {
		h.log.WarnContext(ctx, "signs of life cannot be noted", "err", err.Error())
	}
}

// beat tells other nodes that this one has clients, if it has any, and asks which of them have.
func (h *Hub) beat(ctx context.Context) {
	h.mu.Lock()
	nobody := len(h.byPublic) == 0
	h.mu.Unlock()
	beat := h.signal.Beat
	if nobody {
		beat = h.signal.Others // it still tells them what happens
	}
	others, err := beat(ctx, h.node)
	if err != nil {
		if ctx.Err() == nil {
			h.log.WarnContext(ctx, "the node cannot tell that it is there", "err", err.Error())
		}
		return
	}
	h.seen.Store(!nobody)
	h.mu.Lock()
	h.others = others
	h.mu.Unlock()
}

// Shutdown closes all connections in a way that makes clients come back.
func (h *Hub) Shutdown(ctx context.Context) {
	h.mu.Lock()
	h.stopping = true
	all := make([]*connection, 0, len(h.connections))
	for c := range h.connections {
		all = append(all, c)
	}
	h.mu.Unlock()
	var closing sync.WaitGroup
	for _, c := range all {
		closing.Go(func() { _ = c.ws.Close(websocket.StatusServiceRestart, "") })
	}
	patience := time.AfterFunc(closePatience, func() {
		for _, c := range all {
			_ = c.ws.CloseNow()
		}
	})
	closing.Wait()
	patience.Stop()
	close(h.stopped)
	h.work.Wait()
	if h.seen.Load() {
		h.beat(ctx) // others count from now on until its clients are back
	}
}

// counts are what happened in a hub.
type counts struct {
	sent, bytes, looks, slowed, cut, overflows, refused, resumed, lost atomic.Int64
}
