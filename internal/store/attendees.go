package store

import (
	"cmp"

	"parley/internal/db"
	"parley/internal/talk"
)

// attendeeTable are the columns of attendees.
var attendeeTable = columns[talk.Attendee]{"attendees", "a", []column[talk.Attendee]{
	{"id", func(a *talk.Attendee) any { return &a.ID }, 0},
	{"room_id", func(a *talk.Attendee) any { return &a.RoomID }, inserted},
	{"actor_type", func(a *talk.Attendee) any { return &a.Actor.Type }, inserted},
	{"actor_id", func(a *talk.Attendee) any { return &a.Actor.ID }, inserted},
	{"display_name", func(a *talk.Attendee) any { return &a.DisplayName }, stored},
	{"type", func(a *talk.Attendee) any { return &a.Type }, stored},
	{"permissions", func(a *talk.Attendee) any { return &a.Permissions }, stored},
	{"pin", func(a *talk.Attendee) any { return &a.PIN }, stored},
	{"access_token", func(a *talk.Attendee) any { return &a.AccessToken }, stored},
	{"address", func(a *talk.Attendee) any { return &a.Address }, inserted},
	{"phone_number", func(a *talk.Attendee) any { return &a.PhoneNumber }, stored},
	{"call_id", func(a *talk.Attendee) any { return &a.CallID }, stored},
	{"favorite", func(a *talk.Attendee) any { return &a.Favorite }, stored},
	{"archived", func(a *talk.Attendee) any { return &a.Archived }, updated},
	{"important", func(a *talk.Attendee) any { return &a.Important }, updated},
	{"sensitive", func(a *talk.Attendee) any { return &a.Sensitive }, updated},
	{"notification_level", func(a *talk.Attendee) any { return &a.NotificationLevel }, stored},
	{"notification_calls", func(a *talk.Attendee) any { return &a.NotificationCalls }, stored},
	{"last_read_message", func(a *talk.Attendee) any { return &a.LastReadMessage }, inserted},
	{"last_mention_message", func(a *talk.Attendee) any { return &a.LastMentionMessage }, 0},
	{"last_mention_direct", func(a *talk.Attendee) any { return &a.LastMentionDirect }, 0},
	{"read_privacy", func(a *talk.Attendee) any { return &a.ReadPrivacy }, stored},
	{"changed_at", func(a *talk.Attendee) any { return &a.ChangedAt }, stored},
}}

var (
	attendeeColumns = attendeeTable.selected()
	// attendeeOrNothing are attendeeColumns where there may be no attendee.
	attendeeOrNothing = orNothing(attendeeColumns)
	attendeeInsert    = db.NewInsertion("attendees", attendeeTable.names(inserted)...)
	attendeeUpdate    = attendeeTable.update()
)

// Attendee returns the attendee with the id if it belongs to the room, or
// ErrNotFound.
func Attendee(tx *db.Tx, roomID, id int64) (talk.Attendee, error) {
	return attendee(tx, "a.room_id = $1 AND a.id = $2", roomID, id)
}

// AccountsIn returns the accounts in a room.
func AccountsIn(tx *db.Tx, roomID int64) ([]string, error) {
	return db.Collect(tx, db.ScanString, "SELECT actor_id FROM attendees WHERE room_id = $1 AND actor_type = 'users' ORDER BY id", roomID)
}

// AttendeeOf returns the row of an actor in a room, or ErrNotFound.
func AttendeeOf(tx *db.Tx, roomID int64, who talk.Actor) (talk.Attendee, error) {
	return attendee(tx, "a.room_id = $1 AND a.actor_type = $2 AND a.actor_id = $3", roomID, who.Type, who.ID)
}

// AttendeeByPIN returns the attendee that a telephone with the PIN joins as, or
// ErrNotFound.
func AttendeeByPIN(tx *db.Tx, roomID int64, pin string) (talk.Attendee, error) {
	return attendee(tx, "a.room_id = $1 AND a.pin = $2 AND a.pin <> ''", roomID, pin)
}

func attendee(tx *db.Tx, where string, args ...any) (talk.Attendee, error) {
	var a talk.Attendee
	err := tx.QueryRow(attendeeTable.fields(&a), "SELECT "+attendeeColumns+" FROM attendees a WHERE "+where, args...)
	return a, err
}

