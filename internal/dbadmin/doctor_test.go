package dbadmin_test

import (
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"parley/internal/db"
	"parley/internal/dbadmin"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// damages break one rule of a healthy database each.
var damages = []struct {
	name, statement string
	check, problem  string
	sqliteOnly      bool // PostgreSQL refuses the statement
}{
	{"no conversation", "UPDATE attendees SET room_id = 99 WHERE actor_id = 'carol'", "attendees belong to a conversation", "attendee 2", true},
	{"session elsewhere", "UPDATE sessions SET room_id = 2", "sessions belong to an attendee of their conversation", "session 1", false},
	{"nobody moderates", "UPDATE attendees SET type = 3", "conversations with members have an owner or a moderator", "conversation group", false},
	{"half a pair", "UPDATE pair_members SET user_id = 'x' WHERE user_id = 'bob'", "nobody else is in a one-to-one", "attendee 4 in pair", false},
	{"no pair", "DELETE FROM pair_members WHERE user_id = 'bob'", "one-to-ones name their two people", "conversation pair", false},
	{"message gone", "DELETE FROM messages", "the newest message of a conversation exists", "conversation group", false},
	{"two owners", "UPDATE attendees SET type = 1", "conversations have one owner at most", "conversation group", false},
	{"mail waits", "INSERT INTO outbox (kind, payload, next_at, created_at, last_error) VALUES ('mail', '', 1, 1, 'down')", "what must be delivered is", "mail 1 waits: down", false},
	{"bot given up", "INSERT INTO outbox (kind, payload, next_at, created_at, failed) VALUES ('bot', '', 1, 1, TRUE)", "what must be delivered is", "bot 1 was given up", false},
	{"no index", "DROP INDEX accounts_email", "its tables, columns and indexes are there", "index accounts_email is missing", false},
	{"no column", "ALTER TABLE rooms DROP COLUMN version", "its tables, columns and indexes are there", "column rooms.version is missing", false},
	{"no table", "DROP TABLE bans", "its tables, columns and indexes are there", "table bans is missing", false},
	{"another program", "DELETE FROM goose_db_version", "the schema is that of this version", "tables of another program", false},
	{"old schema", "DELETE FROM goose_db_version WHERE version_id > 1", "the schema is that of this version", "run parley upgrade", false},
	{"new schema", "UPDATE goose_db_version SET version_id = 4711 WHERE version_id > 0", "the schema is that of this version", "use the newer parley", false},
}

func TestDoctorFindsDamage(t *testing.T) {
	for _, kind := range talktest.Databases() {
		for _, d := range damages {
			if d.sqliteOnly && kind.Name != "sqlite" {
				continue
			}
			t.Run(kind.Name+"/"+d.name, func(t *testing.T) {
				url := kind.URL(t)
				fillHealthy(t, url)
				execute(t, url, d.statement)
				problems := problemsOf(t, url, time.Now())[d.check]
				if len(problems) != 1 || !strings.Contains(problems[0], d.problem) {
					t.Errorf("problems %q", problems)
				}
			})
		}
	}
}

func TestDoctorLeavesAHealthyDatabaseAlone(t *testing.T) {
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			url := kind.URL(t)
			fillHealthy(t, url)
			for range 2 {
				if diff := cmp.Diff(map[string][]string{}, problemsOf(t, url, time.Now().Add(time.Hour))); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func TestDoctorWatchesTheSweeper(t *testing.T) {
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			url := kind.URL(t)
			fillHealthy(t, url)
			running := talktest.Open(t, db.Options{URL: url, Exclusive: true})
			if err := running.Read(t.Context(), func(*db.Tx) error { return nil }); err != nil {
				t.Fatal(err)
			}
			const check = "the running server sweeps dead sessions"
			for late, want := range map[time.Duration]int{4 * time.Minute: 0, 6 * time.Minute: 1} {
				if got := problemsOf(t, url, time.Now().Add(late))[check]; len(got) != want {
					t.Errorf("after %v: %q", late, got)
				}
			}
		})
	}
}

