package store

import (
	"strings"

	"parley/internal/db"
	"parley/internal/talk"
)

// Suggestion is somebody who could be added to a conversation.
type Suggestion struct {
	ID, Name string
	// Email is set for accounts that have an address and do not hide it.
	Email string
	// Exact tells that the search text is the whole id, name or address.
	Exact bool
}

func scanSuggestion(row db.Row, s *Suggestion) error {
	return row.Scan(&s.ID, &s.Name, &s.Email, &s.Exact)
}

// SuggestionSearch selects suggestions: those whose id or name contains the
// text, exact matches first, then by name.
type SuggestionSearch struct {
	Text string
	// For is the account that searches; it is not suggested itself.
	For string
	// RoomID leaves those out who are members of the conversation, 0 for none.
	RoomID int64
	// Among limits accounts and groups to members of these groups and to these
	// groups, everybody when empty.
	Among []string
	// AllAddresses counts addresses as well that their owners keep to themselves.
	AllAddresses bool
	Limit        int
}

// knownAddress is the address of an account c as far as the searcher may know it.
func (s *SuggestionSearch) knownAddress() string {
	if s.AllAddresses {
		return "c.email"
	}
	return `CASE WHEN EXISTS (SELECT 1 FROM account_fields f
		WHERE f.user_id = c.user_id AND f.field = '` + talk.EmailScope + `' AND f.value = '` + talk.ScopePrivate + `') THEN '' ELSE c.email END`
}

// args are the arguments $1 to $4 of every search, then the others.
func (s *SuggestionSearch) args(others ...string) []any {
	text := lower(s.Text)
	return db.Args([]any{text, "%" + escapeLike(text) + "%", s.RoomID, s.Limit}, others)
}

// among is the condition that a group is one of Among, whose placeholders start
// at $first, in the middle of a text; nothing without a limit.
func (s *SuggestionSearch) among(before, column string, first int, after string) string {
	if len(s.Among) == 0 {
		return ""
	}
	return before + column + " IN (" + db.Placeholders(first, len(s.Among)) + ")" + after
}

// SuggestAccounts returns accounts that can log in. An address is only compared
// as a whole, so that nobody learns those of others letter by letter. The
// self-joined can be added for good and are suggested.
func SuggestAccounts(tx *db.Tx, s SuggestionSearch) ([]Suggestion, error) {
	address := s.knownAddress()
	hit := "c.email <> '' AND c.email = $1 AND " + address + " = $1"
	return db.Collect(tx, scanSuggestion, `SELECT c.user_id, c.display_name, `+address+`,
			c.lookup = $1 OR LOWER(c.display_name) = $1 OR `+hit+` AS exact
		FROM accounts c
		WHERE c.enabled AND c.user_id <> $5
			AND (c.lookup LIKE $2 ESCAPE '!' OR LOWER(c.display_name) LIKE $2 ESCAPE '!' OR `+hit+`)
			AND NOT EXISTS (SELECT 1 FROM attendees a
				WHERE a.room_id = $3 AND a.actor_type = 'users' AND a.actor_id = c.user_id AND a.type <> 5)`+
		s.among(" AND EXISTS (SELECT 1 FROM group_members m WHERE m.user_id = c.user_id AND ", "m.group_id", 6, ")")+
		` ORDER BY exact DESC, LOWER(c.display_name), c.lookup LIMIT $4`, s.args(append([]string{s.For}, s.Among...)...)...)
}

// SuggestGroups returns groups.
func SuggestGroups(tx *db.Tx, s SuggestionSearch) ([]Suggestion, error) {
	return db.Collect(tx, scanSuggestion, `SELECT g.group_id, g.display_name, '',
			LOWER(g.group_id) = $1 OR LOWER(g.display_name) = $1 AS exact
		FROM user_groups g
		WHERE (LOWER(g.group_id) LIKE $2 ESCAPE '!' OR LOWER(g.display_name) LIKE $2 ESCAPE '!')
			AND NOT EXISTS (SELECT 1 FROM attendees a
				WHERE a.room_id = $3 AND a.actor_type = 'groups' AND a.actor_id = g.group_id)`+
		s.among(" AND ", "g.group_id", 5, "")+
		` ORDER BY exact DESC, LOWER(g.display_name), g.group_id LIMIT $4`, s.args(s.Among...)...)
}

// SuggestTeams returns those teams that the searching account is in.
func SuggestTeams(tx *db.Tx, s SuggestionSearch) ([]Suggestion, error) {
	return db.Collect(tx, scanSuggestion, strings.ReplaceAll(teamsOfUser, "$1", "$5")+
		`SELECT t.team_id, t.name, '', LOWER(t.name) = $1 AS exact
		FROM teams t
		WHERE t.team_id IN (SELECT team_id FROM around) AND LOWER(t.name) LIKE $2 ESCAPE '!'
			AND NOT EXISTS (SELECT 1 FROM attendees a
				WHERE a.room_id = $3 AND a.actor_type = '`+string(talk.ActorTeams)+`' AND a.actor_id = t.team_id)
		ORDER BY exact DESC, LOWER(t.name), t.team_id LIMIT $4`, s.args(s.For)...)
}
