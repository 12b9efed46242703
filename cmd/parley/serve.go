package main

import (
	"path/filepath"

	"parley/internal/config"
	"parley/internal/obs"
	"parley/internal/server"
)

// firstPasswordFile is the file of the data folder that has the password of the first
// administrator when there is no terminal to show it on.
const firstPasswordFile = "first-admin-password"

type serveCommand struct {
	config.Config
}

// Help is shown by --help.
func (*serveCommand) Help() string {
	return `Every flag has a variable, PARLEY_LISTEN for --listen, and a key in the file of
--config. A flag wins over the variable, the variable over the file. The server stops in
order at Ctrl-C or SIGTERM.

Examples:
  parley serve
  parley serve --listen 0.0.0.0:8080 --data /var/lib/parley --url https://talk.example.org
  PARLEY_ADMIN=root:secret parley serve --database postgres://parley@db/parley`
}

// Run serves until the terminal's context ends.
func (c *serveCommand) Run(t *terminal) error {
	if err := server.Vacant(t.ctx, c.Config); err != nil {
		return err
	}
	options := []server.Option{server.WithNotice(t.err)}
	if !isTerminal(t.err) { // but a log, such as the journal of systemd
		options = append(options, server.WithPasswordFile(filepath.Join(c.Data, firstPasswordFile)))
	}
	options = append(options, t.options...)
	lines := obs.NewLineWriter(t.err)
	defer lines.Close()
	s, err := server.New(t.ctx, c.Config, obs.NewLogger(c.LogFormat, c.Level(), lines), options...)
	if err != nil {
		return err
	}
	return s.Run(t.ctx)
}
