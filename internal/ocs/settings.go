package ocs

import (
	"encoding/json"

	"parley/internal/talk"
)

// The settings of the administrator and of people, see extras.md §7 and
// platform.md §6.3.

// settingsApp is the app that settings belong to on the wire.
const settingsApp = "spreed"

// ofThisApp fails unless the path names the app that has settings here.
func (c *call) ofThisApp(kind talk.Kind) error {
	if c.values["app"] != settingsApp {
		return talk.Fail(kind, "")
	}
	return nil
}

// configData wraps what the configuration API returns.
type configData struct {
	Data any `json:"data"`
}

func listSettings(c *call) (any, error) {
	if err := c.ofThisApp(talk.NotFound); err != nil {
		return nil, err
	}
	all, err := c.app.SettingValues(c.r.Context())
	keys := make([]string, len(all))
	for i, v := range all {
		keys[i] = v.Key
	}
	return configData{keys}, err
}

func getSetting(c *call) (any, error) {
	if err := c.ofThisApp(talk.NotFound); err != nil {
		return nil, err
	}
	v, err := c.app.Setting(c.r.Context(), c.values["key"])
	return configData{v.Value}, err
}

type settingParams struct {
	Value string `param:"value;required"`
}

func setSetting(c *call, in settingParams) (any, error) {
	if err := c.ofThisApp(talk.NotFound); err != nil {
		return nil, err
	}
	return nil, c.app.SetSettings(c.r.Context(), map[string]string{c.values["key"]: in.Value})
}

func unsetSetting(c *call) (any, error) {
	if err := c.ofThisApp(talk.NotFound); err != nil {
		return nil, err
	}
	return nil, c.app.UnsetSetting(c.r.Context(), c.values["key"])
}

type sipParams struct {
	Groups       []string `param:"sipGroups"`
	DialinInfo   string   `param:"dialInInfo"`
	SharedSecret string   `param:"sharedSecret"`
}

func setSIPSettings(c *call, in sipParams) (any, error) {
	if in.Groups == nil {
		in.Groups = []string{}
	}
	groups, err := json.Marshal(in.Groups)
	if err != nil {
		return nil, err
	}
	return nil, c.app.SetSettings(c.r.Context(), map[string]string{
		"sip_bridge_groups": string(groups), "sip_bridge_dialin_info": in.DialinInfo, "sip_bridge_shared_secret": in.SharedSecret,
	})
}

type userSettingParams struct {
	Key   string    `param:"key;required"`
	Value textOrInt `param:"value"`
}

func setUserSetting(c *call, in userSettingParams) (any, error) {
	return nil, c.app.SetPreference(c.r.Context(), c.caller(), in.Key, string(in.Value))
}

type preferenceParams struct {
	Value string `param:"configValue;required"`
}

func setPreference(c *call, in preferenceParams) (any, error) {
	if err := c.ofThisApp(talk.Invalid); err != nil {
		return nil, err
	}
	return nil, c.app.SetPreference(c.r.Context(), c.caller(), c.values["key"], in.Value)
}

func unsetPreference(c *call) (any, error) {
	if err := c.ofThisApp(talk.Invalid); err != nil {
		return nil, err
	}
	return nil, c.app.UnsetPreference(c.r.Context(), c.caller(), c.values["key"])
}
