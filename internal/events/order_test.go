package events

import (
	"fmt"
	"testing"

	"parley/internal/store/eventlog"
)

// TestInOrder: the events of a conversation come in the order of their numbers, and nobody who
// goes on after any of them misses one.
func TestInOrder(t *testing.T) {
	at := func(tx, id int64) eventlog.Cursor { return eventlog.Cursor{Tx: tx, ID: id} }
	event := func(tx, id, room int64) eventlog.Event { return eventlog.Event{Cursor: at(tx, id), RoomID: room} }
	for name, test := range map[string]struct {
		page []eventlog.Event
		want string
	}{
		"nothing":       {nil, ""},
		"in order":      {[]eventlog.Event{event(5, 1, 1), event(5, 2, 2), event(6, 3, 1)}, "1/1 2/2 3/3 "},
		"one waited":    {[]eventlog.Event{event(5, 9, 1), event(6, 8, 1)}, "8/0 9/8 "},
		"others stay":   {[]eventlog.Event{event(5, 9, 1), event(5, 4, 2), event(6, 8, 1), event(7, 5, 2)}, "8/0 4/0 9/8 5/5 "},
		"several moved": {[]eventlog.Event{event(4, 9, 1), event(5, 8, 1), event(6, 7, 1), event(7, 10, 1)}, "7/0 8/0 9/7 10/10 "},
	} {
		got := ""
		for _, e := range inOrder(at(1, 0), test.page) {
			got += fmt.Sprintf("%d/%d ", e.ID, e.Resume.ID)
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
