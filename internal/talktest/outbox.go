package talktest

import (
	"net/netip"
	"time"

	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/store/deliveries"
)

// AllowLoopback lets the server send requests to this machine.
func AllowLoopback(c *config.Config) {
	c.AllowPrivate = config.Prefixes{netip.MustParsePrefix("127.0.0.0/8")}
}

// Queue returns what is in the outbox of a kind.
func (s *Server) Queue(kind string) (state deliveries.State) {
	s.t.Helper()
	err := s.Store.Read(s.t.Context(), func(tx *db.Tx) (err error) {
		state, err = deliveries.StateOf(tx, kind)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return state
}

// AwaitQueue waits until the outbox of a kind is as wanted. What says how that is.
func (s *Server) AwaitQueue(kind, what string, ok func(deliveries.State) bool) {
	s.t.Helper()
	for range 2000 {
		if ok(s.Queue(kind)) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	s.t.Fatalf("%s: never, the queue is %+v", what, s.Queue(kind))
}
