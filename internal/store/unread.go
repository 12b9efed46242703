package store

import (
	"slices"

	"parley/internal/db"
	"parley/internal/talk"
)

// TakeNumbers notes that the comments or objects with these numbers are no longer there.
func TakeNumbers(tx *db.Tx, r *talk.Room, numbers []int64) error {
	nodes := map[int64]int64{}
	for _, number := range numbers {
		r.LastGap = max(r.LastGap, number)
		for _, node := range talk.GapNodes(number) {
			nodes[node]++
		}
	}
	if len(nodes) == 0 {
		return nil
	}
	for node, count := range nodes {
		if err := change(tx, r.ID, `INSERT INTO message_gaps (room_id, node, count) VALUES ($1, $2, $3)
			ON CONFLICT (room_id, node) DO UPDATE SET count = message_gaps.count + excluded.count`, r.ID, node, count); err != nil {
			return err
		}
	}
	return tx.Run("UPDATE rooms SET last_gap = $2, chat_version = chat_version + 1 WHERE id = $1", r.ID, r.LastGap)
}

// Unread calls f with how many comments and objects each of the members has not read.
func Unread(tx *db.Tx, members []Membership, f func(attendee, unread int64)) error {
	behind := map[int64]*Membership{}
	var ids []int64
	for i := range members {
		if m := &members[i]; m.Me.ID != 0 && m.Me.LastReadMessage < m.Room.LastMessageID {
			behind[m.Me.ID] = m
			ids = append(ids, m.Me.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	wanted, err := tx.Dialect.Values(ids)
	if err != nil {
		return err
	}
	type reading struct{ attendee, number int64 }
	read, err := db.Collect(tx, func(row db.Row, r *reading) error { return row.Scan(&r.attendee, &r.number) },
		`SELECT a.id, COALESCE((SELECT m.number FROM messages m WHERE m.room_id = a.room_id AND m.id <= a.last_read_message
			ORDER BY m.id DESC LIMIT 1), 0) FROM attendees a WHERE `+tx.Dialect.Among("a.id", 1), wanted)
	if err != nil {
		return err
	}
	for _, r := range read {
		room := &behind[r.attendee].Room
		gaps, err := gapsBetween(tx, room, r.number)
		if err != nil {
			return err
		}
		f(r.attendee, talk.Unread(room.MessageNumber, r.number, gaps))
	}
	return nil
}

// gapsBetween returns the nodes that tell how many numbers after the read one are gone,
// nil when none is.
func gapsBetween(tx *db.Tx, r *talk.Room, read int64) (map[int64]int64, error) {
	if r.LastGap <= read {
		return nil, nil
	}
	nodes := slices.Concat(talk.PrefixNodes(r.MessageNumber), talk.PrefixNodes(read))
	wanted, err := tx.Dialect.Values(nodes)
	if err != nil {
		return nil, err
	}
	gaps := map[int64]int64{}
	err = tx.Each(func(row db.Row) error {
		var node, count int64
		err := row.Scan(&node, &count)
		gaps[node] = count
		return err
	}, "SELECT node, count FROM message_gaps WHERE room_id = $1 AND "+tx.Dialect.Among("node", 2), r.ID, wanted)
	return gaps, err
}

// ReadMark is how far an attendee has read.
type ReadMark struct {
	Attendee int64
	// Reader is who that is.
	Reader talk.Actor
	// Message is the marker, 0 for the newest message.
	Message int64
}

// MarkRead stores how far attendees of a locked room have read, and takes back what
// notified them of what they have read now.
func MarkRead(tx *db.Tx, roomID int64, marks []ReadMark) error {
	for _, m := range marks {
		message := "$3"
		if m.Message == 0 {
			message = "(SELECT newest_message_id + $3 FROM rooms WHERE id = $2)"
		}
		if err := change(tx, roomID, "UPDATE attendees SET last_read_message = "+message+" WHERE id = $1 AND room_id = $2",
			m.Attendee, roomID, m.Message); err != nil {
			return err
		}
		if m.Reader.Type != talk.ActorUsers {
			continue
		}
		if err := tx.Run(`DELETE FROM notifications WHERE room_id = $1 AND user_id = $2 AND message_id > 0 AND ($3 = 0 OR message_id <= $3)
			AND subject <> $4`, roomID, m.Reader.ID, m.Message, talk.NotifiedReminder); err != nil {
			return err
		}
	}
	return nil
}
