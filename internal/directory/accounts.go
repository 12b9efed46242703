package directory

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
)

// NewAccount describes an account to create.
type NewAccount struct {
	UserID, Password, DisplayName, Email string
	// Groups are joined at once; all have to exist.
	Groups []string
	// Subadmin are groups to administer, of which there can be none: whoever
	// administers, administers everything.
	Subadmin []string
	// Profile are further fields, see [AccountChange].
	Profile map[string]string
}

// What faces need to name of the store; they do not open transactions.
type (
	// Page selects a part of a sorted list.
	Page = store.Page
	// Group is a named set of accounts.
	Group = store.Group
	// Account is a person who can log in.
	Account = store.Account
)

// AdminGroup is the group whose members administer the server.
const AdminGroup = store.AdminGroup

// Reasons of failures that provisioning reports.
const (
	ReasonUserID      = "user-id"
	ReasonUserExists  = "user-exists"
	ReasonUser        = "user"
	ReasonPassword    = "password"
	ReasonEmail       = "email"
	ReasonDisplayName = "display-name"
	ReasonField       = "field"
	ReasonGroup       = "group"
	ReasonGroupID     = "group-id"
	ReasonGroupExists = "group-exists"
	ReasonLastAdmin   = "last-admin"
	ReasonSelf        = "self"
	// ReasonSubadminGroup is a group to administer that does not exist,
	// ReasonSubadminOfAdmins the group of the administrators, ReasonSubadmin any
	// other.
	ReasonSubadminGroup    = "subadmin-group"
	ReasonSubadminOfAdmins = "subadmin-admin"
	ReasonSubadmin         = "subadmin"
)

const maxDisplayName = 255

// CreateAccount creates an account; without a name it goes by its id. Failures:
// Invalid user-id, password, email, display-name or field, Conflict user-exists,
// NotFound group, and those of ReasonSubadmin.
func (svc *Service) CreateAccount(ctx context.Context, by talk.Caller, n NewAccount) error {
	n.DisplayName = strings.TrimSpace(cmp.Or(n.DisplayName, n.UserID))
	n.Email = talk.FoldAddress(n.Email)
	if err := n.check(); err != nil {
		return err
	}
	hash, err := svc.hashAccountPassword(ctx, n.UserID, n.Password)
	if err != nil {
		return err
	}
	account := store.Account{UserID: n.UserID, DisplayName: n.DisplayName, Email: n.Email, PasswordHash: hash, Enabled: true}
	return svc.conversations.ChangeMemberships(ctx, by, func(m *conversation.MembershipChange) error {
		err := store.InsertAccount(m.Tx, account)
		if errors.Is(err, db.ErrDuplicate) {
			return talk.Fail(talk.Conflict, ReasonUserExists)
		}
		if err == nil {
			err = refuseSubadmin(m.Tx, n.Subadmin)
		}
		if err == nil {
			err = saveProfile(m.Tx, n.UserID, n.Profile)
		}
		if err == nil {
			err = addToGroups(m, n.Groups, n.UserID)
		}
		return err
	})
}

// refuseSubadmin fails for groups to administer, since nobody administers single
// ones: an account that silently lacks a right would not be what was asked for.
func refuseSubadmin(tx *db.Tx, groups []string) error {
	for _, id := range groups {
		_, err := store.GroupByID(tx, id)
		switch {
		case errors.Is(err, db.ErrNotFound):
			return talk.Fail(talk.NotFound, ReasonSubadminGroup)
		case err != nil:
			return err
		case id == store.AdminGroup:
			return talk.Fail(talk.Forbidden, ReasonSubadminOfAdmins)
		}
	}
	if len(groups) > 0 {
		return talk.Fail(talk.Forbidden, ReasonSubadmin)
	}
	return nil
}

func (n *NewAccount) check() error {
	if !talk.ValidUserID(n.UserID) {
		return talk.Fail(talk.Invalid, ReasonUserID)
	}
	return checkDetails(&n.DisplayName, &n.Email, n.Profile)
}

