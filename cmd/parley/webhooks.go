package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley/internal/events"
	"parley/internal/server"
	"parley/internal/talk"
)

type webhookCommands struct {
	Add     webhookAdd     `cmd:"" help:"Have the events of all conversations sent to an address."`
	List    webhookList    `cmd:"" help:"List the webhooks and how they do."`
	Remove  webhookRemove  `cmd:"" help:"Remove a webhook with all that waits for it."`
	Enable  webhookEnable  `cmd:"" help:"Send events to a webhook again."`
	Disable webhookDisable `cmd:"" help:"Send no more events to a webhook."`
}

// webhookView is a webhook for programs. Secret is there only after adding.
type webhookView struct {
	ID           int64    `json:"id"`
	Name         string   `json:"name"`
	URL          string   `json:"url"`
	Events       []string `json:"events"`
	Active       bool     `json:"active"`
	FailingSince int64    `json:"failingSince"`
	LastError    string   `json:"lastError"`
	Secret       string   `json:"secret,omitempty"`
}

func newWebhookView(w *talk.Webhook) webhookView {
	v := webhookView{
		ID: w.ID, Name: w.Name, URL: w.URL, Events: []string{}, Active: w.Active, FailingSince: w.FailingSince, LastError: w.LastError,
	}
	for _, kind := range w.Kinds {
		v.Events = append(v.Events, string(kind))
	}
	return v
}

type webhookAdd struct {
	admin
	Name       string   `arg:"" help:"Name of the webhook, at most 64 characters."`
	URL        string   `arg:"" help:"Where events are sent, http:// or https://."`
	Event      []string `name:"event" help:"The events that are sent; all of them without it." placeholder:"LIST"`
	SecretFile string   `name:"secret-file" help:"File with the secret, whsec_ and base64; a new one without it." placeholder:"FILE" type:"existingfile"`
}

// Help is shown by --help.
func (*webhookAdd) Help() string {
	return `Each event is a POST with a signature as in Standard Webhooks, for which there are libraries
in most languages. The secret for it is shown once. An address on the server's own network needs
--allow-private where the server runs.

Events: ` + eventNames() + `

Examples:
  parley webhook add Archive https://archive.example.org/parley
  parley webhook add Audit http://127.0.0.1:9000/ --event participant_added,participant_removed`
}

// eventNames are the names of all events.
func eventNames() string {
	var names []string
	for _, kind := range talk.EventKinds() {
		names = append(names, string(kind))
	}
	return strings.Join(names, ", ")
}

// Run adds the webhook.
func (c *webhookAdd) Run(t *terminal) error {
	w := talk.Webhook{Name: c.Name, URL: c.URL}
	for _, name := range c.Event {
		w.Kinds = append(w.Kinds, talk.EventKind(name))
	}
	if c.SecretFile != "" {
		var err error
		if w.Secret, err = fromFile(c.SecretFile); err != nil {
			return fmt.Errorf("cannot read the secret: %w", err)
		}
	}
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Events.AddWebhook(t.ctx, &w); err != nil {
			return explainWebhook(err)
		}
		v := newWebhookView(&w)
		v.Secret = w.Secret
		return t.done(c.admin, v, "webhook %d was added; its secret is %s", w.ID, w.Secret)
	})
}

// explainWebhook words the failures of adding.
func explainWebhook(err error) error {
	e, ok := errors.AsType[*talk.Error](err)
	if !ok {
		return err
	}
	switch e.Reason {
	case "name":
		return errors.New("the name has 1 to 64 characters")
	case "secret":
		return errors.New("the secret is whsec_ and then 24 to 64 bytes in base64")
	case "url":
		return errors.New("the URL begins with http:// or https:// and has at most 4,000 characters and no password")
	case "event":
		return errors.New("there is no such event: parley webhook add --help lists them")
	}
	return err
}

type webhookList struct{ admin }

// Help is shown by --help.
func (*webhookList) Help() string {
	return "Examples:\n  parley webhook list\n  parley webhook list --json"
}

// Run lists the webhooks.
func (c *webhookList) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		all, err := core.Events.Webhooks(t.ctx)
		if err != nil {
			return err
		}
		views, rows := []webhookView{}, table{head: "ID NAME STATE EVENTS FAILING-SINCE LAST-ERROR URL"}
		for i := range all {
			v := newWebhookView(&all[i])
			state, kinds, since, last := "on", "all", "-", "-"
			if !v.Active {
				state = "off"
			}
			if len(v.Events) > 0 {
				kinds = strings.Join(v.Events, ",")
			}
			if v.FailingSince != 0 {
				since, last = utcTime(time.Unix(v.FailingSince, 0)), v.LastError
			}
			views = append(views, v)
			rows.rows = append(rows.rows, []string{strconv.FormatInt(v.ID, 10), v.Name, state, kinds, since, last, v.URL})
		}
		return t.show(c.admin, views, rows)
	})
}

type webhookRemove struct {
	admin
	ID int64 `arg:"" help:"Number of the webhook, as in the list."`
}

// Help is shown by --help.
func (*webhookRemove) Help() string { return "Examples:\n  parley webhook remove 3" }

// Run removes the webhook.
func (c *webhookRemove) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Events.RemoveWebhook(t.ctx, c.ID); err != nil {
			return noWebhook(err, c.ID)
		}
		return t.done(c.admin, countView{1}, "webhook %d was removed", c.ID)
	})
}

type webhookEnable struct {
	admin
	ID int64 `arg:"" help:"Number of the webhook, as in the list."`
}

// Help is shown by --help.
func (*webhookEnable) Help() string {
	return `A webhook that took nothing for a day, or that says it is gone (410), is switched off. What
happened until it is on again is not sent.

Examples:
  parley webhook enable 3`
}

// Run switches the webhook on.
func (c *webhookEnable) Run(t *terminal) error { return t.switchWebhook(c.admin, c.ID, true) }

type webhookDisable struct {
	admin
	ID int64 `arg:"" help:"Number of the webhook, as in the list."`
}

// Help is shown by --help.
func (*webhookDisable) Help() string { return "Examples:\n  parley webhook disable 3" }

// Run switches the webhook off.
func (c *webhookDisable) Run(t *terminal) error { return t.switchWebhook(c.admin, c.ID, false) }

func (t *terminal) switchWebhook(a admin, id int64, active bool) error {
	return t.open(a, func(core *server.Core) error {
		if err := core.Events.SwitchWebhook(t.ctx, id, active); err != nil {
			return noWebhook(err, id)
		}
		state := "off"
		if active {
			state = "on"
		}
		return t.done(a, countView{1}, "webhook %d is %s", id, state)
	})
}

// noWebhook words the failure to find a webhook.
func noWebhook(err error, id int64) error {
	if errors.Is(err, events.ErrUnknown) {
		return fmt.Errorf("there is no webhook %d: parley webhook list shows all", id)
	}
	return err
}
