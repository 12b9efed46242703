package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"parley/internal/db"
	"parley/internal/talk"
)

// messageRow is a message as it is stored.
type messageRow struct {
	talk.Message
	// params and reactions are JSON, empty for none.
	params, reactions string
}

// messageTable are the columns of messages.
var messageTable = columns[messageRow]{"messages", "m", []column[messageRow]{
	{"id", func(m *messageRow) any { return &m.ID }, 0},
	{"room_id", func(m *messageRow) any { return &m.RoomID }, inserted},
	{"actor_type", func(m *messageRow) any { return &m.Actor.Type }, inserted},
	{"actor_id", func(m *messageRow) any { return &m.Actor.ID }, inserted},
	{"kind", func(m *messageRow) any { return &m.Kind }, inserted},
	{"system", func(m *messageRow) any { return &m.System }, inserted},
	{"text", func(m *messageRow) any { return &m.Text }, inserted},
	{"about_type", func(m *messageRow) any { return &m.About.Type }, inserted},
	{"about_id", func(m *messageRow) any { return &m.About.ID }, inserted},
	{"params", func(m *messageRow) any { return &m.params }, inserted},
	{"created_at", func(m *messageRow) any { return &m.Timestamp }, inserted},
	{"parent_id", func(m *messageRow) any { return &m.ParentID }, inserted},
	{"reference_id", func(m *messageRow) any { return &m.ReferenceID }, inserted},
	{"silent", func(m *messageRow) any { return &m.Silent }, inserted},
	{"mentions_all", func(m *messageRow) any { return &m.MentionsAll }, inserted},
	{"number", func(m *messageRow) any { return &m.Number }, inserted},
	{"expires_at", func(m *messageRow) any { return &m.ExpiresAt }, inserted},
	{"editor_type", func(m *messageRow) any { return &m.Editor.Type }, 0},
	{"editor_id", func(m *messageRow) any { return &m.Editor.ID }, 0},
	{"edited_at", func(m *messageRow) any { return &m.EditedAt }, 0},
	{"list", func(m *messageRow) any { return &m.List }, inserted},
	{"reactions", func(m *messageRow) any { return &m.reactions }, 0},
}}

var (
	messageColumns = messageTable.selected() + ", COALESCE(ma.display_name, mg.display_name), COALESCE(ba.display_name, bg.display_name)"
	messageInsert  = db.NewInsertion("messages", messageTable.names(inserted)...)
)

// messageTables are messages with those who they are by and about: accounts,
// whose names are those of now, and guests in the same room.
const messageTables = ` FROM messages m
	LEFT JOIN accounts ma ON m.actor_type = 'users' AND ma.user_id = m.actor_id
	LEFT JOIN attendees mg ON m.actor_type <> 'users' AND mg.room_id = m.room_id AND mg.actor_type = m.actor_type AND mg.actor_id = m.actor_id
	LEFT JOIN accounts ba ON m.about_type = 'users' AND ba.user_id = m.about_id
	LEFT JOIN attendees bg ON m.about_type <> 'users' AND bg.room_id = m.room_id AND bg.actor_type = m.about_type AND bg.actor_id = m.about_id`

// NamedMessage is a message with the names that those whom it speaks of have
// now; those who are gone have none.
type NamedMessage struct {
	talk.Message
	Names talk.Names
	// Mentions are whom its text mentions.
	Mentions []talk.Mention
}

// Render shows the message to a reader.
func (m *NamedMessage) Render(r talk.Reader) talk.Rendered {
	return r.Render(&m.Message, m.Mentions, m.Names)
}

func scanMessage(from db.Row, m *NamedMessage) error {
	var row messageRow
	var by, about *string
	if err := from.Scan(append(messageTable.fields(&row), &by, &about)...); err != nil {
		return err
	}
	if err := row.decode(); err != nil {
		return err
	}
	m.Message, m.Names, m.Mentions = row.Message, talk.Names{}, row.Mentioned()
	if by != nil {
		m.Names[m.Actor] = *by
	}
	if about != nil {
		m.Names[m.About] = *about
	}
	return nil
}

