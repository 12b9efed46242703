package store

// Rule is a check by a query whose rows, one text each, are the problems. $1 of a
// timed query is the time before which a session is dead.
type Rule struct {
	// Check says what should be true.
	Check, Query string
	// Running restricts the rule to databases that a server works on.
	Running bool
	Timed   bool
}

// Rules returns what holds in a database at any moment between two transactions.
func Rules() []Rule {
	return []Rule{
		{Check: "a migration into it has ended", Query: `
		SELECT 'run the same parley migrate again' FROM server_state WHERE name = 'migration'`},
		{Check: "attendees belong to a conversation", Query: `
		SELECT 'attendee ' || a.id FROM attendees a LEFT JOIN rooms r ON r.id = a.room_id WHERE r.id IS NULL`},
		{Check: "sessions belong to an attendee of their conversation", Query: `
		SELECT 'session ' || s.id FROM sessions s LEFT JOIN attendees a ON a.id = s.attendee_id AND a.room_id = s.room_id WHERE a.id IS NULL`},
		{Check: "conversations with members have an owner or a moderator", Query: `
		SELECT 'conversation ' || r.token FROM rooms r WHERE r.type IN (2, 3) AND r.object_type <> 'file'
		AND EXISTS (SELECT 1 FROM attendees a WHERE a.room_id = r.id AND a.actor_type = 'users' AND a.type = 3)
		AND NOT EXISTS (SELECT 1 FROM attendees a WHERE a.room_id = r.id AND a.type IN (1, 2, 6))`},
		{Check: "conversations have one owner at most", Query: `
		SELECT 'conversation ' || r.token FROM rooms r WHERE r.type IN (2, 3)
		AND (SELECT COUNT(*) FROM attendees a WHERE a.room_id = r.id AND a.type = 1) > 1`},
		{Check: "one-to-ones name their two people", Query: `
		SELECT 'conversation ' || r.token FROM rooms r WHERE r.type = 1
		AND (SELECT COUNT(*) FROM pair_members p WHERE p.room_id = r.id) <> 2`},
		{Check: "nobody else is in a one-to-one", Query: `
		SELECT 'attendee ' || a.id || ' in ' || r.token FROM rooms r JOIN attendees a ON a.room_id = r.id WHERE r.type = 1
		AND a.actor_id NOT IN (SELECT p.user_id FROM pair_members p WHERE p.room_id = r.id)`},
		{Check: "the newest message of a conversation exists", Query: `
		SELECT 'conversation ' || r.token FROM rooms r WHERE r.last_message_id <> 0
		AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = r.last_message_id AND m.room_id = r.id)`},
		{Check: "what must be delivered is", Timed: true, Query: `
		SELECT q.kind || ' ' || q.id || CASE WHEN q.failed THEN ' was given up' ELSE ' waits' END
		|| CASE q.last_error WHEN '' THEN '' ELSE ': ' || q.last_error END FROM outbox q WHERE q.created_at < $1 ORDER BY q.id`},
		{Check: "the running server sweeps dead sessions", Running: true, Timed: true, Query: `
		SELECT 'session ' || s.id FROM sessions s WHERE s.last_ping < $1`},
	}
}
