package eventlog_test

import (
	"slices"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/store/eventlog"
	"parley/internal/talktest"
)

func each(t *testing.T, f func(*testing.T, *db.DB)) {
	t.Helper()
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) { f(t, talktest.Open(t, db.Options{URL: d.URL(t), Now: time.Now})) })
	}
}

func write(t *testing.T, d *db.DB, f func(*db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func TestCursor(t *testing.T) {
	c := eventlog.Cursor{Tx: 3, ID: 17, At: 1_700_000_000}
	if got, ok := eventlog.ParseCursor(c.String()); !ok || got != c {
		t.Errorf("%q is %v, %v", c, got, ok)
	}
	for _, text := range []string{"", "-", "--", "1-2", "1-2-3-4", "a-2-3", "1--2-3", "+1-2-3", "1- 2-3", "1-2-99999999999999999999"} {
		if got, ok := eventlog.ParseCursor(text); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
	if (eventlog.Cursor{Tx: 2, ID: 1}).Before(eventlog.Cursor{Tx: 1, ID: 9}) || !(eventlog.Cursor{Tx: 2, ID: 1}).Before(eventlog.Cursor{Tx: 2, ID: 2}) {
		t.Error("places are not in their order")
	}
}

func FuzzParseCursor(f *testing.F) {
	f.Add("1-2-3")
	f.Fuzz(func(t *testing.T, text string) {
		if c, ok := eventlog.ParseCursor(text); ok {
			if again, ok := eventlog.ParseCursor(c.String()); !ok || again != c {
				t.Errorf("%q is %v, and again %v", text, c, again)
			}
		}
	})
}

// TestForeignEvents: a log that was brought from another database hides nothing of this one.
func TestForeignEvents(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		add := func() {
			write(t, d, func(tx *db.Tx) error { return eventlog.Insert(tx, []eventlog.Event{{RoomID: 1, Kind: "x"}}) })
		}
		add()
		write(t, d, func(tx *db.Tx) error { return tx.Run("UPDATE events SET tx = 1000000000") })
		write(t, d, eventlog.Adopt)
		add()
		add()
		write(t, d, eventlog.Adopt)
		var ids []int64
		write(t, d, func(tx *db.Tx) error {
			all, hidden, err := eventlog.After(tx, eventlog.Cursor{}, 10)
			for _, e := range all {
				ids = append(ids, e.ID)
			}
			if hidden {
				t.Error("events are hidden")
			}
			return err
		})
		if len(ids) != 3 || !slices.IsSorted(ids) {
			t.Errorf("events %v", ids)
		}
	})
}

// TestUse: only the first use makes new settings.
func TestUse(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		var versions []string
		for range 3 {
			write(t, d, func(tx *db.Tx) error {
				version, err := store.SettingsVersion(tx)
				versions = append(versions, version)
				return err
			})
			write(t, d, eventlog.Use)
		}
		if versions[0] == versions[1] || versions[1] != versions[2] {
			t.Errorf("versions of the settings: %q", versions)
		}
	})
}