// decode reads the JSON of a row.
func (m *messageRow) decode() error {
	if err := parse(m.params, &m.Params); err != nil {
		return fmt.Errorf("parameters of message %d: %w", m.ID, err)
	}
	if err := parse(m.reactions, &m.Reactions); err != nil {
		return fmt.Errorf("reactions to message %d: %w", m.ID, err)
	}
	return nil
}

// parse reads JSON, where an empty text is nothing.
func parse[T any](text string, v *T) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), v)
}

// InsertMessages stores messages as the newest ones of a room that was read under its
// lock, in their order, and numbers them. Their ids are set when the next statement has
// been waited for, or with the end of the transaction.
func InsertMessages(tx *db.Tx, r *talk.Room, all []*talk.Message) error {
	if len(all) == 0 {
		return nil
	}
	if err := Locked(tx, r.ID); err != nil {
		return err
	}
	values := make([][]any, len(all))
	quiet := all[0].Quiet()
	for i, m := range all {
		if m.Quiet() != quiet {
			return tx.Fail(fmt.Errorf("store: %q is not posted together with %q", m.System, all[0].System))
		}
		params, err := messageParams(m)
		if err != nil {
			return err
		}
		if m.Kind.Counts() {
			r.MessageNumber++
		}
		m.RoomID, m.Timestamp, m.Number, m.ExpiresAt = r.ID, tx.Now(), r.MessageNumber, r.ExpiryOf(tx.Now())
		values[i] = messageTable.values(inserted, &messageRow{Message: *m, params: params})
	}
	left := all
	err := tx.InsertRows(messageInsert, values, tx.Dialect.RowsPerInsert(), func(text string, args []any) error {
		part := left[:len(args)/len(messageInsert.Columns)]
		left = left[len(part):]
		return tx.Later(&db.Statement{Text: text + " RETURNING id", Args: args, Each: idsInOrder(part)})
	})
	if err != nil {
		return err
	}
	// Quiet ones are no activity of the conversation.
	activity, args := "", []any{r.ID, r.MessageNumber}
	if !quiet {
		activity, args = ", last_message_id = n.id, last_activity = $3", append(args, tx.Now())
	}
	return tx.Run("UPDATE rooms SET newest_message_id = n.id, chat_version = chat_version + 1, message_number = $2"+activity+
		" FROM (SELECT id FROM messages WHERE room_id = $1 ORDER BY id DESC LIMIT 1) AS n WHERE rooms.id = $1", args...)
}

func messageParams(m *talk.Message) (string, error) { return jsonOf(m.Params) }

// jsonOf writes a map as JSON, nothing for an empty one.
func jsonOf[V any](m map[string]V) (string, error) {
	if len(m) == 0 {
		return "", nil
	}
	text, err := json.Marshal(m)
	return string(text), err
}

// idsInOrder returns a function that reads the ids of new messages. Ids grow in
// the order of the rows that were inserted; the order in which a database returns
// them is its own matter.
func idsInOrder(all []*talk.Message) func(db.Row) error {
	ids := make([]int64, 0, len(all))
	return func(row db.Row) error {
		var id int64
		if err := row.Scan(&id); err != nil {
			return err
		}
		ids = append(ids, id)
		if len(ids) == len(all) {
			slices.Sort(ids)
			for i := range all {
				all[i].ID = ids[i]
			}
		}
		return nil
	}
}

// Messages returns those of the messages with the ids that there are.
func Messages(tx *db.Tx, ids []int64) ([]NamedMessage, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	wanted, err := tx.Dialect.Values(ids)
	if err != nil {
		return nil, err
	}
	return collectMessages(tx, tx.Dialect.Among("m.id", 1), wanted)
}

