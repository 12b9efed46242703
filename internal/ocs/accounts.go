package ocs

import (
	"cmp"
	"errors"
	"strings"

	"parley/internal/app"
	"parley/internal/talk"
)

// The provisioning API, see platform.md §6. Its failures have codes of their
// own, which answers carry instead of a reason.

// codes are the status codes of one endpoint by the reason of the failure.
type codes map[string]int

// explanations tell people what the reasons of failures mean.
var explanations = map[string]string{
	app.ReasonUserID:      "An account id has 1 to 64 characters: letters, digits, spaces and the signs _ . @ - '; words of addresses are none",
	app.ReasonUserExists:  "There is an account with this id already",
	app.ReasonUser:        "There is no such account",
	app.ReasonPassword:    "The password is missing or too long",
	app.ReasonEmail:       "This is no e-mail address",
	app.ReasonDisplayName: "A display name has 1 to 255 characters, none of them hidden",
	app.ReasonField:       "This value is not possible",
	app.ReasonGroup:       "There is no such group",
	app.ReasonGroupID:     "A group id has 1 to 64 characters ; what addresses cannot have is none",
	app.ReasonGroupExists: "There is a group with this id already",
	app.ReasonLastAdmin:   "The server has to keep an administrator",
	app.ReasonSelf:        "Another administrator has to do this to your account",

	app.ReasonSubadminGroup:    "There is no such group to administer",
	app.ReasonSubadminOfAdmins: "Nobody administers the group of the administrators only",
	app.ReasonSubadmin:         "Nobody administers single groups here",
}

// provisioned turns the failure of a use case into that of the endpoint.
func provisioned(err error, known codes) error {
	e, ok := errors.AsType[*talk.Error](err)
	if !ok {
		return err
	}
	code, ok := known[e.Reason]
	if !ok {
		return err
	}
	return provisioningFailure(code, e.Reason, cmp.Or(e.Message, explanations[e.Reason]))
}

// refused is a failure that the endpoint finds by itself.
func refused(code int, reason string) error {
	return provisioningFailure(code, reason, explanations[reason])
}

func groupIDs(groups []app.Group) []string {
	ids := make([]string, len(groups))
	for i, g := range groups {
		ids[i] = g.ID
	}
	return ids
}

func ownAccount(c *call) (any, error) {
	v, err := c.app.Account(c.r.Context(), c.caller().UserID)
	return c.describe(&v, true), err
}

// describe is describe with log-ins that are not stored yet.
func (c *call) describe(v *app.AccountView, own bool) fields {
	v.LastLoginAt = c.auth.LastLogin(v.UserID, v.LastLoginAt)
	v.FirstLoginAt = cmp.Or(v.FirstLoginAt, v.LastLoginAt)
	return describe(v, own)
}

// isAdmin reports whether the caller administers the server.
func (c *call) isAdmin() (bool, error) {
	return c.app.IsAdmin(c.r.Context(), c.caller().UserID)
}

// isOwn reports whether the path names the caller's own account; the case of
// ids does not count.
func (c *call) isOwn() bool { return strings.EqualFold(c.values["user"], c.caller().UserID) }

// mayRead hides accounts from everybody but their owner and administrators.
func (c *call) mayRead() error {
	if c.isOwn() {
		return nil
	}
	admin, err := c.isAdmin()
	if err == nil && !admin {
		err = errHiddenAccount
	}
	return err
}

func getAccount(c *call) (any, error) {
	v, err := c.app.Account(c.r.Context(), c.values["user"])
	if talk.IsKind(err, talk.NotFound) {
		return nil, errNoAccount
	}
	if err == nil {
		err = c.mayRead()
	}
	if err != nil {
		return nil, err
	}
	return c.describe(&v, c.isOwn()), nil
}

type pageParams struct {
	Search string `param:"search"`
	Limit  int    `param:"limit"`
	Offset int    `param:"offset"`
}

func (p pageParams) page() app.Page {
	return app.Page{Search: p.Search, Limit: p.Limit, Offset: max(p.Offset, 0)}
}

func listAccounts(c *call, in pageParams) (any, error) {
	ids, err := c.app.AccountIDs(c.r.Context(), in.page())
	return object{"users": ids}, err
}

func listAccountDetails(c *call, in pageParams) (any, error) {
	found, err := c.app.Accounts(c.r.Context(), in.page())
	users := make(fields, len(found))
	for i := range found {
		users[i] = field{found[i].UserID, c.describe(&found[i], false)}
	}
	return object{"users": users}, err
}

type newAccountParams struct {
	UserID      string   `param:"userid"`
	Password    string   `param:"password"`
	DisplayName string   `param:"displayName"`
	Email       string   `param:"email"`
	Language    string   `param:"language"`
	Groups      []string `param:"groups"`
	Subadmin    []string `param:"subadmin"`
	Quota       string   `param:"quota"`
	Manager     string   `param:"manager"`
}

// created names what was created.
type created struct {
	ID string `json:"id"`
}

