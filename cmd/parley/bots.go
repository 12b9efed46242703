package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/bot"
	"parley/internal/room"
	"parley/internal/server"
	"parley/internal/talk"
)

type botCommands struct {
	Install botInstall `cmd:"" help:"Install a bot."`
	List    botList    `cmd:"" help:"List the bots and how they do."`
	Remove  botRemove  `cmd:"" help:"Remove a bot from everywhere."`
	State   botState   `cmd:"" help:"Choose who may use a bot."`
	Setup   botSetup   `cmd:"" help:"Bring a bot into a conversation, or take it out."`
}

// botStates are what commands call the states of bots.
var botStates = map[string]talk.BotState{"disabled": talk.BotDisabled, "enabled": talk.BotEnabled, "no-setup": talk.BotNoSetup}

func stateName(s talk.BotState) string {
	for name, state := range botStates {
		if state == s {
			return name
		}
	}
	return strconv.Itoa(int(s))
}

// botView is a bot for programs. Secret is there only after installing.
type botView struct {
	ID          int64    `json:"id"`
	Name        string   `json:"name"`
	URL         string   `json:"url"`
	Description string   `json:"description"`
	Features    []string `json:"features"`
	State       string   `json:"state"`
	ErrorCount  int      `json:"errorCount"`
	LastError   string   `json:"lastError"`
	LastErrorAt int64    `json:"lastErrorAt"`
	Secret      string   `json:"secret,omitempty"`
}

func newBotView(b *talk.Bot) botView {
	v := botView{
		ID: b.ID, Name: b.Name, URL: b.URL, Description: b.Description, Features: []string{}, State: stateName(b.State),
		ErrorCount: b.ErrorCount, LastError: b.LastError, LastErrorAt: b.LastErrorAt,
	}
	for name, f := range talk.BotFeatureNames {
		if b.Features.Has(f) {
			v.Features = append(v.Features, name)
		}
	}
	slices.Sort(v.Features)
	return v
}

type botInstall struct {
	admin
	Name        string   `arg:"" help:"Name of the bot, at most 64 characters."`
	URL         string   `arg:"" help:"Where the bot listens, http:// or https://."`
	Description string   `name:"description" help:"What moderators read about it." placeholder:"TEXT"`
	Feature     []string `name:"feature" default:"webhook,response" help:"What it does: webhook (is told of messages), response (writes and reacts), reaction (is told of reactions)." placeholder:"LIST"`
	NoSetup     bool     `name:"no-setup" help:"Let only the administrator bring it into conversations."`
	SecretFile  string   `name:"secret-file" help:"File with the shared secret, 40 to 128 characters; a new one without it." placeholder:"FILE" type:"existingfile"`
}

// Help is shown by --help.
func (*botInstall) Help() string {
	return `The secret signs what the server and the bot send each other. It is shown once. A bot on
the server's own network needs --allow-private where the server runs.

Examples:
  parley bot install Weather https://bots.example.org/weather
  parley bot install Greeter http://127.0.0.1:9000/ --feature webhook,response,reaction`
}

// Run installs the bot.
func (c *botInstall) Run(t *terminal) error {
	b := talk.Bot{Name: c.Name, URL: c.URL, Description: c.Description, State: talk.BotEnabled}
	if c.NoSetup {
		b.State = talk.BotNoSetup
	}
	for _, name := range c.Feature {
		f, known := talk.BotFeatureNames[name]
		if !known {
			return fmt.Errorf("there is no feature %q: use webhook, response and reaction", name)
		}
		b.Features |= f
	}
	if c.SecretFile != "" {
		var err error
		if b.Secret, err = fromFile(c.SecretFile); err != nil {
			return fmt.Errorf("cannot read the secret: %w", err)
		}
	}
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Bots.Install(t.ctx, &b); err != nil {
			return explainBot(err)
		}
		v := newBotView(&b)
		v.Secret = b.Secret
		return t.done(c.admin, v, "bot %d was installed; its secret is %s", b.ID, b.Secret)
	})
}

