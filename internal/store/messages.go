package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"parley/internal/db"
	"parley/internal/talk"
)

const messageColumns = `m.id, m.room_id, m.actor_type, m.actor_id, m.system, m.text, m.about_type, m.about_id, m.params, m.created_at,
	m.kind, m.parent_id, m.reference_id, m.silent, m.mentions_all, m.number, m.expires_at, m.editor_type, m.editor_id, m.edited_at,
	m.list, m.reactions,
	COALESCE(ma.display_name, mg.display_name), COALESCE(ba.display_name, bg.display_name)`

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

func scanMessage(row db.Row, m *NamedMessage) error {
	var params, reactions string
	var by, about *string
	err := row.Scan(&m.ID, &m.RoomID, &m.Actor.Type, &m.Actor.ID, &m.System, &m.Text, &m.About.Type, &m.About.ID, &params, &m.Timestamp,
		&m.Kind, &m.ParentID, &m.ReferenceID, &m.Silent, &m.MentionsAll, &m.Number, &m.ExpiresAt, &m.Editor.Type, &m.Editor.ID, &m.EditedAt,
		&m.List, &reactions, &by, &about)
	if err != nil {
		return err
	}
	m.Names = talk.Names{}
	if by != nil {
		m.Names[m.Actor] = *by
	}
	if about != nil {
		m.Names[m.About] = *about
	}
	if err := parse(params, &m.Params); err != nil {
		return fmt.Errorf("parameters of message %d: %w", m.ID, err)
	}
	if err := parse(reactions, &m.Reactions); err != nil {
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

var messageInsert = db.NewInsertion("messages",
	"room_id", "actor_type", "actor_id", "system", "text", "about_type", "about_id", "params", "created_at",
	"kind", "parent_id", "reference_id", "silent", "mentions_all", "number", "expires_at", "list")

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
		values[i] = []any{
			m.RoomID, m.Actor.Type, m.Actor.ID, m.System, m.Text, m.About.Type, m.About.ID, params, m.Timestamp,
			m.Kind, m.ParentID, m.ReferenceID, m.Silent, m.MentionsAll, m.Number, m.ExpiresAt, m.List,
		}
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
