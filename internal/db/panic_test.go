package db_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"modernc.org/sqlite"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// panicky is a database in which some things panic when they are told to.
type panicky struct {
	database
	clock, commit atomic.Bool
}

func newPanicky(t *testing.T, url string) *panicky {
	p := &panicky{}
	onConnect(url, func(conn sqlite.ExecQuerierContext) error {
		conn.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 {
			if p.commit.CompareAndSwap(true, false) {
				panic("aargh at the commit")
			}
			return 0
		})
		return nil
	})
	now := func() time.Time {
		if p.clock.Load() {
			panic("aargh on the clock")
		}
		return time.Unix(start, 0)
	}
	p.database = database{DB: talktest.Open(t, db.Options{URL: url, Now: now}), t: t, url: url}
	return p
}

// worksAgain checks that nothing is left of a panic.
func (p *panicky) worksAgain(token string) {
	p.t.Helper()
	before, err := p.Snapshot(p.t.Context(), db.SnapshotID{})
	if err != nil {
		p.t.Error(err)
	}
	p.room(token)
	p.holds([]string{token})
	if after, err := p.Snapshot(p.t.Context(), db.SnapshotID{}); err != nil || after == before {
		p.t.Errorf("the snapshot does not notice a commit (%v)", err)
	}
}

// beside runs innocent writes, lets f run among them, and checks that each of
// them was done or undone, as it was answered.
func (p *panicky) beside(prefix string, f func()) {
	p.t.Helper()
	outcome := make([]error, 20)
	var wg sync.WaitGroup
	for i := range outcome {
		if i == len(outcome)/2 {
			wg.Go(f)
		}
		wg.Go(func() {
			outcome[i] = p.Write(p.t.Context(), func(tx *db.Tx) error {
				return store.InsertRoom(tx, &talk.Room{Token: fmt.Sprint(prefix, i), Type: talk.Group, Name: "n"})
			})
		})
	}
	wg.Wait()
	p.clock.Store(false)
	for i, answer := range outcome {
		err := p.Read(p.t.Context(), func(tx *db.Tx) error { return second(store.Room(tx, fmt.Sprint(prefix, i))) })
		// Nobody knows the outcome of a commit that panics.
		undone := errors.Is(err, db.ErrNotFound) || answer != nil && strings.Contains(answer.Error(), "at the commit")
		if answer == nil && err != nil || answer != nil && !undone {
			p.t.Errorf("innocent write %d was answered %v, and looking for it %v", i, answer, err)
		}
	}
}

// Whatever panics on the writer's way is an error of that write, with the place in
// it, and the process and later writes go on.
func TestPanicOfWriter(t *testing.T) {
	t.Parallel()
	type tx = *db.Tx
	for name, f := range map[string]func(*panicky, tx) error{
		"function":  func(*panicky, tx) error { panic("aargh") },
		"row":       func(_ *panicky, tx tx) error { return tx.Each(func(db.Row) error { panic("aargh") }, "SELECT 1") },
		"statement": func(_ *panicky, tx tx) error { return execTx(tx, "UPDATE rooms SET name = panics()") },
		"swallowed": func(_ *panicky, tx tx) error {
			_ = execTx(tx, "UPDATE rooms SET name = panics()")
			return nil
		},
		"query": func(_ *panicky, tx tx) error { return second(numbers(tx, "SELECT panics()")) },
		"later row": func(_ *panicky, tx tx) error {
			return second(numbers(tx, "SELECT CASE v WHEN 1 THEN 1 ELSE panics() END FROM (SELECT 1 AS v UNION ALL SELECT 2)"))
		},
		"clock": nil, // panics before there is a transaction
		"commit": func(p *panicky, _ tx) error {
			p.commit.Store(true)
			return nil
		},
	} {
		for how, beside := range map[string]func(*panicky, string, func()){
			"alone":      func(p *panicky, _ string, f func()) { f(); p.clock.Store(false) },
			"in company": (*panicky).beside,
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				p := newPanicky(t, talktest.Databases()[0].URL(t))
				p.room("before")
				for round := range 3 {
					beside(p, fmt.Sprint("r", round, "-"), func() {
						p.clock.Store(f == nil)
						err := p.Write(t.Context(), func(tx *db.Tx) error {
							if err := store.InsertGroup(tx, store.Group{ID: fmt.Sprint("bad", round), DisplayName: "n"}); err != nil {
								return err
							}
							return f(p, tx)
						})
						if err == nil || !strings.Contains(err.Error(), "aargh") || !strings.Contains(err.Error(), ".go:") {
							t.Errorf("got %v", err)
						}
						if errors.Is(err, db.ErrUnavailable) {
							t.Errorf("a panic is no passing trouble: %v", err)
						}
					})
					if name != "commit" {
						absent(p.database, "what it did before", func(tx tx) (store.Group, error) { return store.GroupByID(tx, fmt.Sprint("bad", round)) })
					}
					p.worksAgain(fmt.Sprint("after", round))
				}
			})
		}
	}
}

// More panics than there are readers leave all of them usable.
func TestPanicOfReaders(t *testing.T) {
	t.Parallel()
	p := newPanicky(t, talktest.Databases()[0].URL(t))
	for round := range 20 {
		for _, f := range []func(*db.Tx) error{
			func(*db.Tx) error { panic("aargh") },
			func(tx *db.Tx) error { return tx.Each(func(db.Row) error { panic("aargh") }, "SELECT 1") },
			func(tx *db.Tx) error { return second(numbers(tx, "SELECT panics()")) },
		} {
			for _, err := range []error{p.Read(t.Context(), f), p.Look(t.Context(), f)} {
				if err == nil || !strings.Contains(err.Error(), "aargh") {
					t.Errorf("round %d: got %v", round, err)
				}
			}
		}
	}
	p.worksAgain("after")
}

// Nobody who waits for a snapshot waits for ever because it panics.
func TestPanicOfStamps(t *testing.T) {
	talktest.EachDatabase(t, func(t *testing.T, s *db.DB) {
		var calm atomic.Bool
		s.BeforeSnapshots(func() {
			if !calm.Load() {
				time.Sleep(time.Millisecond) // lets others share it
				panic("aargh")
			}
		})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 5 {
					if _, err := s.Snapshot(t.Context(), db.SnapshotID{}); err == nil || !strings.Contains(err.Error(), "aargh") {
						t.Errorf("got %v", err)
					}
				}
			})
		}
		wg.Wait()
		calm.Store(true)
		if _, err := s.Snapshot(t.Context(), db.SnapshotID{}); err != nil {
			t.Error(err)
		}
	})
}
