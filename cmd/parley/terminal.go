package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"
	"unicode/utf16"

	"golang.org/x/term"

	"parley/internal/config"
	"parley/internal/obs"
	"parley/internal/server"
	"parley/internal/talk"
)

// terminal is what a command reads from and writes to. Results go to out, everything
// else to err.
type terminal struct {
	ctx context.Context
	in  io.Reader
	out io.Writer
	err io.Writer
	// options change servers and databases that commands open; tests use it.
	options []server.Option
}

// fail prints an error on one line and returns the code.
func (t *terminal) fail(err error, code int) int {
	fmt.Fprintln(t.err, "parley:", quoted(strings.ReplaceAll(err.Error(), "\n", "; ")))
	return code
}

// admin are the flags of commands that work on the data.
type admin struct {
	config.Storage
	JSON bool `name:"json" help:"Print JSON for programs."`
}

// open opens the database for one command, which has to be there with the schema of
// this program. A server may work on it at the same time.
func (t *terminal) open(a admin, do func(*server.Core) error) error {
	options := append([]server.Option{server.Existing()}, t.options...)
	core, err := server.Open(t.ctx, a.Storage, obs.NewLogger("text", slog.LevelWarn, t.err), options...)
	if err != nil {
		return err
	}
	return errors.Join(do(core), core.Close())
}

// table is a result for people: a line of headings and lines of cells.
type table struct {
	head string // separated by blanks
	rows [][]string
}

// show prints value as JSON or, for people, the table.
func (t *terminal) show(a admin, value any, people table) error {
	if a.JSON {
		return t.showJSON(value)
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.Join(strings.Fields(people.head), "\t"))
	for _, row := range people.rows {
		cells := make([]string, len(row))
		for i, text := range row {
			cells[i] = quoted(text)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

// showJSON prints value as JSON. Hidden characters, which only texts in it have,
// are spelled out.
func (t *terminal) showJSON(value any) error {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	return t.lines(strings.TrimSuffix(text.String(), "\n"))
}

// done prints the result of a change: value as JSON or, for people, the sentence.
func (t *terminal) done(a admin, value any, format string, args ...any) error {
	if a.JSON {
		return t.show(a, value, table{})
	}
	return t.lines(fmt.Sprintf(format, args...))
}

// lines prints a text of one or more lines, quoted.
func (t *terminal) lines(text string) error {
	for line := range strings.SplitSeq(text, "\n") {
		if _, err := fmt.Fprintln(t.out, quoted(line)); err != nil {
			return err
		}
	}
	return nil
}

// quoted returns a text with its hidden characters spelled as in JSON, so that
// what people called themselves or their conversations cannot steer the terminal.
func quoted(text string) string {
	if !talk.Hidden(text) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if !talk.IsHidden(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, "\\u%04x", unit)
		}
	}
	return b.String()
}

// readSecret asks for a password without showing it, or reads the first line of what
// is no terminal.
func (t *terminal) readSecret(question string) (string, error) {
	file, ok := t.in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return firstLine(t.in)
	}
	first, err := t.askHidden(file, question+": ")
	if err != nil {
		return "", err
	}
	second, err := t.askHidden(file, "Once more: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the two passwords differ: try again")
	}
	return first, nil
}

// askHidden reads a line without echo.
func (t *terminal) askHidden(file *os.File, question string) (string, error) {
	fmt.Fprint(t.err, question)
	line, err := term.ReadPassword(int(file.Fd()))
	fmt.Fprintln(t.err)
	return string(line), err
}

// isTerminal reports whether a person reads or writes the stream.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// firstLine reads up to the end of the line.
func firstLine(r io.Reader) (string, error) {
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}
