package main

import (
	_ "embed"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/template"

	"github.com/alecthomas/kong"

	"parley/internal/obs"
)

//go:embed man.tmpl
var manPage string

type manCommand struct{}

// Run prints the page parley(1).
func (*manCommand) Run(t *terminal, parsed *kong.Context) error {
	return writeManual(t.out, parsed.Model, obs.ReadBuild())
}

// manual is what the page tells.
type manual struct {
	Version, About string
	Common         []*kong.Flag
	Commands       []manualCommand
	Variables      []manualVariable
}

// manualCommand is a command that can be run.
type manualCommand struct {
	Synopsis, Help string
	// Detail is the longer explanation, Examples are command lines with comments.
	Detail, Examples string
	Flags            []*kong.Flag
	Arguments        []*kong.Positional
}

// manualVariable is a variable of the environment.
type manualVariable struct{ Name, Flag, Help string }

// writeManual writes the page in the language of roff.
func writeManual(w io.Writer, app *kong.Application, b obs.Build) error {
	page, err := template.New("man").Funcs(template.FuncMap{"roff": roff, "verbatim": verbatim}).Parse(manPage)
	if err != nil {
		return fmt.Errorf("manual: %w", err)
	}
	return page.Execute(w, newManual(app, b))
}

func newManual(app *kong.Application, b obs.Build) manual {
	m := manual{Version: b.Version, About: app.Help, Common: commonFlags(app)}
	variables := map[string]manualVariable{}
	for _, n := range app.Leaves(true) {
		c := manualCommand{Synopsis: app.Name + " " + n.Path(), Help: n.Help, Arguments: n.Positional}
		for _, p := range n.Positional {
			c.Synopsis += " " + p.Summary()
		}
		c.Detail, c.Examples, _ = strings.Cut(n.Detail, "Examples:\n")
		for _, f := range n.Flags {
			if !slices.ContainsFunc(m.Common, func(common *kong.Flag) bool { return sameFlag(common, f) }) && !f.Hidden {
				c.Flags = append(c.Flags, f)
			}
			for _, name := range f.Envs {
				if _, known := variables[name]; !known {
					variables[name] = manualVariable{name, f.Name, f.Help}
				}
			}
		}
		m.Commands = append(m.Commands, c)
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		m.Variables = append(m.Variables, variables[name])
	}
	return m
}

// commonFlags returns the flags of the program and those that most commands have.
func commonFlags(app *kong.Application) []*kong.Flag {
	all := app.Leaves(true)
	common := slices.Clone(app.Flags)
	for _, n := range all {
		for _, f := range n.Flags {
			has := func(other *kong.Node) bool {
				return slices.ContainsFunc(other.Flags, func(g *kong.Flag) bool { return sameFlag(f, g) })
			}
			count := 0
			for _, other := range all {
				if has(other) {
					count++
				}
			}
			if 2*count > len(all) && !slices.ContainsFunc(common, func(g *kong.Flag) bool { return sameFlag(f, g) }) {
				common = append(common, f)
			}
		}
	}
	return common
}

func sameFlag(a, b *kong.Flag) bool { return a.Name == b.Name && a.Help == b.Help }

// roff escapes a text for a line of its own.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n", " ", "'", `\(aq`, "…", "...").Replace(strings.TrimSpace(text))
	if strings.HasPrefix(text, ".") {
		text = `\&` + text
	}
	return text
}

// verbatim escapes lines that are shown as they are.
func verbatim(text string) string {
	var out strings.Builder
	for line := range strings.Lines(strings.TrimRight(text, "\n")) {
		line = strings.TrimSuffix(strings.TrimPrefix(line, "  "), "\n")
		if line != strings.TrimSpace(line) { // roff would take the blanks for an indent
			out.WriteString(`\&`)
		}
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		out.WriteString(indent + roff(line) + "\n")
	}
	return out.String()
}
