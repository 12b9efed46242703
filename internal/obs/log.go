// Package obs is what an operator sees of the running server: the log with one wide
// line per request, metrics, and the health pages.
package obs

import (
	"io"
	"log/slog"
)

// NewLogger returns a logger that writes lines of at least the given level to w, as
// JSON when format is "json" and as key=value text otherwise.
func NewLogger(format string, level slog.Leveler, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