// checkDetails checks what people may change about their account; nil stands for
// what stays as it is.
func checkDetails(displayName, email *string, profile map[string]string) error {
	if displayName != nil && !validName(*displayName) {
		return talk.Fail(talk.Invalid, ReasonDisplayName)
	}
	if email != nil && *email != "" && !talk.ValidAddress(*email) {
		return talk.Fail(talk.Invalid, ReasonEmail)
	}
	for name, value := range profile {
		if !talk.ValidProfileField(name, value) || name == FieldTimezone && !isTimezone(value) {
			return talk.Fail(talk.Invalid, ReasonField)
		}
	}
	return nil
}

// Profile fields that are checked against something.
const (
	// FieldTimezone is the name of a time zone, like Europe/Berlin.
	FieldTimezone = "timezone"
	// FieldManager is the id of another account.
	FieldManager = "manager"
)

// isTimezone knows the names of the time zone database. Local is that of the
// server, which is nobody else's.
func isTimezone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "Local"
}

func validName(name string) bool { return talk.PlainName(name, maxDisplayName) }

// PasswordMin is how many characters a new password has at least, 0 for any number.
func (svc *Service) PasswordMin() int { return svc.passwordMin }

// hashAccountPassword checks a new password and hashes it, outside of any
// transaction. Failure: Invalid password for one that breaks the rules, with a
// message, and for an empty or overlong one.
func (svc *Service) hashAccountPassword(ctx context.Context, userID, password string) (string, error) {
	if password == "" {
		return "", talk.Fail(talk.Invalid, ReasonPassword)
	}
	if err := talk.CheckPassword(userID, password, svc.passwordMin); err != nil {
		return "", err
	}
	hash, err := svc.hasher.Hash(ctx, password)
	if errors.Is(err, secret.ErrPasswordTooLong) {
		return "", &talk.Error{Kind: talk.Invalid, Reason: ReasonPassword, Err: err}
	}
	return hash, err
}

// AccountChange is a change of an account. Nil fields stay as they are.
type AccountChange struct {
	DisplayName, Email, Password *string
	Enabled                      *bool
	// Profile are further fields, such as "phone"; empty values remove them.
	Profile map[string]string
}

// EditAccount changes an account. It counts as a change of memberships, so that
// two changes do not undo each other and cannot leave the server without an
// administrator. Failures: NotFound user, Invalid password, email, display-name
// or field, Forbidden last-admin.
func (svc *Service) EditAccount(ctx context.Context, userID string, ch AccountChange) error {
	hash, err := svc.prepare(ctx, userID, &ch)
	if err != nil {
		return err
	}
	return svc.conversations.ChangeMemberships(ctx, talk.Caller{}, func(m *conversation.MembershipChange) error {
		before, err := accountOf(m.Tx, userID)
		if err == nil {
			err = store.EndAccount(m.Tx, before.UserID) // nobody takes the old name along meanwhile
		}
		if err != nil {
			return err
		}
		account := before
		conversation.Assign(&account.DisplayName, ch.DisplayName)
		conversation.Assign(&account.Email, ch.Email)
		conversation.Assign(&account.Enabled, ch.Enabled)
		if hash != nil {
			account.SetPassword(*hash)
		}
		if before.Enabled && !account.Enabled {
			if err := keepsAdmin(m.Tx, account.UserID); err != nil {
				return err
			}
		}
		if err := store.UpdateAccount(m.Tx, account); err != nil {
			return err
		}
		if err := saveProfile(m.Tx, account.UserID, ch.Profile); err != nil || before.DisplayName == account.DisplayName {
			return err
		}
		return store.RenameActor(m.Tx, talk.User(account.UserID), account.DisplayName)
	})
}

// prepare does what needs no transaction: it checks the change and hashes the
// password, nil without one.
func (svc *Service) prepare(ctx context.Context, userID string, ch *AccountChange) (*string, error) {
	if ch.DisplayName != nil {
		name := strings.TrimSpace(*ch.DisplayName)
		ch.DisplayName = &name
	}
	if ch.Email != nil {
		address := talk.FoldAddress(*ch.Email)
		ch.Email = &address
	}
	if err := checkDetails(ch.DisplayName, ch.Email, ch.Profile); err != nil || ch.Password == nil {
		return nil, err
	}
	hash, err := svc.hashAccountPassword(ctx, userID, *ch.Password)
	return &hash, err
}

