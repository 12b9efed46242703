package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"parley/internal/store"
)

// leaves returns all commands that are not hidden.
func leaves(t *testing.T) []*kong.Node {
	t.Helper()
	parser, err := newParser(&terminal{out: io.Discard, err: io.Discard}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return parser.Model.Leaves(true)
}

// hasFlag reports whether a command has the flag.
func hasFlag(n *kong.Node, name string) bool {
	return slices.ContainsFunc(n.Flags, func(f *kong.Flag) bool { return f.Name == name })
}

// Commands on the data find none and make none. Those that may make a database are
// few.
func TestCommandsMakeNoDatabase(t *testing.T) {
	makers := []string{"serve", "restore"}
	for _, n := range leaves(t) {
		if !hasFlag(n, "data") || slices.Contains(makers, n.Name) {
			continue
		}
		line := n.Path()
		for _, p := range n.Positional {
			switch first, _, _ := strings.Cut(p.Tag.Enum, ","); {
			case p.Target.CanInt():
				line += " 1"
			case first != "":
				line += " " + first
			default:
				line += " " + p.Name
			}
		}
		if line == "attempts clear" {
			line += " --all"
		}
		stdin := "secret\n"
		if n.Name == "import" {
			line, stdin = strings.Replace(line, " file", " -", 1), "id\nalice\n"
		}
		s := bareShell(t)
		r := s.run(line+" --data "+filepath.Join(s.data, "missing"), stdin)
		if r.code != exitFailure || !strings.Contains(r.err, "there is no database at "+s.data) || strings.Count(r.err, "\n") != 1 {
			t.Errorf("parley %s: exit code %d, %q", line, r.code, r.err)
		}
		if made, err := os.ReadDir(s.data); err != nil || len(made) > 0 {
			t.Errorf("parley %s: made %v, %v", line, made, err)
		}
	}
}

func TestUpgrade(t *testing.T) {
	s := newShell(t)
	newest, err := store.NewestSchema()
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"upgrade":        fmt.Sprintf("the database is up to date, its schema is %d\n", newest),
		"upgrade --json": fmt.Sprintf("{\n  \"from\": %d,\n  \"to\": %d\n}\n", newest, newest),
	} {
		if got := s.ok(line); got != want {
			t.Errorf("parley %s: %q, want %q", line, got, want)
		}
	}
}
