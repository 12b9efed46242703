package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"parley/internal/db"
	"parley/internal/talk"
)

const messageColumns = `m.id, m.room_id, m.actor_type, m.actor_id, m.system, m.text, m.about_type, m.about_id, m.params, m.created_at,
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
	var params string
	var by, about *string
	err := row.Scan(&m.ID, &m.RoomID, &m.Actor.Type, &m.Actor.ID, &m.System, &m.Text, &m.About.Type, &m.About.ID, &params, &m.Timestamp,
		&by, &about)
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
	if params == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(params), &m.Params); err != nil {
		return fmt.Errorf("parameters of message %d: %w", m.ID, err)
	}
	return nil
}

var messageInsert = db.NewInsertion("messages",
	"room_id", "actor_type", "actor_id", "system", "text", "about_type", "about_id", "params", "created_at")

// InsertMessage stores a message as the newest one of its room. Its id is set
// when the next statement has been waited for, or with the end of the
// transaction.
func InsertMessage(tx *db.Tx, m *talk.Message) error { return InsertMessages(tx, []*talk.Message{m}) }

// InsertMessages is InsertMessage for messages of one room, in their order.
func InsertMessages(tx *db.Tx, all []*talk.Message) error {
	if len(all) == 0 {
		return nil
	}
	if err := locked(tx, all[0].RoomID); err != nil {
		return err
	}
	values := make([][]any, len(all))
	for i, m := range all {
		params, err := messageParams(m)
		if err != nil {
			return err
		}
		m.Timestamp = tx.Now()
		values[i] = []any{m.RoomID, m.Actor.Type, m.Actor.ID, m.System, m.Text, m.About.Type, m.About.ID, params, m.Timestamp}
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
	return tx.Run(`UPDATE rooms SET last_message_id = (SELECT MAX(id) FROM messages WHERE room_id = $1), last_activity = $2 WHERE id = $1`,
		all[0].RoomID, tx.Now())
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
