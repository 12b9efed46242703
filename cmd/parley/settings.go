package main

import (
	"errors"
	"fmt"

	"parley/internal/server"
	"parley/internal/settings"
	"parley/internal/talk"
)

type configCommands struct {
	List  configList  `cmd:"" help:"List all settings."`
	Get   configGet   `cmd:"" help:"Show a setting."`
	Set   configSet   `cmd:"" help:"Store a setting."`
	Unset configUnset `cmd:"" help:"Take a setting back to its default."`
}

// settingView is a setting for programs.
type settingView struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Stored bool   `json:"stored"`
	// Meaning says in a line what it does.
	Meaning string `json:"meaning"`
}

// settingError words the failures of settings.
func (t *terminal) settingError(core *server.Core, key string, err error) error {
	e, ok := errors.AsType[*talk.Error](err)
	switch {
	case ok && e.Kind == talk.NotFound:
		all, err := core.Settings.SettingValues(t.ctx)
		if err != nil {
			return err
		}
		meant := ""
		if near := nearest(key, all); near != "" {
			meant = "; is " + near + " meant?"
		}
		return fmt.Errorf("there is no setting %s%s (parley config list shows all)", key, meant)
	case ok && e.Message != "":
		return errors.New(e.Message)
	}
	return err
}

// nearest returns the key that takes the fewest changes of letters, none if all are far.
func nearest(key string, all []settings.SettingValue) (found string) {
	least := len(key)/3 + 1
	for _, v := range all {
		if d := distance(key, v.Key); d <= least {
			found, least = v.Key, d-1
		}
	}
	return found
}

// distance is how many bytes have to be put in, left out or replaced to make one text of
// the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}

type configList struct{ admin }

// Help is shown by --help.
func (*configList) Help() string {
	return `Secrets are shown as stars. What flags and variables of the server set is not shown:
stored settings win over it.

Examples:
  parley config list`
}

// Run lists the settings.
func (c *configList) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		all, err := core.Settings.SettingValues(t.ctx)
		if err != nil {
			return err
		}
		return t.showSettings(c.admin, all)
	})
}

// showSettings prints settings.
func (t *terminal) showSettings(a admin, all []settings.SettingValue) error {
	views, people := make([]settingView, len(all)), table{head: "KEY FROM VALUE MEANING"}
	for i, v := range all {
		views[i] = settingView(v)
		from := "default"
		if v.Stored {
			from = "stored"
		}
		people.rows = append(people.rows, []string{v.Key, from, or(v.Value, "-"), v.Meaning})
	}
	return t.show(a, views, people)
}

type configGet struct {
	admin
	Key string `arg:"" help:"Name of the setting."`
}

// Help is shown by --help.
func (*configGet) Help() string { return "Examples:\n  parley config get start_calls" }

// Run shows the setting.
func (c *configGet) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		v, err := core.Settings.Setting(t.ctx, c.Key)
		if err != nil {
			return t.settingError(core, c.Key, err)
		}
		return t.done(c.admin, settingView(v), "%s", v.Value)
	})
}

type configSet struct {
	admin
	Key   string  `arg:"" help:"Name of the setting."`
	Value *string `arg:"" optional:"" help:"Value; without it the first line of the input."`
}

// Help is shown by --help.
func (*configSet) Help() string {
	return `It counts at once, also in servers that are running. Give secrets on the input, so that
they are in no list of processes.

Examples:
  parley config set start_conversations '["staff"]'
  parley config set sip_bridge_shared_secret < secret.txt`
}

// Run stores the setting.
func (c *configSet) Run(t *terminal) error {
	if c.Value == nil {
		value, err := t.readSecret(c.Key)
		if err != nil {
			return err
		}
		c.Value = &value
	}
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Settings.SetSettings(t.ctx, map[string]string{c.Key: *c.Value}); err != nil {
			return t.settingError(core, c.Key, err)
		}
		return t.done(c.admin, changed{c.Key}, "setting %s was stored", c.Key)
	})
}

type configUnset struct {
	admin
	Key string `arg:"" help:"Name of the setting."`
}

// Help is shown by --help.
func (*configUnset) Help() string { return "Examples:\n  parley config unset start_calls" }

// Run forgets the setting.
func (c *configUnset) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		if err := core.Settings.UnsetSetting(t.ctx, c.Key); err != nil {
			return t.settingError(core, c.Key, err)
		}
		return t.done(c.admin, changed{c.Key}, "setting %s has its default again", c.Key)
	})
}
