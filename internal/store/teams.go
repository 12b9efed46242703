package store

import "parley/internal/talk"

const teamColumns = "t.team_id, t.name, t.owner, t.created_at"

func teamFields(t *talk.Team) []any { return []any{&t.ID, &t.Name, &t.Owner, &t.CreatedAt} }

func scanTeam(row scanner, t *talk.Team) error { return row.Scan(teamFields(t)...) }

func scanActor(row scanner, a *talk.Actor) error { return row.Scan(&a.Type, &a.ID) }

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
func (tx *Tx) Team(id string) (talk.Team, error) {
	var t talk.Team
	err := tx.one(teamFields(&t), "SELECT "+teamColumns+" FROM teams t WHERE t.team_id = $1", id)
	return t, err
}

// Teams returns the teams whose id or name contains the search text, by name.
func (tx *Tx) Teams(p Page) ([]talk.Team, error) {
	return collect(tx, scanTeam, "SELECT "+teamColumns+` FROM teams t
		WHERE LOWER(t.team_id) LIKE $1 ESCAPE '!' OR LOWER(t.name) LIKE $1 ESCAPE '!'
		ORDER BY t.name, t.team_id LIMIT $2 OFFSET $3`, p.pattern(), p.limit(), p.Offset)
}

// TeamsOf returns those of the teams that the account is in, directly or
// through groups and other teams.
func (tx *Tx) TeamsOf(userID string, p Page) ([]talk.Team, error) {
	return collect(tx, scanTeam, teamsOfUser+"SELECT "+teamColumns+` FROM teams t
		WHERE t.team_id IN (SELECT team_id FROM around) AND LOWER(t.name) LIKE $2 ESCAPE '!'
		ORDER BY t.name, t.team_id LIMIT $3 OFFSET $4`, userID, p.pattern(), p.limit(), p.Offset)
}

// TeamOf returns the team if the account is in it, directly or through groups
// and other teams, or ErrNotFound.
func (tx *Tx) TeamOf(userID, id string) (talk.Team, error) {
	var t talk.Team
	err := tx.one(teamFields(&t), teamsOfUser+"SELECT "+teamColumns+` FROM teams t
		WHERE t.team_id IN (SELECT team_id FROM around) AND t.team_id = $2`, userID, id)
	return t, err
}

// TeamsAmong returns those of the teams that the account is in, by id.
func (tx *Tx) TeamsAmong(userID string, ids []string) (map[string]talk.Team, error) {
	out := make(map[string]talk.Team, len(ids))
	err := chunks(storables(ids), func(part []string) error {
		found, err := collect(tx, scanTeam, teamsOfUser+"SELECT "+teamColumns+` FROM teams t
			WHERE t.team_id IN (SELECT team_id FROM around) AND t.team_id IN (`+list(2, len(part))+")", anys([]any{userID}, part)...)
		for _, t := range found {
			out[t.ID] = t
		}
		return err
	})
	return out, err
}

// InsertTeam stores a new team with its owner as the first member.
// ErrDuplicate when the id is taken.
func (tx *Tx) InsertTeam(t *talk.Team) error {
	t.CreatedAt = tx.now
	n, err := tx.exec("INSERT INTO teams (team_id, name, owner, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
		t.ID, t.Name, t.Owner, t.CreatedAt)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrDuplicate
	}
	_, err = tx.AddTeamMember(t.ID, talk.User(t.Owner))
	return err
}

// RenameTeam stores a new name.
func (tx *Tx) RenameTeam(t talk.Team) error {
	return tx.run("UPDATE teams SET name = $2 WHERE team_id = $1", t.ID, t.Name)
}

// DeleteTeam removes a team, its memberships and its place in other teams.
func (tx *Tx) DeleteTeam(id string) error {
	if err := tx.ForgetTeamMember(talk.Actor{Type: talk.ActorTeams, ID: id}); err != nil {
		return err
	}
	return tx.run("DELETE FROM teams WHERE team_id = $1", id)
}

// DirectMembers returns the members of a team as they were added, by type and
// id.
func (tx *Tx) DirectMembers(id string) ([]talk.Actor, error) {
	return collect(tx, scanActor, `SELECT member_type, member_id FROM team_members WHERE team_id = $1
		ORDER BY member_type, member_id`, id)
}

