package bus

import (
	"strconv"
	"strings"
	"testing"
)

func TestPendingHintsAreBounded(t *testing.T) {
	p := newPending()
	for range 3 {
		for i := range maxPending {
			p.add(Batch{Hints: []Hint{{Topic: Chat, Token: strconv.Itoa(i)}}})
		}
		if len(p.hints) != maxPending || p.all {
			t.Fatalf("%d hints, everything: %v", len(p.hints), p.all)
		}
	}
	p.add(Batch{Hints: []Hint{{Topic: Call}, {Topic: Chat, Token: "one more"}}})
	if b := p.take(); !b.All || len(b.Hints) != 0 {
		t.Errorf("%d hints, everything: %v", len(b.Hints), b.All)
	}
	if b := p.take(); b.All || len(b.Hints) != 0 || len(p.hints) != 0 {
		t.Errorf("taken twice: %+v", b)
	}
	p.add(Batch{Hints: []Hint{{Topic: Chat, Token: strings.Repeat("x", maxField+1)}}})
	if b := p.take(); !b.All {
		t.Errorf("too long: %+v", b)
	}
	p.add(Batch{All: true})
	p.add(Batch{Hints: []Hint{{Topic: Chat}}})
	if b := p.take(); !b.All || len(b.Hints) != 0 {
		t.Errorf("everything and something: %+v", b)
	}
}
