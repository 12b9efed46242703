// Package obs is what an operator sees of the running server: the log with one wide
// line per request, metrics, and the health pages.
package obs

import (
	"io"
	"log/slog"
)

// NewLogger returns a logger that writes lines of at least the given level to w, as
// JSON when format is "json" and as key=value text otherwise. A [LineWriter] is
// flushed behind each warning and error.
func NewLogger(format string, level slog.Leveler, w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewTextHandler(w, options)
	if format == "json" {
		h = slog.NewJSONHandler(w, options)
	}
	if lines, ok := w.(*LineWriter); ok {
		h = urgentHandler{h, lines}
	}
	return slog.New(h)
}
