package platform

import (
	"encoding/json"

	"parley/internal/ocs"
	"parley/internal/talk"
)

// The settings of the administrator and of people.

// settingsApp is the app that settings belong to on the wire.
const settingsApp = "spreed"

// ofThisApp fails unless the path names the app that has settings here.
func ofThisApp(c *ocs.Call, kind talk.Kind) error {
	if c.Value("app") != settingsApp {
		return talk.Fail(kind, "")
	}
	return nil
}

// configData wraps what the configuration API returns.
type configData struct {
	Data any `json:"data"`
}

func (a *API) listSettings(c *ocs.Call) (any, error) {
	if err := ofThisApp(c, talk.NotFound); err != nil {
		return nil, err
	}
	all, err := a.settings.SettingValues(c.Context())
	keys := make([]string, len(all))
	for i, v := range all {
		keys[i] = v.Key
	}
	return configData{keys}, err
}

func (a *API) getSetting(c *ocs.Call) (any, error) {
	if err := ofThisApp(c, talk.NotFound); err != nil {
		return nil, err
	}
	v, err := a.settings.Setting(c.Context(), c.Value("key"))
	return configData{v.Value}, err
}

type settingParams struct {
	Value string `param:"value;required"`
}

func (a *API) setSetting(c *ocs.Call, in settingParams) (any, error) {
	if err := ofThisApp(c, talk.NotFound); err != nil {
		return nil, err
	}
	return nil, a.settings.SetSettings(c.Context(), map[string]string{c.Value("key"): in.Value})
}

func (a *API) unsetSetting(c *ocs.Call) (any, error) {
	if err := ofThisApp(c, talk.NotFound); err != nil {
		return nil, err
	}
	return nil, a.settings.UnsetSetting(c.Context(), c.Value("key"))
}

type sipParams struct {
	Groups       []string `param:"sipGroups"`
	DialinInfo   string   `param:"dialInInfo"`
	SharedSecret string   `param:"sharedSecret"`
}

func (a *API) setSIPSettings(c *ocs.Call, in sipParams) (any, error) {
	if in.Groups == nil {
		in.Groups = []string{}
	}
	groups, err := json.Marshal(in.Groups)
	if err != nil {
		return nil, err
	}
	return nil, a.settings.SetSettings(c.Context(), map[string]string{
		"sip_bridge_groups": string(groups), "sip_bridge_dialin_info": in.DialinInfo, "sip_bridge_shared_secret": in.SharedSecret,
	})
}

type userSettingParams struct {
	Key   string        `param:"key;required"`
	Value ocs.TextOrInt `param:"value"`
}

func (a *API) setUserSetting(c *ocs.Call, in userSettingParams) (any, error) {
	return nil, a.settings.SetPreference(c.Context(), c.Caller(), in.Key, string(in.Value))
}

type preferenceParams struct {
	Value string `param:"configValue;required"`
}

func (a *API) setPreference(c *ocs.Call, in preferenceParams) (any, error) {
	if err := ofThisApp(c, talk.Invalid); err != nil {
		return nil, err
	}
	return nil, a.settings.SetPreference(c.Context(), c.Caller(), c.Value("key"), in.Value)
}

func (a *API) unsetPreference(c *ocs.Call) (any, error) {
	if err := ofThisApp(c, talk.Invalid); err != nil {
		return nil, err
	}
	return nil, a.settings.UnsetPreference(c.Context(), c.Caller(), c.Value("key"))
}
