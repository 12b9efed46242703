package store

import (
	"parley/internal/db"
	"parley/internal/talk"
)

const teamColumns = "t.team_id, t.name, t.owner, t.created_at"

func teamFields(t *talk.Team) []any { return []any{&t.ID, &t.Name, &t.Owner, &t.CreatedAt} }

func scanTeam(row db.Row, t *talk.Team) error { return row.Scan(teamFields(t)...) }

func scanActor(row db.Row, a *talk.Actor) error { return row.Scan(&a.Type, &a.ID) }

// The two walks through teams within teams. UNION drops what was seen already,
// so that teams which contain each other end the walk instead of repeating it.
const (
	// inward completes a walk that starts with teams by those inside of them.
	inward = ` UNION SELECT m.member_id FROM nested n
		JOIN team_members m ON m.team_id = n.team_id AND m.member_type = 'circles') `
	// outward completes a walk that starts with teams by those around them.
	outward = ` UNION SELECT m.team_id FROM around o
		JOIN team_members m ON m.member_id = o.team_id AND m.member_type = 'circles') `
	// teamsOfUser is the whole walk outward from the account $1.
	teamsOfUser = `WITH RECURSIVE around (team_id) AS (
		SELECT m.team_id FROM team_members m WHERE m.member_type = 'users' AND m.member_id = $1
		UNION SELECT m.team_id FROM group_members g JOIN team_members m ON m.member_type = 'groups' AND m.member_id = g.group_id
		WHERE g.user_id = $1` + outward
)

// Team returns the team with the id, or ErrNotFound.
func Team(tx *db.Tx, id string) (talk.Team, error) {
	var t talk.Team
	err := tx.QueryRow(teamFields(&t), "SELECT "+teamColumns+" FROM teams t WHERE t.team_id = $1", id)
	return t, err
}

// Teams returns the teams whose id or name contains the search text, by name.
func Teams(tx *db.Tx, p Page) ([]talk.Team, error) {
	return db.Collect(tx, scanTeam, "SELECT "+teamColumns+` FROM teams t
		WHERE LOWER(t.team_id) LIKE $1 ESCAPE '!' OR LOWER(t.name) LIKE $1 ESCAPE '!'
		ORDER BY t.name, t.team_id LIMIT $2 OFFSET $3`, p.pattern(), p.limit(), p.Offset)
}

// TeamsOf returns those of the teams that the account is in, directly or
// through groups and other teams.
func TeamsOf(tx *db.Tx, userID string, p Page) ([]talk.Team, error) {
	return db.Collect(tx, scanTeam, teamsOfUser+"SELECT "+teamColumns+` FROM teams t
		WHERE t.team_id IN (SELECT team_id FROM around) AND LOWER(t.name) LIKE $2 ESCAPE '!'
		ORDER BY t.name, t.team_id LIMIT $3 OFFSET $4`, userID, p.pattern(), p.limit(), p.Offset)
}

// TeamOf returns the team if the account is in it, directly or through groups
// and other teams, or ErrNotFound.
func TeamOf(tx *db.Tx, userID, id string) (talk.Team, error) {
	var t talk.Team
	err := tx.QueryRow(teamFields(&t), teamsOfUser+"SELECT "+teamColumns+` FROM teams t
		WHERE t.team_id IN (SELECT team_id FROM around) AND t.team_id = $2`, userID, id)
	return t, err
}

// TeamsAmong returns those of the teams that the account is in, by id.
func TeamsAmong(tx *db.Tx, userID string, ids []string) (map[string]talk.Team, error) {
	out := make(map[string]talk.Team, len(ids))
	err := db.Chunks(storables(ids), func(part []string) error {
		found, err := db.Collect(tx, scanTeam, teamsOfUser+"SELECT "+teamColumns+` FROM teams t
			WHERE t.team_id IN (SELECT team_id FROM around) AND t.team_id IN (`+db.Placeholders(2, len(part))+")", db.Args([]any{userID}, part)...)
		for _, t := range found {
			out[t.ID] = t
		}
		return err
	})
	return out, err
}

// InsertTeam stores a new team with its owner as the first member.
// ErrDuplicate when the id is taken.
func InsertTeam(tx *db.Tx, t *talk.Team) error {
	t.CreatedAt = tx.Now()
	n, err := tx.Exec("INSERT INTO teams (team_id, name, owner, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
		t.ID, t.Name, t.Owner, t.CreatedAt)
	if err != nil {
		return err
	}
	if n == 0 {
		return db.ErrDuplicate
	}
	_, err = AddTeamMember(tx, t.ID, talk.User(t.Owner))
	return err
}

// RenameTeam stores a new name.
func RenameTeam(tx *db.Tx, t talk.Team) error {
	return tx.Run("UPDATE teams SET name = $2 WHERE team_id = $1", t.ID, t.Name)
}

