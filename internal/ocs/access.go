package ocs

// requireAccess lets nobody but administrators use what is theirs.
func (c *Call) requireAccess() error {
	switch {
	case c.row.Rules.has(Admin):
		return c.requireAdmin(errNotAdmin)
	case c.row.Rules.has(GroupAdmin):
		return c.requireAdmin(ErrNotSubadmin)
	}
	return nil
}

// requireAdmin fails with otherwise for everybody but administrators.
func (c *Call) requireAdmin(otherwise error) error {
	yes, err := c.IsAdmin()
	if err == nil && !yes {
		return otherwise
	}
	return err
}
