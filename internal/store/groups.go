package store

import (
	"parley/internal/db"
	"parley/internal/talk"
)

// Group is a named set of accounts.
type Group struct {
	ID          string
	DisplayName string
}

// AdminGroup is the group whose members administer the server.
const AdminGroup = "admin"

func scanGroup(row db.Row, g *Group) error { return row.Scan(&g.ID, &g.DisplayName) }

// GroupByID returns the group with the id, or ErrNotFound.
func GroupByID(tx *db.Tx, id string) (Group, error) {
	var g Group
	err := tx.QueryRow([]any{&g.ID, &g.DisplayName}, "SELECT group_id, display_name FROM user_groups WHERE group_id = $1", id)
	return g, err
}

// GroupsAmong returns the groups that exist among the ids, by id.
func GroupsAmong(tx *db.Tx, ids []string) (map[string]Group, error) {
	out := make(map[string]Group, len(ids))
	err := db.Chunks(storables(ids), func(part []string) error {
		found, err := db.Collect(tx, scanGroup, "SELECT group_id, display_name FROM user_groups WHERE group_id IN ("+db.Placeholders(1, len(part))+")",
			db.Args(nil, part)...)
		for _, g := range found {
			out[g.ID] = g
		}
		return err
	})
	return out, err
}

// Groups returns the groups whose id or name contains the search text, by id.
func Groups(tx *db.Tx, p Page) ([]Group, error) {
	return db.Collect(tx, scanGroup, `SELECT group_id, display_name FROM user_groups
		WHERE LOWER(group_id) LIKE $1 ESCAPE '!' OR LOWER(display_name) LIKE $1 ESCAPE '!'
		ORDER BY group_id LIMIT $2 OFFSET $3`, p.pattern(), p.limit(), p.Offset)
}

// GroupsOf returns the groups that an account belongs to, by id.
func GroupsOf(tx *db.Tx, userID string) ([]Group, error) {
	return db.Collect(tx, scanGroup, `SELECT g.group_id, g.display_name FROM group_members m
		JOIN user_groups g ON g.group_id = m.group_id WHERE m.user_id = $1 ORDER BY g.group_id`, userID)
}

// GroupMembers returns the accounts of a group, by id.
func GroupMembers(tx *db.Tx, id string) ([]Account, error) {
	return db.Collect(tx, accountTable.scan, "SELECT "+accountColumns+` FROM group_members m JOIN accounts c ON c.user_id = m.user_id
		WHERE m.group_id = $1 ORDER BY c.lookup`, id)
}

// IsGroupMember reports whether the account belongs to the group.
func IsGroupMember(tx *db.Tx, group, userID string) (bool, error) {
	var n int
	err := tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM group_members WHERE group_id = $1 AND user_id = $2", group, userID)
	return n > 0, err
}

// InsertGroup stores a new group. ErrDuplicate when the id is taken.
func InsertGroup(tx *db.Tx, g Group) error {
	n, err := tx.Exec("INSERT INTO user_groups (group_id, display_name) VALUES ($1, $2) ON CONFLICT DO NOTHING", g.ID, g.DisplayName)
	if err == nil && n == 0 {
		return db.ErrDuplicate
	}
	return err
}

// RenameGroup stores a new display name.
func RenameGroup(tx *db.Tx, g Group) error {
	return tx.Run("UPDATE user_groups SET display_name = $2 WHERE group_id = $1", g.ID, g.DisplayName)
}

// DeleteGroup removes a group, its memberships and its place in teams.
func DeleteGroup(tx *db.Tx, id string) error {
	if err := ForgetTeamMember(tx, talk.Actor{Type: talk.ActorGroups, ID: id}); err != nil {
		return err
	}
	return tx.Run("DELETE FROM user_groups WHERE group_id = $1", id)
}

// AddGroupMember adds an account to a group and reports whether it was not in
// it before.
func AddGroupMember(tx *db.Tx, group, userID string) (bool, error) {
	n, err := tx.Exec("INSERT INTO group_members (group_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", group, userID)
	return n > 0, err
}

// RemoveGroupMember removes an account from a group and reports whether it was
// in it.
func RemoveGroupMember(tx *db.Tx, group, userID string) (bool, error) {
	n, err := tx.Exec("DELETE FROM group_members WHERE group_id = $1 AND user_id = $2", group, userID)
	return n > 0, err
}
