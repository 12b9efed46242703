package app

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
)

// NewAccount describes an account to create.
type NewAccount struct {
	UserID, Password, DisplayName, Email string
	// Groups are joined at once; all have to exist.
	Groups []string
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
)

const (
	maxUserID      = 64
	maxGroupID     = 64
	maxDisplayName = 255
	maxProfileText = 1000
)

// CreateAccount creates an account. Failures: Invalid user-id, password,
// email or display-name, Conflict user-exists, NotFound group.
func (a *App) CreateAccount(ctx context.Context, by talk.Caller, n NewAccount) error {
	if n.DisplayName == "" {
		n.DisplayName = n.UserID
	}
	if err := n.check(); err != nil {
		return err
	}
	hash, err := a.hashAccountPassword(ctx, n.Password)
	if err != nil {
		return err
	}
	return a.changeMemberships(ctx, by, func(m *membershipChange) error {
		err := m.InsertAccount(store.Account{
			UserID: n.UserID, DisplayName: n.DisplayName, Email: n.Email, PasswordHash: hash, Enabled: true,
		})
		if errors.Is(err, store.ErrDuplicate) {
			return talk.Fail(talk.Conflict, ReasonUserExists)
		}
		for _, g := range n.Groups {
			if err == nil {
				err = m.addToGroup(g, n.UserID)
			}
		}
		return err
	})
}

func (n *NewAccount) check() error {
	switch {
	case !validUserID(n.UserID):
		return talk.Fail(talk.Invalid, ReasonUserID)
	case !validName(n.DisplayName):
		return talk.Fail(talk.Invalid, ReasonDisplayName)
	case n.Email != "" && !validEmail(n.Email):
		return talk.Fail(talk.Invalid, ReasonEmail)
	}
	return nil
}

// validUserID reports whether id may name an account: letters, digits and a few
// signs of ASCII. The id of chat bridges is reserved.
func validUserID(id string) bool {
	const signs = "_.@-' "
	if id == "" || len(id) > maxUserID || strings.TrimSpace(id) != id || id == talk.BridgeBot || strings.Trim(id, ".") == "" {
		return false
	}
	for _, r := range id {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune(signs, r) {
			return false
		}
	}
	return true
}

func validName(name string) bool {
	return strings.TrimSpace(name) != "" && utf8.RuneCountInString(name) <= maxDisplayName
}

// validEmail catches mistakes; whether an address works only mail can tell.
func validEmail(address string) bool {
	local, domain, ok := strings.Cut(address, "@")
	return ok && local != "" && domain != "" && len(address) <= 254 && !strings.ContainsAny(address, " \t\r\n<>,;\"")
}