// History is a page of a conversation's messages.
type History struct {
	RoomID int64
	// Before is the id that the page ends before, 0 for the newest page. Without it,
	// After is the id that the page begins behind.
	Before, After int64
	// Newer reads on from After, oldest first, in the place of newest first.
	Newer bool
	// Inclusive takes the message with the id of the bound itself as well.
	Inclusive bool
	Limit     int
}

// HistoryOf returns a page, newest first, or oldest first for newer ones.
func HistoryOf(tx *db.Tx, h History) ([]NamedMessage, error) {
	bound, condition := h.Before, "m.id < $2 ORDER BY m.id DESC"
	switch {
	case h.Newer && h.Inclusive:
		bound, condition = h.After-1, "m.id > $2 ORDER BY m.id"
	case h.Newer:
		bound, condition = h.After, "m.id > $2 ORDER BY m.id"
	case h.Before <= 0:
		bound = 1<<62 - 1
	case h.Inclusive:
		bound++
	}
	return collectMessages(tx, "m.room_id = $1 AND "+condition+" LIMIT $3", h.RoomID, bound, h.Limit)
}

func collectMessages(tx *db.Tx, where string, args ...any) ([]NamedMessage, error) {
	all, err := db.Collect(tx, scanMessage, "SELECT "+messageColumns+messageTables+" WHERE "+where, args...)
	if err == nil {
		err = AddNames(tx, pointers(all))
	}
	return all, err
}

func pointers(all []NamedMessage) []*NamedMessage {
	out := make([]*NamedMessage, len(all))
	for i := range all {
		out[i] = &all[i]
	}
	return out
}

