package directory

import (
	"slices"
	"strings"

	"parley/internal/directory"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// Who may see a part of a profile.
const (
	scopePrivate   = talk.ScopePrivate
	scopeLocal     = "v2-local"
	scopeFederated = "v2-federated"
	scopePublished = "v2-published"
)

func isScope(s string) bool {
	return slices.Contains([]string{scopePrivate, scopeLocal, scopeFederated, scopePublished}, s)
}

// scoped is a part of a profile that people fill in, with who may see it unless
// its owner decides otherwise.
type scoped struct{ name, scope, fallback string }

// profile are the further parts of a profile in the order of the answer.
var profile = []scoped{
	{name: "phone", scope: scopeLocal},
	{name: "address", scope: scopeLocal},
	{name: "website", scope: scopeLocal},
	{name: "twitter", scope: scopeLocal},
	{name: "bluesky", scope: scopeLocal},
	{name: "fediverse", scope: scopeLocal},
	{name: "organisation", scope: scopeLocal},
	{name: "role", scope: scopeLocal},
	{name: "headline", scope: scopeLocal},
	{name: "biography", scope: scopeLocal},
	{name: "profile_enabled", scope: scopeLocal, fallback: "1"},
	{name: "pronouns", scope: scopeFederated},
}

// preferences are further fields without a scope.
var preferences = []scoped{{name: fieldLanguage, fallback: "en"}, {name: "locale"}, {name: directory.FieldTimezone}}

// Fields that more than the table of a profile knows.
const (
	fieldLanguage = "language"
	fieldQuota    = "quota"
)

// isAdminKey reports whether the key is a field that only administrators change.
func isAdminKey(key string) bool { return key == fieldQuota || key == directory.FieldManager }

// scopeSuffix is what the key of a scope has behind the name of its part.
const scopeSuffix = "Scope"

func isScopeKey(key string) bool { return strings.HasSuffix(key, scopeSuffix) }

// isProfileKey reports whether the key is one of the further fields or the
// scope of any part of the profile.
func isProfileKey(key string) bool {
	named := func(s scoped) bool { return s.name == key }
	if part, ok := strings.CutSuffix(key, scopeSuffix); ok {
		key = part
		return slices.Contains([]string{"avatar", "email", "displayname"}, key) || slices.ContainsFunc(profile, named)
	}
	return isAdminKey(key) || slices.ContainsFunc(profile, named) || slices.ContainsFunc(preferences, named)
}

// portrait is a description of an account in the making.
type portrait struct {
	ocs.Fields
	account *directory.AccountView
	own     bool
}

func (p *portrait) add(name string, value any) {
	p.Fields = append(p.Fields, ocs.Field{Name: name, Value: value})
}

// scope adds who may see a part, which only its owner learns.
func (p *portrait) scope(part, otherwise string) {
	if p.own {
		p.add(part+scopeSuffix, p.stored(part+scopeSuffix, otherwise))
	}
}

func (p *portrait) stored(name, otherwise string) string {
	if value, ok := p.account.Profile[name]; ok {
		return value
	}
	return otherwise
}

// quota is the storage of an account in bytes. There is no file storage here, so
// nothing is ever used of it.
type quota struct {
	Free     int64 `json:"free"`
	Used     int64 `json:"used"`
	Total    int64 `json:"total"`
	Relative int64 `json:"relative"`
	Quota    int64 `json:"quota"`
}

func newQuota(stored string) quota {
	limit, ok := talk.ParseQuota(stored)
	if !ok {
		limit = talk.UnlimitedQuota
	}
	return quota{Free: limit, Total: limit, Quota: limit}
}

type backendCapabilities struct {
	SetDisplayName bool `json:"setDisplayName"`
	SetPassword    bool `json:"setPassword"`
}

// describe returns an account. Its owner also sees
// who else may see what.
func describe(v *directory.AccountView, own bool) ocs.Fields {
	p := &portrait{account: v, own: own}
	p.identity()
	for _, part := range profile {
		p.add(part.name, p.stored(part.name, part.fallback))
		p.scope(part.name, part.scope)
	}
	p.add("groups", groupIDs(v.Groups))
	for _, part := range preferences {
		p.add(part.name, p.stored(part.name, part.fallback))
	}
	p.add("notify_email", nil)
	p.add("backendCapabilities", backendCapabilities{SetDisplayName: true, SetPassword: true})
	return p.Fields
}

// identity adds the part that does not depend on the profile.
func (p *portrait) identity() {
	v := p.account
	p.add("enabled", v.Enabled)
	p.add("id", v.UserID)
	p.add("firstLoginTimestamp", v.FirstLoginAt)
	p.add("lastLoginTimestamp", v.LastLoginAt)
	p.add("lastLogin", v.LastLoginAt*1000)
	p.add("backend", "Database")
	p.add("subadmin", []string{})
	p.add("quota", newQuota(p.stored(fieldQuota, "")))
	p.add("manager", p.stored(directory.FieldManager, ""))
	p.scope("avatar", scopeFederated)
	p.add("email", ocs.Optional(v.Email))
	p.scope("email", scopeFederated)
	p.add("additional_mail", []string{})
	if p.own {
		p.add("additional_mail"+scopeSuffix, []string{})
	}
	// Clients read either spelling.
	p.add("displayname", v.DisplayName)
	p.add("display-name", v.DisplayName)
	p.scope("displayname", scopeFederated)
}
