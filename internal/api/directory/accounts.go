package directory

import (
	"cmp"
	"errors"
	"strings"

	"parley/internal/directory"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// The provisioning API Its failures have codes of their
// own, which answers carry instead of a reason.

// codes are the status codes of one endpoint by the reason of the failure.
type codes map[string]int

// explanations tell people what the reasons of failures mean.
var explanations = map[string]string{
	directory.ReasonUserID:      "An account id has 1 to 64 characters: letters, digits, spaces and the signs _ . @ - '; words of addresses are none",
	directory.ReasonUserExists:  "There is an account with this id already",
	directory.ReasonUser:        "There is no such account",
	directory.ReasonPassword:    "The password is missing or too long",
	directory.ReasonEmail:       "This is no e-mail address",
	directory.ReasonDisplayName: "A display name has 1 to 255 characters, none of them hidden",
	directory.ReasonField:       "This value is not possible",
	directory.ReasonGroup:       "There is no such group",
	directory.ReasonGroupID:     "A group id has 1 to 64 characters ; what addresses cannot have is none",
	directory.ReasonGroupExists: "There is a group with this id already",
	directory.ReasonLastAdmin:   "The server has to keep an administrator",
	directory.ReasonSelf:        "Another administrator has to do this to your account",

	directory.ReasonSubadminGroup:    "There is no such group to administer",
	directory.ReasonSubadminOfAdmins: "Nobody administers the group of the administrators only",
	directory.ReasonSubadmin:         "Nobody administers single groups here",
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
	return ocs.CodeError(code, e.Reason, cmp.Or(e.Message, explanations[e.Reason]))
}

// refused is a failure that the endpoint finds by itself.
func refused(code int, reason string) error {
	return ocs.CodeError(code, reason, explanations[reason])
}

func groupIDs(groups []directory.Group) []string {
	ids := make([]string, len(groups))
	for i, g := range groups {
		ids[i] = g.ID
	}
	return ids
}

func (a *API) wipeDevices(c *ocs.Call) (any, error) {
	_, err := a.auth.Wipe(c.Context(), c.Value("user"))
	if talk.IsKind(err, talk.NotFound) {
		return nil, ocs.CodeError(ocs.CodeUnknown, "unknown user", "")
	}
	return nil, err
}

// Own is the account of the caller.
func (a *API) Own(c *ocs.Call) (any, error) { return a.ownAccount(c) }

// AnAccount is an example of it.
func AnAccount() any { return anAccount(true) }

func (a *API) ownAccount(c *ocs.Call) (any, error) {
	v, err := a.directory.Account(c.Context(), c.Caller().UserID)
	return a.describe(&v, true), err
}

// describe is describe with log-ins that are not stored yet.
func (a *API) describe(v *directory.AccountView, own bool) ocs.Fields {
	v.LastLoginAt = a.auth.LastLogin(v.UserID, v.LastLoginAt)
	v.FirstLoginAt = cmp.Or(v.FirstLoginAt, v.LastLoginAt)
	return describe(v, own)
}

// isOwn reports whether the path names the caller's own account; the case of
// ids does not count.
func isOwn(c *ocs.Call) bool { return strings.EqualFold(c.Value("user"), c.Caller().UserID) }

// mayRead hides accounts from everybody but their owner and administrators.
func mayRead(c *ocs.Call) error {
	if isOwn(c) {
		return nil
	}
	admin, err := c.IsAdmin()
	if err == nil && !admin {
		err = ocs.CodeError(ocs.CodeUnknown, "hidden account", "")
	}
	return err
}

func (a *API) getAccount(c *ocs.Call) (any, error) {
	v, err := a.directory.Account(c.Context(), c.Value("user"))
	if talk.IsKind(err, talk.NotFound) {
		return nil, ocs.Message(talk.NotFound, "no such account", "User does not exist")
	}
	if err == nil {
		err = mayRead(c)
	}
	if err != nil {
		return nil, err
	}
	return a.describe(&v, isOwn(c)), nil
}

type pageParams struct {
	Search string `param:"search"`
	Limit  int    `param:"limit"`
	Offset int    `param:"offset"`
}

func (p pageParams) page() directory.Page {
	return directory.Page{Search: p.Search, Limit: p.Limit, Offset: max(p.Offset, 0)}
}

func (a *API) listAccounts(c *ocs.Call, in pageParams) (any, error) {
	ids, err := a.directory.AccountIDs(c.Context(), in.page())
	return ocs.Object{"users": ids}, err
}

func (a *API) listAccountDetails(c *ocs.Call, in pageParams) (any, error) {
	found, err := a.directory.Accounts(c.Context(), in.page())
	users := make(ocs.Fields, len(found))
	for i := range found {
		users[i] = ocs.Field{Name: found[i].UserID, Value: a.describe(&found[i], false)}
	}
	return ocs.Object{"users": users}, err
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

func (a *API) createAccount(c *ocs.Call, in newAccountParams) (any, error) {
	if in.Password == "" {
		return nil, refused(108, directory.ReasonPassword)
	}
	err := a.directory.CreateAccount(c.Context(), c.Caller(), directory.NewAccount{
		UserID: in.UserID, Password: in.Password, DisplayName: in.DisplayName, Email: in.Email,
		Groups: in.Groups, Subadmin: in.Subadmin,
		Profile: map[string]string{fieldLanguage: in.Language, fieldQuota: in.Quota, directory.FieldManager: in.Manager},
	})
	if err != nil {
		return nil, provisioned(err, codes{
			directory.ReasonUserID: 101, directory.ReasonUserExists: 102, directory.ReasonGroup: 104, directory.ReasonPassword: 107,
			directory.ReasonEmail: 101, directory.ReasonField: 101, directory.ReasonDisplayName: 112,
			directory.ReasonSubadminGroup: 109, directory.ReasonSubadminOfAdmins: 103, directory.ReasonSubadmin: 105,
		})
	}
	return created{in.UserID}, nil
}

type editParams struct {
	Key   string `param:"key;required"`
	Value string `param:"value;required"`
}

// listFields lists the fields that people may change about themselves.
func (a *API) listFields(*ocs.Call) (any, error) {
	names := []string{"displayname", "email"}
	for _, f := range profile {
		names = append(names, f.name)
	}
	return names, nil
}

func (a *API) listFieldsOf(c *ocs.Call) (any, error) {
	if err := mayRead(c); err != nil {
		return nil, err
	}
	return a.listFields(c)
}

// accountChange is what editing a field means; ok is false for a field that
// does not exist.
func accountChange(in editParams) (ch directory.AccountChange, ok bool) {
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

func (a *API) editAccount(c *ocs.Call, in editParams) (any, error) {
	if err := mayRead(c); err != nil {
		return nil, err
	}
	ch, ok := accountChange(in)
	switch {
	case !ok:
		return nil, refused(103, directory.ReasonField)
	case isScopeKey(in.Key) && !isScope(in.Value):
		return nil, refused(101, directory.ReasonField)
	}
	if err := a.mayEdit(c, in.Key, &ch); err != nil {
		return nil, err
	}
	return nil, provisioned(a.directory.EditAccount(c.Context(), c.Value("user"), ch), codes{
		directory.ReasonUser: ocs.CodeUnknown, directory.ReasonPassword: 107, directory.ReasonEmail: 101, directory.ReasonDisplayName: 101,
		directory.ReasonField: 101,
	})
}

// mayEdit keeps people from what only administrators decide about them, and asks
// for the password of the own account before its password or address changes:
// whoever has those has the account.
func (a *API) mayEdit(c *ocs.Call, key string, ch *directory.AccountChange) error {
	if isAdminKey(key) {
		admin, err := c.IsAdmin()
		if err != nil || !admin {
			return cmp.Or(err, refused(103, directory.ReasonField))
		}
	}
	if (ch.Password != nil || ch.Email != nil) && isOwn(c) && !a.auth.Confirmed(c.Identity) {
		return ocs.ErrUnconfirmed
	}
	return nil
}

func (a *API) enableAccount(c *ocs.Call) (any, error) { return a.switchAccount(c, true) }

func (a *API) disableAccount(c *ocs.Call) (any, error) { return a.switchAccount(c, false) }

func (a *API) switchAccount(c *ocs.Call, on bool) (any, error) {
	if isOwn(c) {
		return nil, refused(101, directory.ReasonSelf)
	}
	return nil, provisioned(a.directory.EditAccount(c.Context(), c.Value("user"), directory.AccountChange{Enabled: &on}), codes{
		directory.ReasonUser: 101, directory.ReasonLastAdmin: 101,
	})
}

func (a *API) deleteAccount(c *ocs.Call) (any, error) {
	if isOwn(c) {
		return nil, refused(101, directory.ReasonSelf)
	}
	return nil, provisioned(a.directory.DeleteAccount(c.Context(), c.Caller(), c.Value("user")), codes{
		directory.ReasonUser: ocs.CodeUnknown, directory.ReasonLastAdmin: 101,
	})
}

func (a *API) groupsOfAccount(c *ocs.Call) (any, error) {
	if err := mayRead(c); err != nil {
		return nil, err
	}
	v, err := a.directory.Account(c.Context(), c.Value("user"))
	return ocs.Object{"groups": groupIDs(v.Groups)}, provisioned(err, codes{directory.ReasonUser: ocs.CodeUnknown})
}

type groupParams struct {
	GroupID string `param:"groupid"`
}

func (a *API) joinGroup(c *ocs.Call, in groupParams) (any, error) {
	if in.GroupID == "" {
		return nil, refused(101, directory.ReasonGroupID)
	}
	err := a.directory.AddToGroup(c.Context(), c.Caller(), in.GroupID, c.Value("user"))
	return nil, provisioned(err, codes{directory.ReasonGroup: 102, directory.ReasonUser: 103})
}

func (a *API) leaveGroup(c *ocs.Call, in groupParams) (any, error) {
	switch {
	case in.GroupID == "":
		return nil, refused(101, directory.ReasonGroupID)
	case in.GroupID == directory.AdminGroup && isOwn(c):
		return nil, refused(105, directory.ReasonSelf)
	}
	err := a.directory.RemoveFromGroup(c.Context(), c.Caller(), in.GroupID, c.Value("user"))
	return nil, provisioned(err, codes{directory.ReasonGroup: 102, directory.ReasonUser: 103, directory.ReasonLastAdmin: 105})
}
