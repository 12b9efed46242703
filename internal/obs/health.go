package obs

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"
)

// Check is one thing that the server needs to be of use.
type Check struct {
	// Name tells the operator what is missing, "database" for example.
	Name string
	// Run returns an error when the thing is missing. It should end with ctx;
	// when it does not, it counts as failed.
	Run func(ctx context.Context) error
}

// Healthz answers 200 as long as the process lives. A supervisor that restarts the
// server asks this page, so it depends on nothing: a restart does not repair a
// database that is away.
func Healthz(w http.ResponseWriter, _ *http.Request) {
	Of(w).Routine = true
	answer(w, http.StatusOK, "ok")
}

// Readyz returns the handler that says whether requests are welcome: 200 when all
// checks pass within timeout together, else 503 and the name of the first that fails.
// The cause goes to the log only.
func Readyz(timeout time.Duration, logger *slog.Logger, checks ...Check) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		for _, check := range checks {
			if err := check.within(ctx); err != nil {
				logger.WarnContext(r.Context(), "not ready", "check", check.Name, "err", err.Error())
				answer(w, http.StatusServiceUnavailable, "not ready: "+check.Name)
				return
			}
		}
		Of(w).Routine = true
		answer(w, http.StatusOK, "ready")
	})
}

// within runs the check and returns the error of ctx if that ends first.
func (c Check) within(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- c.calmly(ctx) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// calmly runs the check and makes an error of a panic, which nobody else would recover.
func (c Check) calmly(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return c.Run(ctx)
}

// answer writes one line of text that no cache may keep.
func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	// A client that hangs up needs no answer.
	_, _ = io.WriteString(w, text+"\n")
}