// saveProfile stores further fields. Failure: Invalid field for a manager who does
// not exist or is the account itself.
func saveProfile(tx *db.Tx, userID string, profile map[string]string) error {
	for name, value := range profile {
		if name == FieldManager && value != "" {
			manager, err := store.AccountByID(tx, value)
			if errors.Is(err, db.ErrNotFound) || err == nil && manager.UserID == userID {
				return talk.Fail(talk.Invalid, ReasonField)
			}
			if err != nil {
				return err
			}
			value = manager.UserID
		}
		if err := store.SetAccountField(tx, userID, name, value); err != nil {
			return err
		}
	}
	return nil
}

// accountOf loads an account. Failure: NotFound user.
func accountOf(tx *db.Tx, userID string) (store.Account, error) {
	account, err := store.AccountByID(tx, userID)
	if errors.Is(err, db.ErrNotFound) {
		err = talk.Fail(talk.NotFound, ReasonUser)
	}
	return account, err
}

// keepsAdmin fails with Forbidden last-admin when nobody else who can log in
// would administer the server.
func keepsAdmin(tx *db.Tx, userID string) error {
	admins, err := store.GroupMembers(tx, store.AdminGroup)
	if err != nil {
		return err
	}
	isAdmin := false
	for _, admin := range admins {
		if admin.UserID == userID {
			isAdmin = true
		} else if admin.Enabled {
			return nil
		}
	}
	if isAdmin {
		return talk.Fail(talk.Forbidden, ReasonLastAdmin)
	}
	return nil
}

// DeleteAccount deletes an account and takes it out of all conversations; its
// one-to-ones stay with the other person, locked and under the old name.
// Failures: NotFound user, Forbidden last-admin.
func (svc *Service) DeleteAccount(ctx context.Context, by talk.Caller, userID string) error {
	return svc.conversations.ChangeMemberships(ctx, by, func(m *conversation.MembershipChange) error {
		account, err := accountOf(m.Tx, userID)
		if err != nil {
			return err
		}
		if err := keepsAdmin(m.Tx, account.UserID); err != nil {
			return err
		}
		if err := store.EndAccount(m.Tx, account.UserID); err != nil {
			return err
		}
		tokens, err := store.RoomsNaming(m.Tx, account.UserID)
		if err != nil {
			return err
		}
		if err := m.In(tokens, func(c *room.Change) error { return forgetAccount(c, account) }); err != nil {
			return err
		}
		return store.DeleteAccount(m.Tx, account.UserID)
	})
}

// forgetAccount takes an account that ends out of one conversation.
func forgetAccount(c *room.Change, account store.Account) error {
	at, err := store.AttendeeOf(c.Tx, c.Room.ID, talk.User(account.UserID))
	in := err == nil
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	if c.Room.IsOneToOne() {
		return endPair(c, account, &at, in)
	}
	if !in {
		return nil
	}
	count, err := store.CountRoles(c.Tx, c.Room.ID)
	if err != nil {
		return err
	}
	if at.Type.IsPermanent() && count.Permanent == 1 {
		return conversation.End(c)
	}
	if err := conversation.Remove(c, &at); err != nil || !at.Type.IsAccountModerator() {
		return err
	}
	managed, err := conversation.KeepModerator(c)
	if err == nil && !managed {
		return conversation.End(c)
	}
	return err
}

// endPair turns a one-to-one into a former one, or deletes it when nobody is
// left to read it.
func endPair(c *room.Change, account store.Account, at *talk.Attendee, in bool) error {
	if in {
		if err := c.RemoveAttendee(at); err != nil {
			return err
		}
	}
	count, err := store.CountRoles(c.Tx, c.Room.ID)
	if err != nil {
		return err
	}
	if count.Permanent == 0 {
		return conversation.End(c)
	}
	c.Room.Type, c.Room.ReadOnly = talk.FormerOneToOne, 1
	c.Room.Name, c.Room.Identity = account.DisplayName, ""
	if err := store.ClearPair(c.Tx, c.Room.ID); err != nil {
		return err
	}
	if err := c.SaveRoom(talk.EventSettings); err != nil {
		return err
	}
	if err := c.PostSystem(talk.ReadOnlyOn); err != nil {
		return err
	}
	return c.KeepAllOut()
}
