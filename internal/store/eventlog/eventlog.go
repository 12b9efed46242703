// Package eventlog has the statements of what happened in conversations: a log of events that
// is kept for a while, and the webhooks that events are sent to.
//
// Readers go through the log by a [Cursor]. On PostgreSQL transactions end in another order
// than their rows are numbered in, so that the order is that of the transactions, and nobody
// reads past one that is not over.
package eventlog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// Cursor is a place in the log. The zero value is before everything.
type Cursor struct {
	// Tx is the transaction of an event, ID its number, and At when it was, Unix seconds.
	Tx, ID, At int64
}

// Before reports whether the place is before another one.
func (c Cursor) Before(other Cursor) bool {
	return c.Tx < other.Tx || c.Tx == other.Tx && c.ID < other.ID
}

// String is the cursor as clients keep it.
func (c Cursor) String() string { return fmt.Sprintf("%d-%d-%d", c.Tx, c.ID, c.At) }

// ParseCursor reads what String wrote.
func ParseCursor(text string) (c Cursor, ok bool) {
	parts := strings.Split(text, "-")
	if len(parts) != 3 {
		return c, false
	}
	for i, field := range []*int64{&c.Tx, &c.ID, &c.At} {
		n, err := strconv.ParseInt(parts[i], 10, 64)
		if err != nil || n < 0 || strings.HasPrefix(parts[i], "+") {
			return Cursor{}, false
		}
		*field = n
	}
	return c, true
}

// Event is something that happened in a conversation.
type Event struct {
	Cursor
	RoomID int64
	Token  string
	// Version is that of the conversation and of its chat together: it grows with every
	// change of the conversation.
	Version int64
	Kind    talk.EventKind
	// Recipient is the account that alone is told, "" for everybody in the conversation.
	Recipient string
	// Actor is who did it, About whom it happened to; both may be zero.
	Actor, About talk.Actor
	// MessageID and PollID are what it is about, 0 for none.
	MessageID, PollID int64
	// FromNewest stands for MessageID while a new message has no number yet: how many
	// messages of the conversation are newer.
	FromNewest int
	Emoji      string
}

// For returns an event for one account alone.
func (e Event) For(account string) Event {
	e.Recipient = account
	return e
}

// columns are those of an event that is stored.
var columns = []string{
	"room_id", "token", "kind", "recipient", "actor_type", "actor_id", "about_type", "about_id", "poll_id", "emoji", "created_at",
	"version", "message_id",
}

// values are the arguments for the columns: the last ones are the version of a conversation that
// is gone, the message, and how many are newer than a message without a number, -1 for others.
func (e *Event) values(now int64) []any {
	newer := -1
	if e.MessageID == 0 && e.Kind == talk.EventMessage {
		newer = e.FromNewest
	}
	return []any{
		e.RoomID, e.Token, string(e.Kind), e.Recipient, string(e.Actor.Type), e.Actor.ID, string(e.About.Type), e.About.ID,
		e.PollID, e.Emoji, now, e.Version, e.MessageID, newer,
	}
}

// insertText returns the statement that stores n events. It is the same for all, so that
// databases know it.
func insertText(n int) string {
	rows := make([]string, n)
	for i := range rows {
		first := 1 + i*(len(columns)+1)
		place := func(column int) string { return "$" + strconv.Itoa(first+column) }
		version, message, newer := place(len(columns)-2), place(len(columns)-1), place(len(columns))
		rows[i] = "(" + db.Placeholders(first, len(columns)-2) + `, COALESCE((SELECT version + chat_version FROM rooms WHERE id = ` + place(0) +
			"), CAST(" + version + " AS BIGINT)), CASE WHEN CAST(" + newer + " AS BIGINT) < 0 THEN CAST(" + message +
			" AS BIGINT) ELSE COALESCE((SELECT id FROM messages WHERE room_id = " + place(0) + " ORDER BY id DESC LIMIT 1 OFFSET CAST(" + newer +
			" AS BIGINT)), 0) END)"
	}
	return "INSERT INTO events (" + strings.Join(columns, ", ") + ") VALUES " + strings.Join(rows, ", ")
}

// insertOne is the statement that stores one event, as most changes do.
var insertOne = insertText(1)

// Insert stores what happened in one conversation. Its events get the version that the
// conversation has by then, or their own if it is gone. Nobody waits for the statements.
func Insert(tx *db.Tx, all []Event) error {
	for part := range slices.Chunk(all, max(tx.Dialect.ValuesPerStatement()/(len(columns)+1), 1)) {
		var args []any
		for i := range part {
			args = append(args, part[i].values(tx.Now())...)
		}
		text := insertOne
		if len(part) > 1 {
			text = insertText(len(part))
		}
		if err := tx.Run(text, args...); err != nil {
			return err
		}
	}
	return nil
}

