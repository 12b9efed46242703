package ocs

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"parley/internal/db"
	"parley/internal/obs"
)

// What was not done for want of time or of a database can be tried again, and who
// went away is no failure of the server.
func TestFailuresThatPass(t *testing.T) {
	for kind, err := range map[string]error{
		obs.KindGone:  fmt.Errorf("read: %w", context.Canceled),
		"unavailable": fmt.Errorf("read: %w", context.DeadlineExceeded),
	} {
		c := &Call{Header: http.Header{}}
		if a := c.failure(err); a.status != http.StatusServiceUnavailable || c.Header.Get("Retry-After") == "" {
			t.Errorf("%v: status %d, Retry-After %q", err, a.status, c.Header.Get("Retry-After"))
		}
		if got := kindName(err); got != kind {
			t.Errorf("%v is called %q, want %q", err, got, kind)
		}
	}
	c := &Call{Header: http.Header{}}
	if a := c.failure(db.ErrUnavailable); a.status != http.StatusServiceUnavailable || c.Header.Get("Retry-After") == "" {
		t.Errorf("a database that is away: status %d", a.status)
	}
}
