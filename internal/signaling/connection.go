package signaling

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

const (
	// maxMessage is how long a message of a client is, in bytes: the descriptions of browsers take
	// six to nine thousand.
	maxMessage = 64 << 10
	// writeTimeout is how long a client takes one message, pongTimeout how long it may be silent when it is asked.
	writeTimeout = 10 * time.Second
	pongTimeout  = 10 * time.Second
	// pingEvery is how often it is asked whether it is there.
	pingEvery = 54 * time.Second
	// burst is how many messages a client sends at once, perSecond how many it sends then: a client that comes
	// into a call writes to each of the others. Who sends more is read more slowly.
	burst, perSecond = 3000, 300
	// maxHellos is how many hellos of a connection may fail.
	maxHellos = 10
)

// connection is the websocket of a client. Its reader handles what the client sends, one
// message after the other.
type connection struct {
	hub     *Hub
	ws      *websocket.Conn
	network string
	// greetBy is when the client must have said hello, in Unix nanoseconds, 0 if it has or is heard.
	greetBy atomic.Int64
	pingAt  atomic.Int64
	hellos  int
	// session is that of the client, nil before its hello. Only the reader uses it.
	session *session
	tokens  float64
	refill  time.Time
}

// ServeHTTP answers clients that want to talk by a websocket.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Spreed-Signaling-Features", strings.Join(features[:], ", "))
	on, err := h.serves(r.Context())
	switch {
	case err != nil:
		http.Error(w, "Service Unavailable", http.StatusServiceUnavailable)
		return
	case !on:
		http.NotFound(w, r)
		return
	}
	network := h.network(r)
	if !h.admit(network) {
		w.Header().Set("Retry-After", "30")
		http.Error(w, "Too many connections from this address", http.StatusTooManyRequests)
		return
	}
	// Any page may connect: nothing that a browser sends by itself proves who somebody is.
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		h.dismiss(network)
		return
	}
	ws.SetReadLimit(maxMessage)
	c := &connection{hub: h, ws: ws, network: network, tokens: burst, refill: h.steady()}
	if !h.begin(c) {
		h.dismiss(network)
		_ = ws.Close(websocket.StatusServiceRestart, "")
	}
}

// run reads what the client sends until its connection ends. It has a stack of its own, since that of the
// request has grown by then.
func (c *connection) run() {
	defer c.hub.end(c)
	c.greetBy.Store(c.hub.now().Add(c.hub.helloTimeout).UnixNano())
	c.pingAt.Store(c.hub.now().Add(pingEvery).UnixNano())
	if !c.write(encode(reply("", "welcome", object{"features": features, "version": version}))) {
		return
	}
	for {
		kind, data, err := c.ws.Read(context.Background())
		if err != nil {
			return
		}
		if !c.slow() {
			return
		}
		if kind != websocket.MessageText {
			c.answer(failure("", invalidFormat, nil))
			continue
		}
		if !c.handle(data) {
			return
		}
	}
}

// slow takes a client that sends too much at its speed. It reports false when the hub ends.
func (c *connection) slow() bool {
	now := c.hub.steady()
	c.tokens = min(burst, c.tokens+now.Sub(c.refill).Seconds()*perSecond)
	c.refill = now
	if c.tokens--; c.tokens >= 0 {
		return true
	}
	c.hub.counts.slowed.Add(1)
	select {
	case <-time.After(time.Duration(-c.tokens / perSecond * float64(time.Second))):
		return true
	case <-c.hub.stopped:
		return false
	}
}

// handle answers a message. It reports whether the connection goes on.
func (c *connection) handle(data []byte) bool {
	var r request
	if json.Unmarshal(data, &r) != nil {
		c.answer(failure("", invalidFormat, nil))
		return true
	}
	if c.session == nil {
		return c.greet(&r)
	}
	return c.session.handle(c, &r)
}

// answer sends an answer: in its turn, if others wait for a client.
func (c *connection) answer(data []byte) {
	if c.session != nil {
		c.session.send(frame{data: data})
		return
	}
	c.write(data)
}

// write sends a message now. It reports false when the connection has ended.
func (c *connection) write(data []byte) bool {
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	err := c.ws.Write(ctx, websocket.MessageText, data)
	if err == nil {
		c.hub.counts.sent.Add(1)
		c.hub.counts.bytes.Add(int64(len(data)))
	}
	return err == nil
}

// ping asks a client whether it is there, and ends its connection if it does not say so.
func (c *connection) ping() {
	ctx, cancel := context.WithTimeout(context.Background(), pongTimeout)
	defer cancel()
	if c.ws.Ping(ctx) != nil {
		_ = c.ws.CloseNow()
	}
}

// hangUp says why and ends a connection.
func (c *connection) hangUp(reason string) {
	c.write(bye(reason))
	_ = c.ws.Close(websocket.StatusNormalClosure, "")
}