// hashAccountPassword hashes outside of any transaction. Failure: Invalid
// password for an empty or overlong one.
func (a *App) hashAccountPassword(ctx context.Context, password string) (string, error) {
	if password == "" {
		return "", talk.Fail(talk.Invalid, ReasonPassword)
	}
	hash, err := a.hasher.Hash(ctx, password)
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

// EditAccount changes an account. Failures: NotFound user, Invalid as for
// creating, Forbidden last-admin.
func (a *App) EditAccount(ctx context.Context, userID string, ch AccountChange) error {
	hash := ""
	if ch.Password != nil {
		var err error
		if hash, err = a.hashAccountPassword(ctx, *ch.Password); err != nil {
			return err
		}
	}
	return a.store.Write(ctx, func(tx *store.Tx) error {
		account, err := accountOf(tx, userID)
		if err != nil {
			return err
		}
		before := account
		assign(&account.DisplayName, ch.DisplayName)
		assign(&account.Email, ch.Email)
		assign(&account.Enabled, ch.Enabled)
		if hash != "" {
			account.PasswordHash = hash
		}
		n := NewAccount{UserID: before.UserID, DisplayName: account.DisplayName, Email: account.Email}
		if err := n.check(); err != nil {
			return err
		}
		if before.Enabled && !account.Enabled {
			if err := keepsAdmin(tx, before.UserID); err != nil {
				return err
			}
		}
		return saveAccount(tx, before, account, ch.Profile)
	})
}

func saveAccount(tx *store.Tx, before, account store.Account, profile map[string]string) error {
	if err := tx.UpdateAccount(account); err != nil {
		return err
	}
	for field, value := range profile {
		if utf8.RuneCountInString(value) > maxProfileText {
			return talk.Fail(talk.Invalid, ReasonField)
		}
		if err := tx.SetAccountField(account.UserID, field, value); err != nil {
			return err
		}
	}
	if before.DisplayName == account.DisplayName {
		return nil
	}
	return tx.RenameActor(talk.User(account.UserID), account.DisplayName)
}

// accountOf loads an account. Failure: NotFound user.
func accountOf(tx *store.Tx, userID string) (store.Account, error) {
	account, err := tx.Account(userID)
	if errors.Is(err, store.ErrNotFound) {
		err = talk.Fail(talk.NotFound, ReasonUser)
	}
	return account, err
}

// keepsAdmin fails with Forbidden last-admin when nobody else who can log in
// would administer the server.
func keepsAdmin(tx *store.Tx, userID string) error {
	admins, err := tx.GroupMembers(store.AdminGroup)
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
func (a *App) DeleteAccount(ctx context.Context, by talk.Caller, userID string) error {
	return a.changeMemberships(ctx, by, func(m *membershipChange) error {
		account, err := accountOf(m.Tx, userID)
		if err != nil {
			return err
		}
		if err := keepsAdmin(m.Tx, account.UserID); err != nil {
			return err
		}
		tokens, err := m.RoomsNaming(account.UserID)
		if err != nil {
			return err
		}
		if err := m.in(tokens, func(c *change) error { return c.forgetAccount(account) }); err != nil {
			return err
		}
		return m.Tx.DeleteAccount(account.UserID)
	})
}

// forgetAccount takes an account that ends out of one conversation.
func (c *change) forgetAccount(account store.Account) error {
	at, err := c.AttendeeOf(c.room.ID, talk.User(account.UserID))
	in := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if c.room.IsOneToOne() {
		return c.endPair(account, &at, in)
	}
	if !in {
		return nil
	}
	count, err := c.Census(c.room.ID)
	if err != nil {
		return err
	}
	if at.Type.IsPermanent() && count.Permanent == 1 {
		return c.DeleteRoom(c.room)
	}
	return c.remove(&at)
}

// endPair turns a one-to-one into a former one, or deletes it when nobody is
// left to read it.
func (c *change) endPair(account store.Account, at *talk.Attendee, in bool) error {
	if in {
		if err := c.DeleteAttendee(c.room, at.ID); err != nil {
			return err
		}
	}
	count, err := c.Census(c.room.ID)
	if err != nil {
		return err
	}
	if count.Permanent == 0 {
		return c.DeleteRoom(c.room)
	}
	c.room.Type, c.room.ReadOnly = talk.FormerOneToOne, 1
	c.room.Name, c.room.Identity = account.DisplayName, ""
	if err := c.ClearPair(c.room.ID); err != nil {
		return err
	}
	if err := c.UpdateRoom(c.room); err != nil {
		return err
	}
	return c.say(talk.ReadOnlyOn)
}

// AccountView is an account with what belongs to it.
type AccountView struct {
	store.Account
	Groups  []store.Group
	Profile map[string]string
}

// Account returns an account. Failure: NotFound user.
func (a *App) Account(ctx context.Context, userID string) (v AccountView, err error) {
	err = a.store.Read(ctx, func(tx *store.Tx) error {
		if v.Account, err = accountOf(tx, userID); err != nil {
			return err
		}
		return v.complete(tx)
	})
	return v, err
}

func (v *AccountView) complete(tx *store.Tx) (err error) {
	if v.Groups, err = tx.GroupsOf(v.UserID); err != nil {
		return err
	}
	v.Profile, err = tx.AccountFields(v.UserID)
	return err
}

// Accounts returns the accounts that match, by id.
func (a *App) Accounts(ctx context.Context, p store.Page) (out []AccountView, err error) {
	err = a.store.Read(ctx, func(tx *store.Tx) error {
		found, err := tx.Accounts(p)
		if err != nil {
			return err
		}
		out = make([]AccountView, len(found))
		for i := range found {
			out[i].Account = found[i]
			if err := out[i].complete(tx); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}
