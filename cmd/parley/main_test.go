package main

import (
	"bytes"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/secret"
	"parley/internal/server"
	"parley/internal/talktest"
)

// update rewrites the golden files instead of comparing with them.
var update = flag.Bool("update", false, "rewrite the golden files")

// result is what a command left behind.
type result struct {
	code     int
	out, err string
}

// shell runs commands on one database, with a clock that stands still.
type shell struct {
	t     *testing.T
	data  string
	clock *talktest.Clock
}

// newShell has an empty database.
func newShell(t *testing.T) *shell {
	t.Helper()
	s := bareShell(t)
	talktest.PlaceEmpty(t, filepath.Join(s.data, "parley.db"))
	return s
}

// bareShell has an empty folder.
func bareShell(t *testing.T) *shell {
	return &shell{t: t, data: t.TempDir(), clock: talktest.NewClock()}
}

// run runs a command line; words are separated by blanks.
func (s *shell) run(line, stdin string) result {
	s.t.Helper()
	var out, errors bytes.Buffer
	t := &terminal{
		ctx: s.t.Context(), in: strings.NewReader(stdin), out: &out, err: &errors,
		options: []server.Option{server.WithClock(s.clock.Now), server.WithHashing(secret.TestOptions())},
	}
	code := run(t, strings.Fields(line))
	return result{code, out.String(), errors.String()}
}

// on runs a command on the data of the shell.
func (s *shell) on(line, stdin string) result {
	s.t.Helper()
	return s.run(line+" --data "+s.data, stdin)
}

// ok runs a command that must succeed and returns its output.
func (s *shell) ok(line string) string {
	s.t.Helper()
	r := s.on(line, "a password\n")
	if r.code != exitOK {
		s.t.Fatalf("%s: exit code %d: %s", line, r.code, r.err)
	}
	return r.out
}

// golden compares text with a file of testdata.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s (-want +got), go test -update accepts it:\n%s", name, diff)
	}
}

// TestSession plays a session at the terminal and compares all that it shows.
func TestSession(t *testing.T) {
	s := newShell(t)
	random := regexp.MustCompile(`[A-Za-z0-9]{72}|\b[A-Za-z0-9]{20}\b`)
	var transcript strings.Builder
	for line := range strings.Lines(sessionLines) {
		line = strings.TrimSpace(line)
		r := s.on(line, "a password\n")
		fmt.Fprintf(&transcript, "$ parley %s\n%s", line, random.ReplaceAllString(r.out, "<random>"))
		if r.code != exitOK {
			fmt.Fprintf(&transcript, "%sexit code %d\n", r.err, r.code)
		} else if r.err != "" {
			t.Errorf("%s succeeded and said %q", line, r.err)
		}
	}
	golden(t, "session.golden", strings.ReplaceAll(transcript.String(), s.data, "<data>"))
}

const sessionLines = `user list
	user add alice
	user add alice
	user add bob --name Bob --email bob@example.org --generate
	user add carol --json
	user add dave --generate --json
	user add a/b
	user add eve --group nobody
	user add eve --email eve
	user list
	user list bob --json
	user password bob
	user password bob --generate
	user password nobody
	user app-password bob
	user app-password bob --json
	user app-password nobody
	user disable bob
	user disable nobody
	user enable bob --json
	group add staff --name Everybody
	group add staff
	group add admin
	group member add staff alice
	group member add staff nobody
	group member add nobody alice
	group member add admin alice
	group member list staff
	group member list staff --json
	group member list nobody
	group member remove staff alice
	group member remove admin alice
	group list
	group list --json
	group delete staff
	group delete staff
	group delete admin
	user delete alice
	user delete carol
	user delete carol
	room list
	room list --json
	room show nothing
	room delete nothing
	doctor
	doctor --json`

func TestUsageErrors(t *testing.T) {
	s := newShell(t)
	for line, want := range map[string]string{
		"":                                 "(see parley --help)",
		"nothing":                          "unexpected argument nothing",
		"user":                             "(see parley user --help)",
		"user add":                         `expected "<id>" (see parley user add --help)`,
		"user add alice --password secret": "unknown flag --password",
		"user add a --generate --password-file f": "can't be used together",
		"group member add staff":                  "(see parley group member add --help)",
		"serve --listen 8080":                     "must be host:port",
		"user list --database mysql://x":          "--database (PARLEY_DATABASE) must be",
	} {
		r := s.run(line, "")
		if r.code != exitUsage || !strings.Contains(r.err, want) || strings.Count(r.err, "\n") != 1 || r.out != "" {
			t.Errorf("parley %s: exit code %d, %q", line, r.code, r.err)
		}
	}
}

// A start that cannot listen makes no database and no administrator.
func TestServeNeedsItsAddresses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, flags := range []string{"--listen " + taken.Addr().String(), "--listen 127.0.0.1:0 --debug " + taken.Addr().String()} {
		s := bareShell(t)
		r := s.on("serve "+flags, "")
		if r.code != exitFailure || !strings.Contains(r.err, "another program uses it") || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%s: exit code %d, %s", flags, r.code, r.err)
		}
		if made, err := os.ReadDir(s.data); err != nil || len(made) > 0 {
			t.Errorf("%s: made %v, %v", flags, made, err)
		}
	}
}

