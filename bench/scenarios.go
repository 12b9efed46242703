package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"parley/internal/app"
	"parley/internal/config"
	"parley/internal/secret"
	"parley/internal/server"
	"parley/internal/talk"
)

const api = "/ocs/v2.php/apps/spreed/api/v4"

// people is how many accounts there are; the largest conversation has them all.
const people = 1000

// benchmark is a running server with conversations to measure on.
type benchmark struct {
	srv      *server.Server
	address  string
	database string
	folder   string
	workers  int
	d        time.Duration
	ended    chan error
	cancel   context.CancelFunc
	// owner is the authorization of the owner of all conversations; joiners are
	// those of the accounts that the workers act as.
	owner   string
	joiners []string
	// bySize are the conversations by the number of their participants; own are
	// those that the workers change, each one of its own.
	bySize map[int]string
	own    []string
}

func newBench(ctx context.Context, database, folder string, workers int, d time.Duration) (*benchmark, error) {
	cfg := config.Default()
	cfg.Data, cfg.Database, cfg.Listen, cfg.Admin, cfg.BruteForce = folder, database, "127.0.0.1:0", "bench-admin:bench-admin-1", false
	srv, err := server.New(ctx, cfg, slog.New(slog.DiscardHandler), server.WithHashing(secret.TestOptions()))
	if err != nil {
		return nil, err
	}
	address, err := srv.Listen(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	b := &benchmark{
		srv: srv, address: address.String(), database: database, folder: folder, workers: workers, d: d,
		ended: make(chan error, 1), cancel: cancel, bySize: map[int]string{},
	}
	go func() { b.ended <- srv.Run(ctx) }()
	return b, b.fill(ctx)
}

func (b *benchmark) stop() {
	b.cancel()
	if err := <-b.ended; err != nil {
		fmt.Fprintln(os.Stderr, "bench: the server ended with:", err)
	}
}

// account creates an account and returns its authorization header.
func (b *benchmark) account(ctx context.Context, id string) (string, error) {
	err := b.srv.App.CreateAccount(ctx, talk.Caller{System: talk.GuestCLI}, app.NewAccount{UserID: id, Password: "bench-password"})
	if err != nil && !talk.IsKind(err, talk.Conflict) {
		return "", err
	}
	password, err := b.srv.Auth.CreateAppPassword(ctx, id, "bench")
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+password)), err
}

