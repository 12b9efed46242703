package store

import (
	"maps"
	"slices"

	"parley/internal/db"
	"parley/internal/talk"
)

// Ping is the newest sign of life of a session, in Unix seconds.
type Ping struct {
	SessionRow int64
	At         int64
}

// WritePings writes signs of life of different sessions, few enough for one
// short transaction. A sign never moves backwards and never revives a session
// that was removed. Sessions that somebody else is changing are not waited for:
// theirs are returned, to be written later.
//
// The version of the conversation stays the same: what is remembered of it shows
// an older sign of life until it is made again, see talk.PingShownFor.
func WritePings(tx *db.Tx, pings []Ping) (later []Ping, err error) {
	at := make(map[int64]int64, len(pings))
	for _, p := range pings {
		at[p.SessionRow] = max(p.At, at[p.SessionRow])
	}
	rows := slices.Sorted(maps.Keys(at))
	free, err := freeSessions(tx, rows)
	if err != nil {
		return nil, err
	}
	byTime := map[int64][]int64{}
	for _, id := range free {
		byTime[at[id]] = append(byTime[at[id]], id)
	}
	for _, t := range slices.Sorted(maps.Keys(byTime)) {
		err := db.Chunks(byTime[t], func(ids []int64) error {
			return tx.Run("UPDATE sessions SET last_ping = $1 WHERE last_ping < $1 AND id IN ("+db.Placeholders(2, len(ids))+")", db.Args([]any{t}, ids)...)
		})
		if err != nil {
			return nil, err
		}
	}
	if len(free) == len(rows) {
		return nil, nil
	}
	held, err := lockedSessions(tx, rows, free)
	for _, id := range held {
		later = append(later, Ping{id, at[id]})
	}
	return later, err
}

// freeSessions locks those of the sessions that nobody else has locked, and
// returns their row ids.
func freeSessions(tx *db.Tx, rows []int64) (free []int64, err error) {
	err = db.Chunks(rows, func(ids []int64) error {
		found, err := db.Collect(tx, db.ScanNumber, "SELECT id FROM sessions WHERE id IN ("+db.Placeholders(1, len(ids))+") ORDER BY id"+
			tx.Dialect.RowLock(db.LockFree), db.Args(nil, ids)...)
		free = append(free, found...)
		return err
	})
	return free, err
}

// lockedSessions returns those of the sessions that exist and are not free.
func lockedSessions(tx *db.Tx, rows, free []int64) (held []int64, err error) {
	isFree := make(map[int64]bool, len(free))
	for _, id := range free {
		isFree[id] = true
	}
	rest := slices.DeleteFunc(slices.Clone(rows), func(id int64) bool { return isFree[id] })
	err = db.Chunks(rest, func(ids []int64) error {
		found, err := db.Collect(tx, db.ScanNumber, "SELECT id FROM sessions WHERE id IN ("+db.Placeholders(1, len(ids))+")", db.Args(nil, ids)...)
		held = append(held, found...)
		return err
	})
	return held, err
}

// AgePings makes signs of life from the future as old as now, for at most limit
// sessions, and returns how many there were: after the clock was set back they
// would keep dead sessions alive until it has caught up.
func AgePings(tx *db.Tx, limit int) (aged int, err error) {
	ids, err := db.Collect(tx, db.ScanNumber, "SELECT id FROM sessions WHERE last_ping > $1 ORDER BY id LIMIT $2"+
		tx.Dialect.RowLock(db.LockFree), tx.Now()+talk.ClockSkew, limit)
	if err != nil {
		return 0, err
	}
	return len(ids), db.Chunks(ids, func(part []int64) error {
		return tx.Run("UPDATE sessions SET last_ping = $1 WHERE last_ping > $1 AND id IN ("+db.Placeholders(2, len(part))+")", db.Args([]any{tx.Now()}, part)...)
	})
}

// UnshownSessions returns the tokens of the conversations in which a client that
// has a cookie is still known by its credential.
func UnshownSessions(tx *db.Tx, client string) ([]string, error) {
	return db.Collect(tx, db.ScanString, `SELECT r.token FROM sessions s JOIN rooms r ON r.id = s.room_id
		WHERE s.client = $1 AND s.device <> '' ORDER BY r.id`, client)
}

// ShowCookie notes that the client of a session in a locked conversation has
// shown its cookie, so that its credential no longer stands for it.
func ShowCookie(tx *db.Tx, token, client string) error {
	return tx.Run(`UPDATE sessions SET device = '' WHERE client = $1 AND device <> ''
		AND room_id = (SELECT id FROM rooms WHERE token = $2)`, client, token)
}
