package store

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

// DeleteGroup removes a group and its memberships.
func (tx *Tx) DeleteGroup(id string) error {
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

// HeldByGroup returns those of the accounts that belong to a group which is an
// attendee of the room.
func (tx *Tx) HeldByGroup(roomID int64, users []string) (map[string]bool, error) {
	held := make(map[string]bool, len(users))
	err := chunks(users, func(part []string) error {
		return tx.each(func(row scanner) error {
			var id string
			err := row.Scan(&id)
			held[id] = true
			return err
		}, `SELECT DISTINCT m.user_id FROM attendees a JOIN group_members m ON m.group_id = a.actor_id
			WHERE a.room_id = $1 AND a.actor_type = 'groups' AND m.user_id IN (`+list(2, len(part))+")", anys([]any{roomID}, part)...)
	})
	return held, err
}

// LockGroup keeps other transactions from locking the group until this one
// ends. ErrNotFound when there is none.
func (tx *Tx) LockGroup(id string) error {
	n, err := tx.exec("UPDATE user_groups SET display_name = display_name WHERE group_id = $1", id)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}
