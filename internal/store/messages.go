package store

import (
	"encoding/json"
	"fmt"

	"parley/internal/talk"
)

const messageColumns = `m.id, m.room_id, m.actor_type, m.actor_id, m.system, m.text, m.about_type, m.about_id, m.params, m.created_at`

func scanMessage(row scanner, m *talk.Message) error {
	var params string
	err := row.Scan(&m.ID, &m.RoomID, &m.Actor.Type, &m.Actor.ID, &m.System, &m.Text, &m.About.Type, &m.About.ID, &params, &m.Timestamp)
	if err != nil || params == "" {
		return err
	}
	if err := json.Unmarshal([]byte(params), &m.Params); err != nil {
		return fmt.Errorf("parameters of message %d: %w", m.ID, err)
	}
	return nil
}

// InsertMessage stores a message and sets its id.
func (tx *Tx) InsertMessage(m *talk.Message) error {
	params := ""
	if len(m.Params) > 0 {
		text, err := json.Marshal(m.Params)
		if err != nil {
			return err
		}
		params = string(text)
	}
	m.Timestamp = tx.now
	return tx.one([]any{&m.ID}, `INSERT INTO messages (room_id, actor_type, actor_id, system, text, about_type, about_id, params, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
		m.RoomID, m.Actor.Type, m.Actor.ID, m.System, m.Text, m.About.Type, m.About.ID, params, m.Timestamp)
}

// SetLastMessage makes a message the newest of its conversation.
func (tx *Tx) SetLastMessage(roomID, messageID int64) error {
	return tx.run("UPDATE rooms SET last_message_id = $2, last_activity = $3 WHERE id = $1", roomID, messageID, tx.now)
}

// Message returns a message by its id, or ErrNotFound.
func (tx *Tx) Message(id int64) (talk.Message, error) {
	found, err := tx.MessagesByID([]int64{id})
	if err != nil {
		return talk.Message{}, err
	}
	m, ok := found[id]
	if !ok {
		return m, ErrNotFound
	}
	return m, nil
}

// MessagesByID returns the messages with the given ids; absent ones are left out.
func (tx *Tx) MessagesByID(ids []int64) (map[int64]talk.Message, error) {
	out := make(map[int64]talk.Message, len(ids))
	err := chunks(ids, func(part []int64) error {
		rows, err := collect(tx, scanMessage, "SELECT "+messageColumns+" FROM messages m WHERE m.id IN ("+list(1, len(part))+")",
			anys(nil, part)...)
		for _, m := range rows {
			out[m.ID] = m
		}
		return err
	})
	return out, err
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

// History returns a page, newest first.
func (tx *Tx) History(h History) ([]talk.Message, error) {
	before := h.Before
	if before == 0 {
		before = 1<<62 - 1
	}
	if h.Inclusive {
		before++
	}
	return collect(tx, scanMessage, "SELECT "+messageColumns+` FROM messages m WHERE m.room_id = $1 AND m.id < $2
		ORDER BY m.id DESC LIMIT $3`, h.RoomID, before, h.Limit)
}
