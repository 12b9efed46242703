package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/coder/websocket"

	"parley/internal/signal"
)

const (
	// careAfter is how many failed hellos of a connection are answered at once.
	careAfter = 3
	carePause = time.Second
)

// greet answers the first messages of a client. It reports whether the connection goes on.
func (c *connection) greet(r *request) bool {
	switch {
	case r.Type == "bye":
		c.write(encode(reply(r.ID, "bye", nil)))
		_ = c.ws.Close(websocket.StatusNormalClosure, "")
		return false
	case r.Type != "hello":
		c.write(failure(r.ID, helloExpected, nil))
		return true
	case r.Hello == nil:
		c.write(failure(r.ID, invalidFormat, nil))
		return true
	}
	c.greetBy.Store(0) // not while it is heard
	s, err := c.hello(r.Hello)
	if err == nil {
		c.session = s
		s.attach(c, encode(reply(r.ID, "hello", s.hello(r.Hello.Version))))
		return true
	}
	return c.refuse(r.ID, err)
}

// refuse answers a hello that has failed, the later the more there were.
func (c *connection) refuse(id string, err error) bool {
	if c.hellos++; c.hellos > maxHellos {
		return false
	}
	if c.hellos > careAfter {
		select {
		case <-time.After(carePause):
		case <-c.hub.stopped:
			return false
		}
	}
	c.greetBy.Store(c.hub.now().Add(c.hub.helloTimeout).UnixNano())
	return c.write(failure(id, c.hub.codeOf(err), nil))
}

// codeOf is what a client is told of a failure, whose cause the log has.
func (h *Hub) codeOf(err error) string {
	if e, ok := errors.AsType[signal.BackendError](err); ok {
		return string(e)
	}
	h.log.Warn("a request by websocket failed", "err", err.Error())
	return internalError
}

// hello returns the session of a client that says who it is.
func (c *connection) hello(q *helloRequest) (*session, error) {
	ctx, cancel := context.WithTimeout(context.Background(), workTimeout)
	defer cancel()
	if q.Version != "1.0" && q.Version != "2.0" {
		return nil, signal.BackendError(invalidHelloVersion)
	}
	if q.ResumeID != "" {
		return c.hub.resume(ctx, q.ResumeID)
	}
	if q.Auth == nil || len(q.Auth.Params) == 0 {
		return nil, signal.BackendError(invalidFormat)
	}
	if q.Auth.Type != "" && q.Auth.Type != "client" {
		return nil, signal.BackendError(invalidClientType)
	}
	if address, err := url.Parse(q.Auth.URL); err != nil || address.Host == "" {
		return nil, signal.BackendError(invalidBackend)
	}
	var p helloParams
	if json.Unmarshal(q.Auth.Params, &p) != nil {
		return nil, signal.BackendError(invalidFormat)
	}
	who, err := c.hub.who(ctx, q.Version, &p)
	if err != nil {
		return nil, err
	}
	return c.hub.open(who, q.Features)
}

func (h *Hub) who(ctx context.Context, version string, p *helloParams) (signal.Person, error) {
	if version == "1.0" {
		return h.signal.ByTicket(ctx, p.UserID, p.Ticket)
	}
	return h.signal.ByToken(ctx, p.Token)
}

// hello is what a client is told of its session.
func (s *session) hello(asked string) object {
	return object{
		"version": asked, "sessionid": s.public, "resumeid": s.secret, "userid": s.who.UserID,
		"server": object{"version": version, "features": features},
	}
}

// known are the features of a client that others are told of.
func known(all []string) []string {
	out := make([]string, 0, 1)
	for _, f := range all {
		if f == relayFeature || f == "encryption" {
			out = append(out, f)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