// AddTeamMember adds an account, a group or a team to a team and reports
// whether it was no direct member before.
func (tx *Tx) AddTeamMember(id string, who talk.Actor) (bool, error) {
	n, err := tx.exec(`INSERT INTO team_members (team_id, member_type, member_id) VALUES ($1, $2, $3)
		ON CONFLICT DO NOTHING`, id, who.Type, who.ID)
	return n > 0, err
}

// RemoveTeamMember removes a direct member from a team and reports whether it
// was one.
func (tx *Tx) RemoveTeamMember(id string, who talk.Actor) (bool, error) {
	n, err := tx.exec("DELETE FROM team_members WHERE team_id = $1 AND member_type = $2 AND member_id = $3", id, who.Type, who.ID)
	return n > 0, err
}

// ForgetTeamMember removes an account, a group or a team that is deleted from
// all teams; those that an account owned have no owner then.
func (tx *Tx) ForgetTeamMember(who talk.Actor) error {
	if who.Type == talk.ActorUsers {
		if err := tx.run("UPDATE teams SET owner = '' WHERE owner = $1", who.ID); err != nil {
			return err
		}
	}
	return tx.run("DELETE FROM team_members WHERE member_type = $1 AND member_id = $2", who.Type, who.ID)
}

// TeamMembers returns the accounts in a team, directly or through groups and
// other teams, by id.
func (tx *Tx) TeamMembers(id string) ([]Account, error) {
	return collect(tx, scanAccount, "WITH RECURSIVE nested (team_id) AS (SELECT team_id FROM teams WHERE team_id = $1"+inward+
		"SELECT "+accountColumns+` FROM accounts c WHERE c.user_id IN (
			SELECT m.member_id FROM nested n JOIN team_members m ON m.team_id = n.team_id AND m.member_type = 'users'
			UNION SELECT g.user_id FROM nested n JOIN team_members m ON m.team_id = n.team_id AND m.member_type = 'groups'
			JOIN group_members g ON g.group_id = m.member_id)
		ORDER BY c.lookup`, id)
}

// RoomsHolding returns the tokens of the conversations that a group or team is
// an attendee of, itself or inside of a team, in the order of their ids.
func (tx *Tx) RoomsHolding(bundle talk.Actor) ([]string, error) {
	return collect(tx, scanString, `WITH RECURSIVE around (team_id) AS (
			SELECT team_id FROM team_members WHERE member_type = $1 AND member_id = $2`+outward+
		`SELECT r.token FROM rooms r WHERE r.id IN (
			SELECT a.room_id FROM attendees a WHERE a.actor_type = $1 AND a.actor_id = $2
			UNION SELECT a.room_id FROM around o JOIN attendees a ON a.actor_type = 'circles' AND a.actor_id = o.team_id)
		ORDER BY r.id`, bundle.Type, bundle.ID)
}

// Held returns those of the accounts that belong to a group or team which is an
// attendee of the room.
func (tx *Tx) Held(roomID int64, users []string) (map[string]bool, error) {
	held := make(map[string]bool, len(users))
	err := chunks(users, func(part []string) error {
		ids, err := collect(tx, scanString, `WITH RECURSIVE nested (team_id) AS (
				SELECT t.team_id FROM attendees a JOIN teams t ON t.team_id = a.actor_id
				WHERE a.room_id = $1 AND a.actor_type = 'circles'`+inward+
			`SELECT m.member_id FROM nested n JOIN team_members m ON m.team_id = n.team_id AND m.member_type = 'users'
				WHERE m.member_id IN (`+list(2, len(part))+`)
			UNION SELECT g.user_id FROM group_members g WHERE g.user_id IN (`+list(2, len(part))+`) AND g.group_id IN (
				SELECT a.actor_id FROM attendees a WHERE a.room_id = $1 AND a.actor_type = 'groups'
				UNION SELECT m.member_id FROM nested n JOIN team_members m ON m.team_id = n.team_id AND m.member_type = 'groups')`,
			anys([]any{roomID}, part)...)
		for _, id := range ids {
			held[id] = true
		}
		return err
	})
	return held, err
}
