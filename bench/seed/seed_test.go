package main

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/config"
	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/dbadmin"
	"parley/internal/directory"
	"parley/internal/server"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// TestSeed fills a database of each kind: all is there, sound and the same.
func TestSeed(t *testing.T) {
	var before []conversation.RoomSummary
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			url := kind.URL(t)
			password, err := seed(t.Context(), url, 400, 3000, io.Discard)
			if err != nil || len(password) < 40 {
				t.Fatalf("app password of %d letters, %v", len(password), err)
			}
			findings, err := dbadmin.Examine(t.Context(), db.Options{URL: url, Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range findings {
				if len(f.Problems) > 0 {
					t.Errorf("%s: %q", f.Check, f.Problems)
				}
			}
			rooms := summaries(t, url)
			if before != nil && !cmp.Equal(before, rooms) {
				t.Error("the databases differ")
			}
			before = rooms
			if _, err := seed(t.Context(), url, 400, 3000, io.Discard); err == nil {
				t.Error("it was filled twice")
			}
		})
	}
}

// summaries returns the conversations and checks their numbers.
func summaries(t *testing.T, url string) []conversation.RoomSummary {
	t.Helper()
	core, err := server.Open(t.Context(), config.Storage{Database: url}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer core.Close()
	rooms, err := core.Conversations.RoomSummaries(t.Context(), directory.Page{})
	if err != nil {
		t.Fatal(err)
	}
	people, types := 0, map[talk.RoomType]int{}
	for _, r := range rooms {
		people += r.People
		types[r.Room.Type]++
	}
	if len(rooms) != 400 || people != 3000 || types[talk.OneToOne] != 133 || types[talk.Public] < 40 {
		t.Errorf("%d rooms, %d people, types %v", len(rooms), people, types)
	}
	return rooms
}

// The large plan has what was promised, and nobody twice.
func TestPlan(t *testing.T) {
	p, err := newPlan(100_000, 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	sum, owned, pairs, tokens := 0, 0, map[string]bool{}, map[string]bool{}
	for i, size := range p.sizes {
		sum += size
		r := p.room(i)
		tokens[r.Token] = true
		if r.Type == talk.OneToOne {
			pairs[r.Identity] = true
		}
		for n := range p.members(i) {
			if n == 0 {
				owned++
			}
			break
		}
	}
	seen := map[int]bool{}
	for n := range p.members(0) {
		seen[n] = true
	}
	if sum != 1_000_000 || len(tokens) != 100_000 || len(pairs) != 33_333 || owned < 67 || len(seen) != p.sizes[0] || len(seen) != largest || p.accounts != 20_000 {
		t.Errorf("%d attendees, %d tokens, %d pairs, %d owned, %d of %d in the largest", sum, len(tokens), len(pairs), owned, len(seen), p.sizes[0])
	}
	for _, c := range [][2]int{{0, 10}, {10, 29}, {-1, 5}} {
		if _, err := newPlan(c[0], c[1]); err == nil {
			t.Errorf("%v is a plan", c)
		}
	}
}
