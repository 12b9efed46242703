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
}

func scanMessage(from db.Row, m *NamedMessage) error {
	var row messageRow
	var by, about *string
	if err := from.Scan(append(messageTable.fields(&row), &by, &about)...); err != nil {
		return err
	}
	m.Message = row.Message
	m.Names = talk.Names{}
	if by != nil {
		m.Names[m.Actor] = *by
	}
	if about != nil {
		m.Names[m.About] = *about
	}
	if err := parse(row.params, &m.Params); err != nil {
		return fmt.Errorf("parameters of message %d: %w", m.ID, err)
	}
	if err := parse(row.reactions, &m.Reactions); err != nil {
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
	if err := locked(tx, r.ID); err != nil {
		return err
	}
	values := make([][]any, len(all))
	for i, m := range all {
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
	return tx.Run(`UPDATE rooms SET last_message_id = (SELECT MAX(id) FROM messages WHERE room_id = $1), last_activity = $2,
		message_number = $3 WHERE id = $1`, r.ID, tx.Now(), r.MessageNumber)
}

func messageParams(m *talk.Message) (string, error) {
	if len(m.Params) == 0 {
		return "", nil
	}
	text, err := json.Marshal(m.Params)
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

// Messages calls f for each of the messages with the ids that there are, when
// the next statement has been waited for, or with the end of the transaction.
func Messages(tx *db.Tx, ids []int64, f func(*NamedMessage)) error {
	if len(ids) == 0 {
		return nil
	}
	wanted, err := tx.Dialect.Values(ids)
	if err != nil {
		return err
	}
	return tx.Later(&db.Statement{
		Text: "SELECT " + messageColumns + messageTables + " WHERE " + tx.Dialect.Among("m.id", 1), Args: []any{wanted},
		Each: func(row db.Row) error {
			var m NamedMessage
			err := scanMessage(row, &m)
			if err == nil {
				f(&m)
			}
			return err
		},
	})
}

// History is a page of a conversation's messages.
type History struct {
	RoomID int64
	// Before is the id that the page ends before, 0 for the newest page.
	Before int64
	// Inclusive takes the message with the id Before itself as well.
	Inclusive bool
	Limit     int
}

// HistoryOf returns a page, newest first.
func HistoryOf(tx *db.Tx, h History) ([]NamedMessage, error) {
	before := h.Before
	if before == 0 {
		before = 1<<62 - 1
	}
	if h.Inclusive {
		before++
	}
	return db.Collect(tx, scanMessage, "SELECT "+messageColumns+messageTables+` WHERE m.room_id = $1 AND m.id < $2
		ORDER BY m.id DESC LIMIT $3`, h.RoomID, before, h.Limit)
}
