package store

import (
	"parley/internal/db"
	"parley/internal/talk"
)

// botTable are the columns of bots.
var botTable = columns[talk.Bot]{"bots", "b", []column[talk.Bot]{
	{"id", func(b *talk.Bot) any { return &b.ID }, 0},
	{"name", func(b *talk.Bot) any { return &b.Name }, stored},
	{"url", func(b *talk.Bot) any { return &b.URL }, inserted},
	{"url_hash", func(b *talk.Bot) any { return &b.URLHash }, inserted},
	{"secret", func(b *talk.Bot) any { return &b.Secret }, stored},
	{"description", func(b *talk.Bot) any { return &b.Description }, stored},
	{"features", func(b *talk.Bot) any { return &b.Features }, stored},
	{"state", func(b *talk.Bot) any { return &b.State }, stored},
	{"error_count", func(b *talk.Bot) any { return &b.ErrorCount }, updated},
	{"last_error_at", func(b *talk.Bot) any { return &b.LastErrorAt }, updated},
	{"last_error", func(b *talk.Bot) any { return &b.LastError }, updated},
}}

var (
	botColumns = botTable.selected()
	botInsert  = botTable.insert() + " RETURNING id"
	botUpdate  = botTable.update()
)

// Bots returns all bots in the order of their ids.
func Bots(tx *db.Tx) ([]talk.Bot, error) {
	return db.Collect(tx, botTable.scan, "SELECT "+botColumns+" FROM bots b ORDER BY b.id")
}

// Bot returns the bot with an id, or ErrNotFound.
func Bot(tx *db.Tx, id int64) (b talk.Bot, err error) {
	err = tx.QueryRow(botTable.fields(&b), "SELECT "+botColumns+" FROM bots b WHERE b.id = $1", id)
	return b, err
}

// InsertBot stores a new bot and sets its id. ErrDuplicate when there is one at its URL.
func InsertBot(tx *db.Tx, b *talk.Bot) error {
	return tx.Insert(&b.ID, botInsert, botTable.values(inserted, b)...)
}

// UpdateBot stores what changed of a bot.
func UpdateBot(tx *db.Tx, b *talk.Bot) error {
	return tx.Run(botUpdate, append([]any{b.ID}, botTable.values(updated, b)...)...)
}

// DeleteBot removes a bot and takes it out of all conversations.
func DeleteBot(tx *db.Tx, id int64) error {
	if err := tx.Run("UPDATE rooms SET bots = bots - 1 WHERE id IN (SELECT room_id FROM room_bots WHERE bot_id = $1)", id); err != nil {
		return err
	}
	return tx.Run("DELETE FROM bots WHERE id = $1", id)
}

// BotsIn returns the bots in a room in the order of their ids.
func BotsIn(tx *db.Tx, roomID int64) ([]talk.Bot, error) {
	return db.Collect(tx, botTable.scan, "SELECT "+botColumns+" FROM room_bots x JOIN bots b ON b.id = x.bot_id WHERE x.room_id = $1 ORDER BY b.id", roomID)
}

// AddBot brings a bot into a locked room and reports whether it was not in it.
func AddBot(tx *db.Tx, roomID, bot int64) (bool, error) {
	if err := Locked(tx, roomID); err != nil {
		return false, err
	}
	n, err := tx.Exec("INSERT INTO room_bots (room_id, bot_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", roomID, bot)
	if err != nil {
		return false, err
	}
	return n > 0, countBots(tx, roomID)
}

// RemoveBot takes a bot out of a locked room and reports whether it was in it.
func RemoveBot(tx *db.Tx, roomID, bot int64) (bool, error) {
	if err := Locked(tx, roomID); err != nil {
		return false, err
	}
	n, err := tx.Exec("DELETE FROM room_bots WHERE room_id = $1 AND bot_id = $2", roomID, bot)
	if err != nil {
		return false, err
	}
	return n > 0, countBots(tx, roomID)
}

func countBots(tx *db.Tx, roomID int64) error {
	return tx.Run("UPDATE rooms SET bots = (SELECT COUNT(*) FROM room_bots WHERE room_id = $1) WHERE id = $1", roomID)
}

// botNames returns what bots are called, by their ids as authors.
func botNames(tx *db.Tx, ids []string) (map[string]string, error) {
	names := map[string]string{}
	if len(ids) == 0 {
		return names, nil
	}
	wanted, err := tx.Dialect.Values(ids)
	if err != nil {
		return nil, err
	}
	err = tx.Each(func(row db.Row) error {
		var b talk.Bot
		err := row.Scan(&b.URLHash, &b.Name)
		names[b.Actor().ID] = b.ShownName()
		return err
	}, "SELECT url_hash, name FROM bots WHERE "+tx.Dialect.Among("'"+talk.BotPrefix+"' || url_hash", 1), wanted)
	return names, err
}
