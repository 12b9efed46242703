package dbadmin_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/dbadmin"
	"parley/internal/store"
	"parley/internal/talktest"
)

// fillTables puts rows with unusual values into every table.
var fillTables = []string{
	`INSERT INTO server_state VALUES ('key', 'aä🦜')`,
	`INSERT INTO settings VALUES ('s', '')`,
	`INSERT INTO accounts VALUES ('alice', 'alice', 'Älice "🦜"', 'a@example.org', 'h', TRUE, 1, 9223372036854775807, 0, 5, 'h'), ('bob', 'bob', 'B', '', '', FALSE, 0, 0, -1, 0, '')`,
	`INSERT INTO account_fields VALUES ('alice', 'phone', '+49 1')`,
	`INSERT INTO user_groups VALUES ('staff', 'St''aff')`,
	`INSERT INTO group_members VALUES ('staff', 'alice')`,
	`INSERT INTO app_passwords (user_id, hash, name, created_at) VALUES ('alice', 'h1', 'phone', 1)`,
	`INSERT INTO phone_numbers VALUES ('+491', 'alice')`,
	`INSERT INTO preferences VALUES ('alice', 'n', 'v')`,
	`INSERT INTO statuses (user_id, backup, status, seen_at) VALUES ('alice', TRUE, 'away', 1), ('alice', FALSE, 'dnd', 2)`,
	`INSERT INTO attempts (action, subnet, occurred_at) VALUES ('a', '::1', 5)`,
	`INSERT INTO teams VALUES ('t', 'Team', 'alice', 1)`,
	`INSERT INTO team_members VALUES ('t', 'users', 'alice')`,
	`INSERT INTO rooms (token, type, name, identity, has_bans, created_at, version) VALUES ('none', 2, 'no
identity', NULL, TRUE, 1, 4611686018427387904), ('pair', 1, '', 'alice,bob', FALSE, 2, 0), ('gone', 2, '', NULL, FALSE, 1, 1)`,
	`DELETE FROM rooms WHERE token = 'gone'`,
	`INSERT INTO pair_members SELECT 'alice', id FROM rooms WHERE token = 'pair'`,
	`INSERT INTO attendees (room_id, actor_type, actor_id, type, favorite) SELECT id, 'users', 'alice', 1, TRUE FROM rooms`,
	`INSERT INTO sessions (session_id, room_id, attendee_id, client, last_ping) SELECT 's' || id, room_id, id, 'c', 1 FROM attendees`,
	`INSERT INTO client_rooms (client, token, lost, updated_at) VALUES ('c', 'pair', TRUE, 1)`,
	`INSERT INTO bans (room_id, moderator_type, moderator_id, moderator_name, banned_type, banned_id, banned_name, note, created_at)
		SELECT id, 'users', 'alice', '', 'ip', '::1', '', '', 1 FROM rooms WHERE token = 'none'`,
	`INSERT INTO messages (room_id, actor_type, actor_id, text, created_at) SELECT id, 'users', 'alice', 'hello', 1 FROM rooms`,
	`INSERT INTO outbox (kind, attendee_id, payload, next_at, created_at) SELECT 'mail', MIN(id), 'A', 1, 1 FROM attendees`,
	`INSERT INTO outbox (kind, destination, order_key, payload, next_at, created_at) VALUES ('bot', 'd', 'o', '🦜', 1, 1)`,
	"INSERT INTO message_gaps (room_id, node, count) SELECT MIN(id), 4, 2 FROM rooms",
	"INSERT INTO reactions (message_id, actor_type, actor_id, emoji, report_id, created_at) SELECT MIN(id), 'users', 'alice', '👍🏽', 7, 5 FROM messages",
	`INSERT INTO polls (room_id, actor_type, actor_id, question, options, status, result_mode, max_votes)
		SELECT MIN(id), 'users', 'alice', 'Lunch?', '["a","b"]', 0, 1, 2 FROM rooms`,
	"INSERT INTO poll_votes (poll_id, actor_type, actor_id, option_id) SELECT id, 'users', 'alice', 1 FROM polls",
	"INSERT INTO reminders (user_id, message_id, room_id, remind_at) SELECT 'alice', MIN(id), MIN(room_id), 9 FROM messages",
	`INSERT INTO bots (name, url, url_hash, secret, description, features, state) VALUES ('b', 'https://b', 'h', 's', 'd', 3, 1)`,
	`INSERT INTO events (tx, room_id, token, version, kind, emoji, created_at) VALUES (0, 1, 't', 2, 'reaction', '👍', 3), (77, 1, 't', 2, 'message', '', 3)`,
	`INSERT INTO webhooks (name, url, secret, kinds, active, created_at) VALUES ('Archive', 'https://a.example.org', 'whsec_x', ',message,', TRUE, 3)`,
	`INSERT INTO push_subscriptions (user_id, app_password_id, endpoint, service, app_key, app_secret, app_types, wanted, activation_token, created_at)
		SELECT user_id, id, 'https://p/1', 'https://p', 'k', 's', 'all', TRUE, 't', 1 FROM app_passwords LIMIT 1`,
	"INSERT INTO ended_logins (client, user_id, ended_at) VALUES ('c', 'alice', 5)",
	"INSERT INTO login_flows (poll, flow, client, address, user_id, created_at) VALUES ('p', 'f', 'App', '127.0.0.1', 'alice', 3), ('q', 'g', 'App', '', NULL, 4)",
	"INSERT INTO call_attendees (attendee_id, room_id) SELECT id, room_id FROM attendees",
	"INSERT INTO signals (session, message, created_at) SELECT id, '{}', 3 FROM sessions",
	`INSERT INTO signaling_sessions (room_id, attendee, session, session_id, public_id, resume, user_id, features, node, joined_at)
		SELECT MIN(id), 1, 1, 's', 'p', 'r', 'alice', 'chat-relay', 'n', 3 FROM rooms`,
	"INSERT INTO signaling_nodes (node, seen_at) VALUES ('n', 3)",
	"INSERT INTO signaling_relays (node, payload, created_at) VALUES ('n', '{}', 3)",
	"INSERT INTO account_pictures (user_id, version, media_type, content) VALUES ('alice', 'v', 'image/png', 'AAAA')",
	"INSERT INTO room_pictures (room_id, version, media_type, content) SELECT MIN(id), 'v', 'image/png', 'AAAA' FROM rooms",
	"INSERT INTO room_bots (room_id, bot_id) SELECT MIN(rooms.id), MIN(bots.id) FROM rooms, bots",
	"INSERT INTO notifications (user_id, room_id, subject, created_at) SELECT 'alice', MIN(id), 'invitation', 5 FROM rooms",
}

