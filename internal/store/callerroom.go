package store

import (
	"fmt"
	"strings"

	"parley/internal/db"
	"parley/internal/talk"
)

// CallerRoom is a conversation and the caller's row in it.
type CallerRoom struct {
	Room talk.Room
	// Me is the caller with the session that their client holds, nil for callers
	// who do not take part.
	Me *talk.Participant
	// Settings is the version of the settings, see [GlobalVersion].
	Settings string
}

// callerRoomColumns are what a CallerRoom is scanned from. Of attendee and session there
// may be none.
var callerRoomColumns = roomColumns + ", " + stateColumn(settingsVersion) + ", " +
	attendeeOrNothing + ", " + orNothing(sessionColumns)

// orNothing makes the columns of an outer join empty where there is no row.
func orNothing(columns string) string {
	empty := map[string]string{
		"actor_type": "''", "actor_id": "''", "display_name": "''", "pin": "''", "access_token": "''", "address": "''",
		"phone_number": "''", "call_id": "''", "session_id": "''", "client": "''", "device": "''",
		"favorite": "FALSE", "archived": "FALSE", "important": "FALSE", "sensitive": "FALSE",
	}
	parts := strings.Split(columns, ",")
	for i, part := range parts {
		column := strings.TrimSpace(part)
		value, ok := empty[column[2:]]
		if !ok {
			value = "0"
		}
		parts[i] = "COALESCE(" + column + ", " + value + ")"
	}
	return strings.Join(parts, ", ")
}

// RoomForUser returns the place of an account. ErrNotFound when there is no
// conversation with the token.
func RoomForUser(tx *db.Tx, token string, c talk.Caller) (CallerRoom, error) {
	condition, key := ownSessionCondition(c)
	return roomForCaller(tx, `LEFT JOIN attendees a ON a.room_id = r.id AND a.actor_type = 'users' AND a.actor_id = $2
		LEFT JOIN sessions s ON s.attendee_id = a.id AND s.last_ping > $3 AND `+fmt.Sprintf(condition, 4),
		token, c.UserID, alive(tx), key)
}

// RoomForGuest returns the place of the guest whose session the client holds.
// Accounts are never found this way: their credentials have to come with the
// request. ErrNotFound when there is no conversation with the token.
func RoomForGuest(tx *db.Tx, token string, c talk.Caller) (CallerRoom, error) {
	condition, key := ownSessionCondition(c)
	return roomForCaller(tx, `LEFT JOIN sessions s ON s.room_id = r.id AND s.last_ping > $2 AND `+fmt.Sprintf(condition, 3)+`
		LEFT JOIN attendees a ON a.id = s.attendee_id AND a.actor_type <> 'users'`,
		token, alive(tx), key)
}

// RoomForStranger returns the place of somebody who cannot have any.
func RoomForStranger(tx *db.Tx, token string) (CallerRoom, error) {
	return roomForCaller(tx, "LEFT JOIN attendees a ON a.id = 0 LEFT JOIN sessions s ON s.id = 0", token)
}

func roomForCaller(tx *db.Tx, joins, token string, args ...any) (p CallerRoom, err error) {
	var me talk.Participant
	var session talk.Session
	fields := append(roomTable.fields(&p.Room), &p.Settings)
	fields = append(fields, attendeeTable.fields(&me.Attendee)...)
	fields = append(fields, sessionTable.fields(&session)...)
	// The newest session counts, if an earlier one of the same client is left.
	err = tx.QueryRow(fields, "SELECT "+callerRoomColumns+" FROM rooms r "+joins+" WHERE r.token = $1 ORDER BY s.id DESC LIMIT 1",
		append([]any{token}, args...)...)
	if err == nil {
		saw(tx, p.Room.Token, p.Room.ID)
	}
	if err == nil && me.ID != 0 {
		p.Me = &me
		if session.ID != 0 {
			session.LastPing = min(session.LastPing, tx.Now())
			me.Session = &session
		}
	}
	return p, err
}