func TestDoctorNeedsADatabase(t *testing.T) {
	for _, url := range []string{
		"sqlite:" + filepath.Join(t.TempDir(), "parley.db"), "postgres://127.0.0.1:1/none?connect_timeout=1", "postgres://%zz:secret@",
	} {
		_, err := dbadmin.Examine(t.Context(), db.Options{URL: url, Now: time.Now})
		if err == nil || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// The doctor leaves no file behind, and a log that is there untouched.
func TestDoctorLeavesNoFiles(t *testing.T) {
	t.Parallel()
	url := talktest.Databases()[0].URL(t)
	fillHealthy(t, url)
	log := killed(t)
	for _, url := range []string{url, log} {
		folder := os.DirFS(filepath.Dir(strings.TrimPrefix(url, "sqlite:")))
		before, err := fs.Glob(folder, "*")
		if err != nil {
			t.Fatal(err)
		}
		content := contents(t, url)
		problemsOf(t, url, time.Now())
		after, err := fs.Glob(folder, "*")
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "files", after, before)
		if contents(t, url) != content {
			t.Error("the file was changed")
		}
	}
}

// What cannot be looked at is not said to be missing, and damage has its advice.
func TestDoctorSaysWhyItCannotRead(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	file := filepath.Join(folder, "garbage")
	if err := os.WriteFile(file, []byte(strings.Repeat("garbage ", 4000)), 0o600); err != nil {
		t.Fatal(err)
	}
	for url, text := range map[string]string{
		"sqlite:" + file + "/parley.db": "not a directory", "sqlite:" + folder: "is a folder", "sqlite:" + folder + "/no": "there is no database",
	} {
		_, err := dbadmin.Examine(t.Context(), db.Options{URL: url, Now: time.Now})
		plainly(t, err, text)
	}
	problems := problemsOf(t, "sqlite:"+file, time.Now())["the schema is that of this version"]
	if len(problems) != 1 || !strings.Contains(problems[0], "name another file") {
		t.Errorf("problems %q", problems)
	}
	url := talktest.Databases()[0].URL(t)
	fillHealthy(t, url)
	damage(t, strings.TrimPrefix(url, "sqlite:"))
	_, err := dbadmin.Examine(t.Context(), db.Options{URL: url, Now: time.Now})
	if err != nil {
		plainly(t, err, "restore a backup")
	} else if len(problemsOf(t, url, time.Now())) == 0 {
		t.Error("the damage was not found")
	}
}

// damage overwrites the middle of a file.
func damage(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(text) / 2; i < len(text)-8192; i++ {
		text[i] ^= 0x55
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// fillHealthy stores a group conversation with carol, in which alice has a session,
// and a one-to-one of alice and bob.
func fillHealthy(t *testing.T, url string) {
	t.Helper()
	s, err := store.Open(t.Context(), db.Options{URL: url, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = s.Write(t.Context(), func(tx *db.Tx) error {
		group := insertWith(t, tx, talk.Room{Token: "group", Type: talk.Group, Name: "Plans"}, "alice", "carol")
		pair := insertWith(t, tx, talk.Room{Token: "pair", Type: talk.OneToOne, Name: "pair", Identity: "pair"}, "alice", "bob")
		m := talk.Message{RoomID: group.ID, Actor: talk.User("alice"), System: talk.ConversationCreated}
		if err := store.InsertMessages(tx, &group, []*talk.Message{&m}); err != nil {
			return err
		}
		if err := store.InsertSession(tx, &talk.Session{SessionID: "s", RoomID: group.ID, AttendeeID: 1, Client: "c", LastPing: tx.Now()}); err != nil {
			return err
		}
		return store.SetPair(tx, pair.ID, "alice", "bob")
	})
	if err != nil {
		t.Fatal(err)
	}
}

// insertWith stores a conversation of an owner and a member.
func insertWith(t *testing.T, tx *db.Tx, room talk.Room, owner, member string) talk.Room {
	t.Helper()
	if err := store.InsertRoom(tx, &room); err != nil {
		t.Fatal(err)
	}
	for _, at := range []talk.Attendee{
		{RoomID: room.ID, Actor: talk.User(owner), Type: talk.Owner}, {RoomID: room.ID, Actor: talk.User(member), Type: talk.Member},
	} {
		if err := store.InsertAttendee(tx, &at); err != nil {
			t.Fatal(err)
		}
	}
	return room
}

// execute runs a statement behind the back of the store.
func execute(t *testing.T, url, statement string) {
	t.Helper()
	driver, source := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, source = "sqlite", path
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", statement, err))
	}
}

// problemsOf returns what the doctor finds, by check, without what is well.
func problemsOf(t *testing.T, url string, now time.Time) map[string][]string {
	t.Helper()
	findings, err := dbadmin.Examine(t.Context(), db.Options{URL: url, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	for _, f := range findings {
		if len(f.Problems) > 0 {
			found[f.Check] = f.Problems
		}
	}
	return found
}
