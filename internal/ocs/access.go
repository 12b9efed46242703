package ocs

// access is who may use a route at all, before any conversation is looked at.
type access int

const (
	public access = iota
	login
	admin
	// groupAdmin is like admin, since nobody administers single groups; the
	// answer to others has the words that clients know from such places.
	groupAdmin
)

// requireAccess lets nobody but administrators use what is theirs.
func (c *call) requireAccess() error {
	switch c.row.access {
	case admin:
		return c.requireAdmin(errNotAdmin)
	case groupAdmin:
		return c.requireAdmin(errNotSubadmin)
	}
	return nil
}

// requireAdmin fails with otherwise for everybody but administrators.
func (c *call) requireAdmin(otherwise error) error {
	yes, err := c.isAdmin()
	if err == nil && !yes {
		return otherwise
	}
	return err
}