func TestEveryCommandHasHelpWithExamples(t *testing.T) {
	s := newShell(t)
	commands := 0
	for line := range strings.Lines(s.run("--help", "").out) {
		name, _, found := strings.Cut(strings.TrimSpace(line), "  ")
		if !strings.HasPrefix(line, "  ") || !found || strings.HasPrefix(name, "-") || name == "" || strings.HasPrefix(line, "   ") {
			continue
		}
		commands++
		r := s.run(name+" --help", "")
		if r.code != exitOK || name != "version" && !strings.Contains(r.out, "Examples:\n") {
			t.Errorf("parley %s --help: exit code %d:\n%s", name, r.code, r.out)
		}
	}
	if commands != 66 {
		t.Errorf("%d commands were found", commands)
	}
}

func TestWhereAPasswordComesFrom(t *testing.T) {
	s := newShell(t)
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("once from a file\r\nsecond line\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		flags, stdin string
		want         string
	}{
		"standard input": {"", "typed by hand\nsecond line\n", "typed by hand"},
		"no line end":    {"", "typed by hand", "typed by hand"},
		"file":           {"--password-file " + file, "typed", "once from a file"},
		"nothing":        {"", "", ""},
		"empty file":     {"--password-file " + empty, "typed", ""},
		"missing file":   {"--password-file " + empty + ".no", "typed", ""},
	} {
		user := strings.ReplaceAll(name, " ", "-")
		r := s.on("user add "+user+" "+c.flags, c.stdin)
		if (r.code == exitOK) != (c.want != "") || c.want == "" && !strings.Contains(r.err, "password") {
			t.Errorf("%s: exit code %d, %s", name, r.code, r.err)
		}
		if c.want != "" && !s.logsIn(user, c.want) {
			t.Errorf("%s: the password is not %q", name, c.want)
		}
	}
}

// logsIn reports whether the stored password of an account is this one.
func (s *shell) logsIn(user, password string) (yes bool) {
	s.t.Helper()
	s.t.Run("log in as "+user, func(t *testing.T) {
		srv := talktest.Start(t, talktest.On("sqlite:"+filepath.Join(s.data, "parley.db")))
		c := srv.Anonymous()
		c.User, c.Password = user, password
		yes = c.Get("v4/room").Status == 200
	})
	return yes
}

func TestCommandsBesideARunningServer(t *testing.T) {
	s := newShell(t)
	srv := talktest.Start(t, talktest.On("sqlite:"+filepath.Join(s.data, "parley.db")))
	alice := srv.As("alice")
	alice.Get("v4/room").OK()
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Garden party"}).Created().Text("token")

	s.ok("user disable alice")
	alice.Get("v4/room").Expect(401)
	s.ok("user enable alice")
	alice.Get("v4/room").OK()
	s.ok("group add staff")
	s.ok("user add bob")
	alice.Post("v4/room/"+token+"/participants", talktest.P{"source": "groups", "newParticipant": "staff"}).OK()
	s.ok("group member add staff bob")
	bob := srv.Anonymous()
	bob.User, bob.Password = "bob", "a password"
	if rooms := bob.Get("v4/room").OK().List(); len(rooms) != 1 {
		t.Errorf("bob has %d conversations", len(rooms))
	}
	golden(t, "room.golden", strings.ReplaceAll(s.ok("room list")+s.ok("room show "+token)+s.ok("room show --json "+token)+s.ok("doctor"), token, "<token>"))
	s.ok("room delete " + token)
	alice.Get("v4/room/" + token).Expect(404)
	s.ok("user delete bob")
	bob.Get("v4/room").Expect(401)
}

func TestDoctorFindsProblems(t *testing.T) {
	s := bareShell(t)
	if r := s.on("doctor", ""); r.code != exitFailure || !strings.Contains(r.err, "there is no database") {
		t.Errorf("without a database: exit code %d, %s", r.code, r.err)
	}
	talktest.PlaceEmpty(t, filepath.Join(s.data, "parley.db"))
	s.ok("user list")
	// A copy, or PostgreSQL, needs no folder.
	if r := s.run("doctor --data "+s.data+"/missing --database sqlite:"+s.data+"/parley.db", ""); r.code != exitOK || strings.Contains(r.out, "folder") {
		t.Errorf("a copy: exit code %d\n%s%s", r.code, r.out, r.err)
	}
	if r := s.run("doctor --data "+s.data+"/missing", ""); r.code != exitFailure ||
		!strings.Contains(r.out, "problem  the data folder can be written") || !strings.Contains(r.err, "there is no database") {
		t.Errorf("without a folder: exit code %d\n%s%s", r.code, r.out, r.err)
	}
}

func TestVersion(t *testing.T) {
	s := newShell(t)
	if r := s.run("version", ""); r.code != exitOK || !strings.HasPrefix(r.out, "parley ") {
		t.Errorf("exit code %d, %q", r.code, r.out)
	}
	if r := s.run("version --json", ""); !strings.Contains(r.out, `"go": "go1.`) {
		t.Errorf("JSON %q", r.out)
	}
}
