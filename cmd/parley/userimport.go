package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"parley/internal/directory"
	"parley/internal/secret"
	"parley/internal/server"
	"parley/internal/talk"
)

// Bounds of a file with accounts.
const (
	maxImportLines = 100_000
	maxImportBytes = 64 << 20
)

type userImport struct {
	admin
	File     string `arg:"" help:"CSV file, - for the standard input."`
	Generate bool   `name:"generate" help:"Make a random password for those who have none in the file, and print it."`
	Update   bool   `name:"update" help:"Change the name and address of accounts that exist and add them to the groups; they are skipped otherwise."`
	DryRun   bool   `name:"dry-run" help:"Say what would happen, and do nothing."`
}

// Help is shown by --help.
func (*userImport) Help() string {
	return `The first line names the columns: id, and any of name, email, groups (separated by ;) and
password, as in "id,name,groups" with "alice,Alice Adams,staff;sales" below it. All lines are
read before the first account is made; a line that fails does not stop those after it.
Passwords in the file stay in it: delete it afterwards.

Examples:
  parley user import people.csv --generate > passwords.txt
  parley user import people.csv --dry-run
  parley user import - --update < people.csv`
}

// importLine is one account in the file.
type importLine struct {
	number                    int
	id, name, email, password string
	groups                    []string
}

// importView is what became of a line, for programs.
type importView struct {
	Line    int    `json:"line"`
	ID      string `json:"id"`
	Outcome string `json:"outcome"` // created, updated, skipped or failed
	// Password is empty unless this command made it.
	Password string `json:"password,omitempty"`
	Error    string `json:"error,omitempty"`
}

// Run creates the accounts.
func (c *userImport) Run(t *terminal) error {
	lines, err := c.read(t) // before the database is opened, see the rules about files in archtest
	if err != nil {
		return err
	}
	return t.open(c.admin, func(core *server.Core) error {
		views, people := make([]importView, 0, len(lines)), table{head: "LINE ID OUTCOME DETAIL"}
		failed, shown := 0, t.progress()
		for i := range lines {
			v := c.importOne(t, core, &lines[i])
			if v.Outcome == "failed" {
				failed++
			}
			views = append(views, v)
			people.rows = append(people.rows, []string{strconv.Itoa(v.Line), v.ID, v.Outcome, or(v.Error+v.Password, "-")})
			shown.show("accounts", int64(i+1), int64(len(lines)))
			if t.ctx.Err() != nil {
				break
			}
		}
		shown.end()
		if err := t.show(c.admin, views, people); err != nil || failed == 0 {
			return errors.Join(err, t.ctx.Err())
		}
		return fmt.Errorf("%d of %d lines failed", failed, len(lines))
	})
}

// importOne makes or changes the account of a line.
func (c *userImport) importOne(t *terminal, core *server.Core, l *importLine) importView {
	v := importView{Line: l.number, ID: l.id, Outcome: "failed"}
	_, err := core.Directory.Account(t.ctx, l.id)
	switch {
	case err == nil && !c.Update:
		v.Outcome = "skipped"
		return v
	case err == nil:
		v.Outcome, err = "updated", c.update(t, core, l)
	case talk.IsKind(err, talk.NotFound):
		v.Outcome, v.Password, err = c.create(t, core, l)
	}
	if err != nil {
		v.Outcome, v.Password, v.Error = "failed", "", explain(err, l.id, strings.Join(l.groups, ", ")).Error()
	}
	return v
}

func (c *userImport) create(t *terminal, core *server.Core, l *importLine) (outcome, made string, err error) {
	password := l.password
	switch {
	case password != "":
	case c.Generate:
		made = secret.Token(max(generatedChars, c.PasswordMin), secret.Alphanumeric)
		password = made
	default:
		return "failed", "", errors.New("no password: fill the column password, or use --generate")
	}
	if c.DryRun {
		return "created", "", nil
	}
	return "created", made, core.Directory.CreateAccount(t.ctx, operator(), directory.NewAccount{
		UserID: l.id, Password: password, DisplayName: l.name, Email: l.email, Groups: l.groups,
	})
}

// update changes what the line says: empty cells leave things as they are.
func (c *userImport) update(t *terminal, core *server.Core, l *importLine) error {
	if c.DryRun {
		return nil
	}
	var change directory.AccountChange
	if l.name != "" {
		change.DisplayName = &l.name
	}
	if l.email != "" {
		change.Email = &l.email
	}
	if change.DisplayName != nil || change.Email != nil {
		if err := core.Directory.EditAccount(t.ctx, l.id, change); err != nil {
			return err
		}
	}
	for _, group := range l.groups {
		if err := core.Directory.AddToGroup(t.ctx, operator(), group, l.id); err != nil {
			return err
		}
	}
	return nil
}

// read reads the whole file and tells of all lines that cannot be read.
func (c *userImport) read(t *terminal) ([]importLine, error) {
	in := t.in
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	lines, err := readImport(io.LimitReader(in, maxImportBytes))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	return lines, nil
}

// importColumns are the names that columns can have.
var importColumns = []string{"id", "name", "email", "groups", "password"}

// readImport reads lines of accounts.
func readImport(in io.Reader) (lines []importLine, err error) {
	reader := csv.NewReader(in)
	reader.TrimLeadingSpace = true
	head, err := reader.Read()
	if err != nil {
		return nil, fmt.Errorf("there is no line with the names of the columns (id,name,email,groups,password): %w", err)
	}
	for i := range head {
		head[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(head[i], "\ufeff")))
		if !slices.Contains(importColumns, head[i]) {
			return nil, fmt.Errorf("there is no column %q: use %s", head[i], strings.Join(importColumns, ", "))
		}
	}
	if !slices.Contains(head, "id") {
		return nil, errors.New("no column is named id")
	}
	var bad []error
	for {
		cells, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return lines, errors.Join(bad...)
		}
		number := 0
		if len(cells) > 0 {
			number, _ = reader.FieldPos(0)
		}
		switch {
		case errors.Is(err, csv.ErrFieldCount):
			bad = append(bad, fmt.Errorf("line %d has %d cells, the first line has %d", number, len(cells), len(head)))
		case err != nil:
			return nil, errors.Join(append(bad, err)...) // what follows cannot be told apart
		case len(lines) >= maxImportLines:
			return nil, fmt.Errorf("more than %d lines: divide the file", maxImportLines)
		default:
			lines = append(lines, newImportLine(number, head, cells))
		}
	}
}

func newImportLine(number int, head, cells []string) importLine {
	l := importLine{number: number}
	for i, cell := range cells {
		cell = strings.TrimSpace(cell)
		switch head[i] {
		case "id":
			l.id = cell
		case "name":
			l.name = cell
		case "email":
			l.email = cell
		case "password":
			l.password = cell
		case "groups":
			for group := range strings.SplitSeq(cell, ";") {
				if group = strings.TrimSpace(group); group != "" {
					l.groups = append(l.groups, group)
				}
			}
		}
	}
	return l
}
