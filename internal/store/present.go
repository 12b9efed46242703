package store

import (
	"encoding/binary"
	"hash/fnv"

	"parley/internal/talk"
)

// World is the version of what answers about any conversation depend on besides
// the conversation itself: the settings, and the names of accounts.
type World struct{ settings, directory string }

// worldColumns select a World.
const worldColumns = `COALESCE((SELECT value FROM server_state WHERE name = 'settings-version'), ''),
	COALESCE((SELECT value FROM server_state WHERE name = 'directory-version'), '')`

// Present returns the id and the version of a conversation, and the version of
// the world around it. ErrNotFound when there is no such conversation.
func (tx *Tx) Present(token string) (room, version int64, world World, err error) {
	err = tx.one([]any{&room, &version, &world.settings, &world.directory},
		"SELECT r.id, r.version, "+worldColumns+" FROM rooms r WHERE r.token = $1", token)
	return room, version, world, err
}

// Digest is the version of a list of conversations: another one when any of
// them, the list itself or the world changed.
type Digest struct {
	rooms uint64
	count int
	world World
}

// MembershipsDigest returns the version of what Memberships returns.
func (tx *Tx) MembershipsDigest(who talk.Actor) (d Digest, err error) {
	sum := fnv.New64a()
	var buf [16]byte
	err = tx.each(func(row scanner) error {
		var id, version int64
		err := row.Scan(&id, &version)
		binary.LittleEndian.PutUint64(buf[:8], uint64(id))
		binary.LittleEndian.PutUint64(buf[8:], uint64(version))
		sum.Write(buf[:])
		d.count++
		return err
	}, `SELECT r.id, r.version FROM attendees a JOIN rooms r ON r.id = a.room_id
		WHERE a.actor_type = $1 AND a.actor_id = $2 ORDER BY r.id`, who.Type, who.ID)
	if err != nil {
		return d, err
	}
	d.rooms = sum.Sum64()
	return d, tx.one([]any{&d.world.settings, &d.world.directory}, "SELECT "+worldColumns)
}

// newDirectory makes everybody notice that names of accounts changed.
func (tx *Tx) newDirectory() error {
	return tx.run(`INSERT INTO server_state (name, value) VALUES ('directory-version', '1')
		ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(server_state.value AS BIGINT) + 1 AS TEXT)`)
}