// explainBot words the failures of installing.
func explainBot(err error) error {
	e, ok := errors.AsType[*talk.Error](err)
	if !ok {
		return err
	}
	switch e.Reason {
	case "name":
		return errors.New("the name has 1 to 64 characters")
	case "secret":
		return errors.New("the secret has 40 to 128 characters")
	case "url":
		if e.Kind == talk.Conflict {
			return errors.New("there is a bot at this URL already: parley bot list shows it")
		}
		return errors.New("the URL begins with http:// or https:// and has at most 4,000 characters and no password")
	case "description":
		return errors.New("the description has at most 4,000 characters")
	}
	return err
}

type botList struct{ admin }

// Help is shown by --help.
func (*botList) Help() string { return "Examples:\n  parley bot list\n  parley bot list --json" }

// Run lists the bots.
func (c *botList) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		all, err := core.Bots.All(t.ctx)
		if err != nil {
			return err
		}
		views, rows := []botView{}, table{head: "ID NAME STATE FEATURES ERRORS LAST-ERROR URL"}
		for i := range all {
			v := newBotView(&all[i])
			last := "-"
			if v.LastErrorAt != 0 {
				last = utcTime(time.Unix(v.LastErrorAt, 0)) + " " + v.LastError
			}
			views = append(views, v)
			rows.rows = append(rows.rows, []string{
				strconv.FormatInt(v.ID, 10), v.Name, v.State, strings.Join(v.Features, ","), strconv.Itoa(v.ErrorCount), last, v.URL,
			})
		}
		return t.show(c.admin, views, rows)
	})
}

type botRemove struct {
	admin
	ID int64 `arg:"" help:"Number of the bot, as in the list."`
}

// Help is shown by --help.
func (*botRemove) Help() string { return "Examples:\n  parley bot remove 3" }

// Run removes the bot.
func (c *botRemove) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Bots.Remove(t.ctx, c.ID); err != nil {
			return noBot(err, c.ID)
		}
		return t.done(c.admin, countView{1}, "bot %d was removed", c.ID)
	})
}

type botState struct {
	admin
	ID    int64  `arg:"" help:"Number of the bot, as in the list."`
	State string `arg:"" enum:"disabled,enabled,no-setup" help:"disabled, enabled (moderators bring it in), or no-setup (only the administrator does)."`
}

// Help is shown by --help.
func (*botState) Help() string {
	return `A bot that failed 100 times in a row is disabled; this forgets its failures, too.

Examples:
  parley bot state 3 enabled
  parley bot state 3 no-setup`
}

// Run sets the state.
func (c *botState) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Bots.SetState(t.ctx, c.ID, botStates[c.State]); err != nil {
			return noBot(err, c.ID)
		}
		return t.done(c.admin, countView{1}, "bot %d is %s", c.ID, c.State)
	})
}

type botSetup struct {
	admin
	ID    int64  `arg:"" help:"Number of the bot, as in the list."`
	Token string `arg:"" help:"Token of the conversation."`
	Out   bool   `name:"out" help:"Take it out of the conversation."`
}

// Help is shown by --help.
func (*botSetup) Help() string {
	return "Examples:\n  parley bot setup 3 ab3kd9xz\n  parley bot setup 3 ab3kd9xz --out"
}

// Run brings the bot in or takes it out.
func (c *botSetup) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		scope := room.Scope{Token: c.Token, Caller: talk.Caller{System: talk.GuestCLI}}
		var err error
		done := "in"
		if c.Out {
			done = "out of"
			_, err = core.Bots.Disable(t.ctx, scope, c.ID)
		} else {
			_, _, err = core.Bots.Enable(t.ctx, scope, c.ID, true)
		}
		switch e, ok := errors.AsType[*talk.Error](err); {
		case ok && e.Reason == "bot":
			return noBot(bot.ErrUnknown, c.ID)
		case ok && e.Kind == talk.NotFound:
			return fmt.Errorf("there is no conversation %q: parley room list shows all", c.Token)
		case ok && e.Reason == "room":
			return errors.New("there are no bots in such a conversation")
		case err != nil:
			return err
		}
		return t.done(c.admin, countView{1}, "bot %d is %s the conversation", c.ID, done)
	})
}

// noBot words the failure to find a bot.
func noBot(err error, id int64) error {
	if errors.Is(err, bot.ErrUnknown) {
		return fmt.Errorf("there is no bot %d, or it is disabled: parley bot list shows all", id)
	}
	return err
}
