package main

import (
	"parley/internal/server"
)

type doctorCommand struct {
	admin
	signalingFlags
	Signaling string `name:"signaling" env:"PARLEY_SIGNALING" default:"" enum:",builtin,internal,external" placeholder:"builtin|internal|external" help:"How clients in a call reach each other; only external asks a signaling server."`
}

// Help is shown by --help.
func (*doctorCommand) Help() string {
	return `It changes nothing and may run beside the server. Where there is a signaling server, it is
asked whether all is well; give the flags for it that parley serve has, or their PARLEY_ variables.
The exit code is 1 when a problem was found.

Examples:
  parley doctor --data /var/lib/parley
  parley doctor --json`
}

// finding is a line of the report.
type finding struct {
	Check    string   `json:"check"`
	OK       bool     `json:"ok"`
	Problems []string `json:"problems"`
}

// Run prints what was checked and what is wrong.
func (c *doctorCommand) Run(t *terminal) error {
	found, err := server.Examine(t.ctx, c.Storage)
	if err == nil {
		cfg := c.config(c.Storage)
		cfg.Signaling = c.Signaling
		found = append(found, server.ExamineSignaling(t.ctx, cfg)...)
	}
	report, healthy := make([]finding, len(found)), true
	people := table{head: "RESULT CHECK"}
	for i, f := range found {
		report[i] = finding{Check: f.Check, OK: len(f.Problems) == 0, Problems: append([]string{}, f.Problems...)}
		if report[i].OK {
			people.rows = append(people.rows, []string{"ok", f.Check})
			continue
		}
		healthy = false
		for _, problem := range f.Problems {
			people.rows = append(people.rows, []string{"problem", f.Check + ": " + problem})
		}
	}
	if err := t.show(c.admin, report, people); err != nil {
		return err
	}
	if err == nil && !healthy {
		return errReported
	}
	return err
}