// Attendees returns all rows of a room in the order of their ids.
func Attendees(tx *db.Tx, roomID int64) ([]talk.Attendee, error) {
	return db.Collect(tx, attendeeTable.scan, "SELECT "+attendeeColumns+" FROM attendees a WHERE a.room_id = $1 ORDER BY a.id", roomID)
}

// AttendeesIn returns all rows of several rooms in the order of their ids.
func AttendeesIn(tx *db.Tx, rooms []int64) ([]talk.Attendee, error) {
	if len(rooms) == 0 {
		return nil, nil
	}
	ids, err := tx.Dialect.Values(rooms)
	if err != nil {
		return nil, err
	}
	return db.Collect(tx, attendeeTable.scan, "SELECT "+attendeeColumns+" FROM attendees a WHERE "+
		tx.Dialect.Among("a.room_id", 1)+" ORDER BY a.id", ids)
}

// AttendeesOfTypes returns the rows of a room with one of the given actor types.
func AttendeesOfTypes(tx *db.Tx, roomID int64, types ...talk.ActorType) ([]talk.Attendee, error) {
	return db.Collect(tx, attendeeTable.scan, "SELECT "+attendeeColumns+" FROM attendees a WHERE a.room_id = $1 AND a.actor_type IN ("+
		db.Placeholders(2, len(types))+") ORDER BY a.id", db.Args([]any{roomID}, types)...)
}

