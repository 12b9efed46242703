package store

import (
	"maps"
	"slices"

	"parley/internal/talk"
)

const banColumns = `b.id, b.room_id, b.moderator_type, b.moderator_id, b.moderator_name, b.banned_type, b.banned_id,
	b.banned_name, b.note, b.created_at`

func scanBan(row scanner, b *talk.Ban) error {
	return row.Scan(&b.ID, &b.RoomID, &b.Moderator.Type, &b.Moderator.ID, &b.ModeratorName, &b.Banned.Type, &b.Banned.ID,
		&b.BannedName, &b.Note, &b.At)
}

// Bans returns all bans of a room in the order of their ids.
func (tx *Tx) Bans(roomID int64) (talk.Bans, error) {
	return collect(tx, scanBan, "SELECT "+banColumns+" FROM bans b WHERE b.room_id = $1 ORDER BY b.id", roomID)
}

// BansAgainst returns the bans of an actor in a room, and with addresses all bans
// of networks. Ids of users are compared as in [Tx.Account].
func (tx *Tx) BansAgainst(roomID int64, who talk.Actor, addresses bool) (talk.Bans, error) {
	id := who.ID
	if who.Type == talk.ActorUsers {
		id = fold(id)
	}
	return collect(tx, scanBan, "SELECT "+banColumns+` FROM bans b WHERE b.room_id = $1
		AND (b.banned_type = $2 AND LOWER(b.banned_id) = $3 OR $4 AND b.banned_type = 'ip') ORDER BY b.id`,
		roomID, who.Type, id, addresses)
}

// BannedAmong returns those of the accounts that are banned in a room.
func (tx *Tx) BannedAmong(roomID int64, users []string) (map[string]bool, error) {
	out := map[string]bool{}
	err := chunks(users, func(part []string) error {
		folded := make(map[string][]string, len(part))
		for _, id := range part {
			folded[fold(id)] = append(folded[fold(id)], id)
		}
		banned, err := collect(tx, scanString, `SELECT LOWER(banned_id) FROM bans WHERE room_id = $1 AND banned_type = 'users'
			AND LOWER(banned_id) IN (`+list(2, len(folded))+")", anys([]any{roomID}, slices.Sorted(maps.Keys(folded)))...)
		for _, known := range banned {
			for _, id := range folded[known] {
				out[id] = true
			}
		}
		return err
	})
	return out, err
}

// InsertBan stores a new ban of a locked room and sets its id and time.
// ErrDuplicate when the same actor is banned already.
func (tx *Tx) InsertBan(b *talk.Ban) error {
	if err := tx.locked(b.RoomID); err != nil {
		return err
	}
	b.At = tx.now
	err := tx.insert(&b.ID, `INSERT INTO bans (room_id, moderator_type, moderator_id, moderator_name, banned_type,
		banned_id, banned_name, note, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id`,
		b.RoomID, b.Moderator.Type, b.Moderator.ID, b.ModeratorName, b.Banned.Type, b.Banned.ID, b.BannedName, b.Note, b.At)
	if err != nil {
		return err
	}
	return tx.run("UPDATE rooms SET has_bans = TRUE WHERE id = $1", b.RoomID)
}

// DeleteBan removes a ban of a locked room; one that is not there is fine.
func (tx *Tx) DeleteBan(roomID, id int64) error {
	if err := tx.change(roomID, "DELETE FROM bans WHERE room_id = $1 AND id = $2", roomID, id); err != nil {
		return err
	}
	return tx.run("UPDATE rooms SET has_bans = EXISTS (SELECT 1 FROM bans WHERE room_id = $1) WHERE id = $1", roomID)
}
