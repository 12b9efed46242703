package conversation_test

import (
	"log/slog"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/db"
	"parley/internal/server"
	"parley/internal/settings"
)

// newNode returns a node of the server over a store.
func newNode(s *db.DB, d settings.Defaults) api.Services {
	return server.NewUseCases(server.UseCaseOptions{Store: s, Log: slog.New(slog.DiscardHandler), Now: time.Now, Defaults: d})
}

func now(t *testing.T, a api.Services) *settings.Settings {
	t.Helper()
	s, err := a.Settings.Current(t.Context(), db.SnapshotID{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