// MessagesByID returns those of the messages of a room that there are, by their ids.
func MessagesByID(tx *db.Tx, roomID int64, ids []int64) (map[int64]*NamedMessage, error) {
	out := make(map[int64]*NamedMessage, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	wanted, err := tx.Dialect.Values(ids)
	if err != nil {
		return nil, err
	}
	all, err := collectMessages(tx, "m.room_id = $1 AND "+tx.Dialect.Among("m.id", 2), roomID, wanted)
	for i := range all {
		out[all[i].ID] = &all[i]
	}
	return out, err
}

// Message returns a message of a room that has not expired, or ErrNotFound.
func Message(tx *db.Tx, roomID, id int64) (m NamedMessage, err error) {
	all, err := MessagesByID(tx, roomID, []int64{id})
	if err != nil {
		return m, err
	}
	found, ok := all[id]
	if !ok || found.Expired(tx.Now()) {
		return m, db.ErrNotFound
	}
	return *found, nil
}

// MessagesOfList returns the shared items of a list of a room, newest first, of those
// before an id, 0 for the newest ones.
func MessagesOfList(tx *db.Tx, roomID int64, list string, before int64, limit int) ([]NamedMessage, error) {
	if before <= 0 {
		before = 1<<62 - 1
	}
	return collectMessages(tx, `m.room_id = $1 AND m.list = $2 AND m.list <> '' AND m.id < $3 AND (m.expires_at = 0 OR m.expires_at > $4)
		ORDER BY m.id DESC LIMIT $5`, roomID, list, before, tx.Now(), limit)
}

// maxLookedAt is how many of the newest messages are looked at for comments and objects
// among them.
const maxLookedAt = 10_000

// NewestCounted returns the ids of up to limit of the newest comments and objects among
// the newest messages of a room, the newest one first.
func NewestCounted(tx *db.Tx, roomID int64, limit int) ([]int64, error) {
	return db.Collect(tx, db.ScanNumber, `SELECT id FROM (SELECT id, kind FROM messages WHERE room_id = $1 ORDER BY id DESC LIMIT $2) AS newest
		WHERE kind IN ('comment', 'object') ORDER BY id DESC LIMIT $3`, roomID, maxLookedAt, limit)
}

// MessageBefore returns the id of the message right before another one, 0 for none.
func MessageBefore(tx *db.Tx, roomID, id int64) (before int64, err error) {
	err = tx.QueryRow([]any{&before}, "SELECT COALESCE(MAX(id), 0) FROM messages WHERE room_id = $1 AND id < $2", roomID, id)
	return before, err
}

// UpdateMessage stores the text, the state and the reactions of a message of a locked
// room.
func UpdateMessage(tx *db.Tx, m *talk.Message) error {
	params, err := messageParams(m)
	if err != nil {
		return err
	}
	reactions, err := jsonOf(m.Reactions)
	if err != nil {
		return err
	}
	return change(tx, m.RoomID, `UPDATE messages SET kind = $2, system = $3, text = $4, about_type = $5, about_id = $6, params = $7,
		editor_type = $8, editor_id = $9, edited_at = $10, list = $11, reactions = $12, mentions_all = $13 WHERE id = $1`,
		m.ID, m.Kind, m.System, m.Text, m.About.Type, m.About.ID, params, m.Editor.Type, m.Editor.ID, m.EditedAt, m.List, reactions,
		m.MentionsAll)
}

// ClearMessages removes all messages of a locked room, with what belongs to them, and
// makes everybody have read nothing.
func ClearMessages(tx *db.Tx, r *talk.Room) error {
	if err := Locked(tx, r.ID); err != nil {
		return err
	}
	r.MessageNumber, r.LastGap, r.AllMentionedID = 0, 0, 0
	for _, text := range []string{
		"DELETE FROM messages WHERE room_id = $1",
		"DELETE FROM message_gaps WHERE room_id = $1",
		"DELETE FROM polls WHERE room_id = $1",
		"DELETE FROM notifications WHERE room_id = $1 AND message_id > 0",
		"UPDATE rooms SET message_number = 0, last_gap = 0, all_mentioned_id = 0, chat_version = chat_version + 1 WHERE id = $1",
		"UPDATE attendees SET last_read_message = -2, last_mention_message = 0, last_mention_direct = 0 WHERE room_id = $1",
	} {
		if err := tx.Run(text, r.ID); err != nil {
			return err
		}
	}
	return nil
}

// ExpiredMessages returns up to limit tokens of rooms that have expired messages.
func ExpiredMessages(tx *db.Tx, limit int) ([]string, error) {
	return db.Collect(tx, db.ScanString, `SELECT r.token FROM rooms r WHERE r.id IN (SELECT room_id FROM
		(SELECT room_id FROM messages WHERE expires_at > 0 AND expires_at <= $1 ORDER BY expires_at LIMIT $2) AS due)`, tx.Now(), limit)
}

// RemoveExpired removes up to limit expired messages of a locked room and returns how
// many there were.
func RemoveExpired(tx *db.Tx, r *talk.Room, limit int) (int, error) {
	type expired struct {
		id, number int64
		counts     bool
	}
	all, err := db.Collect(tx, func(row db.Row, m *expired) error { return row.Scan(&m.id, &m.number, &m.counts) },
		`SELECT id, number, kind IN ('comment', 'object') FROM messages WHERE room_id = $1 AND expires_at > 0 AND expires_at <= $2
		ORDER BY expires_at LIMIT $3`, r.ID, tx.Now(), limit)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	var ids, numbers []int64
	for _, m := range all {
		ids = append(ids, m.id)
		if m.counts {
			numbers = append(numbers, m.number)
		}
	}
	if err := TakeNumbers(tx, r, numbers); err != nil {
		return 0, err
	}
	gone, err := tx.Dialect.Values(ids)
	if err != nil {
		return 0, err
	}
	for _, text := range []string{
		"DELETE FROM notifications WHERE room_id = $1 AND " + tx.Dialect.Among("message_id", 2),
		"DELETE FROM messages WHERE room_id = $1 AND " + tx.Dialect.Among("id", 2),
	} {
		if err := change(tx, r.ID, text, r.ID, gone); err != nil {
			return 0, err
		}
	}
	return len(all), nil
}
