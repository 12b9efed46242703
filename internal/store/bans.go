package store

import (
	"maps"
	"slices"

	"parley/internal/db"
	"parley/internal/talk"
)

const banColumns = `b.id, b.room_id, b.moderator_type, b.moderator_id, b.moderator_name, b.banned_type, b.banned_id,
	b.banned_name, b.note, b.created_at`

func scanBan(row db.Row, b *talk.Ban) error {
	return row.Scan(&b.ID, &b.RoomID, &b.Moderator.Type, &b.Moderator.ID, &b.ModeratorName, &b.Banned.Type, &b.Banned.ID,
		&b.BannedName, &b.Note, &b.At)
}

// Bans returns all bans of a room in the order of their ids.
func Bans(tx *db.Tx, roomID int64) (talk.Bans, error) {
	return db.Collect(tx, scanBan, "SELECT "+banColumns+" FROM bans b WHERE b.room_id = $1 ORDER BY b.id", roomID)
}

// BansAgainst returns the bans of an actor in a room, and with addresses all bans
// of networks. Ids of users are compared as in [AccountByID].
func BansAgainst(tx *db.Tx, roomID int64, who talk.Actor, addresses bool) (talk.Bans, error) {
	id := who.ID
	if who.Type == talk.ActorUsers {
		id = fold(id)
	}
	return db.Collect(tx, scanBan, "SELECT "+banColumns+` FROM bans b WHERE b.room_id = $1
		AND (b.banned_type = $2 AND LOWER(b.banned_id) = $3 OR $4 AND b.banned_type = 'ip') ORDER BY b.id`,
		roomID, who.Type, id, addresses)
}

// BannedAmong returns those of the accounts that are banned in a room.
func BannedAmong(tx *db.Tx, roomID int64, users []string) (map[string]bool, error) {
	out := map[string]bool{}
	err := db.Chunks(users, func(part []string) error {
		folded := make(map[string][]string, len(part))
		for _, id := range part {
			folded[fold(id)] = append(folded[fold(id)], id)
		}
		banned, err := db.Collect(tx, db.ScanString, `SELECT LOWER(banned_id) FROM bans WHERE room_id = $1 AND banned_type = 'users'
			AND LOWER(banned_id) IN (`+db.Placeholders(2, len(folded))+")", db.Args([]any{roomID}, slices.Sorted(maps.Keys(folded)))...)
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
func InsertBan(tx *db.Tx, b *talk.Ban) error {
	if err := Locked(tx, b.RoomID); err != nil {
		return err
	}
	b.At = tx.Now()
	err := tx.Insert(&b.ID, `INSERT INTO bans (room_id, moderator_type, moderator_id, moderator_name, banned_type,
		banned_id, banned_name, note, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id`,
		b.RoomID, b.Moderator.Type, b.Moderator.ID, b.ModeratorName, b.Banned.Type, b.Banned.ID, b.BannedName, b.Note, b.At)
	if err != nil {
		return err
	}
	return tx.Run("UPDATE rooms SET has_bans = TRUE WHERE id = $1", b.RoomID)
}

// DeleteBan removes a ban of a locked room; one that is not there is fine.
func DeleteBan(tx *db.Tx, roomID, id int64) error {
	if err := change(tx, roomID, "DELETE FROM bans WHERE room_id = $1 AND id = $2", roomID, id); err != nil {
		return err
	}
	return tx.Run("UPDATE rooms SET has_bans = EXISTS (SELECT 1 FROM bans WHERE room_id = $1) WHERE id = $1", roomID)
}
