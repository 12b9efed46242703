package store

import "parley/internal/talk"

// Group is a named set of accounts.
type Group struct {
	ID          string
	DisplayName string
}

// AdminGroup is the group whose members administer the server.
const AdminGroup = "admin"

func scanGroup(row scanner, g *Group) error { return row.Scan(&g.ID, &g.DisplayName) }

// Group returns the group with the id, or ErrNotFound.
func (tx *Tx) Group(id string) (Group, error) {
	var g Group
	err := tx.one([]any{&g.ID, &g.DisplayName}, "SELECT group_id, display_name FROM user_groups WHERE group_id = $1", id)
	return g, err
}

// GroupsAmong returns the groups that exist among the ids, by id.
func (tx *Tx) GroupsAmong(ids []string) (map[string]Group, error) {
	out := make(map[string]Group, len(ids))
	err := chunks(storables(ids), func(part []string) error {
		found, err := collect(tx, scanGroup, "SELECT group_id, display_name FROM user_groups WHERE group_id IN ("+list(1, len(part))+")",
			anys(nil, part)...)
		for _, g := range found {
			out[g.ID] = g
		}
		return err
	})
	return out, err
}

// Groups returns the groups whose id or name contains the search text, by id.
func (tx *Tx) Groups(p Page) ([]Group, error) {
	return collect(tx, scanGroup, `SELECT group_id, display_name FROM user_groups
		WHERE LOWER(group_id) LIKE $1 ESCAPE '!' OR LOWER(display_name) LIKE $1 ESCAPE '!'
		ORDER BY group_id LIMIT $2 OFFSET $3`, p.pattern(), p.limit(), p.Offset)
}

// GroupsOf returns the groups that an account belongs to, by id.
func (tx *Tx) GroupsOf(userID string) ([]Group, error) {
	return collect(tx, scanGroup, `SELECT g.group_id, g.display_name FROM group_members m
		JOIN user_groups g ON g.group_id = m.group_id WHERE m.user_id = $1 ORDER BY g.group_id`, userID)
}

// GroupMembers returns the accounts of a group, by id.
func (tx *Tx) GroupMembers(id string) ([]Account, error) {
	return collect(tx, scanAccount, "SELECT "+accountColumns+` FROM group_members m JOIN accounts c ON c.user_id = m.user_id
		WHERE m.group_id = $1 ORDER BY c.lookup`, id)
}

// IsGroupMember reports whether the account belongs to the group.
func (tx *Tx) IsGroupMember(group, userID string) (bool, error) {
	var n int
	err := tx.one([]any{&n}, "SELECT COUNT(*) FROM group_members WHERE group_id = $1 AND user_id = $2", group, userID)
	return n > 0, err
}

// InsertGroup stores a new group. ErrDuplicate when the id is taken.
func (tx *Tx) InsertGroup(g Group) error {
	n, err := tx.exec("INSERT INTO user_groups (group_id, display_name) VALUES ($1, $2) ON CONFLICT DO NOTHING", g.ID, g.DisplayName)
	if err == nil && n == 0 {
		return ErrDuplicate
	}
	return err
}

// RenameGroup stores a new display name.
func (tx *Tx) RenameGroup(g Group) error {
	return tx.run("UPDATE user_groups SET display_name = $2 WHERE group_id = $1", g.ID, g.DisplayName)
}

// DeleteGroup removes a group, its memberships and its place in teams.
func (tx *Tx) DeleteGroup(id string) error {
	if err := tx.ForgetTeamMember(talk.Actor{Type: talk.ActorGroups, ID: id}); err != nil {
		return err
	}
	return tx.run("DELETE FROM user_groups WHERE group_id = $1", id)
}

// AddGroupMember adds an account to a group and reports whether it was not in
// it before.
func (tx *Tx) AddGroupMember(group, userID string) (bool, error) {
	n, err := tx.exec("INSERT INTO group_members (group_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", group, userID)
	return n > 0, err
}

// RemoveGroupMember removes an account from a group and reports whether it was
// in it.
func (tx *Tx) RemoveGroupMember(group, userID string) (bool, error) {
	n, err := tx.exec("DELETE FROM group_members WHERE group_id = $1 AND user_id = $2", group, userID)
	return n > 0, err
}
