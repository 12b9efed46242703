package main

import (
	"fmt"
	"io"
	"time"
)

// redrawEvery bounds how often a line of progress is drawn.
const redrawEvery = 200 * time.Millisecond

// clearLine goes to the start of the line and empties it.
const clearLine = "\r\x1b[K"

// progress is a line on a terminal that tells how far some work is. On anything
// else it says nothing.
type progress struct {
	w     io.Writer // nil where there is no terminal
	drawn time.Time
}

// progress starts a line on the error stream.
func (t *terminal) progress() *progress {
	if isTerminal(t.err) {
		return &progress{w: t.err}
	}
	return &progress{}
}

// show draws the line anew, but not too often.
func (p *progress) show(part string, done, total int64) {
	now := time.Now()
	if p.w == nil || now.Sub(p.drawn) < redrawEvery {
		return
	}
	p.drawn = now
	fmt.Fprintf(p.w, "%s%s: %d of %d (%d %%)", clearLine, part, done, total, 100*done/max(total, 1))
}

// end removes the line.
func (p *progress) end() {
	if p.w != nil {
		fmt.Fprint(p.w, clearLine)
	}
}
