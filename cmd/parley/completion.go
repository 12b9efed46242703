package main

import (
	_ "embed"
	"fmt"
	"io"
	"strings"
	"text/template"

	"github.com/alecthomas/kong"
)

//go:embed completion.bash.tmpl
var bashCompletion string

//go:embed completion.zsh.tmpl
var zshCompletion string

//go:embed completion.fish.tmpl
var fishCompletion string

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Shell: ${enum}."`
}

// Help is shown by --help.
func (*completionCommand) Help() string {
	return `The script completes commands, flags and their values.

Examples:
  source <(parley completion bash)
  parley completion bash > /usr/share/bash-completion/completions/parley
  parley completion zsh > "${fpath[1]}/_parley"
  parley completion fish > ~/.config/fish/completions/parley.fish`
}

// Run prints the script.
func (c *completionCommand) Run(t *terminal, parsed *kong.Context) error {
	scripts := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
	return writeCompletion(t.out, scripts[c.Shell], parsed.Model.Node)
}

// completionNode is a command, or the program, as the scripts need it.
type completionNode struct {
	// Path are the words after the program, Parent all but the last of them.
	Path, Parent, Name string
	Help               string
	Words              []completionWord // commands below
	Flags              []completionFlag
}

// completionWord is what may be typed next and what it does.
type completionWord struct{ Name, Help string }

// completionFlag is a flag. Values are what it takes, if that is a fixed set; File and
// Folder tell that it takes the name of one.
type completionFlag struct {
	Name, Help   string
	TakesValue   bool
	Values       []string
	File, Folder bool
}

// writeCompletion fills a script with the commands below root.
func writeCompletion(w io.Writer, script string, root *kong.Node) error {
	quoted := strings.NewReplacer("'", `'\''`)
	parsed, err := template.New("completion").Funcs(template.FuncMap{
		"join": strings.Join,
		// quote makes one word of a text, in all of the shells.
		"quote": func(text string) string { return "'" + quoted.Replace(text) + "'" },
		// spec quotes what stands between brackets or before a colon in zsh.
		"spec": func(text string) string {
			return quoted.Replace(strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`).Replace(text))
		},
	}).Parse(script)
	if err != nil {
		return fmt.Errorf("completion: %w", err)
	}
	return parsed.Execute(w, completionNodes(root))
}

// completionNodes returns a node and all below it.
func completionNodes(n *kong.Node) []completionNode {
	here := completionNode{Path: n.Path(), Name: n.Name, Help: n.Help}
	if n.Parent != nil {
		here.Parent = n.Parent.Path()
	}
	for at := n; at != nil; at = at.Parent {
		for _, f := range at.Flags {
			if !f.Hidden {
				here.Flags = append(here.Flags, newCompletionFlag(f))
			}
		}
	}
	all := []completionNode{here}
	for _, child := range n.Children {
		if !child.Hidden {
			all[0].Words = append(all[0].Words, completionWord{child.Name, child.Help})
			all = append(all, completionNodes(child)...)
		}
	}
	// An argument of a fixed set is chosen like a command.
	for _, p := range n.Positional {
		if p.Enum != "" {
			for _, value := range p.EnumSlice() {
				all[0].Words = append(all[0].Words, completionWord{value, p.Help})
			}
		}
	}
	return all
}

func newCompletionFlag(f *kong.Flag) completionFlag {
	c := completionFlag{
		Name: f.Name, Help: f.Help, TakesValue: !f.IsBool(), File: f.PlaceHolder == "FILE", Folder: f.PlaceHolder == "DIR",
	}
	if f.Enum != "" {
		c.Values = f.EnumSlice()
	}
	return c
}
