package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"parley/internal/talktest"
)

// TestDataCommands moves a database to another folder and kind while, or after, a
// server runs, and compares what is shown.
func TestDataCommands(t *testing.T) {
	s, there := newShell(t), bareShell(t)
	srv := talktest.Start(t, talktest.On("sqlite:"+filepath.Join(s.data, "parley.db")))
	alice := srv.As("alice")
	alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Garden party"}).Created()
	var shown strings.Builder
	file := filepath.Join(t.TempDir(), "backup.db")
	show := func(on *shell, line string) {
		r := on.on(line, "")
		fmt.Fprintf(&shown, "$ parley %s\n%s%s", line, r.out, r.err)
		if r.code != exitOK {
			fmt.Fprintf(&shown, "exit code %d\n", r.code)
		}
	}
	show(s, "backup "+file)
	show(s, "backup "+file)
	show(s, "restore "+file+" --force")
	show(there, "restore "+file)
	show(there, "restore "+file)
	show(there, "restore "+file+" --force --json")
	show(there, "restore "+file+".no")
	show(there, "room list bob")
	show(there, "backup "+file+"2 --database postgres://parley:secret@127.0.0.1/parley")
	text := strings.NewReplacer(filepath.Dir(file), "<folder>", s.data, "<data>", there.data, "<other>").Replace(shown.String())
	text = regexp.MustCompile(`\d{5,}|process \d+`).ReplaceAllString(text, "<number>")
	golden(t, "data.golden", text)
	if rooms := there.ok("room list"); !strings.Contains(rooms, "Garden party") {
		t.Errorf("restored: %s", rooms)
	}
	there.ok("doctor")
}

func TestMigrateThereAndBack(t *testing.T) {
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			s := newShell(t)
			s.ok("user add alice")
			s.ok("group add staff --name Everybody")
			url, back := kind.URL(t), "sqlite:"+filepath.Join(t.TempDir(), "back.db")
			there := s.run("migrate --from sqlite:"+s.data+"/parley.db --to "+url, "")
			again := s.run("migrate --from "+url+" --to "+back, "")
			if there.code != exitOK || there.out != again.out || there.err != "" {
				t.Fatalf("exit code %d, %s\n%s\n%s", there.code, there.err, there.out, again.out)
			}
			for _, want := range []string{"accounts 1 ", "user_groups 1 ", "rooms 0 "} {
				if fields := strings.Join(strings.Fields(there.out), " "); !strings.Contains(fields, want) {
					t.Errorf("no %q in %s", want, there.out)
				}
			}
			if users := s.run("user list --database "+back, ""); !strings.Contains(users.out, "alice") {
				t.Errorf("users %q", users.out)
			}
			full := s.run("migrate --json --from "+back+" --to "+url, "")
			if full.code != exitFailure || full.out != "" || !strings.Contains(full.err, "is not empty") {
				t.Errorf("exit code %d, %q, %q", full.code, full.out, full.err)
			}
		})
	}
}

func TestMigrateKeepsPasswordsToItself(t *testing.T) {
	s := newShell(t)
	s.ok("user list")
	for _, line := range []string{
		"--from postgres://u:s3cret@127.0.0.1:1/x --to sqlite:" + s.data + "/new.db",
		"--from sqlite:" + s.data + "/parley.db --to postgres://u:s3cret@127.0.0.1:1/x",
		"--from sqlite:" + s.data + "/parley.db --to mysql://u:s3cret@h/x",
	} {
		r := s.run("migrate "+line, "")
		if r.code != exitFailure || strings.Contains(r.err+r.out, "s3cret") || strings.Count(r.err, "\n") != 1 {
			t.Errorf("%s: exit code %d, %q", line, r.code, r.err)
		}
	}
	if r := s.run("migrate --from sqlite:x", ""); r.code != exitUsage || !strings.Contains(r.err, "missing flags: --to=URL") {
		t.Errorf("exit code %d, %q", r.code, r.err)
	}
}
