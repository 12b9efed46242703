package main

import (
	"parley/internal/server"
)

type doctorCommand struct {
	admin
}

// Help is shown by --help.
func (*doctorCommand) Help() string {
	return `It changes nothing and may run beside the server. The exit code is 1 when a problem
was found.

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