func createAccount(c *call, in newAccountParams) (any, error) {
	if in.Password == "" {
		return nil, refused(108, app.ReasonPassword)
	}
	err := c.app.CreateAccount(c.r.Context(), c.caller(), app.NewAccount{
		UserID: in.UserID, Password: in.Password, DisplayName: in.DisplayName, Email: in.Email,
		Groups: in.Groups, Subadmin: in.Subadmin,
		Profile: map[string]string{fieldLanguage: in.Language, fieldQuota: in.Quota, app.FieldManager: in.Manager},
	})
	if err != nil {
		return nil, provisioned(err, codes{
			app.ReasonUserID: 101, app.ReasonUserExists: 102, app.ReasonGroup: 104, app.ReasonPassword: 107,
			app.ReasonEmail: 101, app.ReasonField: 101, app.ReasonDisplayName: 112,
			app.ReasonSubadminGroup: 109, app.ReasonSubadminOfAdmins: 103, app.ReasonSubadmin: 105,
		})
	}
	return created{in.UserID}, nil
}

type editParams struct {
	Key   string `param:"key;required"`
	Value string `param:"value;required"`
}

// editableFields lists the fields that people may change about themselves.
func editableFields(c *call) (any, error) {
	if c.values["user"] != "" {
		if err := c.mayRead(); err != nil {
			return nil, err
		}
	}
	names := []string{"displayname", "email"}
	for _, f := range profile {
		names = append(names, f.name)
	}
	return names, nil
}

// accountChange is what editing a field means; ok is false for a field that
// does not exist.
func accountChange(in editParams) (ch app.AccountChange, ok bool) {
	switch in.Key {
	case "displayname", "display":
		ch.DisplayName = &in.Value
	case "email":
		ch.Email = &in.Value
	case "password":
		ch.Password = &in.Value
	default:
		ch.Profile = map[string]string{in.Key: in.Value}
		return ch, isProfileKey(in.Key)
	}
	return ch, true
}

func editAccount(c *call, in editParams) (any, error) {
	if err := c.mayRead(); err != nil {
		return nil, err
	}
	ch, ok := accountChange(in)
	switch {
	case !ok:
		return nil, refused(103, app.ReasonField)
	case isScopeKey(in.Key) && !isScope(in.Value):
		return nil, refused(101, app.ReasonField)
	}
	if err := c.mayEdit(in.Key, &ch); err != nil {
		return nil, err
	}
	return nil, provisioned(c.app.EditAccount(c.r.Context(), c.values["user"], ch), codes{
		app.ReasonUser: codeUnknownRoute, app.ReasonPassword: 107, app.ReasonEmail: 101, app.ReasonDisplayName: 101,
		app.ReasonField: 101,
	})
}

// mayEdit keeps people from what only administrators decide about them, and asks
// for the password of the own account before its password or address changes:
// whoever has those has the account.
func (c *call) mayEdit(key string, ch *app.AccountChange) error {
	if isAdminKey(key) {
		admin, err := c.isAdmin()
		if err != nil || !admin {
			return cmp.Or(err, refused(103, app.ReasonField))
		}
	}
	if (ch.Password != nil || ch.Email != nil) && c.isOwn() && !c.auth.Confirmed(c.id) {
		return errUnconfirmed
	}
	return nil
}

// switchAccount makes the handler that enables or disables an account.
func switchAccount(on bool) handler {
	return plain(func(c *call) (any, error) {
		if c.isOwn() {
			return nil, refused(101, app.ReasonSelf)
		}
		return nil, provisioned(c.app.EditAccount(c.r.Context(), c.values["user"], app.AccountChange{Enabled: &on}), codes{
			app.ReasonUser: 101, app.ReasonLastAdmin: 101,
		})
	})
}

func deleteAccount(c *call) (any, error) {
	if c.isOwn() {
		return nil, refused(101, app.ReasonSelf)
	}
	return nil, provisioned(c.app.DeleteAccount(c.r.Context(), c.caller(), c.values["user"]), codes{
		app.ReasonUser: codeUnknownRoute, app.ReasonLastAdmin: 101,
	})
}

func groupsOfAccount(c *call) (any, error) {
	if err := c.mayRead(); err != nil {
		return nil, err
	}
	v, err := c.app.Account(c.r.Context(), c.values["user"])
	return object{"groups": groupIDs(v.Groups)}, provisioned(err, codes{app.ReasonUser: codeUnknownRoute})
}

type groupParams struct {
	GroupID string `param:"groupid"`
}

func joinGroup(c *call, in groupParams) (any, error) {
	if in.GroupID == "" {
		return nil, refused(101, app.ReasonGroupID)
	}
	err := c.app.AddToGroup(c.r.Context(), c.caller(), in.GroupID, c.values["user"])
	return nil, provisioned(err, codes{app.ReasonGroup: 102, app.ReasonUser: 103})
}

func leaveGroup(c *call, in groupParams) (any, error) {
	switch {
	case in.GroupID == "":
		return nil, refused(101, app.ReasonGroupID)
	case in.GroupID == app.AdminGroup && c.isOwn():
		return nil, refused(105, app.ReasonSelf)
	}
	err := c.app.RemoveFromGroup(c.r.Context(), c.caller(), in.GroupID, c.values["user"])
	return nil, provisioned(err, codes{app.ReasonGroup: 102, app.ReasonUser: 103, app.ReasonLastAdmin: 105})
}
