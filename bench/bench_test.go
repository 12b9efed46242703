package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"parley/internal/talktest"
)

// A short run on each database measures every row and the storm. A second one
// on the same database finds it as usable as the first.
func TestBench(t *testing.T) {
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			var out bytes.Buffer
			o := options{database: kind.URL(t), seconds: 0.04, workers: 2, people: fewestPeople, joiners: 5, inside: true, out: &out}
			if err := o.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			o.storm = true
			if err := o.run(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, s := range (&benchmark{}).scenarios() {
				if strings.Count(out.String(), "\n"+s.name+"  ") != 1 {
					t.Errorf("no row %q", s.name)
				}
			}
			if !strings.Contains(out.String(), "the list showed 5 sessions, then none") {
				t.Error("no storm")
			}
			out.Reset()
			o.start = true
			if err := o.run(t.Context()); err != nil || !strings.Contains(out.String(), "/readyz answered after") {
				t.Errorf("start: %s %v", &out, err)
			}
		})
	}
}

func TestOptionsThatCannotBeMeasured(t *testing.T) {
	good := options{seconds: 1, workers: 1, people: fewestPeople, joiners: 1}
	if err := good.check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*options){
		"no workers":      func(o *options) { o.workers = 0 },
		"too many":        func(o *options) { o.workers = fewestPeople },
		"no time":         func(o *options) { o.seconds = 0 },
		"too few people":  func(o *options) { o.people-- },
		"too few for it":  func(o *options) { o.joiners = o.people },
		"start of a new":  func(o *options) { o.start = true },
		"nobody comes":    func(o *options) { o.joiners = 0 },
		"negative people": func(o *options) { o.people = -1 },
	} {
		o := good
		spoil(&o)
		if o.check() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestMain makes the test program a server or a floor where it is asked to be one.
func TestMain(m *testing.M) {
	if kind := os.Getenv(childVariable); kind != "" {
		if err := runChild(context.Background(), kind, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestExternalClient(t *testing.T) {
	if _, err := exec.LookPath("wrk"); err != nil {
		talktest.Missing(t, "wrk", "wrk")
	}
	var out bytes.Buffer
	o := options{database: talktest.Databases()[0].URL(t), only: "GET room list, 20", seconds: 1, workers: 2, people: fewestPeople, joiners: 5, outside: true, out: &out}
	if err := o.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "GET room list, 20 ") || strings.Contains(out.String(), "?") {
		t.Errorf("the table is %s", &out)
	}
}

// The first round of each does not count.
func TestTakeTurns(t *testing.T) {
	calls := 0
	parley, floor, err := takeTurns(1, 1e6, func(int) error { calls++; return nil }, func(int) error { return nil })
	if err != nil || len(parley.times) == 0 || len(parley.times) >= calls || floor.took < rounds*1e6 {
		t.Errorf("%d of %d calls counted, %v, floor took %v", len(parley.times), calls, err, floor.took)
	}
}
