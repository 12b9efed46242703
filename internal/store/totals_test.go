package store_test

import (
	"errors"
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

func TestTotals(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		totals := func() store.Totals { return look(d, store.CountTotals) }
		equal(t, "of nothing", totals(), store.Totals{})
		_, people := d.room("r", person("alice", talk.Owner), person("bob", talk.Member))
		d.room("other")
		d.session(people[0], "a", start, talk.Caller{Client: "one"})
		d.session(people[0], "b", alive, talk.Caller{Client: "two"})
		d.session(people[1], "c", dead, talk.Caller{Client: "three"})
		equal(t, "totals", totals(), store.Totals{Rooms: 2, Sessions: 2})
	})
}

func TestCommitsAreCounted(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.room("r")
		before := d.Counts()
		d.change(func(*db.Tx) error { return nil })
		if err := d.WriteKey(t.Context(), "r", func(tx *db.Tx) error { return store.RaiseVersion(tx, "r") }); err != nil {
			t.Fatal(err)
		}
		after := d.Counts()
		equal(t, "commits", after.Commits-before.Commits, int64(2))
		if after.Waited <= before.Waited {
			t.Errorf("no wait was added to %v", before.Waited)
		}
		d.read(func(tx *db.Tx) error { _, err := store.Room(tx, "r"); return err })
		refused := errors.New("refused")
		d.refused(refused, func(*db.Tx) error { return refused })
		equal(t, "commits of reads and failures", d.Counts().Commits-after.Commits, int64(0))
	})
}
