package platform

import (
	"parley/internal/api/wire"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// Table is the route table with its documentation.
func (a *API) Table() ocs.Table {
	return ocs.Table{Rows: a.rows(), Topics: topics()}
}

// topics describe the handlers by their names.
func topics() []ocs.Topic {
	return []ocs.Topic{
		{Name: "Settings", Operations: settingsDocs()},
		{Name: "Platform", Operations: platformDocs()},
	}
}

func settingsDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"setUserSetting": {Summary: "Set a preference of the caller"},
		"setSIPSettings": {Summary: "Set up the SIP bridge"},
		"listSettings":   {Summary: "List the names of all settings", Answers: ocs.Same(ocs.Object{"data": []string{}})},
		"getSetting": {
			Summary: "Get a setting as text", Answers: ocs.Same(ocs.Object{"data": ""}), Fails: []talk.Kind{talk.Invalid},
		},
		"setSetting":      {Summary: "Change a setting"},
		"unsetSetting":    {Summary: "Reset a setting to its default", Fails: []talk.Kind{talk.Invalid}},
		"setPreference":   {Summary: "Set a preference of the caller"},
		"unsetPreference": {Summary: "Reset a preference of the caller", Fails: []talk.Kind{talk.Invalid}},
	}
}

func platformDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"capabilities": {Summary: "Get what the server can do", Answers: serverOffer(), Also: []int{ocs.StatusNotModified}},
		"getAppPassword": {
			Summary: "Create an app password for the client", Answers: ocs.Same(appPassword{}),
			Fails: []talk.Kind{talk.Forbidden},
		},
		"deleteAppPassword": {Summary: "Revoke the app password of the request", Fails: []talk.Kind{talk.Forbidden}},
		"rotateAppPassword": {
			Summary: "Replace the app password of the request", Answers: ocs.Same(appPassword{}),
			Fails: []talk.Kind{talk.Forbidden},
		},
		"confirmPassword": {
			Summary: "Show the password again, for changes that need it", Answers: ocs.Same(confirmation{}),
			Fails: []talk.Kind{talk.Forbidden},
		},
		"listAppPasswords":  {Summary: "List the app passwords of the caller", Answers: ocs.Same([]appPasswordData{})},
		"revokeAppPassword": {Summary: "Revoke an app password of the caller"},
	}
}

// serverOffer has the parts as optional that depend on who asks.
func serverOffer() ocs.ByVersion {
	data := serverData("https://talk.example.org", wire.AnOffer(), true, true)
	parts := ocs.Object{}
	for name, part := range data["capabilities"].(ocs.Object) {
		parts[name] = ocs.MayBeAbsent{Example: part}
	}
	parts["spreed"] = ocs.MayBeAbsent{Example: wire.TalkExample()}
	data["capabilities"] = parts
	return ocs.Same(data)
}
