package main

import (
	"fmt"

	"github.com/alecthomas/kong"

	"parley/internal/obs"
)

type versionCommand struct {
	JSON bool `name:"json" help:"Print JSON for programs."`
}

// Run prints which program this is.
func (c *versionCommand) Run(t *terminal) error {
	b := obs.ReadBuild()
	return t.done(admin{JSON: c.JSON}, b, "parley %s", b)
}

// versionFlag is the command as a flag, which many people try first.
type versionFlag bool

// BeforeReset prints the version and ends the program. It is called by kong.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	_, err := fmt.Fprintln(app.Stdout, "parley", obs.ReadBuild())
	app.Exit(exitOK)
	return err
}
