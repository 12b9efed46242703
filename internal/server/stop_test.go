package server

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"parley/internal/config"
	"parley/internal/secret"
)

func TestStopLetsRequestsFinish(t *testing.T) {
	cfg := config.Default()
	cfg.Data, cfg.Listen, cfg.Admin = t.TempDir(), "127.0.0.1:0", "admin:start-password-1"
	s, err := New(t.Context(), cfg, slog.New(slog.DiscardHandler), WithHashing(secret.TestOptions()))
	if err != nil {
		t.Fatal(err)
	}
	arrived, finish := make(chan struct{}), make(chan struct{})
	s.http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-finish
		if r.Context().Err() != nil || s.databaseAnswers(r.Context()) != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	address, err := s.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended, status := make(chan error, 1), make(chan int, 1)
	go func() { ended <- s.Run(ctx) }()
	go func() {
		answer, err := http.Get("http://" + address.String())
		if err != nil {
			status <- 0
			return
		}
		answer.Body.Close()
		status <- answer.StatusCode
	}()
	<-arrived
	stop()
	for s.draining(ctx) == nil { // until the stop has begun
		time.Sleep(time.Millisecond)
	}
	close(finish)
	if got := <-status; got != http.StatusOK {
		t.Errorf("the running request got %d", got)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if s.databaseAnswers(t.Context()) == nil {
		t.Error("the database is still open")
	}
}