const selected = `e.tx, e.id, e.created_at, e.room_id, e.token, e.version, e.kind, e.recipient, e.actor_type, e.actor_id,
	e.about_type, e.about_id, e.message_id, e.poll_id, e.emoji`

func scan(row db.Row, e *Event, more ...any) error {
	return row.Scan(append([]any{
		&e.Tx, &e.ID, &e.At, &e.RoomID, &e.Token, &e.Version, &e.Kind, &e.Recipient, &e.Actor.Type, &e.Actor.ID,
		&e.About.Type, &e.About.ID, &e.MessageID, &e.PollID, &e.Emoji,
	}, more...)...)
}

// After returns up to limit events after a place, in their order. hidden tells that there
// are more which may be read once other transactions are over. An event is also hidden as long
// as one is that happened before it in the same conversation.
func After(tx *db.Tx, after Cursor, limit int) (all []Event, hidden bool, err error) {
	err = tx.Each(func(row db.Row) error {
		var e Event
		over := false
		err := scan(row, &e, &over)
		if hidden = hidden || !over; !hidden {
			all = append(all, e)
		}
		return err
	}, "SELECT "+selected+", "+readable(tx.Dialect)+" FROM events e WHERE (e.tx, e.id) > ($1, $2) ORDER BY e.tx, e.id LIMIT $3",
		after.Tx, after.ID, limit)
	return all, hidden, err
}

// readable is a condition for events e that are not hidden.
func readable(d db.Dialect) string {
	if !d.WritesTogether() {
		return "TRUE"
	}
	return d.Over("e.tx") + " AND NOT EXISTS (SELECT 1 FROM events h WHERE NOT (" + d.Over("h.tx") + ") AND h.room_id = e.room_id AND h.id < e.id)"
}

// AfterFor returns up to limit events after a place and not after another one, in their
// order, of those that concern an account: it is in the conversation now, or is told alone.
func AfterFor(tx *db.Tx, userID string, after, until Cursor, limit int) ([]Event, error) {
	return db.Collect(tx, func(row db.Row, e *Event) error { return scan(row, e) },
		"SELECT "+selected+` FROM events e WHERE (e.tx, e.id) > ($1, $2) AND (e.tx, e.id) <= ($3, $4) AND (e.recipient = $5
		OR e.recipient = '' AND EXISTS (SELECT 1 FROM attendees a WHERE a.room_id = e.room_id AND a.actor_type = 'users' AND a.actor_id = $5))
		ORDER BY e.tx, e.id LIMIT $6`, after.Tx, after.ID, until.Tx, until.ID, userID, limit)
}

// Adopt puts events that were brought from another database before all of this one.
func Adopt(tx *db.Tx) error {
	return tx.Run("UPDATE events SET tx = 0 WHERE " + tx.Dialect.Foreign("tx"))
}

// Newest returns the place of the newest event that may be read, or ErrNotFound while there
// is none.
func Newest(tx *db.Tx) (c Cursor, err error) {
	err = tx.QueryRow([]any{&c.Tx, &c.ID, &c.At},
		"SELECT tx, id, created_at FROM events WHERE "+tx.Dialect.Over("tx")+" ORDER BY tx DESC, id DESC LIMIT 1")
	return c, err
}

// Has reports whether the event at a place is still there, so that nothing after it was
// forgotten.
func Has(tx *db.Tx, c Cursor) (bool, error) {
	var n int
	err := tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM events WHERE id = $1 AND tx = $2 AND created_at = $3", c.ID, c.Tx, c.At)
	return n > 0, err
}

// RoomsOf returns the ids of the conversations that an account is in.
func RoomsOf(tx *db.Tx, userID string) ([]int64, error) {
	return db.Collect(tx, db.ScanNumber, "SELECT room_id FROM attendees WHERE actor_type = 'users' AND actor_id = $1", userID)
}

// Forget looks at up to limit of the oldest events and removes those from before a time, Unix
// seconds, but never the newest one, from which readers go on. It returns how many.
func Forget(tx *db.Tx, before int64, limit int) (int64, error) {
	newest, err := Newest(tx)
	if db.IsNone(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return tx.Exec(`DELETE FROM events WHERE created_at < $1 AND id <> $2 AND id IN (SELECT id FROM events ORDER BY tx, id LIMIT $3)`,
		before, newest.ID, limit)
}

// used names the value that is there since events are kept.
const used = "events-used"

// Used reports whether events are kept. Who remembers the answer asks again when the
// settings have another version.
func Used(tx *db.Tx) (bool, error) { return store.InUse(tx, used) }

// Use has events kept from now on: the first is the beginning of the log.
func Use(tx *db.Tx) error {
	first, err := store.Use(tx, used)
	if err != nil || !first {
		return err
	}
	return Insert(tx, []Event{{Kind: talk.EventLogBegins}})
}