func (b *benchmark) fill(ctx context.Context) (err error) {
	if b.owner, err = b.account(ctx, "owner"); err != nil {
		return err
	}
	ids := make([]string, people-1)
	for i := range ids {
		ids[i] = fmt.Sprintf("person%04d", i)
		auth, err := b.account(ctx, ids[i])
		if err != nil {
			return err
		}
		if i < b.workers {
			b.joiners = append(b.joiners, auth)
		}
	}
	owner := talk.Caller{UserID: "owner", DisplayName: "owner"}
	for _, size := range []int{10, 100, 1000} {
		created, err := b.srv.App.CreateRoom(ctx, owner, app.NewRoom{Type: talk.Public, Name: fmt.Sprint("room of ", size), Users: ids[:size-1]})
		if err != nil {
			return err
		}
		b.bySize[size] = created.Token
	}
	for range b.workers {
		created, err := b.srv.App.CreateRoom(ctx, owner, app.NewRoom{Type: talk.Public, Name: "own room", Users: ids[:99]})
		if err != nil {
			return err
		}
		b.own = append(b.own, created.Token)
	}
	for user, rooms := range map[string]int{"lister20": 20, "lister200": 200} {
		if _, err := b.account(ctx, user); err != nil {
			return err
		}
		for i := range rooms {
			_, err := b.srv.App.CreateRoom(ctx, talk.Caller{UserID: user, DisplayName: user},
				app.NewRoom{Type: talk.Group, Name: fmt.Sprint("room ", i), Users: ids[:9]})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func headers(auth string) []string {
	return []string{auth, "OCS-APIRequest: true", "Accept: application/json"}
}

// read is a request that changes nothing, compared with a bare handler.
type read struct {
	name, user, path string
	goal             float64
}

func (b *benchmark) reads(ctx context.Context, only string, table *tabwriter.Writer) error {
	all := []read{
		{"GET participants, 10", "owner", api + "/room/" + b.bySize[10] + "/participants", 0.5},
		{"GET participants, 100", "owner", api + "/room/" + b.bySize[100] + "/participants", 0.5},
		{"GET participants, 1000", "owner", api + "/room/" + b.bySize[1000] + "/participants", 0.5},
		{"GET room", "owner", api + "/room/" + b.bySize[10], 0.5},
		{"GET room list, 20", "lister20", api + "/room", 0.4},
		{"GET room list, 200", "lister200", api + "/room", 0.4},
	}
	for _, q := range all {
		if !strings.Contains(q.name, only) {
			continue
		}
		auth, err := b.account(ctx, q.user)
		if err != nil {
			return err
		}
		r, floor, err := b.compare(ctx, q.path, headers(auth))
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		line(table, q.name, r, floor, q.goal)
	}
	return nil
}

// compare measures a path on parley and the same bytes on the floor, in turns.
func (b *benchmark) compare(ctx context.Context, path string, headers []string) (parley, floor result, err error) {
	q := request{method: "GET", path: path, headers: headers, want: 200}
	c, err := dial(ctx, b.address)
	if err != nil {
		return parley, floor, err
	}
	body, err := c.do(q.bytes(b.address), q.want, true)
	if err != nil {
		return parley, floor, err
	}
	bare, err := serveFloor(ctx, map[string][]byte{path: body})
	if err != nil {
		return parley, floor, err
	}
	if floor, err = b.load(ctx, bare, q); err != nil {
		return parley, floor, err
	}
	parley, err = b.load(ctx, b.address, q)
	return parley, floor, err
}

// load sends one request from all workers.
func (b *benchmark) load(ctx context.Context, address string, q request) (result, error) {
	clients, err := b.dialAll(ctx, address)
	if err != nil {
		return result{}, err
	}
	raw := q.bytes(address)
	return measure(b.workers, b.d, func(w int) error {
		_, err := clients[w].do(raw, q.want, false)
		return err
	})
}

func (b *benchmark) dialAll(ctx context.Context, address string) ([]*client, error) {
	clients := make([]*client, b.workers)
	for i := range clients {
		var err error
		if clients[i], err = dial(ctx, address); err != nil {
			return nil, err
		}
	}
	return clients, nil
}

// write is a pair of requests that leaves things as they were.
type write struct {
	name string
	// requests returns what a worker sends, one after the other.
	requests func(worker int) []request
}

func (b *benchmark) writes(ctx context.Context, only string, table *tabwriter.Writer) error {
	const goal = 0.7
	floor, err := bareCommits(ctx, b.database, b.folder, b.workers, b.d)
	if err != nil {
		return err
	}
	ids := make([]int64, b.workers)
	for w := range ids {
		if ids[w], err = b.member(ctx, b.own[w]); err != nil {
			return err
		}
	}
	for _, q := range b.changes(ids) {
		if !strings.Contains(q.name, only) {
			continue
		}
		clients, err := b.dialAll(ctx, b.address)
		if err != nil {
			return err
		}
		raws, turn := make([][]request, b.workers), make([]int, b.workers)
		for w := range raws {
			raws[w] = q.requests(w)
		}
		r, err := measure(b.workers, b.d, func(w int) error {
			next := raws[w][turn[w]%len(raws[w])]
			turn[w]++
			_, err := clients[w].do(next.bytes(b.address), next.want, false)
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		line(table, q.name, r, floor, goal)
	}
	return nil
}

func (b *benchmark) changes(attendees []int64) []write {
	room := func(w int) string { return api + "/room/" + b.own[w] }
	return []write{
		{"join, leave, one room", func(w int) []request {
			h, room := headers(b.joiners[w]), api+"/room/"+b.bySize[100]
			return []request{
				{"POST", room + "/participants/active", h, "", 200}, {"DELETE", room + "/participants/active", h, "", 200},
			}
		}},
		{"join, leave", func(w int) []request {
			room := room(w)
			h := headers(b.joiners[w])
			return []request{
				{"POST", room + "/participants/active", h, "", 200}, {"DELETE", room + "/participants/active", h, "", 200},
			}
		}},
		{"add, remove oneself", func(w int) []request {
			body := fmt.Sprintf(`{"newParticipant":"person%04d"}`, people-2-w)
			auth, err := b.account(context.Background(), fmt.Sprintf("person%04d", people-2-w))
			if err != nil {
				panic(err)
			}
			room := room(w)
			return []request{
				{"POST", room + "/participants", headers(b.owner), body, 200},
				{"DELETE", room + "/participants/self", headers(auth), "", 200},
			}
		}},
		{"PUT permissions", func(w int) []request {
			body := fmt.Sprintf(`{"attendeeId":%d,"method":"set","permissions":%d}`, attendees[w], 30)
			back := fmt.Sprintf(`{"attendeeId":%d,"method":"set","permissions":0}`, attendees[w])
			h, room := headers(b.owner), room(w)
			return []request{
				{"PUT", room + "/attendees/permissions", h, body, 200}, {"PUT", room + "/attendees/permissions", h, back, 200},
			}
		}},
	}
}

// member returns the attendee id of a member of a conversation.
func (b *benchmark) member(ctx context.Context, token string) (int64, error) {
	c, err := dial(ctx, b.address)
	if err != nil {
		return 0, err
	}
	q := request{"GET", api + "/room/" + token + "/participants", headers(b.owner), "", 200}
	body, err := c.do(q.bytes(b.address), q.want, true)
	if err != nil {
		return 0, err
	}
	var answer struct {
		OCS struct {
			Data []struct {
				AttendeeID      int64 `json:"attendeeId"`
				ParticipantType int   `json:"participantType"`
			} `json:"data"`
		} `json:"ocs"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return 0, err
	}
	for _, p := range answer.OCS.Data {
		if p.ParticipantType == int(talk.Member) {
			return p.AttendeeID, nil
		}
	}
	return 0, errors.New("nobody is a member")
}
