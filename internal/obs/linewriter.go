package obs

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

const (
	// flushEvery is how long a line may wait for others, so that a busy server
	// does not ask the system to write each of its lines.
	flushEvery = 100 * time.Millisecond
	// flushBytes is the size at which lines are written without waiting.
	flushBytes = 32 << 10
)

// LineWriter gathers log lines and writes many of them at once, in their order. A
// line waits at most a tenth of a second; lines of level warning and above are
// written at once by loggers of [NewLogger], with all before them. A process that is
// killed loses the lines of its last moment. Close ends it.
type LineWriter struct {
	mu      sync.Mutex // guards what follows
	out     io.Writer
	buf     []byte
	waiting bool // a flush is due
	closed  bool
	timer   *time.Timer
}

// NewLineWriter returns a writer of lines to out, which must be closed.
func NewLineWriter(out io.Writer) *LineWriter {
	l := &LineWriter{out: out, buf: make([]byte, 0, flushBytes+4096)}
	l.timer = time.AfterFunc(time.Hour, func() { _ = l.Flush() })
	l.timer.Stop()
	return l
}

// Write takes one line. Its error is that of an earlier write, if any.
func (l *LineWriter) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(line) > flushBytes {
		if err := l.flush(); err != nil {
			return 0, err
		}
		return l.out.Write(line)
	}
	l.buf = append(l.buf, line...)
	if len(l.buf) >= flushBytes {
		return len(line), l.flush()
	}
	if !l.waiting {
		l.waiting = true
		l.timer.Reset(flushEvery)
	}
	return len(line), nil
}

// Flush writes what waits.
func (l *LineWriter) Flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.flush()
}

func (l *LineWriter) flush() error {
	l.waiting = false
	if len(l.buf) == 0 {
		return nil
	}
	_, err := l.out.Write(l.buf)
	l.buf = l.buf[:0]
	return err
}

// Close writes what waits. Later lines are written at once.
func (l *LineWriter) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.timer.Stop()
	return l.flush()
}

// urgentHandler flushes behind lines that somebody has to see at once.
type urgentHandler struct {
	slog.Handler
	lines *LineWriter
}

// Handle implements [slog.Handler].
func (h urgentHandler) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	if err == nil && r.Level >= slog.LevelWarn {
		err = h.lines.Flush()
	}
	return err
}

// WithAttrs implements [slog.Handler].
func (h urgentHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return urgentHandler{h.Handler.WithAttrs(attrs), h.lines}
}

// WithGroup implements [slog.Handler].
func (h urgentHandler) WithGroup(name string) slog.Handler {
	return urgentHandler{h.Handler.WithGroup(name), h.lines}
}
