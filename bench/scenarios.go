package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// scenario is a row of the table.
type scenario struct {
	name string
	// goal is the ratio to reach, 0 for none.
	goal float64
	// reads tells that nothing changes: the floor are the same bytes from a bare
	// handler and not commits.
	reads bool
	// requests returns what a worker sends, one after the other. Those of a
	// change leave things as they were.
	requests func(worker int) []request
}

func (b *benchmark) scenarios() []scenario {
	get := func(auth, path string) func(int) []request {
		return func(int) []request { return []request{{"GET", api + path, auth, ""}} }
	}
	joinAndLeave := func(w int, token string) []request {
		path := api + "/room/" + token + "/participants/active"
		return []request{{"POST", path, b.members[w].auth, ""}, {"DELETE", path, b.members[w].auth, ""}}
	}
	return append([]scenario{
		{"GET participants, 10", 0.5, true, get(b.owner, "/room/"+b.bySize[10]+"/participants")},
		{"GET participants, 100", 0.5, true, get(b.owner, "/room/"+b.bySize[100]+"/participants")},
		{"GET participants, 1000", 0.5, true, get(b.owner, "/room/"+b.bySize[1000]+"/participants")},
		{"GET room", 0, true, get(b.owner, "/room/"+b.bySize[10])},
		{"GET room list, 20", 0.4, true, get(b.lister20, "/room")},
		{"GET room list, 200", 0, true, get(b.lister200, "/room")},
		{"join, leave, all in one room", 0.7, false, func(w int) []request { return joinAndLeave(w, b.bySize[100]) }},
		{"join, leave", 0.7, false, func(w int) []request { return joinAndLeave(w, b.own[w]) }},
		{"add, remove oneself", 0.7, false, func(w int) []request {
			path, who := api+"/room/"+b.own[w]+"/participants", b.strangers[w]
			return []request{{"POST", path, b.owner, `{"newParticipant":"` + who.id + `"}`}, {"DELETE", path + "/self", who.auth, ""}}
		}},
		{"PUT permissions", 0.7, false, func(w int) []request {
			set := func(permissions int) request {
				body := fmt.Sprintf(`{"attendeeId":%d,"method":"set","permissions":%d}`, b.member[w], permissions)
				return request{"PUT", api + "/room/" + b.own[w] + "/attendees/permissions", b.owner, body}
			}
			// Both may chat: later rows send as these members.
			return []request{set(158), set(0)}
		}},
	}, b.chatScenarios()...)
}

// table measures and prints all rows whose name contains the text.
func (b *benchmark) table(ctx context.Context, only string) error {
	if err := b.addRooms(ctx); err != nil {
		return fmt.Errorf("making the conversations: %w", err)
	}
	if err := b.addMessages(ctx, b.bySize[100], b.messages); err != nil {
		return fmt.Errorf("filling a conversation with messages: %w", err)
	}
	const form = "%-28s  %10s  %9s  %9s  %11s  %12s  %5s  %4s  %s\n"
	fmt.Fprintf(b.out, form, "request", "per second", "p50", "p99", "allocations", "floor/second", "ratio", "goal", "")
	for _, s := range b.scenarios() {
		if !strings.Contains(s.name, only) {
			continue
		}
		parley, floor, err := b.compare(ctx, s)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		ratio, goal, mark := parley.perSecond()/floor.perSecond(), "", ""
		if s.goal > 0 {
			goal = fmt.Sprintf("%.2f", s.goal)
		}
		if ratio < s.goal {
			mark = "below"
		}
		fmt.Fprintf(b.out, form, s.name, fmt.Sprintf("%.0f", parley.perSecond()), ms(parley.quantile(0.5)), ms(parley.quantile(0.99)),
			fmt.Sprintf("%.0f", parley.allocations()), fmt.Sprintf("%.0f", floor.perSecond()), fmt.Sprintf("%.2f", ratio), goal, mark)
	}
	return nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond)) }

// compare measures a row and its floor.
func (b *benchmark) compare(ctx context.Context, s scenario) (parley, floor tally, err error) {
	clients, err := newFleet(ctx, b.address, b.workers, s.requests)
	if err != nil {
		return parley, floor, err
	}
	defer clients.close()
	if !s.reads {
		return takeTurns(b.workers, b.round, clients.send, b.bare.commit)
	}
	body, err := ask(ctx, b.address, s.requests(0)[0])
	if err != nil {
		return parley, floor, err
	}
	server, address, err := serveFloor(ctx, body)
	if err != nil {
		return parley, floor, err
	}
	defer server.Close()
	bare, err := newFleet(ctx, address, b.workers, s.requests)
	if err != nil {
		return parley, floor, err
	}
	defer bare.close()
	return takeTurns(b.workers, b.round, clients.send, bare.send)
}
