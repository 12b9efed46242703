package ocs

import (
	"errors"
	"slices"

	"parley/internal/app"
	"parley/internal/talk"
)

// The provisioning API, see platform.md §6. Its failures have codes of their
// own, which answers carry instead of a reason.

// codes are the status codes of one endpoint by the reason of the failure.
type codes map[string]int

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
	return provisioningFailure(code, e)
}

// accountData describes an account, see platform.md §6.1.
type accountData struct {
	Enabled             bool                `json:"enabled"`
	ID                  string              `json:"id"`
	FirstLogin          int64               `json:"firstLoginTimestamp"`
	LastLoginTimestamp  int64               `json:"lastLoginTimestamp"`
	LastLogin           int64               `json:"lastLogin"`
	Backend             string              `json:"backend"`
	Subadmin            []string            `json:"subadmin"`
	Quota               quota               `json:"quota"`
	Manager             string              `json:"manager"`
	Email               *string             `json:"email"`
	AdditionalMail      []string            `json:"additional_mail"`
	DisplayName         string              `json:"displayname"`
	DisplayNameTwin     string              `json:"display-name"`
	Phone               string              `json:"phone"`
	Address             string              `json:"address"`
	Website             string              `json:"website"`
	Twitter             string              `json:"twitter"`
	Organisation        string              `json:"organisation"`
	Role                string              `json:"role"`
	Headline            string              `json:"headline"`
	Biography           string              `json:"biography"`
	Pronouns            string              `json:"pronouns"`
	Groups              []string            `json:"groups"`
	Language            string              `json:"language"`
	Locale              string              `json:"locale"`
	Timezone            string              `json:"timezone"`
	NotifyEmail         *string             `json:"notify_email"`
	BackendCapabilities backendCapabilities `json:"backendCapabilities"`
}

// quota is the storage of an account; there is no file storage here, so there
// is no limit either.
type quota struct {
	Free     int `json:"free"`
	Used     int `json:"used"`
	Total    int `json:"total"`
	Relative int `json:"relative"`
	Quota    int `json:"quota"`
}

const unlimited = -3

type backendCapabilities struct {
	SetDisplayName bool `json:"setDisplayName"`
	SetPassword    bool `json:"setPassword"`
}

func newAccountData(v *app.AccountView) accountData {
	d := accountData{
		Enabled: v.Enabled, ID: v.UserID, LastLoginTimestamp: v.LastLoginAt, LastLogin: v.LastLoginAt * 1000,
		Backend: "Database", Subadmin: []string{}, Quota: quota{Free: unlimited, Total: unlimited, Quota: unlimited}, AdditionalMail: []string{},
		DisplayName: v.DisplayName, DisplayNameTwin: v.DisplayName,
		Phone: v.Profile["phone"], Address: v.Profile["address"], Website: v.Profile["website"], Twitter: v.Profile["twitter"],
		Organisation: v.Profile["organisation"], Role: v.Profile["role"], Headline: v.Profile["headline"],
		Biography: v.Profile["biography"], Pronouns: v.Profile["pronouns"],
		Groups: groupIDs(v.Groups), Language: "en", Locale: v.Profile["locale"], Timezone: v.Profile["timezone"],
		BackendCapabilities: backendCapabilities{SetDisplayName: true, SetPassword: true},
	}
	if v.Email != "" {
		d.Email = &v.Email
	}
	if l := v.Profile["language"]; l != "" {
		d.Language = l
	}
	return d
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
	return newAccountData(&v), err
}

// isAdmin reports whether the caller administers the server.
func (c *call) isAdmin() (bool, error) {
	return c.app.IsAdmin(c.r.Context(), c.caller().UserID)
}

// mayRead hides accounts from everybody but their owner and administrators.
func (c *call) mayRead(userID string) error {
	if userID == c.caller().UserID {
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
		err = c.mayRead(v.UserID)
	}
	if err != nil {
		return nil, err
	}
	return newAccountData(&v), nil
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
	found, err := c.app.Accounts(c.r.Context(), in.page())
	ids := make([]string, len(found))
	for i := range found {
		ids[i] = found[i].UserID
	}
	return object{"users": ids}, err
}

