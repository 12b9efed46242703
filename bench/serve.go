package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"parley/internal/config"
	"parley/internal/conversation"
	"parley/internal/dbadmin"
	"parley/internal/secret"
	"parley/internal/server"
	"parley/internal/talk"
)

const api = "/ocs/v2.php/apps/spreed/api/v4"

// fewestPeople is how many accounts the table needs at least.
const fewestPeople = 1010

// benchmark is a running server with conversations to measure on.
type benchmark struct {
	srv     *server.Server
	address string
	ended   chan error
	cancel  context.CancelFunc
	out     io.Writer
	workers int
	people  int // accounts
	// messages is how many there are in the conversation of 100 people.
	messages int
	round    time.Duration
	// bare is the database without parley, what says which one it is.
	bare *bareDatabase
	what string
	// prefix makes the ids of this run, so that a database can be used again.
	prefix string
	// owner is the authorization of the owner of all conversations but those of
	// the listers; members are in the workers' conversations, strangers are not.
	owner, lister20, lister200 string
	members, strangers         []person
	// bySize are the conversations by the number of their participants; own are
	// those that the workers change, each one of its own, and member is the
	// attendee in it whose permissions change.
	bySize map[int]string
	own    []string
	member []int64
}

// person is an account that can log in.
type person struct{ id, auth string }

// serve starts a server on the database.
func serve(ctx context.Context, database, folder string, log *slog.Logger) (*benchmark, error) {
	cfg := config.Default()
	cfg.Data, cfg.Database, cfg.Listen, cfg.Admin = folder, database, "127.0.0.1:0", "bench-admin:bench-admin-1"
	srv, err := server.New(ctx, cfg, log, server.WithHashing(secret.TestOptions()))
	if err != nil {
		return nil, err
	}
	address, err := srv.Listen(ctx)
	if err != nil {
		return nil, errors.Join(err, srv.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	b := &benchmark{
		srv: srv, address: address.String(), ended: make(chan error, 1), cancel: cancel,
		prefix: strconv.FormatInt(time.Now().Unix(), 36), bySize: map[int]string{},
	}
	go func() { b.ended <- srv.Run(ctx) }()
	return b, nil
}

func (b *benchmark) stop() error {
	b.cancel()
	return <-b.ended
}

// start prints how long the server takes to start on a database, and its memory then.
func start(ctx context.Context, out io.Writer, database, folder string) error {
	begin := time.Now()
	b, err := serve(ctx, database, folder, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	_, err = ask(ctx, b.address, request{method: "GET", path: "/readyz"})
	if err == nil {
		fmt.Fprintf(out, "/readyz answered after %v, memory (RSS) %s\n", time.Since(begin).Round(time.Millisecond), rss())
	}
	return errors.Join(err, b.stop())
}

// rss is the memory that this process has, the clients' among it.
func rss() string {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "unknown"
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	line, _, _ := strings.Cut(rest, "\n")
	kilobytes, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(line), " kB"))
	if err != nil {
		return "unknown"
	}
	return fmt.Sprintf("%d MB", kilobytes/1024)
}

// id returns the id of an account of this run.
func (b *benchmark) id(n int) string { return fmt.Sprintf("%s-%04d", b.prefix, n) }

// person returns an account with a new app password.
func (b *benchmark) person(ctx context.Context, n int) (person, error) {
	password, err := b.srv.Auth.CreateAppPassword(ctx, b.id(n), "bench")
	return person{b.id(n), "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(b.id(n)+":"+password))}, err
}

// addPeople makes the accounts.
func (b *benchmark) addPeople(ctx context.Context) error {
	columns := []string{"user_id", "lookup", "display_name", "password_hash", "created_at"}
	err := dbadmin.Load(ctx, b.srv.Store, "accounts", columns, func(yield func([]any) bool) {
		for n := range b.people {
			// Nobody's password has the hash "": app passwords are what counts.
			if !yield([]any{b.id(n), b.id(n), b.id(n), "", time.Now().Unix()}) {
				return
			}
		}
	}, nil)
	if err != nil {
		return err
	}
	if err := b.srv.Directory.CreateGroup(ctx, b.everybody(), ""); err != nil {
		return err
	}
	err = dbadmin.Load(ctx, b.srv.Store, "group_members", []string{"group_id", "user_id"}, func(yield func([]any) bool) {
		for n := range b.people {
			if !yield([]any{b.everybody(), b.id(n)}) {
				return
			}
		}
	}, nil)
	if err != nil {
		return err
	}
	return b.logIn(ctx)
}

// everybody is the id of the group of all accounts of this run.
func (b *benchmark) everybody() string { return b.prefix + "-all" }

// addRooms makes the conversations of the table.
func (b *benchmark) addRooms(ctx context.Context) (err error) {
	for _, size := range []int{10, 100, 1000} {
		if b.bySize[size], err = b.room(ctx, b.people-1, talk.Public, fmt.Sprint("room of ", size), size); err != nil {
			return err
		}
	}
	for range b.workers {
		token, err := b.room(ctx, b.people-1, talk.Public, "own room", 100)
		if err != nil {
			return err
		}
		member, err := b.memberOf(ctx, token)
		if err != nil {
			return err
		}
		b.own, b.member = append(b.own, token), append(b.member, member)
	}
	for lister, rooms := range map[int]int{b.people - 2: 20, b.people - 3: 200} {
		_, _, err := together(rooms, 0, func(i int) error {
			_, err := b.room(ctx, lister, talk.Group, fmt.Sprint("room ", i), 10)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// logIn makes the app passwords of those who do something: the owner is the last
// account, the listers are before it, members are the first ones.
func (b *benchmark) logIn(ctx context.Context) error {
	for n, auth := range []*string{&b.owner, &b.lister20, &b.lister200} {
		p, err := b.person(ctx, b.people-1-n)
		if err != nil {
			return err
		}
		*auth = p.auth
	}
	for w := range b.workers {
		member, err := b.person(ctx, w)
		if err != nil {
			return err
		}
		stranger, err := b.person(ctx, b.people/2+w)
		if err != nil {
			return err
		}
		b.members, b.strangers = append(b.members, member), append(b.strangers, stranger)
	}
	return nil
}

// room makes a conversation of the given size and returns its token.
func (b *benchmark) room(ctx context.Context, owner int, kind talk.RoomType, name string, size int) (string, error) {
	wanted := conversation.NewRoom{Type: kind, Name: name, Users: make([]string, size-1)}
	for n := range wanted.Users {
		wanted.Users[n] = b.id(n)
	}
	return b.create(ctx, owner, wanted)
}

// create makes a conversation and returns its token.
func (b *benchmark) create(ctx context.Context, owner int, wanted conversation.NewRoom) (string, error) {
	caller := talk.Caller{UserID: b.id(owner), DisplayName: b.id(owner)}
	created, err := b.srv.Conversations.CreateRoom(ctx, caller, wanted)
	return created.Token, err
}

// listed is an entry of a list of participants.
type listed struct {
	AttendeeID      int64    `json:"attendeeId"`
	ParticipantType int      `json:"participantType"`
	SessionIDs      []string `json:"sessionIds"`
}

// memberOf returns the attendee id of a member of a conversation.
func (b *benchmark) memberOf(ctx context.Context, token string) (int64, error) {
	list, err := b.list(ctx, token)
	for _, p := range list {
		if p.ParticipantType == int(talk.Member) {
			return p.AttendeeID, nil
		}
	}
	return 0, errors.Join(err, errors.New("nobody is a member"))
}
