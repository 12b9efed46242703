package outbox

import (
	"slices"
	"strconv"
	"testing"
	"time"
)

func TestPauses(t *testing.T) {
	k := Kind{}.withDefaults()
	for attempts, want := range map[int]int64{0: 60, 1: 60, 2: 120, 3: 240, 9: 15360, 10: 21600, 20: 21600, 1000: 21600} {
		if got := k.pause(attempts); got != want {
			t.Errorf("pause(%d) = %d, want %d", attempts, got, want)
		}
	}
	total := int64(0)
	for n := 1; n < k.MaxAttempts; n++ {
		total += k.pause(n)
	}
	if days := total / (24 * 60 * 60); days != 2 && days != 3 {
		t.Errorf("it is tried for %d seconds", total)
	}
}

func TestDestinations(t *testing.T) {
	d := newDestinations(Kind{Parallel: 2, Rest: time.Minute}.withDefaults())
	busy := func(now int64, want ...string) {
		t.Helper()
		got := d.busy(now)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("busy at %d: %v, want %v", now, got, want)
		}
	}
	d.begin("a")
	busy(0)
	d.begin("a")
	busy(0, "a")
	d.note(outcome{destination: "a", troubled: true, restUntil: 60})
	d.note(outcome{destination: "a", healthy: false}) // stopped in the middle
	busy(59, "a")
	busy(60)
	d.begin("a")
	busy(60, "a") // one at a time until it has taken something
	d.note(outcome{destination: "a", healthy: true})
	d.begin("a")
	busy(60)
	d.note(outcome{destination: "a", troubled: true, restUntil: 10_000})
	busy(100, "a")
	busy(10_000-1, "a")
	for i := range 2 * maxTroubled {
		name := strconv.Itoa(i)
		d.begin(name)
		d.note(outcome{destination: name, troubled: true, restUntil: 100})
	}
	if len(d.troubled) > maxTroubled || len(d.running) != 0 || d.total != 0 {
		t.Errorf("%d troubled, %d running, %d in all", len(d.troubled), len(d.running), d.total)
	}
}
