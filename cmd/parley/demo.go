package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"parley/internal/chat"
	"parley/internal/config"
	"parley/internal/conversation"
	"parley/internal/directory"
	"parley/internal/obs"
	"parley/internal/room"
	"parley/internal/server"
	"parley/internal/talk"
)

type demoCommand struct {
	Listen string `name:"listen" placeholder:"HOST:PORT" help:"Address to serve on (default 127.0.0.1:8080, or a free port when that is taken)."`
	JSON   bool   `name:"json" help:"Print JSON for programs."`
}

// Help is shown by --help.
func (*demoCommand) Help() string {
	return `It makes accounts, a group and a conversation with messages in a temporary folder, prints
how to use them, and serves until Ctrl-C. Nothing is left behind.

Examples:
  parley demo
  parley demo --listen 127.0.0.1:9000`
}

// The people of the demo. Everybody's password is the user id and demoSuffix.
const (
	demoAdmin  = "admin"
	demoOwner  = "alice"
	demoGroup  = "crew"
	demoSuffix = "-demo"
	demoRoom   = "Garden party"
)

// demoNames are the display names of the accounts besides the administrator.
var demoNames = map[string]string{"alice": "Alice Arden", "bob": "Bob Birch", "carol": "Carol Cedar", "dave": "Dave Dogwood"}

// demoUsers are all accounts in the order in which they are shown.
var demoUsers = []string{"admin", "alice", "bob", "carol", "dave"}