// DeleteTeam removes a team, its memberships and its place in other teams.
func DeleteTeam(tx *db.Tx, id string) error {
	if err := ForgetTeamMember(tx, talk.Actor{Type: talk.ActorTeams, ID: id}); err != nil {
		return err
	}
	return tx.Run("DELETE FROM teams WHERE team_id = $1", id)
}

// DirectMembers returns the members of a team as they were added, by type and
// id.
func DirectMembers(tx *db.Tx, id string) ([]talk.Actor, error) {
	return db.Collect(tx, scanActor, `SELECT member_type, member_id FROM team_members WHERE team_id = $1
		ORDER BY member_type, member_id`, id)
}

// AddTeamMember adds an account, a group or a team to a team and reports
// whether it was no direct member before.
func AddTeamMember(tx *db.Tx, id string, who talk.Actor) (bool, error) {
	n, err := tx.Exec(`INSERT INTO team_members (team_id, member_type, member_id) VALUES ($1, $2, $3)
		ON CONFLICT DO NOTHING`, id, who.Type, who.ID)
	return n > 0, err
}

// RemoveTeamMember removes a direct member from a team and reports whether it
// was one.
func RemoveTeamMember(tx *db.Tx, id string, who talk.Actor) (bool, error) {
	n, err := tx.Exec("DELETE FROM team_members WHERE team_id = $1 AND member_type = $2 AND member_id = $3", id, who.Type, who.ID)
	return n > 0, err
}

// ForgetTeamMember removes an account, a group or a team that is deleted from
// all teams; those that an account owned have no owner then.
func ForgetTeamMember(tx *db.Tx, who talk.Actor) error {
	if who.Type == talk.ActorUsers {
		if err := tx.Run("UPDATE teams SET owner = '' WHERE owner = $1", who.ID); err != nil {
			return err
		}
	}
	return tx.Run("DELETE FROM team_members WHERE member_type = $1 AND member_id = $2", who.Type, who.ID)
}

// TeamMembers returns the accounts in a team, directly or through groups and
// other teams, by id.
func TeamMembers(tx *db.Tx, id string) ([]Account, error) {
	return db.Collect(tx, accountTable.scan, "WITH RECURSIVE nested (team_id) AS (SELECT team_id FROM teams WHERE team_id = $1"+inward+
		"SELECT "+accountColumns+` FROM accounts c WHERE c.user_id IN (
			SELECT m.member_id FROM nested n JOIN team_members m ON m.team_id = n.team_id AND m.member_type = 'users'
			UNION SELECT g.user_id FROM nested n JOIN team_members m ON m.team_id = n.team_id AND m.member_type = 'groups'
			JOIN group_members g ON g.group_id = m.member_id)
		ORDER BY c.lookup`, id)
}

// RoomsHolding returns the tokens of the conversations that a group or team is
// an attendee of, itself or inside of a team, in the order of their ids.
func RoomsHolding(tx *db.Tx, bundle talk.Actor) ([]string, error) {
	return db.Collect(tx, db.ScanString, `WITH RECURSIVE around (team_id) AS (
			SELECT team_id FROM team_members WHERE member_type = $1 AND member_id = $2`+outward+
		`SELECT r.token FROM rooms r WHERE r.id IN (
			SELECT a.room_id FROM attendees a WHERE a.actor_type = $1 AND a.actor_id = $2
			UNION SELECT a.room_id FROM around o JOIN attendees a ON a.actor_type = 'circles' AND a.actor_id = o.team_id)
		ORDER BY r.id`, bundle.Type, bundle.ID)
}

// HeldByGroupsOrTeams returns those of the accounts that belong to a group or team which is an
// attendee of the room.
func HeldByGroupsOrTeams(tx *db.Tx, roomID int64, users []string) (map[string]bool, error) {
	held := make(map[string]bool, len(users))
	err := db.Chunks(users, func(part []string) error {
		ids, err := db.Collect(tx, db.ScanString, `WITH RECURSIVE nested (team_id) AS (
				SELECT t.team_id FROM attendees a JOIN teams t ON t.team_id = a.actor_id
				WHERE a.room_id = $1 AND a.actor_type = 'circles'`+inward+
			`SELECT m.member_id FROM nested n JOIN team_members m ON m.team_id = n.team_id AND m.member_type = 'users'
				WHERE m.member_id IN (`+db.Placeholders(2, len(part))+`)
			UNION SELECT g.user_id FROM group_members g WHERE g.user_id IN (`+db.Placeholders(2, len(part))+`) AND g.group_id IN (
				SELECT a.actor_id FROM attendees a WHERE a.room_id = $1 AND a.actor_type = 'groups'
				UNION SELECT m.member_id FROM nested n JOIN team_members m ON m.team_id = n.team_id AND m.member_type = 'groups')`,
			db.Args([]any{roomID}, part)...)
		for _, id := range ids {
			held[id] = true
		}
		return err
	})
	return held, err
}
