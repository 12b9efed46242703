package events

import (
	"slices"

	"parley/internal/store/eventlog"
)

// Record is what is kept of something that happened in a conversation.
type Record = eventlog.Event

// Event is something that happened in a conversation.
type Event struct {
	Record
	// Resume is where somebody goes on who has read up to this event.
	Resume eventlog.Cursor
}

// inOrder returns a page of the log, read after a place, in the order in which the events of
// each conversation happened.
//
// The log is in the order of its transactions. One that waited for a conversation can be older
// than the one it waited for; the numbers of the events, which were given under the lock of
// the conversation, tell. Both are in the same page: neither is read while one is hidden.
func inOrder(after eventlog.Cursor, page []eventlog.Event) []*Event {
	at := map[int64][]int{}
	for i := range page {
		at[page[i].RoomID] = append(at[page[i].RoomID], i)
	}
	order := make([]int, len(page))
	for _, places := range at {
		sorted := slices.Clone(places)
		slices.SortFunc(sorted, func(a, b int) int { return int(page[a].ID - page[b].ID) })
		for i, place := range places {
			order[place] = sorted[i]
		}
	}
	out := make([]*Event, len(page))
	given, upTo := make([]bool, len(page)), 0
	for i, from := range order {
		given[from] = true
		for upTo < len(page) && given[upTo] {
			after = page[upTo].Cursor
			upTo++
		}
		out[i] = &Event{page[from], after}
	}
	return out
}
