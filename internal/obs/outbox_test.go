package obs_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"parley/internal/obs"
)

func TestOutboxNumbers(t *testing.T) {
	registry := obs.NewRegistry()
	var failure error
	obs.CountOutbox(registry, func(context.Context) ([]obs.OutboxCounts, error) {
		return []obs.OutboxCounts{{Kind: "mail", Waiting: 3, Failed: 1}}, failure
	})
	look := func() string {
		w := httptest.NewRecorder()
		obs.MetricsHandler(registry).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
		return w.Body.String()
	}
	for _, want := range []string{`parley_outbox_deliveries{kind="mail",state="waiting"} 3`, `parley_outbox_deliveries{kind="mail",state="failed"} 1`} {
		if text := look(); !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	failure = errors.New("the database does not answer")
	if text := look(); strings.Contains(text, "parley_outbox_deliveries{") || !strings.Contains(text, "go_goroutines") {
		t.Errorf("numbers without a database:\n%s", text)
	}
}
