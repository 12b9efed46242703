package main

import (
	"errors"
	"time"

	"parley/internal/config"
	"parley/internal/server"
	"parley/internal/settings"
	"parley/internal/signal"
)

type signalingCommands struct {
	Check  signalingCheck  `cmd:"" help:"Ask the external signaling server whether all is well."`
	Rotate signalingRotate `cmd:"" help:"Make a new key that signs tokens for the signaling server."`
}

// signalingFlags are what the server itself is configured with.
type signalingFlags struct {
	URL             string `name:"url" env:"PARLEY_URL" help:"Public address of parley, by which the signaling server knows it." placeholder:"URL"`
	SignalingURL    string `name:"signaling-url" env:"PARLEY_SIGNALING_URL" placeholder:"URL" help:"External signaling server; without it that of the settings."`
	SignalingSecret string `name:"signaling-secret" env:"PARLEY_SIGNALING_SECRET" placeholder:"SECRET" help:"Secret shared with the signaling server."`
}

// configured are the servers that the flags name, or else those of the settings.
func (f *signalingFlags) configured(t *terminal, c admin) (s settings.Signaling, err error) {
	if f.SignalingURL != "" {
		return settings.Signaling{Servers: []settings.SignalingServer{{URL: f.SignalingURL, Verify: true}}, Secret: f.SignalingSecret}, nil
	}
	err = t.open(c, func(core *server.Core) error {
		now, err := core.Settings.Now(t.ctx)
		if err == nil {
			s = now.Signaling
		}
		return err
	})
	return s, err
}

// config is a configuration with the flags.
func (f *signalingFlags) config(where config.Storage) config.Config {
	c := config.Default()
	c.Storage, c.URL, c.SignalingURL, c.SignalingSecret = where, f.URL, f.SignalingURL, f.SignalingSecret
	return c
}

// address is the public address as links begin with it.
func (f *signalingFlags) address() string {
	return f.config(config.Storage{}).Address().String()
}

type signalingCheck struct {
	admin
	signalingFlags
}

// Help is shown by --help.
func (*signalingCheck) Help() string {
	return `It asks the server for its welcome, and tells it of a conversation that there is not. Give the
flags that parley serve has, or their PARLEY_ variables. The exit code is 1 when something is wrong.

Examples:
  parley signaling check --url https://talk.example.org --signaling-url https://signaling.example.org --signaling-secret …
  parley signaling check --config /etc/parley/parley.toml`
}

// Run asks the server.
func (c *signalingCheck) Run(t *terminal) error {
	to, err := c.configured(t, c.admin)
	if err != nil {
		return err
	}
	if len(to.Servers) == 0 {
		return errors.New("there is no signaling server: set --signaling-url and --signaling-secret; without one clients use internal signaling")
	}
	problems := signal.Check(t.ctx, to, c.address(), time.Now())
	report := finding{Check: "the signaling server " + to.Servers[0].URL, OK: len(problems) == 0, Problems: append([]string{}, problems...)}
	people := table{head: "RESULT CHECK"}
	if report.OK {
		people.rows = append(people.rows, []string{"ok", report.Check})
	}
	for _, problem := range problems {
		people.rows = append(people.rows, []string{"problem", report.Check + ": " + problem})
	}
	if err := t.show(c.admin, report, people); err != nil {
		return err
	}
	if !report.OK {
		return errReported
	}
	return nil
}

type signalingRotate struct {
	admin
}

// Help is shown by --help.
func (*signalingRotate) Help() string {
	return `Tokens that the old key has signed are refused as soon as the signaling server has read the new
one, within a minute; clients then ask for others by themselves.

Examples:
  parley signaling rotate`
}

// Run makes the key.
func (c *signalingRotate) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Settings.RotateTokenKey(t.ctx); err != nil {
			return err
		}
		return t.done(c.admin, map[string]bool{"rotated": true}, "tokens for signaling servers are signed by a new key")
	})
}
