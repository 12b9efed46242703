package store

import (
	"encoding/binary"
	"hash/fnv"

	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/talk"
)

// GlobalVersion is the version of what answers about any conversation depend on besides
// the conversation itself: Settings is another one after a change of the
// settings, Directory after a change of the names of accounts.
type GlobalVersion struct{ Settings, Directory string }

// The versions that come with each snapshot.
const (
	settingsIndex = iota
	directoryIndex
	credentialsIndex
	attemptsIndex
)

// stampVersions are the expressions for the versions that come with each snapshot.
func snapshotVersions() []string {
	return []string{
		settingsIndex:    stateColumn(settingsVersion),
		directoryIndex:   stateColumn(directoryVersion),
		credentialsIndex: stateColumn(credentialsVersion),
		attemptsIndex:    stateColumn(attemptsVersion),
	}
}

// stateColumn selects a value of the server's own, empty for none.
func stateColumn(name string) string {
	return "COALESCE((SELECT value FROM server_state WHERE name = '" + name + "'), '')"
}

// GlobalVersionAt is the global version at the moment of the snapshot, or a little later.
func GlobalVersionAt(s db.SnapshotID) GlobalVersion {
	return GlobalVersion{s.Version(settingsIndex), s.Version(directoryIndex)}
}

// CredentialsAt is another text after a change or the end of an account or an app
// password.
func CredentialsAt(s db.SnapshotID) string { return s.Version(credentialsIndex) }

// AttemptsAt is another text after a failure that counts against a network.
func AttemptsAt(s db.SnapshotID) string { return s.Version(attemptsIndex) }

// RoomVersion is what tells that something changed in a conversation.
type RoomVersion struct {
	// Room is the id of the conversation.
	Room int64
	// Version and Chat are those of [talk.Room].
	Version, Chat int64
	// Newest is the id of the newest message.
	Newest int64
}

// RoomVersionOf returns the version of a conversation. ErrNotFound when there is no such
// conversation.
func RoomVersionOf(tx *db.Tx, token string) (v RoomVersion, err error) {
	err = tx.QueryRow([]any{&v.Room, &v.Version, &v.Chat, &v.Newest},
		"SELECT id, version, chat_version, newest_message_id FROM rooms WHERE token = $1", token)
	return v, err
}

// RoomVersions calls f for those of the conversations that exist.
func RoomVersions(tx *db.Tx, tokens []string, f func(token string, v RoomVersion)) error {
	wanted, err := tx.Dialect.Values(tokens)
	if err != nil {
		return err
	}
	return tx.Each(func(row db.Row) error {
		var token string
		var v RoomVersion
		err := row.Scan(&token, &v.Room, &v.Version, &v.Chat, &v.Newest)
		f(token, v)
		return err
	}, "SELECT token, id, version, chat_version, newest_message_id FROM rooms WHERE "+tx.Dialect.Among("token", 1), wanted)
}

// Digest is the version of a list of conversations: another one when any of
// them or the list itself changed.
type Digest struct {
	rooms uint64
	count int
}

// MembershipsDigest returns the version of what Memberships returns.
func MembershipsDigest(tx *db.Tx, who talk.Actor) (d Digest, err error) {
	sum := fnv.New64a()
	var buf [24]byte
	err = tx.Each(func(row db.Row) error {
		var id, version, chat int64
		err := row.Scan(&id, &version, &chat)
		binary.LittleEndian.PutUint64(buf[:8], uint64(id))
		binary.LittleEndian.PutUint64(buf[8:16], uint64(version))
		binary.LittleEndian.PutUint64(buf[16:], uint64(chat))
		sum.Write(buf[:])
		d.count++
		return err
	}, `SELECT r.id, r.version, r.chat_version FROM attendees a JOIN rooms r ON r.id = a.room_id
		WHERE a.actor_type = $1 AND a.actor_id = $2 ORDER BY r.id`, who.Type, who.ID)
	d.rooms = sum.Sum64()
	return d, err
}

// newDirectory makes everybody notice that names of accounts changed.
func newDirectory(tx *db.Tx) error { return newVersion(tx, directoryVersion) }

// NewCredentials makes everybody notice that somebody may log in no longer, or as
// somebody else. Only what was found before is remembered, so that new accounts
// and app passwords need not be noticed.
func NewCredentials(tx *db.Tx) error { return newVersion(tx, credentialsVersion) }

// Names of versions that are counted, see Snapshot.
const (
	directoryVersion   = "directory-version"
	credentialsVersion = "credentials-version"
	attemptsVersion    = "attempts-version"
)

// countVersion makes a version another one. That of the settings never returns,
// even where an older database takes the place of this one.
func countVersion(tx *db.Tx, name string) error {
	if name == settingsVersion {
		return tx.Run(`INSERT INTO server_state (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, secret.Token(16, secret.Alphanumeric))
	}
	return tx.Run(`INSERT INTO server_state (name, value) VALUES ($1, '1')
		ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(server_state.value AS BIGINT) + 1 AS TEXT)`, name)
}