// Run makes the demo, prints it and serves it until the terminal's context ends.
func (c *demoCommand) Run(t *terminal) (err error) {
	folder, err := os.MkdirTemp("", "parley-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	s, url, err := c.start(t, folder)
	if err != nil {
		return err
	}
	token, err := populate(t.ctx, s.Core)
	if err == nil {
		err = c.print(t, demo{URL: url, Token: token, folder: folder})
	}
	if err != nil {
		return errors.Join(err, s.Close())
	}
	return s.Run(t.ctx)
}

// start returns a server that listens, and its address.
func (c *demoCommand) start(t *terminal, folder string) (s *server.Server, url string, err error) {
	cfg := config.Default()
	cfg.Data, cfg.Admin = folder, demoAdmin+":"+demoAdmin+demoSuffix
	addresses := []string{"127.0.0.1:8080", "127.0.0.1:0"}
	if c.Listen != "" {
		addresses = []string{c.Listen}
	}
	for _, cfg.Listen = range addresses {
		s, err = server.New(t.ctx, cfg, obs.NewLogger("text", slog.LevelWarn, t.err), t.options...)
		if err != nil {
			return nil, "", err
		}
		address, listening := s.Listen(t.ctx)
		if listening == nil {
			return s, "http://" + address.String(), nil
		}
		err = errors.Join(listening, s.Close())
	}
	return nil, "", err
}

// populate makes the people, the group and the conversation, and returns its token.
func populate(ctx context.Context, core *server.Core) (token string, err error) {
	if err := makePeople(ctx, core); err != nil {
		return "", err
	}
	if err := core.Directory.CreateGroup(ctx, demoGroup, "Crew"); err != nil {
		return "", err
	}
	for _, user := range []string{"bob", "carol"} {
		if err := core.Directory.AddToGroup(ctx, operator(), demoGroup, user); err != nil {
			return "", err
		}
	}
	alice := talk.Caller{UserID: demoOwner, DisplayName: demoNames[demoOwner]}
	made, err := core.Conversations.CreateRoom(ctx, alice, conversation.NewRoom{
		Type: talk.Public, Name: demoRoom, Description: "Who brings what?", Users: []string{"dave"}, Groups: []string{demoGroup},
	})
	if err == nil {
		err = converse(ctx, core.Chat, made.Token)
	}
	return made.Token, err
}

// converse lets the people say something: messages with a mention and an answer, a poll with
// votes, and a reaction.
func converse(ctx context.Context, c *chat.Service, token string) error {
	as := func(user string) room.Scope {
		return room.Scope{Caller: talk.Caller{UserID: user, DisplayName: demoNames[user]}, Token: token}
	}
	var last int64
	for _, m := range []struct{ who, text string }{
		{"alice", "Saturday at six, in my garden. @all are welcome!"},
		{"bob", "I bring the grill. @carol, do you have charcoal?"},
		{"carol", "Two bags, and a salad."},
	} {
		draft := chat.Draft{Text: m.text}
		if m.who == "carol" {
			draft.ReplyTo = last
		}
		said, err := c.Send(ctx, as(m.who), draft)
		if err != nil {
			return err
		}
		last = said.ID
	}
	if _, _, err := c.React(ctx, as("alice"), last, "🎉"); err != nil {
		return err
	}
	poll, err := c.CreatePoll(ctx, as("dave"), talk.Poll{
		Question: "What do we drink?", Options: []string{"Lemonade", "Cider", "Tea"}, ResultMode: talk.ResultsPublic, MaxVotes: 1,
	})
	for i, user := range []string{"alice", "bob", "carol"} {
		if err != nil {
			return err
		}
		_, err = c.Vote(ctx, as(user), poll.ID, []int{i % 2})
	}
	return err
}

// makePeople makes the accounts at the same time, since hashing passwords takes long.
func makePeople(ctx context.Context, core *server.Core) error {
	var all sync.WaitGroup
	failed := make(chan error, len(demoNames))
	for user, name := range demoNames {
		all.Go(func() {
			failed <- core.Directory.CreateAccount(ctx, operator(), directory.NewAccount{UserID: user, Password: user + demoSuffix, DisplayName: name})
		})
	}
	all.Wait()
	close(failed)
	var err error
	for e := range failed {
		err = errors.Join(err, e)
	}
	return err
}

// demo is what the demo made.
type demo struct {
	URL      string        `json:"url"`
	Token    string        `json:"token"`
	Group    string        `json:"group"`
	Accounts []demoAccount `json:"accounts"`
	Requests []string      `json:"requests"`

	folder string
}

// demoAccount is an account of the demo.
type demoAccount struct {
	User     string `json:"user"`
	Password string `json:"password"`
	Role     string `json:"role"`
}

// print tells a person, or a program, what there is and what to do with it.
func (c *demoCommand) print(t *terminal, d demo) error {
	d.Group = demoGroup
	people := table{head: "USER PASSWORD WHO"}
	roles := map[string]string{
		"admin": "administrator", "alice": "owner of the conversation", "bob": "member, by the group " + demoGroup,
		"carol": "member, by the group " + demoGroup, "dave": "member",
	}
	for _, user := range demoUsers {
		d.Accounts = append(d.Accounts, demoAccount{user, user + demoSuffix, roles[user]})
		people.rows = append(people.rows, []string{user, user + demoSuffix, roles[user]})
	}
	d.Requests = d.requests()
	if c.JSON {
		return t.show(admin{JSON: true}, d, people)
	}
	fmt.Fprintf(t.out, "parley serves at %s with the public conversation %q, token %s.\n\n", d.URL, demoRoom, d.Token)
	if err := t.show(admin{}, nil, people); err != nil {
		return err
	}
	_, err := fmt.Fprintf(t.out, `
Alice's conversations, the participants of this one, and joining it as a guest:

  %s

Everything is in %s and gone after Ctrl-C.
`, strings.Join(d.Requests, "\n\n  "), d.folder)
	return err
}

// requests returns three command lines to paste into a shell.
func (d demo) requests() []string {
	api := d.URL + "/ocs/v2.php/apps/spreed/api/v4/room"
	login := "curl -s -u " + demoOwner + ":" + demoOwner + demoSuffix + " -H 'OCS-APIRequest: true' "
	jar := filepath.Join(d.folder, "guest.jar")
	return []string{
		login + "'" + api + "?format=json'",
		login + "'" + api + "/" + d.Token + "/participants?format=json'",
		"curl -s -X POST -b " + jar + " -c " + jar + " -H 'OCS-APIRequest: true' '" + api + "/" + d.Token + "/participants/active?format=json'",
	}
}
