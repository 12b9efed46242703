package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/talktest"
)

// The manual has every command, flag and variable, and no warnings.
func TestManual(t *testing.T) {
	r := bareShell(t).run("man", "")
	if r.code != exitOK || r.err != "" {
		t.Fatalf("exit code %d, %s", r.code, r.err)
	}
	for _, section := range []string{"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "ENVIRONMENT", "FILES", "EXIT STATUS"} {
		if !strings.Contains(r.out, "\n.SH "+section+"\n") {
			t.Errorf("there is no section %s", section)
		}
	}
	for _, n := range leaves(t) {
		if !strings.Contains(r.out, "\n.SS parley "+roff(n.Path())) {
			t.Errorf("parley %s is not in it", n.Path())
		}
		for _, example := range strings.Split(n.Detail, "\n") {
			if strings.HasPrefix(example, "  ") && !strings.Contains(r.out, roff(example)+"\n") {
				t.Errorf("%q is not in it", example)
			}
		}
		for _, f := range n.Flags {
			if !strings.Contains(r.out, "\n.B "+roff(f.Summary())+"\n"+roff(f.Help)) {
				t.Errorf("--%s of %s is not in it", f.Name, n.Path())
			}
			for _, name := range f.Envs {
				if !strings.Contains(r.out, "\n.B "+roff(name)+"\n") {
					t.Errorf("%s is not in it", name)
				}
			}
		}
	}
	if _, err := exec.LookPath("groff"); err != nil {
		talktest.Missing(t, "groff", "groff")
	}
	page := filepath.Join(t.TempDir(), "parley.1")
	if err := os.WriteFile(page, []byte(r.out), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := runShell(t, "groff", "-man", "-ww", "-z", "-Tutf8", page); said != "" {
		t.Errorf("groff says %s", said)
	}
}

func TestRoff(t *testing.T) {
	for text, want := range map[string]string{
		"a-b": `a\-b`, `c:\d`: `c:\ed`, ".PP": `\&.PP`, "'quoted'": `\(aqquoted\(aq`, "two\nlines": "two lines",
	} {
		if got := roff(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := verbatim("  one  two\n    | three\n"); got != "one  two\n\\&  | three\n" {
		t.Errorf("%q", got)
	}
}