// HasRoles reports whether somebody in a room has one of the roles.
func HasRoles(tx *db.Tx, roomID int64, roles ...talk.ParticipantType) (bool, error) {
	var n int
	err := tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM (SELECT 1 FROM attendees WHERE room_id = $1 AND type IN ("+
		db.Placeholders(2, len(roles))+") LIMIT 1) AS first", db.Args([]any{roomID}, roles)...)
	return n > 0, err
}

// LongestMember returns the member with an account who has been in a room for
// longest, those who can log in before those who cannot. ErrNotFound when there
// is none.
func LongestMember(tx *db.Tx, roomID int64) (talk.Attendee, error) {
	var a talk.Attendee
	err := tx.QueryRow(attendeeTable.fields(&a), "SELECT "+attendeeColumns+` FROM attendees a
		JOIN accounts c ON c.user_id = a.actor_id WHERE a.room_id = $1 AND a.actor_type = 'users' AND a.type = 3
		ORDER BY c.enabled DESC, a.id LIMIT 1`, roomID)
	return a, err
}

// AttendeesAmong returns the rows of a room that belong to the given accounts.
func AttendeesAmong(tx *db.Tx, roomID int64, users []string) (map[string]talk.Attendee, error) {
	out := make(map[string]talk.Attendee, len(users))
	err := db.Chunks(users, func(part []string) error {
		rows, err := db.Collect(tx, attendeeTable.scan, "SELECT "+attendeeColumns+` FROM attendees a WHERE a.room_id = $1
			AND a.actor_type = 'users' AND a.actor_id IN (`+db.Placeholders(2, len(part))+")", db.Args([]any{roomID}, part)...)
		for _, a := range rows {
			out[a.Actor.ID] = a
		}
		return err
	})
	return out, err
}

// KeepAccountFor returns an account and its row in a room, nil without one, and keeps
// the account as KeepAccount does. ErrNotFound when there is no such account.
func KeepAccountFor(tx *db.Tx, roomID int64, id string) (Account, *talk.Attendee, error) {
	var account Account
	if !storable(id) {
		return account, nil, db.ErrNotFound
	}
	var at talk.Attendee
	err := tx.QueryRow(append(accountTable.fields(&account), attendeeTable.fields(&at)...), "SELECT "+accountColumns+", "+attendeeOrNothing+`
		FROM accounts c LEFT JOIN attendees a ON a.room_id = $1 AND a.actor_type = 'users' AND a.actor_id = c.user_id
		WHERE c.lookup = $2`+keeping(tx, db.LockKeptAccounts), roomID, fold(id))
	switch {
	case db.IsNone(err):
		return account, nil, cmp.Or(awaitEnd(tx, "lookup", fold(id)), err)
	case err != nil:
		return account, nil, err
	}
	put(&locksOf(tx).accounts, account.UserID)
	if at.ID == 0 {
		return account, nil, nil
	}
	return account, &at, nil
}

// InsertAttendee stores a new row and sets its id. ErrDuplicate when the actor
// is in the room already.
func InsertAttendee(tx *db.Tx, a *talk.Attendee) error {
	err := InsertAttendees(tx, []*talk.Attendee{a})
	if err == nil && a.ID == 0 {
		return db.ErrDuplicate
	}
	return err
}

// InsertAttendees stores new rows and sets their ids, which stay 0 for actors
// that are in the room already. All rows belong to one room.
func InsertAttendees(tx *db.Tx, all []*talk.Attendee) error {
	rows := make(map[talk.Actor]*talk.Attendee, len(all))
	values := make([][]any, len(all))
	for i, a := range all {
		if err := Locked(tx, a.RoomID); err != nil {
			return err
		}
		a.ID, a.ChangedAt = 0, tx.Now()
		if _, known := rows[a.Actor]; !known {
			rows[a.Actor] = a
		}
		values[i] = attendeeTable.values(inserted, a)
	}
	return tx.InsertRows(attendeeInsert, values, tx.Dialect.RowsPerInsert(), func(text string, args []any) error {
		return tx.Each(func(row db.Row) error {
			var id int64
			var who talk.Actor
			err := row.Scan(&id, &who.Type, &who.ID)
			if err == nil {
				rows[who].ID = id
			}
			return err
		}, text+" ON CONFLICT DO NOTHING RETURNING id, actor_type, actor_id", args...)
	})
}

// InsertReader stores the new row of an account that has read all messages of
// the room. The caller knows that it is not in the room, and does not wait.
func InsertReader(tx *db.Tx, a *talk.Attendee) error {
	return change(tx, a.RoomID, `INSERT INTO attendees (room_id, actor_type, actor_id, display_name, type, notification_calls, read_privacy, changed_at,
		last_read_message) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, (SELECT last_message_id FROM rooms WHERE id = $1))`,
		a.RoomID, a.Actor.Type, a.Actor.ID, a.DisplayName, a.Type, a.NotificationCalls, a.ReadPrivacy, tx.Now())
}

// UpdateAttendee stores the role, the permissions and the own settings of a row.
func UpdateAttendee(tx *db.Tx, a *talk.Attendee) error {
	a.ChangedAt = tx.Now()
	return change(tx, a.RoomID, attendeeUpdate, append([]any{a.ID}, attendeeTable.values(updated, a)...)...)
}

// ResetPermissions sets the stored permissions of all people in a room to 0.
func ResetPermissions(tx *db.Tx, roomID int64) error {
	return change(tx, roomID, `UPDATE attendees SET permissions = 0, changed_at = $2
		WHERE room_id = $1 AND permissions <> 0 AND actor_type NOT IN ('groups', 'circles')`, roomID, tx.Now())
}

// AddPermissions adds bits to the stored permissions of all people in a room
// that have any.
func AddPermissions(tx *db.Tx, roomID int64, bits talk.Permissions) error {
	return change(tx, roomID, `UPDATE attendees SET permissions = permissions | $2, changed_at = $3
		WHERE room_id = $1 AND permissions <> 0 AND actor_type NOT IN ('groups', 'circles')`, roomID, bits, tx.Now())
}

// RemovePermissions takes bits from the stored permissions of all people in a
// room.
func RemovePermissions(tx *db.Tx, roomID int64, bits talk.Permissions) error {
	return change(tx, roomID, `UPDATE attendees SET permissions = permissions & $2, changed_at = $3
		WHERE room_id = $1 AND permissions <> 0 AND actor_type NOT IN ('groups', 'circles')`, roomID, talk.PermissionsMax&^bits, tx.Now())
}

// RenameActor stores a new display name in all rows of an actor and raises the
// versions of their rooms, see TouchRooms.
func RenameActor(tx *db.Tx, who talk.Actor, name string) error {
	if err := TouchRooms(tx, who); err != nil {
		return err
	}
	err := tx.Run(`UPDATE attendees SET display_name = $3 WHERE actor_type = $1 AND actor_id = $2`, who.Type, who.ID, name)
	if err != nil {
		return err
	}
	return newDirectory(tx)
}

// DeleteAttendee removes a row with its sessions. Clients that held one are
// remembered, so that their leaving still succeeds.
func DeleteAttendee(tx *db.Tx, room *talk.Room, id int64) error {
	if err := rememberLost(tx, "s.attendee_id = $3", room.Token, id); err != nil {
		return err
	}
	return change(tx, room.ID, "DELETE FROM attendees WHERE id = $1", id)
}

// DeleteAttendeesOfRoles removes all rows of a room that have one of the roles, and
// returns whose they were.
func DeleteAttendeesOfRoles(tx *db.Tx, room *talk.Room, roles ...talk.ParticipantType) ([]talk.Actor, error) {
	in := "(" + db.Placeholders(4, len(roles)) + ")"
	where := "s.attendee_id IN (SELECT id FROM attendees WHERE room_id = $3 AND type IN " + in + ")"
	if err := rememberLost(tx, where, room.Token, db.Args([]any{room.ID}, roles)...); err != nil {
		return nil, err
	}
	if err := Locked(tx, room.ID); err != nil {
		return nil, err
	}
	return db.Collect(tx, scanActor, "DELETE FROM attendees WHERE room_id = $1 AND type IN ("+db.Placeholders(2, len(roles))+
		") RETURNING actor_type, actor_id", db.Args([]any{room.ID}, roles)...)
}

// CountRoles counts the people of a room for the leaving rule. Counting stops where
// the rule no longer needs to know, so that its cost does not grow.
func CountRoles(tx *db.Tx, roomID int64) (talk.RoleCounts, error) {
	var c talk.RoleCounts
	err := tx.QueryRow([]any{&c.Permanent, &c.Moderators}, `SELECT
		(SELECT COUNT(*) FROM (SELECT 1 FROM attendees WHERE room_id = $1 AND type IN (1, 2, 3)
			AND actor_type NOT IN ('groups', 'circles') LIMIT 2) AS people),
		(SELECT COUNT(*) FROM (SELECT 1 FROM attendees WHERE room_id = $1 AND type IN (1, 2)
			AND actor_type NOT IN ('groups', 'circles') LIMIT 2) AS moderators)`, roomID)
	return c, err
}

// CommonRead looks for the newest message that every account with public read
// privacy has read, of each of the rooms, and calls f where there are such
// accounts. It does so when the next statement has been waited for, or with the
// end of the transaction.
func CommonRead(tx *db.Tx, rooms []int64, f func(room, message int64)) error {
	if len(rooms) == 0 {
		return nil
	}
	ids, err := tx.Dialect.Values(rooms)
	if err != nil {
		return err
	}
	// MIN would be the same, but before PostgreSQL has statistics of a table it
	// looks at all rows for that.
	return tx.Later(&db.Statement{
		Text: `SELECT r.id, COALESCE((SELECT a.last_read_message FROM attendees a
			WHERE a.room_id = r.id AND a.actor_type = 'users' AND a.read_privacy = 0 ORDER BY a.last_read_message LIMIT 1), 0)
			FROM rooms r WHERE ` + tx.Dialect.Among("r.id", 1),
		Args: []any{ids},
		Each: func(row db.Row) error {
			var room, message int64
			err := row.Scan(&room, &message)
			f(room, message)
			return err
		},
	})
}

// Membership is a conversation together with the caller's own row in it.
type Membership struct {
	Room talk.Room
	Me   talk.Attendee
}

// Memberships returns the conversations that the actor takes part in, in the
// order of their ids.
func Memberships(tx *db.Tx, who talk.Actor) ([]Membership, error) {
	return memberships(tx, "", who.Type, who.ID)
}

// RecentMemberships is Memberships without those in which nothing happened since a
// time, in Unix seconds: that have no call, and no activity and no change of the
// actor's own row since then. pairs keeps all one-to-ones.
func RecentMemberships(tx *db.Tx, who talk.Actor, since int64, pairs bool) ([]Membership, error) {
	return memberships(tx, ` AND (r.last_activity >= $3 OR a.changed_at >= $3 OR r.call_since <> 0 OR ($4 AND r.type IN (1, 5)))`,
		who.Type, who.ID, since, pairs)
}

func memberships(tx *db.Tx, where string, args ...any) ([]Membership, error) {
	return db.Collect(tx, func(row db.Row, m *Membership) error {
		return row.Scan(append(roomTable.fields(&m.Room), attendeeTable.fields(&m.Me)...)...)
	}, "SELECT "+roomColumns+", "+attendeeColumns+` FROM attendees a JOIN rooms r ON r.id = a.room_id
		WHERE a.actor_type = $1 AND a.actor_id = $2`+where+" ORDER BY r.id", args...)
}
