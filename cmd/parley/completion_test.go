package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// script returns the file of the completion script of a shell.
func script(t *testing.T, shell string) string {
	t.Helper()
	r := bareShell(t).run("completion "+shell, "")
	if r.code != exitOK || r.err != "" {
		t.Fatalf("%s: exit code %d, %s", shell, r.code, r.err)
	}
	path := filepath.Join(t.TempDir(), "parley."+shell)
	if err := os.WriteFile(path, []byte(r.out), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// runShell runs lines in a shell, or skips the test without it.
func runShell(t *testing.T, shell string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(shell)
	if err != nil {
		t.Skipf("skipped: no %s found", shell)
	}
	out, err := exec.CommandContext(t.Context(), path, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", shell, err, out)
	}
	return string(out)
}

// The scripts know all commands and flags, and the shells can read them.
func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		t.Run(shell, func(t *testing.T) {
			path := script(t, shell)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, n := range leaves(t) {
				if want := "'" + n.Path() + "'"; !strings.Contains(string(text), want) {
					t.Errorf("%s is not in it", want)
				}
				for _, f := range n.Flags {
					flag := "--" + f.Name
					if shell == "fish" {
						flag = " -l " + f.Name + " "
					}
					if !strings.Contains(string(text), flag) {
						t.Errorf("%s has no %s", n.Path(), flag)
					}
				}
			}
			if said := runShell(t, shell, "-n", path); said != "" {
				t.Errorf("the shell says %q", said)
			}
		})
	}
	if r := bareShell(t).run("completion tcsh", ""); r.code != exitUsage {
		t.Errorf("an unknown shell: exit code %d, %s%s", r.code, r.out, r.err)
	}
}

// completions are what may follow a line, by the words that are offered.
var completions = map[string]string{
	"parley us":                     "user",
	"parley group mem":              "member",
	"parley group member ":          "add list remove",
	"parley user add --password-f":  "--password-file",
	"parley serve --log-format ":    "json text",
	"parley completion ":            "bash fish zsh",
	"parley user list --data x --j": "--json",
}

func TestCompletionInBash(t *testing.T) {
	path := script(t, "bash")
	for line, want := range completions {
		words := strings.Split(line, " ")
		program := `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _parley; printf '%s\n' "${COMPREPLY[@]}" | sort | xargs`
		got := runShell(t, "bash", append([]string{"-c", program, path}, words...)...)
		if strings.TrimSpace(got) != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestCompletionInFish(t *testing.T) {
	path := script(t, "fish")
	for line, want := range completions {
		got := runShell(t, "fish", "-c", "source "+path+"; complete -C '"+line+"' | cut -f 1 | sort | xargs")
		if strings.TrimSpace(got) != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
