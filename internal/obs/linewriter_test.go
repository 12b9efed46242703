package obs_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/obs"
)

// sink counts what is written to it.
type sink struct {
	mu     sync.Mutex
	text   bytes.Buffer
	writes int
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	return s.text.Write(p)
}

func (s *sink) read() (text string, writes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String(), s.writes
}

func TestLinesAreWrittenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out sink
		lines := obs.NewLineWriter(&out)
		log := obs.NewLogger("text", slog.LevelInfo, lines)
		for i := range 100 {
			log.LogAttrs(context.Background(), slog.LevelInfo, "line", slog.Int("n", i))
		}
		if _, writes := out.read(); writes != 0 {
			t.Errorf("%d writes before anything is due", writes)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if text, writes := out.read(); strings.Count(text, "\n") != 100 || writes != 1 {
			t.Errorf("%d lines in %d writes, want 100 in one", strings.Count(text, "\n"), writes)
		}
		log.Info("later")
		log.Warn("now")
		if text, _ := out.read(); !strings.Contains(text, "later") || !strings.HasSuffix(text, "msg=now\n") {
			t.Errorf("a warning waits, or overtakes: %q", text)
		}
		log.Info("last")
		err := lines.Close()
		if text, _ := out.read(); err != nil || !strings.Contains(text, "last") {
			t.Errorf("Close: %v, or a line is missing: %q", err, text)
		}
		log.Info("after the end")
		if text, _ := out.read(); !strings.Contains(text, "after the end") {
			t.Error("a line after Close is lost")
		}
	})
}

func TestLinesOfManyStayWhole(t *testing.T) {
	var out sink
	lines := obs.NewLineWriter(&out)
	log := obs.NewLogger("text", slog.LevelInfo, lines)
	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for i := range 500 {
				log.Info("line", "w", w, "n", i, "text", strings.Repeat("x", 100*(i%7)))
			}
		})
	}
	all.Wait()
	if err := lines.Close(); err != nil {
		t.Fatal(err)
	}
	next := map[string]int{}
	for line := range strings.SplitSeq(strings.TrimSpace(out.text.String()), "\n") {
		var w, n int
		_, rest, _ := strings.Cut(line, " w=")
		if _, err := fmt.Sscanf(rest, "%d n=%d", &w, &n); err != nil {
			t.Fatalf("a broken line: %q", line)
		}
		if n != next[fmt.Sprint(w)] {
			t.Fatalf("line %d of writer %d comes out of turn", n, w)
		}
		next[fmt.Sprint(w)]++
	}
	for w := range 8 {
		if next[fmt.Sprint(w)] != 500 {
			t.Errorf("writer %d: %d lines", w, next[fmt.Sprint(w)])
		}
	}
}