func listAccountDetails(c *call, in pageParams) (any, error) {
	found, err := c.app.Accounts(c.r.Context(), in.page())
	users := make(map[string]accountData, len(found))
	for i := range found {
		users[found[i].UserID] = newAccountData(&found[i])
	}
	return object{"users": users}, err
}

type newAccountParams struct {
	UserID      string   `param:"userid"`
	Password    string   `param:"password"`
	DisplayName string   `param:"displayName"`
	Email       string   `param:"email"`
	Groups      []string `param:"groups"`
}

// created names what was created.
type created struct {
	ID string `json:"id"`
}

func createAccount(c *call, in newAccountParams) (any, error) {
	err := c.app.CreateAccount(c.r.Context(), c.caller(), app.NewAccount{
		UserID: in.UserID, Password: in.Password, DisplayName: in.DisplayName, Email: in.Email, Groups: in.Groups,
	})
	if err != nil {
		return nil, provisioned(err, codes{
			app.ReasonUserID: 101, app.ReasonUserExists: 102, app.ReasonGroup: 104, app.ReasonPassword: 108,
			app.ReasonEmail: 101, app.ReasonDisplayName: 112,
		})
	}
	return created{in.UserID}, nil
}

type editParams struct {
	Key   string `param:"key;required"`
	Value string `param:"value;required"`
}

// profileFields are the further fields that people may fill in.
func profileFields() []string {
	return []string{
		"phone", "address", "website", "twitter", "organisation", "role", "headline", "biography", "pronouns",
		"language", "locale", "timezone",
	}
}

func editableFields(*call) (any, error) {
	return append([]string{"displayname", "email"}, profileFields()...), nil
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
		return ch, slices.Contains(profileFields(), in.Key)
	}
	return ch, true
}

func editAccount(c *call, in editParams) (any, error) {
	if err := c.mayRead(c.values["user"]); err != nil {
		return nil, err
	}
	ch, ok := accountChange(in)
	if !ok {
		return nil, provisioningFailure(103, nil)
	}
	return c.changeAccount(ch)
}

func (c *call) changeAccount(ch app.AccountChange) (any, error) {
	return nil, provisioned(c.app.EditAccount(c.r.Context(), c.values["user"], ch), codes{
		app.ReasonUser: codeUnknownRoute, app.ReasonPassword: 107, app.ReasonEmail: 101, app.ReasonDisplayName: 101,
		app.ReasonField: 101, app.ReasonLastAdmin: 101,
	})
}

// switchAccount makes the handler that enables or disables an account.
func switchAccount(on bool) handler {
	return plain(func(c *call) (any, error) { return c.changeAccount(app.AccountChange{Enabled: &on}) })
}

func deleteAccount(c *call) (any, error) {
	if c.values["user"] == c.caller().UserID {
		return nil, provisioningFailure(101, nil)
	}
	return nil, provisioned(c.app.DeleteAccount(c.r.Context(), c.caller(), c.values["user"]), codes{
		app.ReasonUser: codeUnknownRoute, app.ReasonLastAdmin: 101,
	})
}

func groupsOfAccount(c *call) (any, error) {
	if err := c.mayRead(c.values["user"]); err != nil {
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
		return nil, provisioningFailure(101, nil)
	}
	err := c.app.AddToGroup(c.r.Context(), c.caller(), in.GroupID, c.values["user"])
	return nil, provisioned(err, codes{app.ReasonGroup: 102, app.ReasonUser: 103})
}

func leaveGroup(c *call, in groupParams) (any, error) {
	switch {
	case in.GroupID == "":
		return nil, provisioningFailure(101, nil)
	case in.GroupID == app.AdminGroup && c.values["user"] == c.caller().UserID:
		return nil, provisioningFailure(105, nil)
	}
	err := c.app.RemoveFromGroup(c.r.Context(), c.caller(), in.GroupID, c.values["user"])
	return nil, provisioned(err, codes{app.ReasonGroup: 102, app.ReasonUser: 103, app.ReasonLastAdmin: 105})
}