func (d database) fillTables() {
	d.t.Helper()
	d.write(func(tx *db.Tx) error {
		for _, statement := range fillTables {
			if err := execTx(tx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

// silent reports to nobody.
func silent(string, int64, int64) {}

// copies runs a copy.
func copies(from, to string) ([]dbadmin.Copied, error) {
	o := db.Options{Now: time.Now, Readers: 2}
	source, target := o, o
	source.URL, target.URL = from, to
	return dbadmin.Copy(context.Background(), source, target, silent)
}

// kinds returns new databases of both kinds, SQLite first.
func kinds(t *testing.T) (sqlite, postgres talktest.Database) {
	all := talktest.Databases()
	return all[0], all[1]
}

func (d database) closed() string {
	d.t.Helper()
	if err := d.Close(); err != nil {
		d.t.Fatal(err)
	}
	return d.url
}

func TestTablesAreComplete(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		query := "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
		if strings.HasPrefix(d.url, "postgres") {
			query = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
		}
		found := look(d, func(tx *db.Tx) ([]string, error) { return texts(tx, query) })
		want := append(slices.Clone(store.Tables()), "goose_db_version")
		slices.Sort(found)
		slices.Sort(want)
		equal(t, "tables to copy", want, found)
	})
}

// Every table with every type goes to the other database and back.
func TestCopyThereAndBack(t *testing.T) {
	t.Parallel()
	sqlite, postgres := kinds(t)
	first := open(t, sqlite.URL(t))
	first.fillTables()
	urls := []string{first.closed(), postgres.URL(t), sqlite.URL(t), sqlite.URL(t)}
	var before []dbadmin.Copied
	for i := range urls[1:] {
		now, err := copies(urls[i], urls[i+1])
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range now {
			if table.Source != table.Target || table.Source.Rows == 0 {
				t.Errorf("copy %d: %+v", i, table)
			}
		}
		if before != nil {
			equal(t, "sums", now, before)
		}
		before = now
	}
	for _, url := range urls[1:] {
		d := open(t, url)
		room, _ := d.room("next")
		equal(t, "the next id, after one that was deleted", room.ID, 4)
		equal(t, "numbers", look(d, func(tx *db.Tx) ([]int64, error) {
			return numbers(tx, "SELECT created_at FROM accounts WHERE enabled UNION ALL SELECT id FROM rooms WHERE identity IS NULL AND has_bans")
		}), []int64{math.MaxInt64, 1})
	}
}

func TestCopyRefuses(t *testing.T) {
	t.Parallel()
	sqlite, postgres := kinds(t)
	full := open(t, sqlite.URL(t))
	full.account("alice")
	fresh, server, old := sqlite.URL(t), postgres.URL(t), open(t, sqlite.URL(t)).closed()
	running := talktest.Open(t, db.Options{URL: server, Exclusive: true})
	if err := running.Read(t.Context(), func(*db.Tx) error { return nil }); err != nil {
		t.Fatal(err)
	}
	execute(t, old, "DELETE FROM goose_db_version WHERE version_id > 1")
	other := open(t, sqlite.URL(t))
	other.account("bob")
	for _, c := range []struct{ from, to, say string }{
		{full.url, other.url, "is not empty, there are rows in accounts"},
		{full.url, full.url, "the same database"},
		{full.url, "sqlite://" + strings.TrimPrefix(full.url, "sqlite:"), "the same database"},
		{fresh, other.url, "there is no database"},
		{full.url, server, "in use by a server"},
		{server, fresh, "in use by a server"},
		{old, fresh, "run parley upgrade"},
		{full.url, "mysql://u:s3cret@h/x", "cannot be read"},
		{"postgres://u:s3cret@127.0.0.1:1/x", fresh, "cannot be reached"},
	} {
		_, err := copies(c.from, c.to)
		plainly(t, err, c.say)
	}
	equal(t, "the target", look(other, func(tx *db.Tx) ([]int64, error) { return numbers(tx, "SELECT COUNT(*) FROM accounts") }), []int64{1})
}

// What an interrupted copy has left cannot be opened, only copied into again.
func TestInterruptedCopy(t *testing.T) {
	t.Parallel()
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			source := open(t, talktest.Databases()[0].URL(t))
			source.fillTables()
			from, to := source.closed(), kind.URL(t)
			ctx, cancel := context.WithCancel(t.Context())
			_, err := dbadmin.Copy(ctx, db.Options{URL: from, Now: time.Now}, db.Options{URL: to, Now: time.Now},
				func(part string, _, _ int64) {
					if part == "copy rooms" {
						cancel()
					}
				})
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v", err)
			}
			plainly(t, err, "cannot be used until the same command succeeds")
			plainly(t, opening(db.Options{URL: to}), "unfinished migration", "run the same parley migrate again")
			if found := problemsOf(t, to, time.Now())["a migration into it has ended"]; len(found) != 1 {
				t.Errorf("the doctor says %q", found)
			}
			if _, err := copies(from, to); err != nil {
				t.Fatal(err)
			}
			if err := opening(db.Options{URL: to}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		const rows = 45_000
		var calls []int64
		err := dbadmin.Load(t.Context(), d.DB, "attempts", []string{"id", "action", "subnet", "occurred_at"}, func(yield func([]any) bool) {
			for i := range rows {
				if !yield([]any{int64(i + 1), "a", fmt.Sprint(i), int64(i)}) {
					return
				}
			}
		}, func(done int64) { calls = append(calls, done) })
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "progress", calls, []int64{20_000, 40_000, rows})
		d.write(func(tx *db.Tx) error {
			return execTx(tx, "INSERT INTO attempts (action, subnet, occurred_at) VALUES ('a', 'next', 0)")
		})
		equal(t, "last id", look(d, func(tx *db.Tx) ([]int64, error) { return numbers(tx, "SELECT MAX(id) FROM attempts") }), []int64{rows + 1})
		if err := dbadmin.Load(t.Context(), d.DB, "sqlite_schema", nil, nil, nil); err == nil {
			t.Error("a table that is none was loaded")
		}
	})
}
